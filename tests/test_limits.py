"""Every limit ends the run that passed it, as its own kind, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from stockade import BindingError, InvalidScript, Pool, RuntimeConfig
from stockade.memory import Meter
from stockade.result import ErrorKind, RunError
from stockade.sandbox import Child

KIB = 1024


async def fault(pool: Pool, script: str, **limits: object) -> RunError:
    """The error of a script that must not return; afterwards the pool must still answer."""
    run = await pool.execute(script, config=RuntimeConfig(**{"timeout_seconds": 20, **limits}))  # type: ignore[arg-type]
    assert run.error is not None, run.value
    assert (await pool.execute("1 + 1")).value == 2
    return run.error


_kill = Child.kill


def kill_and_see_it_reaped(child: Child) -> None:
    _kill(child)
    while Path(f"/proc/{child.pid}").exists():
        pass


async def test_a_busy_loop_is_stopped_at_the_time_limit(pool: Pool):
    """Nothing inside the worker can interrupt it, so this proves the clock is outside."""
    run = await pool.execute("console.log('in'); while (true) {}", config=RuntimeConfig(timeout_seconds=0.2))

    assert run.error is not None
    assert run.error.kind == "timeout"
    assert (run.error.evidence.limit, run.error.evidence.limit_value) == ("timeout_seconds", 0.2)
    assert [line.text for line in run.console_output] == ["in"]
    assert (await pool.execute("1 + 1")).value == 2


@pytest.mark.parametrize(
    "script",
    [
        "(async () => { for (;;) await null; })()",
        "await new Promise((done) => setTimeout(done, 60_000))",
        "/^(a+)+$/.test('a'.repeat(40) + 'b')",
        "({ toJSON() { for (;;) {} } })",
    ],
)
async def test_no_way_of_not_returning_outlasts_the_clock(pool: Pool, script: str):
    assert (await fault(pool, script, timeout_seconds=0.3)).kind == "timeout"


async def test_the_time_limit_holds_where_a_test_holds_time_still(pool: Pool, monkeypatch: pytest.MonkeyPatch):
    """As freezegun does with `real_asyncio=True`: all that ask `time.monotonic()` are told the same, but asyncio."""
    monkeypatch.setattr("stockade.run.time", SimpleNamespace(**vars(time) | {"monotonic": lambda: 1e9}))
    async with asyncio.timeout(10):
        error = await fault(pool, "while (true) {}", timeout_seconds=0.1)
    assert error.kind == "timeout"
    assert (error.evidence.measured or 0) >= 0.1


@pytest.mark.skipif(sys.platform != "linux", reason="another process reaps the worker, and /proc tells when")
@pytest.mark.parametrize("ended_by", ["its deadline", "its caller"])
async def test_a_run_whose_process_is_gone_at_once_tells_the_cpu_time_it_used(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, ended_by: str
):
    begun = asyncio.Event()
    config = RuntimeConfig(timeout_seconds=1 if ended_by == "its deadline" else 20)
    script = "const end = Date.now() + 100; while (Date.now() < end); console.log('begun'); while (true) {}"
    handle = pool.submit(script, config=config, on_console=lambda _: begun.set())
    await begun.wait()
    monkeypatch.setattr(Child, "kill", kill_and_see_it_reaped)
    if ended_by == "its caller":
        handle.cancel()
    run = await handle
    monkeypatch.undo()

    assert run.error is not None
    assert run.error.kind == ("timeout" if ended_by == "its deadline" else "cancelled")
    assert run.usage.cpu_ms > 0


@pytest.mark.skipif(sys.platform != "linux", reason="another process reaps the worker, and /proc tells when")
@pytest.mark.parametrize(
    ("script", "kind"),
    [("for (;;) console.log('x'.repeat(3000))", "output_limit"), ("console.log('in'); while (true) {}", "cancelled")],
)
async def test_a_run_that_is_killed_before_the_first_look_at_it_tells_the_memory_it_held_and_its_cpu_time(
    monkeypatch: pytest.MonkeyPatch, script: str, kind: str
):
    config = RuntimeConfig(timeout_seconds=20, console_bytes=64 * KIB)
    async with Pool(config, workers=1, isolation="context") as pool:
        assert (await pool.execute("1 + 1")).value == 2  # of the first run of a process the kernel tells it
        with monkeypatch.context() as patched:
            patched.setattr("stockade.run.WATCH_SECONDS", 60.0)
            patched.setattr(Child, "kill", kill_and_see_it_reaped)
            handle = pool.submit(script)
            async for _ in handle.console():
                break
            if kind == "cancelled":
                handle.cancel()
                handle.cancel()  # when it is gone
            run = await handle

    assert run.error is not None
    assert run.error.kind == kind
    assert run.usage.peak_rss_mb > 10
    assert run.error.evidence.peak_rss_mb == run.usage.peak_rss_mb
    assert run.usage.cpu_ms > 0


async def test_a_script_may_wait_but_not_compute_past_its_own_time(pool: Pool):
    limits = RuntimeConfig(timeout_seconds=20, compute_seconds=0.3)

    async def slow() -> int:
        await asyncio.wait([asyncio.create_task(asyncio.Event().wait())], timeout=0.5)
        return 1

    waited = await pool.execute("await slow()", bindings={"slow": slow}, config=limits)
    assert waited.value == 1
    assert waited.usage.wall_ms > 300

    # A timer under way is a call under way, and no way to compute for longer.
    run = await pool.execute("setTimeout(() => {}, 10_000); while (true) {}", config=limits)
    assert run.error is not None
    assert run.error.kind == "compute_limit"
    assert (run.error.evidence.limit, run.error.evidence.limit_value) == ("compute_seconds", 0.3)
    assert run.error.evidence.measured is not None
    assert run.error.evidence.measured >= 0.3
    assert run.usage.cpu_ms >= 300
    assert (await pool.execute("1 + 1")).value == 2


@pytest.mark.parametrize(
    "script",
    [
        "const kept = []; for (;;) kept.push(new Array(1000).fill({}))",
        "const kept = []; for (;;) kept.push(new Uint8Array(2 ** 20).fill(1))",
        "new Uint8Array(2 ** 31).fill(1).length",
        "let s = 'x'; for (;;) s += s",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })",
    ],
    ids=["heap", "buffers", "one buffer", "strings", "map"],
)
async def test_a_memory_bomb_ends_as_memory_limit_on_both_nodes(script: str, node):
    # Long enough for a machine with ten times its work: before V8 gives up, it collects for up to 4 s of CPU.
    async with Pool(RuntimeConfig(memory_limit_mb=96, node=node, timeout_seconds=90), workers=1, spares=0) as pool:
        run = await pool.execute(script)
        assert run.error is not None
        # A string of half a GiB is refused by V8 itself, whatever the memory: that is the script's own exception.
        allowed: set[ErrorKind] = {"memory_limit"} if "s += s" not in script else {"memory_limit", "exception"}
        assert run.error.kind in allowed
        assert run.usage.peak_rss_mb < 96 + 150
        assert (await pool.execute("1 + 1")).value == 2


async def test_a_script_may_hold_two_thirds_of_its_memory_in_objects(node):
    """V8 took up to 192 MiB for young ones, and of these runs every other was told to be out of memory."""
    async with Pool(RuntimeConfig(memory_limit_mb=128, node=node), workers=2) as pool:
        script = "const kept = []; while (kept.length < 1_300_000) kept.push({ kept }); kept.length"
        assert [run.value async for run in pool.map([script] * 10)] == [1_300_000] * 10


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no such limit is set")
def test_a_limit_on_data_that_the_supervisor_has_itself_stays_where_a_run_might_have_more():
    program = """
        import resource
        from stockade import RuntimeConfig
        from stockade.sync import Pool
        resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30))
        with Pool(RuntimeConfig(memory_limit_mb=2048), workers=1, spares=0) as pool:
            run = pool.execute("1 + 1")
            print(run.value, run.error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False)

    assert done.stdout == "2 None\n", done.stderr


