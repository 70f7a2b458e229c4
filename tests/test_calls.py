"""How a binding is called: in a task and a context of its own, with an identity, within its clock, and told of."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import signal
import weakref
from typing import Any

import pytest

from stockade import BindingError, Pool, RetryPolicy, RuntimeConfig, binding
from stockade.bindings import Reply, current_call, current_run
from stockade.events import CallEnded, CallStarted, Event, WorkerStarted
from stockade.sync import Pool as BlockingPool

ASKED_BY: contextvars.ContextVar[str] = contextvars.ContextVar("asked_by", default="nobody")


async def test_a_binding_is_a_task_of_its_own_from_its_first_line_on(pool: Pool):
    """What it does before it first waits is done early, and asyncio is not to notice."""
    tasks: list[set[asyncio.Task[Any] | None]] = []

    async def waits() -> int:
        seen = {asyncio.current_task()}
        async with asyncio.timeout(5):
            seen.add(asyncio.current_task())
            await asyncio.sleep(0)
            seen.add(asyncio.current_task())
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(0))
        seen.add(asyncio.current_task())
        tasks.append(seen)
        return len(tasks)

    run = await pool.execute("await Promise.all([waits(), waits()])", bindings={"waits": waits})

    assert sorted(run.value) == [1, 2]
    (first,), (second,) = tasks
    assert None not in (first, second)
    assert first is not second
    assert asyncio.current_task() not in (first, second)


async def test_a_timeout_in_a_binding_that_did_not_wait_before_is_its_own(pool: Pool):
    async def late() -> str:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        except TimeoutError:
            return "late"
        return "never"

    assert (await pool.execute("[await late(), await late()]", bindings={"late": late})).value == ["late", "late"]


async def test_a_binding_sees_the_callers_context_and_leaves_nothing_in_the_next(pool: Pool):
    async def who() -> str:
        asked = ASKED_BY.get()
        ASKED_BY.set("somebody else")
        await asyncio.sleep(0)
        return f"{asked}, {ASKED_BY.get()}"

    token = ASKED_BY.set("the caller")
    try:
        run = await pool.execute("[await who(), await who()]", bindings={"who": who})
    finally:
        ASKED_BY.reset(token)

    assert run.value == ["the caller, somebody else"] * 2
    assert ASKED_BY.get() == "nobody"


async def test_a_binding_that_waits_is_cancelled_when_its_run_ends(pool: Pool):
    ended: list[str] = []
    all_ended = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        finally:
            ended.append("cleaned up")
            if len(ended) == 4:
                all_ended.set()

    run = await pool.execute(
        "forever(); await forever()", bindings={"forever": forever}, config=RuntimeConfig(timeout_seconds=1)
    )
    await asyncio.wait_for(all_ended.wait(), 10)

    assert run.error is not None
    assert run.error.kind == "timeout"
    assert ended == ["cancelled", "cleaned up"] * 2
    assert [call.outcome for call in run.calls] == ["in_flight"] * 2


async def test_a_call_whose_run_ends_in_the_same_moment_is_cancelled_too(pool: Pool):
    """Its task has not had a turn of the loop yet, only its first step."""
    ended = asyncio.Event()
    asked: list[asyncio.Task[Any]] = []

    async def treacherous() -> None:
        asked[0].cancel()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    asked.append(asyncio.create_task(pool.execute("await treacherous()", bindings={"treacherous": treacherous})))
    with pytest.raises(asyncio.CancelledError):
        await asked[0]
    await asyncio.wait_for(ended.wait(), 10)

    assert (await pool.execute("1 + 1")).value == 2


async def test_a_binding_that_cancels_itself_is_rejected_and_the_next_is_called(pool: Pool):
    async def gives_up() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    async def fine() -> int:
        await asyncio.sleep(0)
        return 1

    async def cancels_and_returns() -> int:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return 2

    run = await pool.execute(
        "let told; try { await givesUp() } catch (e) { told = e.name } [told, await fine(), await odd(), await fine()]",
        bindings={"givesUp": gives_up, "fine": fine, "odd": cancels_and_returns},
    )

    assert run.value == ["Cancelled", 1, 2, 1]


async def test_an_exception_before_the_first_wait_is_the_scripts_to_catch(pool: Pool):
    async def fails(at_once: bool) -> None:
        if not at_once:
            await asyncio.sleep(0)
        raise LookupError("no such thing")

    run = await pool.execute(
        "const told = [];for (const x of [true, false]) try { await fails(x) } catch (e) { told.push(e.message) } told",
        bindings={"fails": fails},
    )

    assert run.value == ["no such thing"] * 2


async def test_answers_that_are_ready_together_are_one_write(monkeypatch: pytest.MonkeyPatch):
    written: list[int] = []
    read: list[int] = []

    async def echo(value: int) -> int:
        return value

    async with Pool(workers=1, spares=0, isolation="context") as pool:
        await pool.execute("1")
        (worker,) = pool._supply.idle
        write, take = worker.process.write, worker.process._take

        def counting(*parts: bytes) -> None:
            written.append(b"".join(parts).count(b"\n"))
            write(*parts)

        def reading(data: bytes) -> None:
            read.append(data.count(b'"call":'))
            take(data)

        monkeypatch.setattr(worker.process, "write", counting)
        monkeypatch.setattr(worker.process, "_take", reading)
        run = await pool.execute(
            "(await Promise.all(Array.from({ length: 100 }, (_, i) => echo(i)))).length", bindings={"echo": echo}
        )

    assert run.value == 100
    assert sum(written) == 101  # the script, and an answer for each
    assert len(written) <= 1 + sum(map(bool, read))  # all that came in one read
    assert len(written) <= 8  # and the calls come a KiB at a time


async def test_an_answer_of_megabytes_goes_out_whole_among_small_ones(pool: Pool):
    async def text(length: int) -> Reply:
        return Reply(["x" * length], {"length": length})

    run = await pool.execute(
        "(await Promise.all([1, 5e6, 2, 70e3, 3e6, 3].map((n) => text(n)))).map((a) => [a[0].length, a.meta.length])",
        bindings={"text": text},
    )

    assert run.value == [[n, n] for n in (1, 5_000_000, 2, 70_000, 3_000_000, 3)]
    assert sum(call.bytes_out for call in run.calls) == run.usage.bytes_out > 8_000_000


async def test_a_call_has_a_key_that_another_attempt_finds_again():
    keys: dict[int, list[str]] = {1: [], 2: []}
    pids: list[int] = []

    @binding(idempotent=True)
    async def pay(amount: int) -> None:
        call = current_call()
        assert call is not None
        assert call.run is current_run()
        keys[call.run.attempt].append(call.idempotency_key)
        if amount == 4 and call.run.attempt == 1:
            os.kill(pids[-1], signal.SIGKILL)

    def on_event(event: Event) -> None:
        if isinstance(event, WorkerStarted):
            pids.append(event.pid)

    script = "await pay(1); await pay(1); await pay(2); await owe(1); await pay(4)"
    async with Pool(workers=1, spares=0, on_event=on_event, retry=RetryPolicy(attempts=2, backoff_seconds=0)) as pool:
        run = await pool.execute(script, bindings={"pay": pay, "owe": pay})
        other = await pool.execute("await pay(1)", bindings={"pay": pay})

    assert (run.ok, run.attempt) == (True, 2)
    assert other.ok
    first, another, again = keys[1][:5], keys[1][5], keys[2]
    assert first == again
    assert len({*first, another}) == 6
    assert all(len(key) == 32 for key in first)
    assert current_call() is None


@pytest.mark.parametrize("kind", ["async", "plain"])
async def test_no_call_takes_longer_than_the_run_allows_a_call(pool: Pool, kind: str):
    released = asyncio.Event()

    async def slow() -> None:
        await released.wait()

    def slow_in_thread() -> None:
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result()

    loop = asyncio.get_running_loop()
    run = await pool.execute(
        "try { await slow() } catch (e) { [e.name, e.code, e.message] }",
        bindings={"slow": slow if kind == "async" else slow_in_thread},
        config=RuntimeConfig(call_timeout_seconds=0.05),
    )
    released.set()

    assert run.value == ["TimeoutError", "Timeout", "slow took longer than 0.05 seconds"]


async def test_each_call_is_told_of_in_its_own_context():
    told: list[tuple[Event, str]] = []

    def on_event(event: Event) -> None:
        if isinstance(event, CallStarted | CallEnded):
            told.append((event, ASKED_BY.get()))
        if isinstance(event, CallStarted):
            ASKED_BY.set(f"call {event.call}")

    async def ask(ok: bool) -> str:
        await asyncio.sleep(0)
        if not ok:
            raise LookupError
        return ASKED_BY.get()

    script = "const first = await ask(true); try { await ask(false) } catch {} setTimeout(() => {}, 1); first"
    async with Pool(workers=1, spares=0, on_event=on_event) as pool:
        run = await pool.execute(script, bindings={"ask": ask})

    assert run.value == "call 1"
    assert [type(event) for event, _ in told] == [CallStarted, CallEnded] * 2
    assert [context for _, context in told] == ["nobody", "call 1", "nobody", "call 2"]
    assert [event.outcome for event, _ in told if isinstance(event, CallEnded)] == ["resolved", "rejected"]


def test_a_blocking_pool_calls_bindings_in_the_same_way():
    async def waits(value: int) -> int:
        async with asyncio.timeout(5):
            await asyncio.sleep(0)
        return value

    with BlockingPool(workers=1, spares=0) as pool:
        assert pool.execute("await waits(1) + await waits(2)", bindings={"waits": waits}).value == 3


async def test_the_console_is_told_in_the_context_of_whoever_asked_for_the_run():
    """The pipe is read in callbacks that belong to nobody, and were often made for the run before."""
    seen: list[str] = []
    async with Pool(workers=1, spares=1) as pool:
        for name in ("alice", "bob", "carol"):
            token = ASKED_BY.set(name)
            await pool.execute("console.log(1)", on_console=lambda _: seen.append(ASKED_BY.get()))
            ASKED_BY.reset(token)

    assert seen == ["alice", "bob", "carol"]


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (LookupError("x"), LookupError),
        (StopIteration(), RuntimeError),
        (asyncio.CancelledError(), asyncio.CancelledError),
    ],
)
async def test_whatever_the_console_hook_raises_comes_to_its_caller_at_once(
    pool: Pool, raised: BaseException, told: type[BaseException]
):
    def on_console(_: object) -> None:
        raise raised

    with pytest.raises(told):
        await pool.execute("console.log(1); while (true) {}", on_console=on_console)
    assert (await pool.execute("1 + 1")).value == 2


async def test_rows_that_their_owner_changes_meanwhile_cross_as_they_were(pool: Pool):
    rows = [{"id": number} for number in range(5_000)]

    async def shared() -> list[dict[str, int]]:
        asyncio.get_running_loop().call_soon(rows.clear)
        return rows

    run = await pool.execute("(await shared()).length", bindings={"shared": shared})

    assert (run.value, rows) == (5_000, [])


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_whose_parts_cannot_be_written_is_still_an_answer(pool: Pool, waits: bool):
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    async def fails(how: int) -> None:
        if waits:
            await asyncio.sleep(0)
        raise (BindingError("\ud800", name="\ud800", code="\ud800"), Mute(), SystemExit("bye"))[how]

    run = await pool.execute(
        "const told = []; for (const how of [0, 1, 2]) try { await fails(how) } catch (e) { told.push(e.name) } told",
        bindings={"fails": fails},
    )

    assert run.value == ["?", "Mute", "SystemExit"]


async def test_what_a_binding_waits_for_is_cancelled_with_it_from_its_first_step_on(pool: Pool):
    ended: list[bool] = []

    async def child() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def parent() -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.gather(child(), child())
        except TimeoutError:
            return "timed out"
        return "never"

    assert (await pool.execute("await parent()", bindings={"parent": parent})).value == "timed out"
    assert len(ended) in (0, 2)  # none had begun, or both are over


async def test_nothing_of_a_run_is_kept_by_the_worker_that_is_used_again():
    class Function:
        async def __call__(self) -> int:
            return 1

    async with Pool(workers=1, spares=0, isolation="context") as pool:
        function = Function()
        alive = weakref.ref(function)
        assert (await pool.execute("await f()", bindings={"f": function})).value == 1
        del function
        gc.collect()

        assert alive() is None


def test_a_run_submitted_off_the_loop_is_refused_and_takes_no_turn():
    async def main() -> None:
        async with Pool(workers=1, spares=0) as pool:
            with pytest.raises(RuntimeError, match="no event loop of asyncio runs here"):
                await asyncio.to_thread(pool.submit, "1")
            assert (await asyncio.wait_for(pool.execute("1 + 1"), 60)).value == 2

    asyncio.run(main())
