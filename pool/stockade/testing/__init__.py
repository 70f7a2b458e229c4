"""For tests of bindings, of retries and of whole runs: faults on purpose, and a run's calls recorded and replayed."""

from stockade.testing.difference import Difference
from stockade.testing.faults import Faults, Injected
from stockade.testing.points import Point, at_call, at_console, at_script, at_start, before_ending
from stockade.testing.recorder import Recording, record
from stockade.testing.recording import InvalidRecording
from stockade.testing.replayer import Replay, replay

__all__ = [
    "Difference",
    "Faults",
    "Injected",
    "InvalidRecording",
    "Point",
    "Recording",
    "Replay",
    "at_call",
    "at_console",
    "at_script",
    "at_start",
    "before_ending",
    "record",
    "replay",
]
