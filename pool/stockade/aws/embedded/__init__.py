"""A small AWS on this machine, to try scripts against: moto's server in a child process, already filled."""

from stockade.aws.embedded.world import EmbeddedWorld

__all__ = ["EmbeddedWorld"]
