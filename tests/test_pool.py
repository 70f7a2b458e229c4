"""Who gets a worker, how many there are, and what is left when the pool is closed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

import psutil
import pytest

from stockade import InvalidBinding, InvalidScript, NodeNotFound, Pool, PoolClosed, QueueFull, RuntimeConfig
from stockade.admission import QueueRules
from stockade.bindings.reserved import RESERVED_NAMES
from stockade.starts import Starts
from stockade.verdict import Cause
from stockade.worker import IsolationMode


@pytest.fixture
def leftovers() -> Callable[[], set[psutil.Process]]:
    """The processes below this one that were not there before the test: other tests may keep some of their own."""
    before = set(psutil.Process(os.getpid()).children(recursive=True))
    return lambda: set(psutil.Process(os.getpid()).children(recursive=True)) - before


async def test_closing_leaves_no_process_and_no_descriptor(leftovers):
    before = psutil.Process().num_fds()
    async with Pool(workers=2) as pool:
        await asyncio.gather(*(pool.execute("1 + 1") for _ in range(5)))

    assert not leftovers()
    assert psutil.Process().num_fds() == before


@pytest.mark.parametrize(("isolation", "reason"), [("process", "done"), ("context", "closed")])
async def test_close_lets_a_run_under_way_finish_and_then_ends_its_worker(isolation: IsolationMode, reason: str):
    release = asyncio.Event()

    async def wait() -> str:
        await release.wait()
        return "done"

    pool = await Pool(workers=1, spares=0, isolation=isolation, bindings={"wait": wait}).start()
    started = asyncio.Event()
    run = asyncio.create_task(pool.execute("console.log(1); await wait()", on_console=lambda _: started.set()))
    await started.wait()
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0)
    release.set()

    assert (await run).value == "done"
    await closing
    assert pool.stats().workers_ended == {reason: 1}
    with pytest.raises(PoolClosed):
        await pool.execute("1")


async def test_close_ends_a_run_that_would_not_and_says_cancelled(leftovers):
    pool = await Pool(workers=1).start()
    started = asyncio.Event()
    run = asyncio.create_task(pool.execute("console.log(1); for (;;) {}", on_console=lambda _: started.set()))
    await started.wait()
    await pool.close(drain_seconds=0)

    assert (await run).error.kind == "cancelled"
    assert not leftovers()


async def test_close_turns_away_whoever_waits():
    pool = await Pool(workers=1).start()
    started = asyncio.Event()
    running = asyncio.create_task(pool.execute("console.log(1); for (;;) {}", on_console=lambda _: started.set()))
    await started.wait()
    waiting = asyncio.create_task(pool.execute("1"))
    await asyncio.sleep(0)
    await pool.close(drain_seconds=0)

    with pytest.raises(PoolClosed):
        await waiting
    assert not (await running).ok
    await pool.close()  # may be called again


async def test_a_pool_that_was_not_started_says_how_to():
    with pytest.raises(PoolClosed, match="async with"):
        await Pool().execute("1")


async def test_no_more_runs_go_on_than_there_are_workers():
    going: set[int] = set()
    most = 0

    async def enter(n: int) -> None:
        nonlocal most
        going.add(n)
        most = max(most, len(going))
        await asyncio.sleep(0)
        going.discard(n)

    async with Pool(workers=2, bindings={"enter": enter}) as pool:
        runs = await asyncio.gather(*(pool.execute(f"await enter({n}); {n}") for n in range(8)))

    assert [run.value for run in runs] == list(range(8))
    assert 1 <= most <= 2


async def test_a_full_queue_refuses_at_once():
    async with Pool(workers=1, queue=QueueRules(max_waiting=1)) as pool:
        started = asyncio.Event()
        run = asyncio.create_task(pool.execute("console.log(1); for (;;) {}", on_console=lambda _: started.set()))
        await started.wait()
        waiting = asyncio.create_task(pool.execute("'mine'"))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull) as refused:
            await pool.execute("'one too many'")
        assert (refused.value.waiting, refused.value.max_waiting) == (1, 1)
        run.cancel()
        assert (await waiting).value == "mine"


async def test_a_caller_cancelled_while_waiting_gives_its_turn_to_the_next():
    async with Pool(workers=1) as pool:
        started = asyncio.Event()
        first = asyncio.create_task(pool.execute("console.log(1); for (;;) {}", on_console=lambda _: started.set()))
        await started.wait()
        second = asyncio.create_task(pool.execute("'second'"))
        third = asyncio.create_task(pool.execute("'third'"))
        await asyncio.sleep(0)
        second.cancel()
        first.cancel()

        assert (await third).value == "third"


async def test_cancelling_at_any_moment_leaks_neither_slot_nor_process(leftovers):
    """Turns of the loop are counted off one by one, so that every await of a run is cut once."""
    async with Pool(workers=1, spares=1) as pool:
        for turns in range(0, 60, 3):
            run = asyncio.create_task(pool.execute("await new Promise((go) => setTimeout(go, 1)); 1"))
            for _ in range(turns):
                await asyncio.sleep(0)
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
        assert (await pool.execute("1 + 1")).value == 2
        assert pool._admission.free == 1
        assert not pool._supply.running
    assert not leftovers()


async def test_process_isolation_gives_each_run_a_process_of_its_own():
    pids: list[int] = []
    async with Pool(workers=1, spares=1) as pool:
        for _ in range(3):
            await pool.execute(
                "console.log(1)", on_console=lambda _: pids.extend(w.process.child.pid for w in pool._supply.running)
            )

    assert len(set(pids)) == 3


async def test_context_isolation_keeps_a_process_within_one_tenant():
    pids: dict[str, set[int]] = {"a": set(), "b": set()}
    async with Pool(workers=1, isolation="context") as pool:
        for tenant in ("a", "a", "b", "a", "b"):
            await pool.execute(
                "console.log(1)",
                tenant=tenant,
                on_console=lambda _, tenant=tenant: pids[tenant].update(
                    w.process.child.pid for w in pool._supply.running
                ),
            )

    assert pids["a"].isdisjoint(pids["b"])


async def test_a_reused_worker_serves_many_runs_and_is_dropped_after_a_bad_one():
    pids: list[int] = []
    async with Pool(RuntimeConfig(timeout_seconds=0.5), workers=1, isolation="context") as pool:

        async def pid_of(script: str) -> None:
            await pool.execute(
                f"console.log(1); {script}",
                on_console=lambda _: pids.extend(w.process.child.pid for w in pool._supply.running),
            )

        for script in ("1", "2", "throw 3", "for (;;) {}", "5"):
            await pid_of(script)

    assert len(set(pids[:4])) == 1
    assert pids[4] != pids[0]


async def test_runs_one_after_another_take_turns_between_two_workers(monkeypatch: pytest.MonkeyPatch):
    """While one of them makes its next context, the other has its own ready; where both have, the warmer one runs."""
    monkeypatch.setattr("stockade.supply.RESTING_SECONDS", 3600.0)
    pids: list[int] = []
    async with Pool(workers=3, isolation="context") as pool:
        for number in range(8):
            if number == 6:
                monkeypatch.setattr("stockade.supply.RESTING_SECONDS", -1.0)
            await asyncio.gather(*pool._supply.spares)
            await pool.execute(
                "console.log(1)", on_console=lambda _: pids.extend(w.process.child.pid for w in pool._supply.running)
            )

    first, second = pids[:2]
    assert first != second
    assert pids == [first, second, first, second, first, second, second, second]


@pytest.mark.parametrize(("rests", "spares", "workers"), [(False, 1, 2), (True, 0, 2), (True, 1, 1)])
async def test_a_worker_is_used_again_where_it_has_rested_or_nothing_is_ready_beside_it(
    rests: bool, spares: int, workers: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stockade.supply.RESTING_SECONDS", 3600.0 if rests else -1.0)
    async with Pool(workers=workers, spares=spares, isolation="context") as pool:
        await pool.execute("1")
        await asyncio.gather(*pool._supply.spares)
        await pool.execute("2")

        (worker,) = pool._supply.idle
        assert worker.runs == 2


@pytest.mark.parametrize(
    ("workers", "tenants", "runs"),
    [(2, "abbab", {"a": 2, "b": 3}), (3, "baacb", {"a": 1, "b": 2, "c": 1})],
    ids=["there is none without room", "it goes first where room is missed later"],
)
async def test_the_second_worker_of_a_tenant_never_displaces_the_only_one_of_another(
    workers: int, tenants: str, runs: dict[str, int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stockade.supply.RESTING_SECONDS", 3600.0)
    async with Pool(workers=workers, isolation="context") as pool:
        for tenant in tenants:
            await asyncio.gather(*pool._supply.spares)
            await pool.execute("1", tenant=tenant)

        assert {worker.tenant: worker.runs for worker in pool._supply.idle} == runs


async def test_a_worker_that_rests_is_rather_used_than_a_spare_that_died(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stockade.supply.RESTING_SECONDS", 3600.0)
    async with Pool(workers=2, isolation="context") as pool:
        await pool.execute("1")
        [spare] = await asyncio.gather(*pool._supply.spares)
        spare.process.kill(Cause.DONE)
        await pool.execute("2")

        (worker,) = pool._supply.idle
        assert worker.runs == 2


@pytest.mark.parametrize("use", [lambda pool: pool.execute("1"), lambda pool: pool.close(), lambda pool: pool.start()])
async def test_a_pool_says_that_it_belongs_to_another_loop(pool: Pool, use: Callable[[Pool], Awaitable[object]]):
    async def elsewhere() -> None:
        await use(pool)

    with pytest.raises(RuntimeError, match="started on another event loop"):
        await asyncio.to_thread(asyncio.run, elsewhere())
    assert (await pool.execute("1 + 1")).value == 2


async def test_a_spare_that_died_while_it_waited_is_not_handed_out():
    async with Pool(workers=1, spares=1) as pool:
        spare = await asyncio.shield(pool._supply.spares[0])
        os.kill(spare.process.child.pid, 9)
        await spare.process.child.wait()

        assert (await pool.execute("1 + 1")).value == 2


@pytest.mark.parametrize("name", ["a-b", "1a", "", "é", "a b", "class", "await", "console", "Promise", "setTimeout"])
async def test_a_name_no_script_could_use_is_refused(pool: Pool, name: str):
    with pytest.raises(InvalidBinding, match="cannot name a binding"):
        await pool.execute("1", bindings={name: lambda: 1})


async def test_every_global_of_a_context_is_a_reserved_name(node):
    async with Pool(RuntimeConfig(node=node), workers=1, spares=0) as pool:
        run = await pool.execute("Object.getOwnPropertyNames(globalThis)")

    assert set(run.value) <= RESERVED_NAMES


async def test_what_cannot_be_called_is_no_binding(pool: Pool):
    with pytest.raises(InvalidBinding, match="int, which cannot be called"):
        await pool.execute("1", bindings={"five": 5})  # type: ignore[dict-item]


async def test_what_is_no_text_is_no_script(pool: Pool):
    with pytest.raises(InvalidScript, match="not bytes"):
        await pool.execute(b"1")  # type: ignore[arg-type]
    with pytest.raises(InvalidScript, match="surrogate"):
        await pool.execute("'\ud800'")


@pytest.mark.parametrize(
    "options", [{"workers": 0}, {"spares": -1}, {"isolation": "none"}, {"require_isolation": "some"}, {"workers": 1.5}]
)
def test_an_option_of_the_pool_out_of_range_is_refused(options: dict[str, object]):
    with pytest.raises(ValueError, match=next(iter(options))):
        Pool(**options)  # type: ignore[arg-type]


def test_a_node_that_is_not_there_is_told_with_the_way_out(tmp_path, monkeypatch):
    with pytest.raises(NodeNotFound, match=r"RuntimeConfig\.node names no program.*STOCKADE_NODE") as told:
        Pool(RuntimeConfig(node=tmp_path / "node"))
    assert str(tmp_path) not in str(told.value)

    monkeypatch.setenv("STOCKADE_NODE", str(tmp_path))
    with pytest.raises(NodeNotFound, match="STOCKADE_NODE names no program"):
        Pool()


async def test_a_node_too_old_is_refused(tmp_path):
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v20.20.2\n")
    old.chmod(0o755)

    with pytest.raises(NodeNotFound, match=r"v20\.20\.2 .* is too old"):
        async with Pool(RuntimeConfig(node=old)):
            pass


async def test_a_node_that_takes_its_time_is_not_said_to_be_none(tmp_path, monkeypatch):
    """On a machine that is starved, or emulated, the true one takes some seconds."""
    monkeypatch.setattr("stockade.node._VERSION_SECONDS", 0.1)
    slow = tmp_path / "node"
    slow.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    slow.chmod(0o755)

    with pytest.raises(NodeNotFound, match=r"did not tell its version within 0\.1 seconds: the machine is too busy"):
        async with Pool(RuntimeConfig(node=slow)):
            pass


async def test_limits_of_a_run_replace_those_of_the_pool(pool: Pool):
    run = await pool.execute("'x'.repeat(5000)", config=RuntimeConfig(memory_limit_mb=64, result_bytes=1024))

    assert run.error.kind == "result_limit"


async def test_a_pool_whose_launcher_was_killed_goes_on_with_another():
    async with Pool(workers=1, spares=1) as pool:
        launcher = pool._starts.spawner
        assert (await pool.execute("1 + 1")).value == 2
        os.kill(launcher.pid, 9)
        await launcher._ended.wait()

        assert (await pool.execute("2 + 2")).value == 4
        assert pool._starts.spawner is not launcher


async def test_no_worker_of_a_dead_launcher_serves_a_run_though_its_own_end_is_not_seen_yet(
    monkeypatch: pytest.MonkeyPatch,
):
    async with Pool(workers=1, spares=1, isolation="context") as pool:
        await pool.execute("1")
        old = [*pool._supply.idle, *(await asyncio.gather(*pool._supply.spares))]
        monkeypatch.setattr(Starts, "alive", False)
        assert (await pool.execute("1 + 1")).value == 2

        (worker,) = pool._supply.idle
        assert len(old) == 2
        assert worker not in old


async def test_a_missing_layer_is_warned_of_once(monkeypatch, caplog):
    from stockade import starts
    from stockade.sandbox import PlainLauncher

    monkeypatch.setattr(starts, "Launcher", PlainLauncher)
    starts._warn_once.cache_clear()
    for _ in range(2):
        async with Pool(workers=1, spares=0) as pool:
            assert (await pool.execute("1 + 1")).value == 2

    [warning] = [record.message for record in caplog.records if record.name == "stockade"]
    assert warning.startswith("scripts run with process-only isolation; missing are")
    assert "seccomp" in warning
