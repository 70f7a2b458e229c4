"""Chooses the layers this machine offers, by trying them in a child first, and puts the launcher under them.

What the launcher enters once (namespaces, the root, the user), its workers inherit. Landlock and seccomp are only
built here; `restrict_files` and `last_layer` are for each worker.
"""

# pathlib would add to what the launcher loads before the first worker can start.
# ruff: noqa: PTH118, PTH120
from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from . import identity, landlock, limits, namespaces, seccomp, syscalls
from .cgroup import Group
from .files import ENVIRONMENT, Files, needed
from .wire import Prepare

Result = TypeVar("Result")


class Confinement(NamedTuple):
    """What a worker puts on between fork and exec."""

    program: syscalls.Program
    ruleset: int | None
    filter: bytes | None
    gives_way: bool = True
    environment: dict[str, str] = ENVIRONMENT


class StepFailed(Exception):
    """One layer cannot be had here, and why."""

    def __init__(self, layer: str, reason: str) -> None:
        super().__init__(layer, reason)
        self.layer = layer
        self.reason = reason


# Entered in this order; each needs rights that a later one gives up.
ENTERED = ("cgroup", "private_network", "private_root", "landlock", "unprivileged_user")

# In the place of a layer's name, where a rehearsal ended by a signal.
KILLED = "killed"

# Nothing that a machine lacks: what is out now may be there the next time.
PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)


def prepare(
    request: Prepare, group: Group | None, why_no_group: str
) -> tuple[Confinement, dict[str, str], dict[str, str]]:
    """Put this process under all it can have. Returns what each worker needs, the active layers, the missing ones."""
    files = needed(request.node, request.readable)
    missing = {} if group else {"cgroup": why_no_group}
    os.umask(0o022)  # the folders of the private root, in a rehearsal too, must be passable for the workers' user
    plan = _plan(request, files, group, missing)
    try:
        ruleset, active = _enter(plan, request, files, group)
    except StepFailed as failed:  # and in the rehearsal it worked
        raise OSError(f"{failed.layer}: {failed.reason}") from None
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.bound_capabilities()
    syscalls.drop_capabilities()
    # Not even a process of the same user may trace the launcher or read its memory.
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    program = syscalls.Program(request.node)
    filter_program, reason = _filter(request, program)
    if filter_program is not None:
        active["seccomp"] = f"{os.uname().machine}, {len(filter_program) // 8} instructions"
    else:
        missing["seccomp"] = reason
    active |= {"environment": "", "parent_death": "", "limits": "", "no_new_privileges": ""}
    # No layer, and nothing is lost without; but a filter may end whoever asks for it.
    gives_way = _rehearse(limits.give_way) is None
    return Confinement(program, ruleset, filter_program, gives_way, files.environment), active, missing


def restrict_files(confinement: Confinement) -> None:
    """Put a worker under Landlock."""
    if confinement.ruleset is not None:
        syscalls.landlock_restrict_self(confinement.ruleset)


def last_layer(confinement: Confinement) -> Callable[[], None]:
    """Made ahead, the last step of a worker: after this it can do nothing but exec."""
    if confinement.filter is None:
        return lambda: None
    return syscalls.SeccompFilter(seccomp.with_own_pid(confinement.filter, os.getpid())).install


def _plan(request: Prepare, files: Files, group: Group | None, missing: dict[str, str]) -> list[str]:
    """The layers that can be entered together: each that fails in a rehearsal is left out, and the rest tried again.

    Why it was left out is added to `missing`.
    """

    def rehearse(layers: Sequence[str]) -> tuple[str, str] | None:
        return _rehearse(lambda: _enter(layers, request, files, group))

    missing |= {layer: "left out on request" for layer in ENTERED if layer in request.without}
    plan = [layer for layer in ENTERED if layer not in missing]
    while True:
        failed = rehearse(plan)
        if failed is None:
            return plan
        layer, reason = failed
        if layer == KILLED:  # the first layer with which it happens
            shorter = (plan[: count + 1] for count in range(len(plan)))
            layer = next((some[-1] for some in shorter if rehearse(some)), KILLED)
        if layer not in plan:
            raise OSError(f"{layer}: {reason}")
        plan = [kept for kept in plan if kept != layer]
        missing[layer] = reason


