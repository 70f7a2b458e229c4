"""Starts workers through the launcher process, and hears from it how they ended."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import IsolationUnavailable
from .child import Child, Exit
from .inner import syscalls, wire
from .isolation import Isolation, report
from .needs import NOT_WHOLE, Cage
from .probe import FILTERED, self_test
from .stuck import task_limit_told

# From hang-up to an empty house. The launcher kills and reaps within milliseconds; past this it is killed itself.
CLOSE_SECONDS = 5.0

# The launcher may be imported late on a busy machine; past this it is broken, and the pool should say so.
START_SECONDS = 30.0


class Launcher:
    """Lives and dies with the pool: one launcher process and every worker it started."""

    isolation: Isolation
    takes_code = True
    """Whether `spawn` can hand a worker a fourth descriptor."""

    def __init__(self, channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
        self._loop = asyncio.get_running_loop()
        self._channel = channel
        self._process = process
        self._tickets: dict[int, asyncio.Future[Child | None]] = {}
        self._next_ticket = 0
        self._children: dict[int, tuple[Child, int]] = {}  # pid -> child, its pidfd; not yet reaped
        self._outbox: deque[tuple[wire.Message, bytes, Sequence[int]]] = deque()  # only while the socket is full
        self._prepared: asyncio.Future[wire.Prepared] = self._loop.create_future()
        self._ended = asyncio.Event()
        self._loop.add_reader(channel.fileno(), self._on_readable)  # some loops take numbers alone, as rloop does

    @property
    def pid(self) -> int:
        """The launcher process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can still start workers."""
        return self._channel.fileno() >= 0

    @classmethod
    async def start(
        cls, cage: Cage, *, meanwhile: Callable[[Launcher], None] | None = None, _without: Iterable[str] = ()
    ) -> Launcher:
        """A launcher whose workers have every layer this machine offers; `isolation` tells which.

        `meanwhile` is called, perhaps, once workers can be started and before the self-test has shown what holds
        them: nothing may run in them until this returns, and if it raises they are gone.

        Call it on a thread that lives as long as the pool: the kernel takes the end of the thread that started the
        launcher for the end of its parent. OSError if no worker can start under the layers: those that a machine
        lacks are done without, but none is ever dropped because something went wrong.
        """
        cage.check()
        reason = "left out on request" if "launcher" in _without else _why_no_launcher()
        if reason is not None:
            from .plain import PlainLauncher

            return await PlainLauncher.start(cage, reason=reason)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        os.set_blocking(theirs.fileno(), True)  # gevent's are born without, and the launcher would not wait
        try:
            with theirs, task_limit_told():
                process = _popen(theirs)
        except BaseException:
            ours.close()
            raise
        try:
            launcher = cls(ours, process)
        except BaseException:  # the loop can watch no more descriptors
            ours.close()
            process.kill()
            process.wait()
            raise
        try:
            with task_limit_told():
                await launcher._prepare(cage, tuple(_without), meanwhile)
        except BaseException as error:
            ending = asyncio.create_task(launcher.close())
            while not ending.done():  # anyio cancels on and on, and the loop may end right after
                with suppress(asyncio.CancelledError):
                    await asyncio.shield(ending)
            if isinstance(error, ConnectionResetError) and process.returncode == -signal.SIGSYS:
                raise OSError(FILTERED.format("the launcher")) from None
            raise
        return launcher

    async def spawn(
        self, argv: Sequence[str], *, stdin: int, stdout: int, stderr: int, code: int | None = None
    ) -> Child:
        """A new worker on these descriptors, which the caller closes afterwards. OSError if it cannot start.

        `code`, where `takes_code`, is for it to read: its own compiled modules, as descriptor 63.
        """
        descriptors = (stdin, stdout, stderr, *(() if code is None else (code,)))
        child = await self._ask(lambda ticket: wire.Spawn(ticket, list(argv)), descriptors)
        assert child is not None
        return child

    async def limit(
        self, child: Child, *, data_bytes: int | None, no_new_threads: bool, memory_bytes: int | None = None
    ) -> None:
        """Tighten a living worker, and let it start no further thread. ProcessLookupError if it has ended.

        `data_bytes` is its RLIMIT_DATA; `memory_bytes` is what its cgroup, if it has one, may hold beyond what it
        holds now.
        """
        if child.exited is not None:
            raise ProcessLookupError(f"worker {child.pid} has ended")
        await self._ask(lambda ticket: wire.Limit(ticket, child.pid, data_bytes, memory_bytes, no_new_threads))

    async def close(self) -> None:
        """Hang up, and wait until neither the launcher nor any worker is left. May be called again."""
        with suppress(OSError):  # it may have hung up first
            self._channel.shutdown(socket.SHUT_WR)
        for child, _ in list(self._children.values()):
            child.kill()
        try:
            await asyncio.wait_for(self._ended.wait(), CLOSE_SECONDS)
        except TimeoutError:
            self._process.kill()
            with suppress(TimeoutError):  # the kernel would not let go
                await asyncio.wait_for(self._ended.wait(), CLOSE_SECONDS)

    async def _prepare(
        self, cage: Cage, without: tuple[str, ...], meanwhile: Callable[[Launcher], None] | None
    ) -> None:
        readable = [str(path) for path in cage.readable]
        self._send(wire.Prepare(str(cage.node), readable, list(without), os.environ.get("STOCKADE_CGROUP") or None))
        try:
            prepared = await asyncio.wait_for(self._prepared, START_SECONDS)
        except TimeoutError:
            raise TimeoutError(f"the launcher was not ready within {START_SECONDS:g} seconds") from None
        if meanwhile is not None:
            meanwhile(self)
        # The kernel does not count the threads of uid 0, so the self-test decides.
        active = prepared.active | ({} if "no_new_threads" in without else {"no_new_threads": "RLIMIT_NPROC"})
        failed = {} if "self-test" in without else await self_test(self, cage)
        active = {name: detail for name, detail in active.items() if name not in failed}
        self.isolation = report("launcher", active, failed | prepared.missing)
        if cage.require_full and self.isolation.missing:
            raise IsolationUnavailable(self.isolation.missing)

    async def _ask(self, message: Callable[[int], wire.Message], descriptors: Sequence[int] = ()) -> Child | None:
        """What the launcher answers to a message that carries this ticket."""
        if self._channel.fileno() < 0:
            raise ConnectionResetError("the launcher has ended")
        self._next_ticket += 1
        ticket = self._next_ticket
        answer = self._tickets[ticket] = self._loop.create_future()
        try:
            self._send(message(ticket), descriptors)
            return await answer
        except asyncio.CancelledError:
            # The answer may have come in the same turn as the cancellation; then nobody else knows this worker.
            if answer.done() and not answer.cancelled() and not answer.exception():
                child = answer.result()
                if child is not None:
                    child.kill()
            raise
        finally:
            self._tickets.pop(ticket, None)

    def _send(self, message: wire.Message, descriptors: Sequence[int] = ()) -> None:
        # Copies, because a caller that is cancelled closes its own while the message may still wait here.
        copies: list[int] = []
        try:
            copies.extend(map(os.dup, descriptors))
        except OSError:
            _close(copies)
            raise
        self._outbox.append((message, wire.encode(message), copies))
        self._flush()

    def _flush(self) -> None:
        while self._outbox:
            message, data, descriptors = self._outbox[0]
            try:
                socket.send_fds(self._channel, [data], list(descriptors))
            except BlockingIOError:
                self._loop.add_writer(self._channel.fileno(), self._flush)
                return
            except ConnectionError:
                pass  # it has ended; end-of-file will tell everyone who waits
            except OSError as error:  # no memory, or too many descriptors are under way
                self._unsent(message, error)
            self._outbox.popleft()
            _close(descriptors)
        self._loop.remove_writer(self._channel.fileno())

    def _unsent(self, message: wire.Message, error: OSError) -> None:
        match message:
            case wire.Prepare():
                self._refuse(wire.PREPARE_TICKET, error)
            case wire.Spawn() | wire.Limit():
                self._refuse(message.ticket, error)
            case _:  # Kill: a worker that cannot be ended alone is ended with all the others
                with suppress(OSError):
                    self._channel.shutdown(socket.SHUT_WR)

    def _on_readable(self) -> None:
        while True:
            try:
                data, descriptors, _, _ = socket.recv_fds(self._channel, wire.MESSAGE_BYTES, 1)
            except BlockingIOError:
                return
            except OSError:
                data, descriptors = b"", []
            if not data:
                self._hung_up()
                return
            self._take(wire.decode(data), descriptors)

    def _take(self, message: wire.Message, descriptors: list[int]) -> None:
        match message:
            case wire.Prepared():
                if not self._prepared.done():
                    self._prepared.set_result(message)
            case wire.Spawned(ticket, pid) if not descriptors:  # we had none left to receive it with
                self._send(wire.Kill(pid))
                self._refuse(ticket, OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
            case wire.Spawned(ticket, pid):
                self._spawned(ticket, pid, descriptors[0])
            case wire.Limited(ticket):
                self._resolve(ticket, None)
            case wire.Refused(ticket, number, reason):
                self._refuse(ticket, OSError(number, reason) if number else OSError(reason))
            case wire.Exited(pid, returncode, max_rss_kb, cpu_seconds, outgrown):
                self._exited(pid, Exit(returncode, max_rss_kb, cpu_seconds, outgrown))
            case other:
                raise ValueError(f"the launcher does not send {type(other).__name__}")

    def _spawned(self, ticket: int, pid: int, pidfd: int) -> None:
        child = Child(pid, lambda: self._kill(pid, pidfd))
        self._children[pid] = child, pidfd
        if not self._resolve(ticket, child):
            child.kill()  # whoever asked for it was cancelled

    def _resolve(self, ticket: int, result: Child | None) -> bool:
        answer = self._tickets.pop(ticket, None)
        if answer is None or answer.done():
            return False
        answer.set_result(result)
        return True

    def _refuse(self, ticket: int, error: OSError) -> None:
        answer = self._prepared if ticket == wire.PREPARE_TICKET else self._tickets.pop(ticket, None)
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _kill(self, pid: int, pidfd: int) -> None:
        try:
            syscalls.pidfd_send_signal(pidfd, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except OSError:  # it has another uid and we lack CAP_KILL, or a filter knows no such call; the launcher may
            if self.alive:  # else it dies of the launcher's end
                self._send(wire.Kill(pid))

    def _exited(self, pid: int, exited: Exit) -> None:
        child, pidfd = self._children.pop(pid, (None, -1))
        if child is not None:  # else one whose pidfd was lost, and which nobody was given
            os.close(pidfd)
            child.ended(exited)

    def _hung_up(self) -> None:
        """The launcher has ended or is about to: nothing is pending any more, and its workers die with it."""
        self._loop.remove_reader(self._channel.fileno())
        self._loop.remove_writer(self._channel.fileno())
        self._channel.close()
        gone = ConnectionResetError("the launcher has ended")
        for answer in (*self._tickets.values(), self._prepared):
            if not answer.done():
                answer.set_exception(gone)
        self._tickets.clear()
        for *_, unsent in self._outbox:
            _close(unsent)
        self._outbox.clear()
        for pid, (_, pidfd) in list(self._children.items()):
            try:
                self._loop.add_reader(pidfd, self._orphan_ended, pid, pidfd)
            except OSError:  # it can watch no more descriptors
                self._exited(pid, Exit(-signal.SIGKILL, 0, 0.0))
        self._await_launcher()

    def _orphan_ended(self, pid: int, pidfd: int) -> None:
        """A worker whose launcher died: its status went to init, its death was by parent-death signal."""
        self._loop.remove_reader(pidfd)
        with suppress(ChildProcessError):  # or we are its init, as the first process of a container often is
            os.waitid(syscalls.P_PIDFD, pidfd, os.WEXITED | os.WNOHANG)
        self._exited(pid, Exit(-signal.SIGKILL, 0, 0.0))
        self._settle()

    def _await_launcher(self) -> None:
        def reap() -> None:
            self._loop.remove_reader(pidfd)
            os.close(pidfd)
            self._process.wait()
            self._settle()

        pidfd = -1
        try:
            pidfd = syscalls.pidfd_open(self._process.pid)
            self._loop.add_reader(pidfd, reap)
        except OSError:  # we ignore SIGCHLD, or somebody else has waited for it; EINVAL while others are of its session
            if pidfd >= 0:
                os.close(pidfd)
            self._process.wait()
            self._settle()

    def _settle(self) -> None:
        if self._process.returncode is not None and not self._children:
            self._ended.set()


def _why_no_launcher() -> str | None:
    """What this platform lacks for a launcher, or None. OSError where it may have it and we too little."""
    if sys.platform != "linux":
        return f"{sys.platform} has neither Landlock nor seccomp"
    if not sys.executable or getattr(sys, "frozen", False):
        return "there is no Python interpreter to run it"
    try:
        os.close(syscalls.pidfd_open(os.getpid()))
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise
        return f"the kernel gives no pidfd ({error.strerror})"
    return None


def _interpreter() -> str:
    """What runs the launcher. Where Python is embedded, `sys.executable` may be what embeds it, as uWSGI is."""
    name = Path(sys.executable).name
    if "python" not in name and "pypy" not in name:
        beside = Path(sys.exec_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
        if os.access(beside, os.X_OK):
            return str(beside)
    return sys.executable


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _popen(channel: socket.socket) -> subprocess.Popen[bytes]:
    """The launcher process. Popen without preexec_fn uses vfork, whose cost does not grow with our memory."""
    main = Path(__file__).with_name("launcher_main.py")
    if not main.is_file():
        raise FileNotFoundError(NOT_WHOLE.format(main.name))
    # In a program that has closed its stdin or stdout the channel may have their number, and Popen puts another there.
    number = fcntl.fcntl(channel, fcntl.F_DUPFD_CLOEXEC, 3)
    # From its stdin: debuggers leave only such a program alone. Into another they bring themselves, with threads and a
    # connection that no launcher may have.
    command = [_interpreter(), "-I", "-S", "-E", "-", str(number), str(os.getpid()), str(Path(__file__).parent)]
    try:
        with main.open("rb") as program:
            return subprocess.Popen(
                command,
                stdin=program,
                stdout=subprocess.DEVNULL,
                stderr=None,  # a launcher that cannot even start should be heard
                # Nothing but what this very interpreter may need to load; workers get none of it.
                env={name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ},
                cwd="/",
                pass_fds=(number,),
                start_new_session=True,  # Ctrl-C is for the supervisor, which then closes in order
            )
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOSYS) and error.filename in ("/", None):  # Popen names its folder
            raise OSError(error.errno, f"fork or setsid: {error.strerror}") from None
        raise
    finally:
        os.close(number)
