"""The launcher: prepares the layers once, then starts, limits and reaps workers until the supervisor is gone."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import sys
from contextlib import suppress

from . import cgroup, fork, keeper, limits, prepare, syscalls, wire


def main() -> None:
    """Serve the supervisor named on the command line, on the socket named there, until it hangs up."""
    channel_fd, supervisor = int(sys.argv[1]), int(sys.argv[2])
    syscalls.die_with_parent(supervisor, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a supervisor that ignores its children passes that on
    # Sent to every process of a service, these are for the supervisor, which closes in order and then hangs up.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    limits.not_real_time()
    os.set_inheritable(channel_fd, False)  # it came through exec, and must not go through the next
    # A supervisor that was killed may break the connection at any point; the end is the same as after a hang-up.
    with suppress(ConnectionError), socket.socket(fileno=channel_fd) as channel:
        data = channel.recv(wire.MESSAGE_BYTES)
        if not data:  # the supervisor has ended already
            return
        request = wire.decode(data)
        assert isinstance(request, wire.Prepare), "the first message says what to prepare"
        try:
            # Opened now: inside the private root there is no /proc. By a way that is there only if it is mounted.
            proc = os.open("/proc/self/..", os.O_PATH | os.O_DIRECTORY)
            named = os.readlink("self", dir_fd=proc)
        except OSError as error:
            number, reason = error.errno or 0, "/proc is not mounted, and without it no worker can be watched"
            if number in prepare.PASSING:
                reason = os.strerror(number)
            channel.send(wire.encode(wire.Refused(wire.PREPARE_TICKET, number, reason)))
            return
        if named != str(os.getpid()):
            reason = "/proc is of another PID namespace, and without its own no worker can be watched"
            channel.send(wire.encode(wire.Refused(wire.PREPARE_TICKET, 0, reason)))
            return
        group, reason = _group_of(request)
        parent = supervisor if group is None else keeper.stay_behind(channel, supervisor, group)
        try:
            # The signal is not sent for a parent that may not signal us: root without CAP_KILL, we are another user.
            watch = syscalls.pidfd_open(parent)
            confinement, active, missing = prepare.prepare(request, group, reason)
            # Again: the kernel forgets this signal when a process changes its user or capabilities.
            syscalls.die_with_parent(parent, signal.SIGKILL)
        except OSError as error:
            reason = str(error).removeprefix(f"[Errno {error.errno}] ")
            channel.send(wire.encode(wire.Refused(wire.PREPARE_TICKET, error.errno or 0, reason)))
            return
        channel.send(wire.encode(wire.Prepared(active, missing)))
        Server(channel, proc, confinement, group if "cgroup" in active else None, watch).run()


def _group_of(request: wire.Prepare) -> tuple[cgroup.Group | None, str]:
    """The pool's group, or why it has none."""
    if "cgroup" in request.without:
        return None, "left out on request"
    try:
        return cgroup.make(request.cgroup), ""
    except LookupError as error:
        return None, str(error)
    except OSError as error:
        return None, f"its place could not be looked up: {error.strerror}"


# A run that has just been given its worker goes first: forking takes a core for some 2 ms.
QUIET_MS = 10


