"""The operating-system layer: processes that can reach nothing. Knows nothing of scripts, messages or pools."""

from .child import Child, Exit
from .isolation import Isolation
from .launcher import Launcher
from .needs import Cage
from .paths import without_folders
from .plain import PlainLauncher

__all__ = ["Cage", "Child", "Exit", "Isolation", "Launcher", "PlainLauncher", "without_folders"]
