"""How a pool starts: its spares while the layers are put to the test, its runs only once they have passed."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable

import psutil
import pytest

from stockade import IsolationUnavailable, Pool, PoolClosed, RetryPolicy, starts, verdict
from stockade.events import Event, WorkerStarted
from stockade.sandbox import launcher
from stockade.starts import Starts
from stockade.testing import Faults, at_start
from stockade.verdict import Cause
from stockade.worker import Kind, StartFailed, Worker


class SelfTest:
    """In the place of the real one: over when the test says so, with the outcome that the test wants."""

    def __init__(self) -> None:
        self.running = asyncio.Event()
        self.over = asyncio.Event()
        self.outcome: dict[str, str] | Exception = {}

    async def __call__(self, *_: object) -> dict[str, str]:
        self.running.set()
        await self.over.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def self_test(monkeypatch: pytest.MonkeyPatch) -> SelfTest:
    test = SelfTest()
    monkeypatch.setattr(launcher, "self_test", test)
    return test


@pytest.fixture
def left() -> Callable[[], tuple[set[psutil.Process], int]]:
    gc.collect()  # descriptors of other tests, which would be gone afterwards
    before = set(psutil.Process(os.getpid()).children(recursive=True))
    return lambda: (
        set(psutil.Process(os.getpid()).children(recursive=True)) - before,
        psutil.Process().num_fds(),
    )


def told(pool_options: dict[str, object]) -> asyncio.Event:
    """Set once a worker has started."""
    started = asyncio.Event()

    def hear(event: Event) -> None:
        if isinstance(event, WorkerStarted):
            started.set()

    pool_options["on_event"] = hear
    return started


async def test_spares_start_during_the_self_test_and_no_run_gets_one_before_it_has_passed(self_test):
    options: dict[str, object] = {}
    worker_started = told(options)
    pool = Pool(workers=1, **options)
    starting = asyncio.create_task(pool.start())
    await worker_started.wait()
    assert self_test.running.is_set()
    assert not starting.done()

    with pytest.raises(PoolClosed, match="not started"):
        await pool.execute("1 + 1")
    with pytest.raises(PoolClosed, match="not started"):
        _ = pool.isolation
    self_test.over.set()
    await starting
    assert (await pool.execute("1 + 1")).value == 2
    await pool.close()


@pytest.mark.parametrize(("cores", "others_on_their_way"), [(2, 0), (16, 1)])
async def test_the_self_test_is_one_of_as_many_starts_at_once_as_there_are_cores(
    self_test, monkeypatch, cores: int, others_on_their_way: int
):
    monkeypatch.setattr("stockade.cores.usable", lambda: cores)
    going: list[int] = []
    options: dict[str, object] = {"on_event": lambda event: going.append(pool._starts.going)}
    pool = Pool(workers=1, spares=2, **options)
    starting = asyncio.create_task(pool.start())
    await self_test.running.wait()
    await asyncio.wait(tuple(pool._supply.spares))
    self_test.over.set()
    await starting
    await pool.close()

    assert going[0] == others_on_their_way


@pytest.mark.parametrize(
    ("outcome", "raised"),
    [({"seccomp": "the self-test could fly"}, IsolationUnavailable), (OSError("no worker starts"), OSError)],
    ids=["a layer does not hold", "no worker starts"],
)
@pytest.mark.parametrize("when", ["at once", "with spares ready"])
async def test_a_pool_that_fails_its_self_test_leaves_nothing_and_starts_nothing_more(
    self_test, left, caplog, outcome, raised, when
):
    caplog.set_level(logging.WARNING)
    before = left()
    options: dict[str, object] = {}
    worker_started = told(options)
    pool = Pool(workers=2, require_isolation="full", **options)
    starting = asyncio.create_task(pool.start())
    await (self_test.running if when == "at once" else worker_started).wait()
    self_test.outcome = outcome
    self_test.over.set()
    with pytest.raises(raised):
        await starting

    assert left() == before
    assert pool.stats().launcher_restarts == 0
    assert not [record for record in caplog.records if "could not be started" in record.message]
    for ask in (pool.start(), pool.execute("1 + 1")):
        with pytest.raises(PoolClosed):
            await ask


async def test_a_start_that_is_cancelled_leaves_nothing(self_test, left):
    before = left()
    pool = Pool(workers=2)
    starting = asyncio.create_task(pool.start())
    await self_test.running.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert left() == before


@pytest.mark.parametrize("when", ["the launcher starts", "the layers are put to the test"])
def test_a_start_that_is_cancelled_at_each_turn_of_a_loop_that_then_ends_leaves_nothing(self_test, left, when):
    """As anyio does with what goes on in a scope that it cancels."""

    async def give_up() -> None:
        starting = asyncio.create_task(Pool(workers=2).start())
        if when == "the launcher starts":
            await asyncio.sleep(0)
        else:
            await self_test.running.wait()
        while not starting.done():
            starting.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await starting

    before = left()
    asyncio.run(give_up())
    assert left() == before


@pytest.mark.parametrize("turns", [0, 1, 2, 5, 10, 20, 50, 100])
async def test_a_pool_that_is_closed_while_it_starts_leaves_nothing(left, turns: int):
    before = left()
    pool = Pool(workers=2)
    starting = asyncio.create_task(pool.start())
    loop = asyncio.get_running_loop()
    for _ in range(turns):
        passed = loop.create_future()
        loop.call_later(0.001, passed.set_result, None)
        await passed
    await pool.close()
    assert left() == before
    try:
        assert await starting is pool
    except PoolClosed:
        assert not pool._started


async def test_a_pool_that_has_given_up_its_starts_begins_none(monkeypatch: pytest.MonkeyPatch):
    """A spare fails in that very turn; another start would hold up the close for as long as it takes."""
    begun: list[None] = []
    fail = asyncio.Event()

    async def start(*_: object) -> Worker:
        begun.append(None)
        await fail.wait()
        raise StartFailed(verdict.start_failed("on purpose"))

    def stop_as_it_fails() -> None:
        spare.add_done_callback(lambda _: stop())
        fail.set()

    monkeypatch.setattr(Worker, "start", start)
    pool = await Pool(workers=1, spares=1).start()
    run = pool.submit("1")
    while not pool._supply._awaited:  # noqa: ASYNC110 - until it waits for the spare
        await asyncio.sleep(0)
    (spare,) = pool._supply._awaited
    stop = pool._supply.stop
    monkeypatch.setattr(pool._supply, "stop", stop_as_it_fails)
    await pool.close(0)
    with pytest.raises(PoolClosed):
        await run
    assert len(begun) == 1


async def test_the_layers_can_be_asked_for_while_a_dead_launcher_is_replaced(self_test):
    self_test.over.set()
    async with Pool(workers=1, spares=0) as pool:
        before = pool.isolation
        self_test.over.clear()
        self_test.running.clear()
        os.kill(pool._starts.spawner.pid, signal.SIGKILL)
        run = asyncio.create_task(pool.execute("1 + 1", retry=RetryPolicy(attempts=5, backoff_seconds=0)))
        await self_test.running.wait()
        assert pool.isolation == before
        self_test.over.set()
        assert (await run).value == 2


async def test_a_launcher_that_died_is_counted_once_whoever_gave_up_while_it_was_replaced(self_test):
    self_test.over.set()
    async with Pool(workers=1, spares=0) as pool:
        self_test.over.clear()
        launcher = pool._starts.spawner
        os.kill(launcher.pid, signal.SIGKILL)
        await launcher._ended.wait()
        for _ in range(2):
            self_test.running.clear()
            run = pool.submit("1")
            await self_test.running.wait()
            run.cancel()
            assert (await run).error.kind == "cancelled"
            await pool._supply.all_ended()
        self_test.over.set()
        assert (await pool.execute("1 + 1")).value == 2
        assert pool.stats().launcher_restarts == 1


async def test_a_layer_that_the_launcher_after_a_dead_one_lacks_is_warned_of(monkeypatch, caplog):
    """The machine may have lost it meanwhile, and the scripts of a pool that began with all of them run without it."""
    starts._warn_once.cache_clear()  # each lack is told once in a process
    lacking: list[str] = []
    start = launcher.Launcher.start
    monkeypatch.setattr(starts.Launcher, "start", lambda *told, **more: start(*told, _without=lacking, **more))
    async with Pool(workers=1, spares=0) as pool:
        before = set(pool.isolation.missing)
        lacking.append("landlock")
        os.kill(pool._starts.spawner.pid, signal.SIGKILL)
        await pool._starts.spawner._ended.wait()
        assert (await pool.execute("1 + 1")).value == 2
        assert set(pool.isolation.missing) == before | {"landlock"}

    warnings = [record.message for record in caplog.records if "missing are" in record.message]
    assert "landlock: left out on request" in warnings[-1]


async def test_a_launcher_waits_for_what_it_is_told_also_where_sockets_are_born_non_blocking(
    monkeypatch: pytest.MonkeyPatch,
):
    """As under gevent: it ended with a BlockingIOError if it came to listen before it had been told something."""
    waits: list[bool] = []

    def pair(*kind: int) -> tuple[socket.socket, socket.socket]:
        both = made(*kind)
        for each in both:
            each.setblocking(False)
        return both

    def popen(channel: socket.socket) -> object:
        waits.append(os.get_blocking(channel.fileno()))
        return started(channel)

    made, started = socket.socketpair, launcher._popen
    monkeypatch.setattr(launcher.socket, "socketpair", pair)
    monkeypatch.setattr(launcher, "_popen", popen)
    async with Pool(workers=1, spares=0) as pool:
        assert (await pool.execute("1 + 1")).value == 2
    assert waits == [True]


async def test_two_who_start_a_pool_at_once_both_find_it_started():
    pool = Pool(workers=1, spares=0)
    try:
        assert await asyncio.gather(pool.start(), pool.start()) == [pool, pool]
        assert (await pool.execute("1 + 1")).value == 2
    finally:
        await pool.close()


@pytest.mark.parametrize(("cores", "begun_beside_it"), [(2, 0), (16, 3)])
async def test_where_cores_are_few_no_spare_is_started_while_a_run_waits_for_a_start(
    monkeypatch, cores: int, begun_beside_it: int
):
    monkeypatch.setattr("stockade.cores.usable", lambda: cores)
    async with Pool(workers=1, spares=3) as pool:
        for spare in tuple(pool._supply.spares):
            (await spare).kill(Cause.DONE)
        ready, waits, starts = asyncio.Event(), asyncio.Event(), pool._starts
        begun: list[bool] = []
        again = asyncio.Event()  # there are as many spares as before

        def start(kind: Kind, *, urgent: bool) -> asyncio.Task[Worker]:
            begun.append(urgent)
            return asyncio.create_task(held(kind, urgent))

        async def held(kind: Kind, urgent: bool) -> Worker:
            if urgent:
                waits.set()
                await ready.wait()
            elif begun.count(False) == 3:
                again.set()
            return await Starts._start(starts, kind, urgent)

        monkeypatch.setattr(starts, "start", start)
        run = asyncio.create_task(pool.execute("1 + 1"))
        await waits.wait()
        pool._supply.refill()
        assert begun.count(False) == begun_beside_it
        ready.set()
        assert (await run).value == 2
        await again.wait()


async def test_a_start_that_is_given_up_while_its_failed_worker_ends_leaves_nothing(left, monkeypatch):
    _, descriptors = left()
    ending = asyncio.Event()
    really = Worker.close

    async def close(self: Worker) -> object:
        ending.set()
        return await really(self)

    monkeypatch.setattr(Worker, "close", close)
    pool = Faults(corrupt=[at_start()]).attach(Pool(workers=1, spares=0))
    async with pool:
        start = pool._starts.start(pool._kind, urgent=True)
        await ending.wait()
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start

    assert left() == (set(), descriptors)


async def test_what_two_pools_lack_alike_is_warned_of_once(monkeypatch, caplog):
    """Their reports differ all the same: each pool's workers have a user of their own."""
    starts._warn_once.cache_clear()
    start = launcher.Launcher.start
    monkeypatch.setattr(starts.Launcher, "start", lambda *told, **more: start(*told, _without=["landlock"], **more))
    for _ in range(2):
        async with Pool(workers=1, spares=0) as pool:
            assert "landlock" in pool.isolation.missing

    [_] = [record for record in caplog.records if "landlock: left out on request" in record.message]