class Server:
    """The loop over one socket and the pidfds of the parent and of the living workers."""

    def __init__(
        self,
        channel: socket.socket,
        proc: int,
        confinement: prepare.Confinement,
        group: cgroup.Group | None,
        parent: int,
    ) -> None:
        self.channel = channel
        self.proc = proc
        self.confinement = confinement
        self.group = group
        self.poll = select.poll()
        self.poll.register(channel, select.POLLIN)
        self.parent = parent
        self.poll.register(parent, select.POLLIN)
        self.pids: dict[int, int] = {}  # pidfd -> pid, of workers not yet reaped
        self.leaves: dict[int, cgroup.Leaf] = {}  # pid -> its group
        self.starting: set[int] = set()  # pids of workers that are yet to be limited, or to end
        self.next: fork.Waiting | None = None  # the next worker

    def run(self) -> None:
        """Until end-of-file or the parent's end; then no worker is left."""
        try:
            self.fork_ahead()
            while True:
                ready: list[tuple[int, int]] = []
                # Not while Node starts: the two would take each other's time.
                if self.next is None and not self.starting:
                    ready = self.poll.poll(QUIET_MS)
                    if not ready:
                        self.fork_ahead()
                for descriptor, _ in ready or self.poll.poll():
                    if descriptor in self.pids:
                        self.reap(descriptor)
                    elif descriptor == self.parent or not self.serve_one():
                        return
        finally:
            if self.next is not None:
                self.next.close()
            for pidfd in list(self.pids):
                self.reap(pidfd)

    def fork_ahead(self) -> None:
        with suppress(OSError):  # then whoever asks for a worker will try again, and be told
            self.next = fork.ahead(self.proc, self.confinement)
        # For its own sake: to read a message for the first time after a fork takes twice as long.
        wire.decode(wire.encode(wire.Spawn(wire.PREPARE_TICKET, [self.confinement.program.path])))

    def serve_one(self) -> bool:
        """Take one message; False once the supervisor has hung up."""
        data, descriptors = fork.receive(self.channel)
        if not data:
            return False
        try:
            match wire.decode(data):
                case wire.Spawn(ticket, argv):
                    self.spawn(ticket, argv, descriptors)
                case wire.Limit() as limit:
                    self.limit(limit)
                case wire.Kill(pid):
                    if pid in self.pids.values():
                        os.killpg(pid, signal.SIGKILL)
                case other:
                    raise ValueError(f"the supervisor does not send {type(other).__name__}")
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def spawn(self, ticket: int, argv: list[str], given: list[int]) -> None:
        if len(given) not in (3, 4) or argv[:1] != [self.confinement.program.path]:
            return self.refuse(
                ticket, OSError(errno.EINVAL, "a worker is the cage's program on three or four descriptors")
            )
        leaf = pid = None
        try:
            leaf = self.group.leaf() if self.group else None
            pid = self.become(argv, given, leaf)
            pidfd = syscalls.pidfd_open(pid)  # ours and not reaped, so the pid cannot be another's
        except OSError as error:
            if pid is not None:
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            if self.group and leaf:
                self.group.remove(leaf)
            return self.refuse(ticket, error)
        if leaf:
            self.leaves[pid] = leaf
        self.pids[pidfd] = pid
        self.starting.add(pid)
        self.poll.register(pidfd, select.POLLIN)
        try:
            socket.send_fds(self.channel, [wire.encode(wire.Spawned(ticket, pid))], [pidfd])
        except OSError as error:  # nobody is given it; the other workers are none the worse
            os.killpg(pid, signal.SIGKILL)
            self.refuse(ticket, error)
        return None

    def become(self, argv: list[str], given: list[int], leaf: cgroup.Leaf | None) -> int:
        """The pid of the new worker: the one that waits, if there is one and nobody has killed it, or a new one."""
        if waiting := self.next:
            self.next = None
            with suppress(BrokenPipeError, ConnectionResetError, ProcessLookupError):
                return waiting.become(argv, given, leaf)
        return fork.ahead(self.proc, self.confinement).become(argv, given, leaf)

    def limit(self, limit: wire.Limit) -> None:
        self.starting.discard(limit.pid)
        try:
            if limit.pid not in self.pids.values():
                raise ProcessLookupError(errno.ESRCH, "the worker has ended")
            limits.apply_to(limit.pid, limit.data_bytes, limit.no_new_threads)
            if self.confinement.gives_way:
                limits.run_as_others_do(limit.pid)
            leaf = self.leaves.get(limit.pid)
            if self.group and leaf:
                if limit.memory_bytes is not None:
                    leaf.bound(leaf.held() + limit.memory_bytes)
                    self.group.allow()
                if limit.no_new_threads:
                    leaf.no_new_threads()
        except OSError as error:
            return self.refuse(limit.ticket, error)
        self.channel.send(wire.encode(wire.Limited(limit.ticket)))
        return None

    def refuse(self, ticket: int, error: OSError) -> None:
        self.channel.send(wire.encode(wire.Refused(ticket, error.errno or 0, error.strerror or str(error))))

    def reap(self, pidfd: int) -> None:
        """Collect a worker and whatever else is in its group, ended or not: its pid is still its own here."""
        pid = self.pids.pop(pidfd)
        self.starting.discard(pid)
        os.killpg(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        self.poll.unregister(pidfd)
        os.close(pidfd)
        leaf = self.leaves.pop(pid, None)
        outgrown = leaf is not None and leaf.outgrown()
        if self.group and leaf:
            self.group.remove(leaf)
        cpu_seconds = usage.ru_utime + usage.ru_stime
        exited = wire.Exited(pid, os.waitstatus_to_exitcode(status), usage.ru_maxrss, cpu_seconds, outgrown)
        with suppress(OSError):  # the supervisor may be gone, and the rest must still be reaped
            self.channel.send(wire.encode(exited))
