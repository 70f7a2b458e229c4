"""What callers hand in, raise or ask for by mistake: refused or told by name, and nothing waits for ever."""

from __future__ import annotations

import asyncio
import copy
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

import stockade.sync
from stockade import (
    BindingError,
    InvalidBinding,
    InvalidScript,
    IsolationUnavailable,
    NodeNotFound,
    Pool,
    PoolClosed,
    PoolUnhealthy,
    QueueFull,
    QueueRules,
    QueueTimeout,
    RetryPolicy,
    RuntimeConfig,
    ScriptFailed,
)
from stockade.events import Event, RunEnded, WorkerStarted
from stockade.node import bundled_node


async def listen(_: object) -> None:
    """Nobody would await it."""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"config": {"timeout_seconds": 1}}, "config must be of type RuntimeConfig, not dict"),
        ({"queue": 100}, "queue must be of type QueueRules, not int"),
        ({"retry": 3}, "retry must be of type RetryPolicy, not int"),
        ({"on_event": 5}, "on_event must be a function, not int"),
        ({"on_event": listen}, "on_event must be a plain function"),
        ({"bindings": [print]}, "bindings are a mapping of names to functions, not list"),
    ],
)
def test_a_pool_refuses_what_is_no_such_option(options: dict[str, Any], told: str):
    for kind in (Pool, stockade.sync.Pool):
        with pytest.raises((ValueError, InvalidBinding), match=told):
            kind(**options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"config": {}}, "config must be of type RuntimeConfig, not dict"),
        ({"retry": 3}, "retry must be of type RetryPolicy, not int"),
        ({"tenant": 5}, "tenant must be of type str, not int"),
        ({"tenant": ["acme"]}, "tenant must be of type str, not list"),
        ({"on_console": 5}, "on_console must be a function, not int"),
        ({"on_console": listen}, "on_console must be a plain function, not `async def`"),
        ({"priority": "high"}, "priority must be a whole number, not 'high'"),
        ({"priority": math.nan}, "priority must be a whole number, not nan"),
        ({"priority": True}, "priority must be a whole number, not True"),
        ({"bindings": [print]}, "bindings are a mapping of names to functions, not list"),
        ({"bindings": []}, "bindings are a mapping of names to functions, not list"),
    ],
)
async def test_a_run_refuses_what_is_no_such_option(pool: Pool, options: dict[str, Any], told: str):
    before = pool.stats()
    with pytest.raises((ValueError, InvalidBinding), match=told):
        await pool.execute("1", **options)
    with pytest.raises((ValueError, InvalidBinding), match=told):
        pool.submit("1", **options)
    assert pool.stats().outcomes == before.outcomes
    assert pool.stats().queue.waiting == 0


