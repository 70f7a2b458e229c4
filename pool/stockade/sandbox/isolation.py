"""The report of what stands between a worker and the machine: truthful, layer by layer."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["full", "partial", "process-only"]

# Each layer with what it is good for, in the order of the report.
LAYERS = {
    "environment": "no environment but OPENSSL_CONF, TZ (musl: LD_LIBRARY_PATH), the folder / and three pipes alone",
    "parent_death": "ends with the supervisor, even by SIGKILL",
    "limits": "no core files, no file writes, few descriptors, first to go when memory runs out",
    "no_new_privileges": "no set-uid program can lift it",
    "unprivileged_user": "a user that owns nothing",
    "landlock": "no file but its own, no TCP, no signals to others, no abstract sockets",
    "seccomp": "no sockets, processes, programs, signals or any other call Node does not need",
    "private_root": "no path but its own exists, so nothing can be seen by stat",
    "private_network": "no network interface, and a host name that tells nothing",
    "no_new_threads": "no thread after start-up",
    "cgroup": "all memory counted by the kernel, a bound for each worker and one for the pool",
}

# Good to have, and few machines give it: memory is bounded without it too, so `full` does not ask for it.
OPTIONAL = ("cgroup",)

# These two alone keep an escaped script from files, sockets and programs; without both it is a bare process.
WALLS = ("landlock", "seccomp")


@dataclass(frozen=True)
class Layer:
    """One layer: in force or not, and if not, why."""

    name: str
    purpose: str
    active: bool
    optional: bool = False  # `full` does without it
    detail: str = ""
    unavailable_because: str | None = None


@dataclass(frozen=True)
class Isolation:
    """What the workers of one pool really have. Probed as its launcher starts, so anew if that dies."""

    platform: str
    launcher: Literal["launcher", "plain"]
    layers: tuple[Layer, ...]

    @property
    def level(self) -> Level:
        """`full`: every layer but the optional. `process-only`: neither Landlock nor seccomp. `partial`: in between."""
        if not self.missing:
            return "full"
        return "partial" if any(layer.active for layer in self.layers if layer.name in WALLS) else "process-only"

    @property
    def missing(self) -> Mapping[str, str]:
        """The layers that are not in force, with the reason of each; not the optional ones."""
        return {
            layer.name: layer.unavailable_because or "unknown"
            for layer in self.layers
            if not layer.active and not layer.optional
        }

    def table(self) -> list[tuple[str, str, str]]:
        """Rows for a person: layer, "active", "missing" or (if optional) "absent", and the detail or the reason."""
        return [
            (layer.name, "active", layer.detail or layer.purpose)
            if layer.active
            else (layer.name, "absent" if layer.optional else "missing", layer.unavailable_because or "")
            for layer in self.layers
        ]


def report(launcher: Literal["launcher", "plain"], active: Mapping[str, str], missing: Mapping[str, str]) -> Isolation:
    """The report from what the launcher applied. A layer nobody spoke of counts as missing."""
    return Isolation(
        platform=f"{sys.platform} {platform.machine()}",
        launcher=launcher,
        layers=tuple(
            Layer(
                name=name,
                purpose=purpose,
                active=name in active,
                optional=name in OPTIONAL,
                detail=active.get(name, ""),
                unavailable_because=None if name in active else missing.get(name, "left out on request"),
            )
            for name, purpose in LAYERS.items()
        ),
    )
