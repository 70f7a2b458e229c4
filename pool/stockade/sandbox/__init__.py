"""The operating-system layer: processes that can reach nothing. Knows nothing of scripts, messages or pools."""

from .child import Child, Exit
from .isolation import Isolation
from .launcher import Launcher
from .needs import Cage
from .paths import without_folders
from .plain import PlainLauncher
from .stuck import TASK_LIMIT, unless_stuck

__all__ = [
    "TASK_LIMIT",
    "Cage",
    "Child",
    "Exit",
    "Isolation",
    "Launcher",
    "PlainLauncher",
    "unless_stuck",
    "without_folders",
]
