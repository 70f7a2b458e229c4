"""The real pool against a model of it: whatever is submitted, cancelled, killed, outrun or closed, and in any order."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stockade import Pool, PoolClosed, QueueFull, QueueRules, RuntimeConfig
from stockade.handle import RunHandle

WORKERS = 2
MAX_WAITING = 4
PER_TENANT = 2

TENANTS = st.sampled_from(["a", "b", None])
NUMBERS = st.integers(0, 30)


@dataclass
class Modelled:
    """One run as the model knows it: it has come to its gate, and so has a worker, or it waits."""

    number: int
    tenant: str | None
    release: asyncio.Event = field(default_factory=asyncio.Event)
    inside: asyncio.Event = field(default_factory=asyncio.Event)
    handle: RunHandle | None = None  # or the task of a caller of execute()
    caller: asyncio.Task[Any] | None = None


class PoolModel(RuleBasedStateMachine):
    """At most WORKERS runs are inside, the others wait, nothing is lost, and each ends as what was done to it."""

    @initialize(isolation=st.sampled_from(["process", "context"]), spares=st.sampled_from([0, 1, (0, 2)]))
    def open(self, isolation: str, spares: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.descriptors = psutil.Process().num_fds()
        self.processes = set(psutil.Process().children(recursive=True))
        self.live: list[Modelled] = []
        self.outcomes: Counter[str] = Counter()
        self.refused = self.number = 0
        self.closed = False
        self.lost_one: set[asyncio.Task[Any]] = set()  # starts under which the launcher was killed
        self.lost_two = 0  # and those of them under which the next was killed as well
        rules = QueueRules(max_waiting=MAX_WAITING, max_waiting_per_tenant=PER_TENANT)
        config = RuntimeConfig(timeout_seconds=60)
        self.pool = Pool(config, workers=WORKERS, isolation=isolation, spares=spares, queue=rules)  # type: ignore[arg-type]
        self.do(self.pool.start())

    def do(self, awaitable: Any) -> Any:
        async def bounded() -> Any:
            async with asyncio.timeout(60):
                return await awaitable

        return self.loop.run_until_complete(bounded())

    # ---- what may happen ----

    @rule(tenant=TENANTS, blocking=st.booleans())
    def submit(self, tenant: str | None, blocking: bool) -> None:
        self.number += 1
        run = Modelled(self.number, tenant)

        async def gate() -> int:
            run.inside.set()
            await run.release.wait()
            return run.number

        options: dict[str, Any] = {"tenant": tenant, "bindings": {"gate": gate}}

        async def begin() -> None:
            if blocking:
                run.caller = asyncio.create_task(self.pool.execute("await gate()", **options))
                await asyncio.sleep(0)
                if run.caller.done():
                    run.caller.result()
            else:
                run.handle = self.pool.submit("await gate()", **options)

        waiting = self.waiting()
        full = len(waiting) >= MAX_WAITING or sum(each.tenant == tenant for each in waiting) >= PER_TENANT
        if self.closed:
            with pytest.raises(PoolClosed):
                self.do(begin())
        elif len(self.live) >= WORKERS and full:
            with pytest.raises(QueueFull) as refused:
                self.do(begin())
            self.refused += 1
            assert refused.value.running == WORKERS
        else:
            self.do(begin())
            self.live.append(run)

    @precondition(lambda self: self.inside())
    @rule(which=NUMBERS)
    def let_one_finish(self, which: int) -> None:
        run = self.one(self.inside(), which)
        run.release.set()
        result = self.end(run, "returned")
        assert result.value == run.number

    @precondition(lambda self: self.live)
    @rule(which=NUMBERS)
    def cancel(self, which: int) -> None:
        run = self.one(self.live, which)
        was_inside = run in self.inside()
        if run.handle is None:
            self.loop.call_soon(run.caller.cancel)
            with pytest.raises(asyncio.CancelledError):
                self.do(run.caller)
            self.over(run, "cancelled")
        else:
            assert run.handle.state == ("running" if was_inside else "waiting")
            assert run.handle.cancel()
            result = self.end(run, "cancelled")
            assert result.started == was_inside

    @precondition(lambda self: any(run.handle for run in self.inside()))
    @rule(which=NUMBERS)
    def kill_a_running_worker(self, which: int) -> None:
        run = self.one([run for run in self.inside() if run.handle], which)
        os.kill(run.handle._progress.worker.process.child.pid, signal.SIGKILL)
        self.end(run, "worker_crashed")

    @precondition(lambda self: not self.closed)
    @rule()
    def kill_all_that_wait(self) -> None:
        for start in list(self.pool._supply.spares):
            self.do(asyncio.shield(start))
        spares = [start.result() for start in self.pool._supply.spares if start.done()]
        for worker in (*spares, *self.pool._supply.idle):
            if worker.process.child.exited is None:
                os.kill(worker.process.child.pid, signal.SIGKILL)
                self.do(worker.process.child.wait())  # before that, one could be handed out and die in mid-run

    @precondition(lambda self: not self.closed)
    @rule()
    def kill_the_launcher(self) -> None:
        launcher = self.pool._starts.spawner
        if launcher.alive:
            going = set(self.pool._starts._begun)
            self.lost_two += len(going & self.lost_one)
            os.kill(launcher.pid, signal.SIGKILL)
            for run in self.inside():
                self.end(run, "worker_crashed")
            self.do(launcher._ended.wait())
            self.lost_one |= going | self.pool._starts._begun

    @precondition(lambda self: not self.closed and len(self.live) < WORKERS)
    @rule(tenant=TENANTS)
    def overrun(self, tenant: str | None) -> None:
        limits = self.pool.config.model_copy(update={"timeout_seconds": 0.05})
        result = self.do(self.pool.execute("for (;;) {}", config=limits, tenant=tenant))
        assert result.error.kind == "timeout"
        self.outcomes["timeout"] += 1

    @precondition(lambda self: self.number > 5)
    @rule()
    def close(self) -> None:
        inside = self.inside()
        self.do(self.pool.close(drain_seconds=0))
        self.closed = True
        for run in list(self.live):
            if run in inside:
                self.end(run, "cancelled")
            else:
                with pytest.raises(PoolClosed):
                    self.do(run.handle or run.caller)
                self.live.remove(run)

    # ---- what must hold ----

    @invariant()
    def the_pool_is_as_the_model(self) -> None:
        expected = min(WORKERS, len(self.live))
        while len(self.inside()) < expected:  # each free worker takes up one that waits
            news = [self.loop.create_task(run.inside.wait()) for run in self.waiting()]
            self.do(asyncio.wait(news, return_when=asyncio.FIRST_COMPLETED))
            for task in news:
                task.cancel()
        assert len(self.inside()) == expected
        stats = self.pool.stats()
        assert stats.workers.running == expected
        assert stats.queue.waiting == len(self.live) - expected
        assert sum(each.running for each in stats.queue.tenants) == expected
        assert stats.outcomes == self.outcomes
        assert stats.queue.refused_full == self.refused
        assert stats.starts_failed <= self.lost_two  # a start outlives one launcher

    def teardown(self) -> None:
        if not hasattr(self, "pool"):
            return
        try:
            self.close()
            assert not self.live
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            assert not asyncio.all_tasks(self.loop)
            assert psutil.Process().num_fds() == self.descriptors
            assert set(psutil.Process().children(recursive=True)) <= self.processes
        finally:
            self.loop.run_until_complete(self.pool.close(0))
            self.loop.close()

    # ---- the model ----

    def inside(self) -> list[Modelled]:
        return [run for run in self.live if run.inside.is_set()]

    def waiting(self) -> list[Modelled]:
        return [run for run in self.live if not run.inside.is_set()]

    @staticmethod
    def one(of: Any, which: int) -> Any:
        return of[which % len(of)]

    def end(self, run: Modelled, outcome: str) -> Any:
        result = self.do(run.handle or run.caller)
        assert (result.error.kind if result.error else "returned") == outcome
        self.over(run, outcome)
        return result

    def over(self, run: Modelled, outcome: str) -> None:
        self.live.remove(run)
        self.outcomes[outcome] += 1


# Not shrunk: each example starts a pool, and the steps of one that failed are printed as they are.
PoolModel.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.timeout(600)
class TestThePoolIsAsItsModel(PoolModel.TestCase):
    """Collected by pytest under a name that says what it shows."""
