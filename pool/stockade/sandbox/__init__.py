"""The operating-system layer: processes that can reach nothing. Knows nothing of scripts, messages or pools."""

from .child import Child, Exit
from .isolation import Isolation
from .launcher import Launcher
from .needs import Cage
from .paths import without_folders
from .plain import PlainLauncher
from .stuck import no_threads, task_limit_told, unless_stuck

__all__ = [
    "Cage",
    "Child",
    "Exit",
    "Isolation",
    "Launcher",
    "PlainLauncher",
    "no_threads",
    "task_limit_told",
    "unless_stuck",
    "without_folders",
]
