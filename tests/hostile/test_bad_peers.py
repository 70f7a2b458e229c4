"""Whatever a worker does, its run ends as the kind that says so, the worker is dead, and other pools are well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from msgspec import structs

from stockade import Pool, RuntimeConfig
from stockade.sandbox import PlainLauncher
from stockade.worker import StartFailed

# Peer, kind of error, and a word of the reason.
BAD_PEERS = [
    ("never_ready", "start_failed", "not ready within"),
    ("lacks_threads", "start_failed", "cannot start its threads"),
    ("dies_before_ready", "start_failed", "exited with code 3 before"),
    ("closes_everything_before_ready", "start_failed", "ended before"),
    ("speaks_before_ready", "start_failed", "something else"),
    ("says_ready_twice_at_once", "start_failed", "something else"),
    ("lies_about_its_version", "start_failed", "protocol 2"),
    ("says_its_version_in_four_thousand_digits", "start_failed", "$.version"),
    ("says_it_is_older_than_it_may_be", "start_failed", "too old"),
    ("says_its_version_in_a_megabyte", "start_failed", ""),
    ("says_ready_again", "protocol_violation", "not legal"),
    ("dies_mid_call", "worker_crashed", "code 9"),
    ("dies_of_a_signal", "worker_crashed", "SIGSEGV"),
    ("leaves_without_a_word", "worker_crashed", "code 0"),
    ("half_a_line_then_dies", "worker_crashed", "code 0"),
    ("floods_stdout", "protocol_violation", "longer than"),
    ("floods_stdout_with_line_ends", "protocol_violation", "not a message"),
    ("floods_the_console", "output_limit", "console_bytes"),
    ("floods_stderr", "worker_crashed", "code 1"),
    ("closes_stdout_and_loops", "worker_crashed", ""),
    ("ignores_stdin", "timeout", "timeout_seconds"),
    ("calls_what_was_not_granted", "protocol_violation", "not given"),
    ("repeats_a_call_number", "protocol_violation", "call 1 came where call 2"),
    ("skips_a_call_number", "protocol_violation", "call 2 came where call 1"),
    ("sets_a_timer_without_a_delay", "protocol_violation", "timer"),
    ("clears_a_call_of_a_binding", "protocol_violation", "call 1 was cleared"),
    ("clears_a_timer_it_has_not_set", "protocol_violation", "call 2 was cleared"),
    ("clears_a_timer_for_ever", "protocol_violation", "not for the first time"),
    ("ends_twice", "protocol_violation", "after the end"),
    ("speaks_after_its_end", "protocol_violation", "after the end"),
    ("sends_not_json", "protocol_violation", "malformed"),
    ("sends_not_utf8", "protocol_violation", "utf"),
    ("sends_a_value_that_is_not_utf8", "protocol_violation", "utf"),
    ("sends_half_a_surrogate_pair", "protocol_violation", "truncated"),
    ("sends_deep_nesting", "protocol_violation", "while deserializing"),
    ("sends_a_value_nested_deep", "protocol_violation", "while deserializing"),
    ("sends_huge_numbers", "protocol_violation", "out of range"),
    ("sends_a_value_with_a_huge_number", "protocol_violation", "out of range"),
    ("sends_nan", "protocol_violation", "malformed"),
    ("sends_an_unknown_message", "protocol_violation", "Invalid value"),
    ("sends_an_unknown_field", "protocol_violation", "unknown field"),
    ("sends_a_host_message", "protocol_violation", "Invalid value"),
    ("sends_an_unknown_kind_of_error", "protocol_violation", "kind"),
    ("sends_fields_of_wrong_types", "protocol_violation", "Expected"),
    ("sends_a_huge_error", "protocol_violation", "length"),
    ("sends_an_error_of_many_parts", "protocol_violation", "length"),
    ("points_where_no_line_is", "exception", "y"),
    ("sends_too_large_a_value", "result_limit", "result_bytes"),
    ("leaves_a_helper_that_holds_the_pipe", "timeout", "timeout_seconds"),
]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad peer is no Node, so the layers would not let it start; what holds it here is the supervisor alone."""
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)


@pytest.mark.parametrize(("name", "kind", "reason"), BAD_PEERS, ids=[name for name, *_ in BAD_PEERS])
async def test_a_bad_peer_is_found_out_and_ended(
    name: str,
    kind: str,
    reason: str,
    config: Callable[[str], RuntimeConfig],
    children: Callable[[], set[int]],
    plain: None,
):
    before = children()
    async with Pool(config(name), workers=1, spares=0) as pool:
        run = await pool.execute("1", bindings={"never": _never, "large": _large})

        assert run.error is not None
        assert (run.error.kind, reason in run.error.message) == (kind, True), run.error.message
        assert len(run.error.message) < 1_000
        assert run.error.message.isprintable()
        assert len(run.error.evidence.stderr_tail or "") <= 4 * 1024
        await _until(lambda: children() == before)


@pytest.mark.parametrize("name", ["dies_mid_call", "floods_stdout", "sends_deep_nesting", "ends_twice"])
async def test_one_pool_s_bad_peer_is_no_other_pool_s_trouble(
    name: str, good_pool: Pool, config: Callable[[str], RuntimeConfig]
):
    """A run of a good pool cannot bring one, and its launcher, under every layer, does not start it either."""
    with pytest.raises(ValueError, match="node belongs to the pool"):
        await good_pool.execute("1", config=config(name))
    node = config(name).node
    assert node is not None
    with pytest.raises(StartFailed, match="the cage's program"):
        await good_pool._starts.start(structs.replace(good_pool._kind, node=node), urgent=True)

    assert (await good_pool.execute("1 + 1")).value == 2


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


async def _large(*_: object) -> str:
    return "x" * 2**19


async def _until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not fact():
            await asyncio.to_thread(lambda: None)


async def test_a_reused_worker_that_keeps_contexts_is_replaced(
    config: Callable[[str], RuntimeConfig], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)
    async with Pool(config("keeps_contexts"), workers=1, spares=0, isolation="context") as pool:
        assert [(await pool.execute("1")).value for _ in range(3)] == [1, 1, 1]

    assert pool.stats().workers_ended == {"worn": 3}