OUTLIVES_ITS_FIRST_THREAD = """
import ctypes, os, threading

def goes_on():
    held = b"x" * (64 << 20)
    while open(f"/proc/{os.getpid()}/stat").read().split()[2] != "Z":
        pass
    os.write(1, b"alone")
    os.read(0, 1)
    os._exit(0)

threading.Thread(target=goes_on).start()
ctypes.CDLL(None).pthread_exit(None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="where a process is read without psutil")
def test_a_process_whose_first_thread_has_ended_still_shows_the_memory_it_holds():
    """Native code can do that, and the kernel then says of the process that it holds nothing."""
    program = [sys.executable, "-c", OUTLIVES_ITS_FIRST_THREAD]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        meter = Meter(process.pid)
        assert process.stdout is not None
        assert process.stdout.read(5) == b"alone"
        held = meter.held()
        process.kill()
    gone = meter.held()
    meter.close()

    assert held[0] > 64 * KIB**2
    assert held[1] is not None
    assert held[1] > 64 * KIB**2
    assert gone == (0, None)


async def test_a_console_flood_ends_as_output_limit_with_the_lines_so_far(pool: Pool):
    run = await pool.execute("for (;;) console.log('x'.repeat(100))", config=RuntimeConfig(console_bytes=10 * KIB))

    assert run.error is not None
    assert run.error.kind == "output_limit"
    assert 50 < len(run.console_output) < 110


async def test_a_value_over_its_limit_ends_as_result_limit(pool: Pool):
    assert (await fault(pool, "'x'.repeat(2000)", result_bytes=1024)).kind == "result_limit"
    assert (await fault(pool, "Array(600).fill('é')", result_bytes=2048)).kind == "result_limit"
    assert (await fault(pool, "'é'.repeat(600)", result_bytes=1024)).kind == "result_limit"


async def test_too_many_calls_end_as_call_limit(pool: Pool):
    async def ping() -> int:
        return 1

    run = await pool.execute(
        "for (;;) await ping()", bindings={"ping": ping}, config=RuntimeConfig(max_calls=50, timeout_seconds=10)
    )
    assert run.error is not None
    assert (run.error.kind, run.usage.calls) == ("call_limit", 50)
    assert (run.error.evidence.limit, run.error.evidence.limit_value) == ("max_calls", 50)

    flood = await pool.execute(
        "await Promise.all(Array.from({ length: 100 }, () => ping()))",
        bindings={"ping": ping},
        config=RuntimeConfig(max_calls_in_flight=10),
    )
    assert flood.error is not None
    assert flood.error.kind == "call_limit"
    assert (flood.error.evidence.limit, flood.error.evidence.limit_value) == ("max_calls_in_flight", 10)


async def test_a_script_over_its_limit_touches_no_process(pool: Pool):
    with pytest.raises(InvalidScript, match="script_bytes allows"):
        await pool.execute("x" * 300 * KIB)


async def test_an_answer_too_large_for_a_line_is_refused_to_the_script(pool: Pool):
    run = await pool.execute(
        "await big()",
        bindings={"big": lambda: "x" * 200_000},
        config=RuntimeConfig(line_bytes=128 * KIB, result_bytes=KIB),
    )

    assert run.error is not None
    assert (run.error.kind, run.error.name) == ("exception", "RangeError")


async def test_an_error_whose_details_are_too_large_for_a_line_comes_without_them(pool: Pool):
    def refuse() -> None:
        raise BindingError("sold out", code="Later", details={"known": "x" * 200_000})

    run = await pool.execute(
        "try { await refuse() } catch (e) { return [e.message.slice(0, 30), e.code, e.known] }",
        bindings={"refuse": refuse},
        config=RuntimeConfig(line_bytes=128 * KIB, result_bytes=KIB),
    )

    assert run.value == ["sold out (without its details:", "Later", None]
    assert run.usage.bytes_out < 128 * KIB


async def test_arguments_too_large_for_a_line_are_refused_to_the_script(pool: Pool):
    run = await pool.execute(
        "try { await take('x'.repeat(200_000)) } catch (e) { return e.message }",
        bindings={"take": lambda text: len(text)},
        config=RuntimeConfig(line_bytes=128 * KIB, result_bytes=KIB),
    )

    assert "arguments" in run.value


async def test_a_worker_killed_from_outside_in_mid_call_is_a_crash(pool: Pool):
    async def kill_the_worker() -> None:
        [worker] = pool._supply.running
        os.kill(worker.process.child.pid, signal.SIGKILL)
        await asyncio.Event().wait()

    run = await pool.execute("await kill()", bindings={"kill": kill_the_worker})

    assert run.error is not None
    assert (run.error.kind, run.error.evidence.signal) == ("worker_crashed", signal.SIGKILL)
    assert run.error.evidence.calls_in_flight == ["kill"]
    assert (await pool.execute("1 + 1")).value == 2


@pytest.mark.parametrize("script", ["for (;;) {}", "await new Promise((done) => setTimeout(done, 1e6))"])
def test_no_worker_outlives_a_supervisor_killed_with_sigkill(script: str):
    program = f"""
        import asyncio, psutil
        from stockade import Pool
        async def main():
            async with Pool(workers=1, spares=1) as pool:
                run = asyncio.create_task(pool.execute('console.log(1);' + {script!r}, on_console=told))
                await run
        def told(line):
            print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
        asyncio.run(main())
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        below: list[psutil.Process] = []
        for pid in supervisor.stdout.readline().split():
            with suppress(psutil.NoSuchProcess):  # the self-test's worker was on its way out
                below.append(psutil.Process(int(pid)))
        assert len(below) >= 2  # the launcher and the worker
        os.kill(supervisor.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(below, timeout=5)

    assert alive == []


async def test_a_run_whose_caller_is_cancelled_is_killed(pool: Pool):
    started = asyncio.Event()
    run = asyncio.create_task(pool.execute("console.log('up'); for (;;) {}", on_console=lambda _: started.set()))
    await started.wait()
    [worker] = pool._supply.running
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert (await worker.process.child.wait()).returncode == -signal.SIGKILL
    assert (await pool.execute("1 + 1")).value == 2


async def test_a_crash_report_tells_no_path_of_the_machine():
    async with Pool(RuntimeConfig(memory_limit_mb=32), workers=1, spares=0) as pool:
        run = await pool.execute("const kept = []; for (;;) kept.push([{}])")

    assert run.error is not None
    assert run.error.kind == "memory_limit"
    assert os.sep + "stockade" not in (run.error.evidence.stderr_tail or "")
    assert "/bin/node" not in (run.error.evidence.stderr_tail or "")


async def test_large_arguments_of_one_call_are_refused_before_they_are_python_objects(pool: Pool):
    run = await pool.execute(
        "try { await take('x'.repeat(3000)) } catch (e) { return e.message }",
        bindings={"take": lambda text: len(text)},
        config=RuntimeConfig(call_bytes=2048),
    )

    assert "2048 bytes" in run.value


async def test_a_loop_that_was_held_up_beyond_the_deadline_tells_the_limit_that_was_passed_before_it():
    async with Pool(workers=1, spares=1) as pool:
        run = asyncio.create_task(
            pool.execute("for (;;) {}", config=RuntimeConfig(compute_seconds=0.1, timeout_seconds=0.3))
        )
        while not pool._supply.running:  # noqa: ASYNC110
            await asyncio.sleep(0)
        (worker,) = pool._supply.running
        until = time.monotonic() + 10
        while worker.meter.cpu_seconds() < 0.5 and time.monotonic() < until:
            pass  # whoever holds up the loop
        result = await run

    assert result.error is not None
    assert result.error.kind == "compute_limit"
