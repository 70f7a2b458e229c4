"""One worker: how it starts, what it may hold, when it is used up."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal, Self

from msgspec import Struct

import stockade_worker
from stockade import memory, verdict
from stockade.config import MIB, RuntimeConfig
from stockade.node import MINIMUM, parse_version
from stockade.patience import patience
from stockade.process import Process
from stockade.result import ExecutionResult, RunError
from stockade.run import Job, Run, Waited
from stockade.sandbox import Exit, Launcher, no_threads, task_limit_told, unless_stuck
from stockade.verdict import Cause, Facts
from stockade_protocol import PROTOCOL_VERSION, ProtocolViolation, Ready, Warm, decode_worker, encode

IsolationMode = Literal["process", "context"]

WORKER_FOLDER = Path(stockade_worker.__file__).resolve().parent

# A worker this old is replaced even if it measures well. A young one is slow for its first few hundred runs.
MAX_RUNS = 10_000

# Ten to 170 dead contexts lie about between collections with ordinary scripts. More, and something keeps them.
MAX_CONTEXTS = 256

# The most that is right for `memory.young_flag`, in MiB: what Node 24 has. A process that is used again keeps most of
# it, out of what its later runs may have, and so gets no more than Node 22 has.
YOUNG_MB = {"process": 64, "context": 16}

# How much more than an idle worker a reused one may keep, as a part of the memory limit.
KEPT_PART = 0.5

# CPU time of a worker between two runs, whose context it makes, in some milliseconds, while V8 may collect.
IDLE_CPU_SECONDS = 1.0

# So long after the end of what it says a worker that is not ready may take to end itself, to be told with how it did.
EXIT_SECONDS = 1.0


class Kind(Struct, frozen=True):
    """What a process was started for; a run can only use a worker of its own kind."""

    node: Path
    memory_limit_mb: int
    line_bytes: int
    stderr_bytes: int
    jitless: bool
    isolation: IsolationMode

    def command(self, *words: str) -> list[str]:
        """The command line; `words` say what the worker is to do, and default to serving runs.

        Queued compile jobs would keep dead contexts alive on Node 24, so there are none. A loop that is hot before its
        function has returned once goes straight to V8's best compiler: by way of the middle one it stays five times
        slower on Node 24, and on Node 22 it is the same either way. Node ends itself where its numbers of what is
        asynchronous do not match, and asks promises for some: a script's may answer what they like.
        """
        flags = [
            memory.heap_flag(self.memory_limit_mb),
            memory.young_flag(self.memory_limit_mb, YOUNG_MB[self.isolation]),
            "--no-concurrent-recompilation",
            "--no-maglev-osr",
            "--disallow-code-generation-from-strings",
            "--no-addons",
            "--unhandled-rejections=none",
            "--no-force-async-hooks-checks",
            *(["--jitless"] if self.jitless else []),
        ]
        return [str(self.node), *flags, str(WORKER_FOLDER / "main.cjs"), *(words or (self.isolation,))]


class StartFailed(Exception):
    """A worker did not become ready; nothing ran in it, and it is gone."""

    def __init__(self, error: RunError, *, late: bool = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.late = late  # it was given all the time there was


class Worker:
    """A process that has said Ready and is held to its limits."""

    def __init__(self, process: Process, kind: Kind) -> None:
        self.process = process
        self.kind = kind
        self.meter = memory.Meter(process.child.pid)
        self.idle_rss = 0
        self.idle_data = 0
        self.runs = 0
        self.contexts = 0  # when it last said how many it holds
        self.says_worn = False
        self.tenant: str | None = None
        self.cancelled_result: ExecutionResult | None = None  # of the run whose caller raised, or was cancelled
        self.idle_since = 0.0  # by time.monotonic(), when it was last given back
        self.idle_cpu = 0.0  # the CPU time it had used by then

    @classmethod
    async def start(
        cls,
        spawner: Launcher,
        kind: Kind,
        timeout_seconds: float,
        process_type: type[Process] = Process,
        code: int | None = None,
    ) -> Self:
        """Spawns a process, hears it say Ready, and bounds its memory. Raises StartFailed.

        `code` is the descriptor of `stockade.code`, if there is one.
        """
        argv = kind.command() if code is None else kind.command(kind.isolation, "compiled")
        worker = None
        try:
            async with patience(timeout_seconds):
                with task_limit_told():
                    process = await process_type.start(
                        spawner, argv, line_bytes=kind.line_bytes, stderr_bytes=kind.stderr_bytes, code=code
                    )
                worker = cls(process, kind)
                await worker._become_ready(spawner)
        except (ProtocolViolation, OSError) as error:
            late = isinstance(error, TimeoutError)
            detail = f"it was not ready within {timeout_seconds:g} seconds" if late else str(error)
            if worker is None:
                if isinstance(error, OSError) and not late:  # its text may name the program
                    detail = error.strerror or "the process could not be spawned"
                raise StartFailed(verdict.start_failed(detail), late=late) from None
            raise StartFailed(await worker._failed_start(detail), late=late) from None
        except BaseException:
            if worker is not None:
                await worker.close()
            raise
        return worker

    async def _become_ready(self, spawner: Launcher) -> None:
        ready = await self._first_message()
        if ready.version != PROTOCOL_VERSION:
            raise ProtocolViolation(f"it speaks protocol {ready.version}, and this supervisor {PROTOCOL_VERSION}")
        version = parse_version(ready.node)
        if version is None or version[:2] < MINIMUM:
            raise ProtocolViolation(f"it says it runs Node.js {ready.node!r}, which is too old")
        self.idle_rss, data = self.meter.held()
        if data is None and sys.platform == "linux":
            why = f" ({self.meter.unreadable})" if self.meter.unreadable else ""
            raise OSError(f"what it holds cannot be read, and so not be bounded{why}")
        self.idle_data = data or 0
        data_bytes = memory.data_limit(data, self.kind.memory_limit_mb)
        memory_bytes = self.kind.memory_limit_mb * MIB
        await spawner.limit(self.process.child, data_bytes=data_bytes, memory_bytes=memory_bytes, no_new_threads=True)

    async def _first_message(self) -> Ready:
        with unless_stuck(self.process.child):
            line = await self.process.line()
        if line is None:
            with suppress(TimeoutError):  # it may have closed its pipe and live on
                async with asyncio.timeout(EXIT_SECONDS):
                    await self.process.child.wait()
            exited = self.process.child.exited
            how = verdict.how_it_ended(exited.returncode if exited else None)
            raise ProtocolViolation(f"it {how} before it was ready")
        message = decode_worker(line)
        if not isinstance(message, Ready) or self.process.has_lines:
            raise ProtocolViolation("it said something else than `ready`")
        return message

    async def _failed_start(self, detail: str) -> RunError:
        self.process.kill(Cause.START)
        exit_ = await self.close()
        facts = Facts(
            config=RuntimeConfig(),
            returncode=exit_.returncode if exit_ else None,
            stderr_tail=self.process.stderr_tail,
            detail=no_threads(self.process.stderr_tail) or detail,
        )
        return verdict.of_cause(Cause.START, facts)

    def warm(self) -> None:
        """Lets an idle worker load its parser ahead of need."""
        if self.usable:
            self.process.write(encode(Warm()))

    @property
    def idle(self) -> bool:
        """Whether its last run has ended as runs should, it was heard to say no more, and nobody has killed it."""
        return self.process.cause is None and not self.process.was_heard

    @property
    def usable(self) -> bool:
        """Whether it is idle, and has said nothing that is still in its pipe."""
        return self.process.cause is None and not self.process.has_spoken

    @property
    def worn(self) -> bool:
        """Whether a reused worker holds too much, has served long enough, or says that it is."""
        kept = int(self.kind.memory_limit_mb * MIB * KEPT_PART)
        # Both, because the kernel refuses by the second what the next run would need, whatever is resident.
        resident, data = self.meter.last  # at the end of its run
        grown = max(resident - self.idle_rss, (data or 0) - self.idle_data)
        unfit = self.says_worn or self.process.is_deaf
        return unfit or self.runs >= MAX_RUNS or self.contexts > MAX_CONTEXTS or grown > kept

    def rest(self) -> None:
        """Called when it is given back after a run."""
        self.idle_since = time.monotonic()
        self.idle_cpu = self.meter.cpu_seconds()

    def look(self) -> None:
        """Between two runs: native code of the one before may go on in it, and is held to what a run may have."""
        if self.meter.resident() > self.idle_rss + self.kind.memory_limit_mb * MIB:
            self.kill(Cause.MEMORY)
        elif self.meter.cpu_seconds() > self.idle_cpu + IDLE_CPU_SECONDS:
            self.kill(Cause.COMPUTE)

    async def run(self, job: Job, waited: Waited) -> ExecutionResult:
        """Runs one script to its end, whatever that is. Afterwards the worker is idle, or dying."""
        self.runs += 1
        run = Run(self.process, self.meter, self.idle_rss, job, is_first=self.runs == 1)
        try:
            ending = await run.converse()
            if ending is None and self.process.cause is None:
                await self.close()  # it ended by itself: how it exited is all there is to tell why
            if ending is not None:
                self.contexts = ending.contexts or self.contexts
                self.says_worn = ending.worn
            return run.outcome(ending, waited)
        except BaseException:
            self.kill(Cause.CANCELLED)
            self.cancelled_result = run.outcome(None, waited)
            raise

    def kill(self, cause: Cause) -> None:
        """Ends it at once; the run in it, if any, ends with this cause."""
        if self.process.cause is None:  # once it is gone there is nothing to be seen
            self.meter.last_look()
        self.process.kill(cause)

    async def close(self) -> Exit | None:
        """Kills it if it still lives, waits for its end and gives everything back. Returns how it exited."""
        try:
            return await self.process.reap()
        finally:
            self.meter.close()
