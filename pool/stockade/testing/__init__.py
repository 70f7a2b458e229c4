"""For tests of bindings, of retries and of whole runs: record and replay a run's calls."""

from stockade.testing.difference import Difference
from stockade.testing.recorder import Recording, record
from stockade.testing.recording import InvalidRecording
from stockade.testing.replayer import Replay, replay

__all__ = ["Difference", "InvalidRecording", "Recording", "Replay", "record", "replay"]