ERRORS: list[Exception] = [
    InvalidScript("a script is text"),
    NodeNotFound("none"),
    IsolationUnavailable({"landlock": "no kernel"}),
    PoolClosed("the pool is closed", running=1, waiting=2),
    PoolUnhealthy(5, "no memory", 1.5, waiting=3),
    QueueFull(3, 3, "acme", running=2),
    QueueTimeout(1.5, 3, "acme", running=2),
    ScriptFailed("timeout", "too long"),
    BindingError("gone", name="NotFound", code="NoSuchSku", details={"known": ["tea"]}),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_can_be_copied_and_sent_to_another_process(error: Exception, again: Callable[..., Exception]):
    """A pool in a process of concurrent.futures, say, whose own pool was broken by an error that could not be made."""
    one = again(error)

    assert type(one) is type(error)
    assert (str(one), one.args, vars(one)) == (str(error), error.args, vars(error))


async def test_text_of_a_class_of_its_own_is_text(pool: Pool):
    """As markupsafe.Markup is, or numpy.str_: it passed every check, and then ended the worker with a TypeError."""

    class Text(str):
        __slots__ = ()

    async def price() -> int:
        return 3

    run = await pool.execute(Text("await price()"), bindings={Text("price"): price}, tenant=Text("acme"))

    assert run.value == 3
    assert await pool.check(Text("1 + 1")) is None


def test_the_blocking_pool_refuses_a_listener_that_would_have_to_be_awaited():
    with stockade.sync.Pool(workers=1, spares=0) as pool, pytest.raises(ValueError, match="plain function"):
        pool.submit("1", on_console=listen)


async def test_one_script_is_not_taken_for_many(pool: Pool):
    for one in ("1 + 1", b"1", 5, None):
        with pytest.raises(ValueError, match="scripts must be several"):
            pool.map(one)  # pyright: ignore[reportArgumentType]
        with pytest.raises(ValueError, match="scripts must be several"):
            stockade.sync.Pool().map(one)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("ask", [Pool.submit, Pool.map])
async def test_an_option_that_there_is_not_is_named_with_those_there_are(pool: Pool, ask: Callable[..., object]):
    with pytest.raises(TypeError, match="a run has no option 'timeout'; it has bindings, config, tenant"):
        ask(pool, "1" if ask is Pool.submit else ["1"], timeout=5)
    with stockade.sync.Pool(workers=1, spares=0) as blocking, pytest.raises(TypeError, match="no option 'timeout'"):
        getattr(blocking, ask.__name__)("1" if ask is Pool.submit else ["1"], timeout=5)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"queue_timeout_seconds": "5"}, "queue_timeout_seconds must be more than 0, not '5'"),
        ({"queue_timeout_seconds": True}, "queue_timeout_seconds must be more than 0, not True"),
        ({"weights": ["acme"]}, "weights must be of type Mapping, not list"),
        ({"queue_timeout_seconds": 10**400}, "queue_timeout_seconds must be more than 0"),
        ({"weights": {5: 1}}, "a tenant among the weights must be of type str, not int"),
        ({"weights": {"acme": "2"}}, "weights: that of 'acme' must be a number from 0.001 to 1000, not '2'"),
    ],
)
def test_rules_of_the_queue_must_be_numbers(rules: dict[str, Any], told: str):
    with pytest.raises(ValueError, match=told):
        QueueRules(**rules)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"backoff_seconds": "1"}, "backoff_seconds must be a finite number of at least 0, not '1'"),
        ({"total_seconds": 10**400}, "total_seconds must be a finite number of at least 0"),
        ({"on": None}, "on must be of type Sequence, not NoneType"),
        ({"on": iter(["worker_crashed"])}, "on must be of type Sequence, not list_iterator"),
    ],
)
def test_a_retry_policy_refuses_what_it_cannot_go_by(policy: dict[str, Any], told: str):
    with pytest.raises(ValueError, match=told):
        RetryPolicy(**policy)


def test_the_wait_between_attempts_has_its_bound_however_many_there_were():
    assert RetryPolicy(attempts=2_000).wait_seconds(1_999) == RetryPolicy().max_backoff_seconds


@pytest.mark.parametrize("seconds", ["1", None, math.nan, True])
async def test_a_pool_goes_on_if_its_closing_was_asked_for_wrongly(pool: Pool, seconds: Any):
    with pytest.raises(ValueError, match="drain_seconds must be a finite number"):
        await pool.close(seconds)
    assert (await pool.execute("1 + 1")).value == 2


async def test_a_run_has_the_node_of_its_pool(node: Path):
    async with Pool(RuntimeConfig(node=node), workers=1, spares=0) as pool:
        for config in (RuntimeConfig(timeout_seconds=5), RuntimeConfig(timeout_seconds=5, node=node)):
            assert (await pool.execute("1 + 1", config=config)).value == 2
        if node != Path(bundled_node()):
            with pytest.raises(ValueError, match="node belongs to the pool"):
                await pool.execute("1", config=RuntimeConfig(node=Path(bundled_node())))


class Outcome(BaseException):
    """As that of pytest.fail()."""


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("raised", [Outcome, GeneratorExit])
async def test_whatever_an_async_function_raises_is_an_answer(pool: Pool, raised: type[BaseException], waits: bool):
    async def fails() -> None:
        if waits:
            await asyncio.sleep(0)
        raise raised("of mine")

    run = await pool.execute("try { await fails() } catch (e) { `${e.name}: ${e.message}` }", bindings={"fails": fails})

    assert run.value == f"{raised.__name__}: of mine"


@pytest.mark.parametrize(
    "raised", [StopIteration, StopAsyncIteration, GeneratorExit, KeyboardInterrupt, asyncio.CancelledError]
)
async def test_whatever_a_plain_function_raises_is_an_answer(pool: Pool, raised: type[BaseException]):
    """No future takes a StopIteration, which is what a bare next() raises where nothing is left."""

    def fails() -> None:
        raise raised("of mine")

    run = await pool.execute("try { await fails() } catch (e) { `${e.name}: ${e.message}` }", bindings={"fails": fails})

    assert run.value == f"{raised.__name__}: of mine"


