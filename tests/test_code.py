"""The code that later workers start with: there after some starts, never where a script is, and never in the way."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from stockade import Pool, RuntimeConfig, code, cores, verdict
from stockade.code import DUE_AFTER_STARTS, Codes
from stockade.events import Event, WorkerStarted
from stockade.pool import Pool as AsyncPool
from stockade.process import Process
from stockade.sandbox import Cage, Launcher
from stockade.worker import WORKER_FOLDER, Kind, StartFailed, Worker

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="the code is handed on in memory of Linux")

TOP_LEVEL_AWAIT = "await 1; 1 + 1"


async def with_code(pool: AsyncPool) -> int:
    """Runs until the code is there, and returns its descriptor."""
    for _ in range(DUE_AFTER_STARTS):
        assert (await pool.execute("1 + 1")).value == 2
    await pool._starts.all_compiled()
    found = pool._starts._codes.of(pool._kind)
    assert found is not None, "nothing was compiled"
    return found


def kind(node: Path) -> Kind:
    return Kind(node, 128, 1 << 20, 1 << 16, jitless=False, isolation="process")


async def test_after_some_starts_workers_have_their_code_from_the_pool_until_it_closes(node):
    async with Pool(RuntimeConfig(node=node), workers=1, spares=0) as pool:
        assert pool._starts._codes.of(pool._kind) is None
        code = await with_code(pool)

        commands: list[Sequence[str]] = []

        class Noted(Process):
            @classmethod
            async def start(cls, spawner, argv, **options):
                commands.append(argv)
                return await super().start(spawner, argv, **options)

        pool._starts.process_type = Noted
        for script in ("1 + 1", TOP_LEVEL_AWAIT, "type X = 1; 1 + 1"):
            assert (await pool.execute(script)).value == 2
        assert [argv[-2:] for argv in commands] == [["process", "compiled"]] * 3
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(code)


@pytest.mark.parametrize("script", ["await look()", "look()"], ids=["parser needed", "parser not needed"])
async def test_a_worker_has_closed_its_code_before_there_is_a_script(mode, script):
    async with Pool(workers=1, spares=0, isolation=mode) as pool:
        if mode == "process":
            await with_code(pool)
        else:
            pool._starts._codes.keep(pool._kind, await made(pool))

        def look() -> list[int]:
            (worker,) = pool._supply.running
            return descriptors(worker.process.child.pid)

        run = await pool.execute(script, bindings={"look": look})
        assert pool._starts._codes.of(pool._kind) is not None, "it was started from files instead"
        assert [descriptor for descriptor in run.value if descriptor < 3] == [0, 1, 2]
        assert 63 not in run.value


async def test_letters_beyond_ascii_are_the_same_from_code():
    """Those of the worker's own modules and those of a context's text; the parser and its errors as well."""
    async with Pool(workers=1, spares=0) as pool:
        scripts = ("console.table([{ é: 'ü' }]); await 0; throw new Error('ö'.repeat(9_000))", "const é = await 1; ü")

        async def told() -> list[tuple[list[str], str]]:
            runs = [await pool.execute(script) for script in scripts]
            return [([line.text for line in run.console_output], run.error.message) for run in runs]

        before = await told()
        await with_code(pool)
        assert await told() == before
    [([table], message), (_, unknown)] = before
    assert table.startswith("┌") and "ü" in table
    assert message.startswith("ööö") and "… (" in message
    assert "ü" in unknown


def descriptors(pid: int | str = "self") -> list[int]:
    return sorted(int(path.name) for path in Path(f"/proc/{pid}/fd").iterdir())


async def made(pool: AsyncPool) -> int:
    assert pool._starts.spawner is not None
    return await code.compiled(pool._starts.spawner, pool._kind, 30)


async def test_code_that_is_spoilt_costs_nobody_a_run():
    """Neither code that V8 does not take nor a file that is none of ours."""
    async with Pool(workers=1, spares=0) as pool:
        good = await with_code(pool)
        whole = os.pread(good, 1 << 24, 0)
        for spoilt in (b"", b"{}".ljust(256), whole[:256] + bytes(len(whole) - 256), whole[: len(whole) // 4]):
            descriptor = os.memfd_create("spoilt")
            os.write(descriptor, spoilt)
            pool._starts._codes.keep(pool._kind, descriptor)
            assert (await pool.execute("1 + 1")).value == 2
            assert pool._starts._codes.of(pool._kind) is None
        assert pool.stats().starts_failed == 0


async def test_a_start_from_code_that_took_all_its_time_is_not_made_again_without(monkeypatch):
    """Whoever waits for it was promised an end by then."""
    given: list[int | None] = []

    async def start(*options: Any) -> Worker:
        given.append(options[-1])
        raise StartFailed(verdict.start_failed("it was not ready in its time"), late=True)

    async with Pool(workers=1, spares=0) as pool:
        code = await with_code(pool)
        monkeypatch.setattr(Worker, "start", start)
        run = await pool.execute("1 + 1")
        assert run.error.kind == "start_failed"
        assert given == [code]
        assert pool._starts._codes.of(pool._kind) is None


async def test_nobody_can_change_the_code_once_it_is_made(node):
    async with Pool(RuntimeConfig(node=node), workers=1, spares=0) as pool:
        descriptor = await made(pool)
        try:
            for change in (lambda: os.pwrite(descriptor, b"x", 0), lambda: os.ftruncate(descriptor, 0)):
                with pytest.raises(PermissionError):
                    change()
        finally:
            os.close(descriptor)


async def test_a_pool_whose_code_cannot_be_compiled_goes_on_without(monkeypatch):
    async def out_of_order(*_: object) -> int:
        raise OSError("no memory for that")

    monkeypatch.setattr("stockade.starts.compiled", out_of_order)
    async with Pool(workers=1, spares=0) as pool:
        for _ in range(DUE_AFTER_STARTS + 2):
            assert (await pool.execute("1 + 1")).value == 2
        assert pool._starts._codes.of(pool._kind) is None


async def test_code_is_made_once_and_after_a_failure_not_soon_again(node):
    codes, one = Codes(), kind(node)
    assert [codes.has_started(one) for _ in range(2 * DUE_AFTER_STARTS)].count(True) == 1
    codes.put_off(one)
    assert not any(codes.has_started(one) for _ in range(2 * DUE_AFTER_STARTS))
    assert any(codes.has_started(one) for _ in range(10 * 2 * DUE_AFTER_STARTS))


async def test_code_that_one_worker_could_not_use_is_dropped_once_however_many_had_it(node):
    codes, one = Codes(), kind(node)
    while not codes.has_started(one):
        pass
    first, second = (os.memfd_create("code") for _ in range(2))
    codes.keep(one, first)
    for _ in range(4):
        codes.drop(one, first)
    assert codes._of(one).due == 10 * DUE_AFTER_STARTS
    codes.keep(one, second)
    codes.drop(one, first)
    assert codes.of(one) == second
    codes.keep(one, os.memfd_create("code"))
    with pytest.raises(OSError):
        os.fstat(second)
    codes.close()


@pytest.mark.parametrize("turns", range(0, 40, 4))
async def test_code_that_is_compiled_while_the_launcher_dies_and_the_pool_closes_leaves_nothing(turns: int):
    before = set(psutil.Process().children(recursive=True))
    pool = await AsyncPool(workers=1, spares=0).start()
    compiling = asyncio.create_task(pool._starts._compile(pool._kind))
    pool._starts._compiling.add(compiling)
    compiling.add_done_callback(pool._starts._compiling.discard)
    os.kill(pool._starts.spawner.pid, signal.SIGKILL)
    for _ in range(turns):
        passed = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.002, passed.set_result, None)
        await passed
    await pool.close()
    assert set(psutil.Process().children(recursive=True)) <= before


async def test_a_pool_that_closes_while_code_is_compiled_leaves_nothing_behind():
    before = descriptors()
    async with Pool(workers=1, spares=0) as pool:
        for _ in range(DUE_AFTER_STARTS):
            await pool.execute("1 + 1")
        assert pool._starts._compiling
    assert not pool._starts._compiling
    await asyncio.sleep(0)  # a turn, for the loop to let go of what it read from
    assert len(descriptors()) <= len(before)


async def test_a_launcher_takes_a_fourth_descriptor_and_no_fifth(node):
    launcher = await Launcher.start(Cage(node=node, readable=(WORKER_FOLDER,)))
    null = os.open(os.devnull, os.O_RDWR)
    try:
        child = await launcher.spawn([str(node), "--version"], stdin=null, stdout=null, stderr=null, code=null)
        assert (await child.wait()).returncode == 0
    finally:
        os.close(null)
        await launcher.close()


async def test_a_launcher_that_hangs_while_code_is_made_holds_up_no_start_for_ever(monkeypatch):
    """It is made in the place of a start. With one core there is one, and all runs waited behind it without a bound."""
    monkeypatch.setattr(cores, "usable", lambda: 1)
    starts = 0

    def stop_the_launcher(event: Event) -> None:
        nonlocal starts
        starts += isinstance(event, WorkerStarted)
        if starts == DUE_AFTER_STARTS and isinstance(event, WorkerStarted):
            os.kill(launcher.pid, signal.SIGSTOP)
            pool._starts._timeout_seconds = 0.5

    async with Pool(workers=1, spares=0, on_event=stop_the_launcher) as pool:
        launcher = pool._starts.spawner
        assert isinstance(launcher, Launcher)
        try:
            for _ in range(DUE_AFTER_STARTS):
                assert (await pool.execute("1 + 1")).value == 2
            async with asyncio.timeout(20):
                run = await pool.execute("1 + 1")
            assert run.error is not None
            assert run.error.kind == "start_failed"
        finally:
            os.kill(launcher.pid, signal.SIGCONT)
            pool._starts._timeout_seconds = 30.0
        assert (await pool.execute("1 + 1")).value == 2