def _rehearse(act: Callable[[], object]) -> tuple[str, str] | None:
    """Do it in a child, whose namespaces vanish with it. None, or the layer that failed and why.

    The supervisor may be under a filter that ends whoever makes a call. Then it is KILLED: nobody is left to say where.
    """
    said, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except StepFailed as failed:
            os.write(say, json.dumps([failed.layer, failed.reason]).encode())
        except OSError as error:  # a passing fault, which names its layer
            os.write(say, json.dumps(["rehearsal", error.strerror or str(error)]).encode())
        except BaseException as error:
            os.write(say, json.dumps(["rehearsal", f"{type(error).__name__}: {error}"]).encode())
        os._exit(0)
    os.close(say)
    with os.fdopen(said, "rb") as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) != signal.SIGSYS:  # a passing fault must not cost a layer
            raise OSError(f"a rehearsal of the layers was ended by signal {os.WTERMSIG(status)}")
        return KILLED, "a process that tried it was ended by SIGSYS"
    return tuple(json.loads(text)) if text else None


def _enter(
    plan: Sequence[str], request: Prepare, files: Files, group: Group | None
) -> tuple[int | None, dict[str, str]]:
    """Enter the layers of a plan. Returns the Landlock ruleset, if planned, and a detail for each layer."""
    details: dict[str, str] = {}
    ruleset: int | None = None
    as_root = os.geteuid() == 0
    user = os.geteuid()
    if "unprivileged_user" in plan and as_root:
        user = _step("unprivileged_user", identity.unused_id)
    if group and "cgroup" in plan:
        _step("cgroup", lambda: group.enter(user))
    if not as_root and ("private_network" in plan or "private_root" in plan):
        # If this fails both go, one rehearsal after the other.
        _step("private_network" if "private_network" in plan else "private_root", namespaces.enter_user_namespace)
    if "private_network" in plan:
        _step("private_network", namespaces.enter_private_network)
        details["private_network"] = ""
    if "private_root" in plan:
        _step("private_root", lambda: namespaces.enter_private_root(files))
        details["private_root"] = f"{len(namespaces.outermost(files))} mounts"
    if "landlock" in plan:
        ruleset, abi = _step("landlock", lambda: landlock.ruleset(files, _newest_landlock(request)))
        details["landlock"] = f"ABI {abi}"
    if "unprivileged_user" in plan:
        if as_root:
            _step("unprivileged_user", lambda: identity.become(user))
            _step("unprivileged_user", lambda: _can_read(user, files))
        details["unprivileged_user"] = f"uid {user}" + ("" if as_root else ", the supervisor's own")
    if group and "cgroup" in plan:
        _step("cgroup", group.try_out)
        details["cgroup"] = f"below {os.path.dirname(group.path)}"
    return ruleset, details


def _newest_landlock(request: Prepare) -> int:
    """What tests ask for as `landlock>3` in `without`: the ABI of an older kernel."""
    capped = [int(word.removeprefix("landlock>")) for word in request.without if word.startswith("landlock>")]
    return min([landlock.NEWEST_ABI, *capped])


def _can_read(user: int, files: Files) -> None:
    """The unprivileged user needs to read what root installed: not so below /root without a private root, or with a
    strict umask."""
    for path in (*files.programs, *files.readable):
        inside = (os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
        for one in (path, *inside):
            if not os.access(one, os.R_OK):
                raise PermissionError(f"uid {user} could not read {one}")


def _filter(request: Prepare, program: syscalls.Program) -> tuple[bytes | None, str]:
    """The seccomp filter, or why there is none."""
    machine = os.uname().machine
    if "seccomp" in request.without:
        return None, "left out on request"
    reason = seccomp.unavailable(machine)
    if reason is not None:
        return None, reason
    filter_program = seccomp.program(machine, program.address)
    failed = _rehearse(lambda: _step("seccomp", syscalls.SeccompFilter(filter_program).install))
    if failed is None:
        return filter_program, ""
    layer, reason = failed
    if layer not in ("seccomp", KILLED):
        raise OSError(f"{layer}: {reason}")
    return None, reason


def _step(layer: str, act: Callable[[], Result]) -> Result:
    try:
        return act()
    except (OSError, LookupError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in PASSING:
            raise OSError(error.errno, f"{layer}: {os.strerror(error.errno)}") from None
        raise StepFailed(layer, str(error.strerror or error) if isinstance(error, OSError) else str(error)) from None