@pytest.mark.parametrize("how", ["cancelled", "on_console raises"])
async def test_the_event_of_a_run_that_its_caller_left_tells_what_it_did(how: str):
    ended: list[RunEnded] = []
    paid = asyncio.Event()

    async def pay() -> None:
        paid.set()

    def listen(_: object) -> None:
        raise KeyError("of mine")

    def note(event: Event) -> None:
        if isinstance(event, RunEnded):
            ended.append(event)

    async with Pool(workers=1, spares=0, on_event=note, bindings={"pay": pay}) as pool:
        script = "await pay(); console.log(1); await new Promise(() => setTimeout(() => {}, 10_000))"
        task = asyncio.create_task(pool.execute(script, on_console=listen if how != "cancelled" else None))
        await paid.wait()
        if how == "cancelled":
            task.cancel()
        with pytest.raises((KeyError, asyncio.CancelledError)):
            await task
    (event,) = ended
    assert event.result.error is not None
    assert event.result.error.kind == "cancelled"
    assert [(call.name, call.outcome) for call in event.result.calls] == [("pay", "resolved")]
    assert (event.result.started, event.result.safe_to_retry, event.result.usage.calls >= 1) == (True, False, True)


async def test_a_run_that_gave_up_waiting_tells_how_long_it_had():
    ended: list[RunEnded] = []

    def note(event: Event) -> None:
        if isinstance(event, RunEnded):
            ended.append(event)

    async with Pool(workers=1, spares=0, on_event=note) as pool:
        going = pool.submit("for (;;) {}")
        waiting = asyncio.create_task(pool.execute("1"))
        handle = pool.submit("2")
        while not pool._supply.running:  # noqa: ASYNC110 - it has a process to wait for
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        handle.cancel()
        given_up = await handle
        going.cancel()
        await going
    assert len(ended) == 3
    for result in (given_up, *(event.result for event in ended[:2])):
        assert (result.started, result.usage.queued_ms > 1, result.usage.start_ms) == (False, True, 0)


async def test_a_hook_that_raises_anything_harms_no_run_and_leaves_no_worker():
    def hook(event: Event) -> None:
        if isinstance(event, WorkerStarted):
            raise Outcome

    async with Pool(workers=1, spares=0, on_event=hook) as pool:
        for _ in range(2):
            assert (await pool.execute("1 + 1")).value == 2
        assert pool.stats().workers_started == 2


def test_an_interrupt_in_the_hook_that_is_told_of_a_worker_leaves_none():
    raised: list[Event] = []

    def hook(event: Event) -> None:
        if isinstance(event, WorkerStarted) and not raised:
            raised.append(event)
            raise KeyboardInterrupt

    before = psutil.Process().num_fds()
    with stockade.sync.Pool(workers=1, spares=0, on_event=hook) as pool:
        with pytest.raises(KeyboardInterrupt):
            pool.execute("1")
        assert pool.execute("1 + 1").value == 2
    assert psutil.Process().num_fds() == before


def test_a_cancellation_that_on_console_lets_out_is_not_told_as_the_end_of_the_pool():
    """As `result()` of a future that was cancelled raises."""

    def let_out(_: object) -> None:
        raise asyncio.CancelledError

    with stockade.sync.Pool(workers=1, spares=0) as pool:
        with pytest.raises(asyncio.CancelledError):
            pool.submit("console.log(1)", on_console=let_out).result(60)
        with pytest.raises(asyncio.CancelledError):
            next(pool.map(["console.log(1)"], on_console=let_out))
        assert pool.execute("1 + 1").value == 2


def test_a_blocking_pool_is_not_waited_for_on_its_own_thread():
    """It would wait for itself, and no deadline could end that."""
    told: list[object] = []

    def hook(event: Event) -> None:
        if isinstance(event, RunEnded):
            told.append(pool.stats().workers.running)

    def listen(_: object) -> None:
        for ask in (lambda: pool.execute("2"), pool.close):
            try:
                ask()
            except RuntimeError as error:
                told.append(str(error))

    with stockade.sync.Pool(workers=1, spares=0, on_event=hook) as pool:
        assert pool.execute("console.log(1); 3", on_console=listen).value == 3
    assert told[:2] == ["this is the pool's own thread, which cannot wait for itself: ask from another"] * 2
    assert isinstance(told[2], int)


async def test_a_console_is_listened_to_on_the_loop_of_its_run(pool: Pool):
    handle = pool.submit("console.log(1)")

    async def elsewhere() -> list[object]:
        return [line async for line in handle.console()]

    with pytest.raises(RuntimeError, match="on another event loop"):
        await asyncio.to_thread(asyncio.run, elsewhere())
    assert (await handle).ok


async def test_a_pool_that_was_closed_does_not_start_again():
    async with Pool(workers=1, spares=0) as pool:
        pass
    with pytest.raises(PoolClosed, match="the pool is closed"):
        await pool.start()


def test_nor_does_a_blocking_pool():
    with stockade.sync.Pool(workers=1, spares=0) as pool:
        pass
    with pytest.raises(PoolClosed, match="the pool is closed"):
        pool.start()
