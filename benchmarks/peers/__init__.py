"""Beside other ways to run JavaScript from Python: each in a process of its own, used as its page says."""
