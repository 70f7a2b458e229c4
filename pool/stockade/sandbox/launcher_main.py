"""The launcher's first lines, run by `python -I -S -E -`: nothing but the standard library loads."""

import sys
from importlib import import_module

if __name__ == "__main__":
    # Our own folder, at the end of the path, so that no file of ours can take the place of one in the standard library.
    # Not `stockade.sandbox.inner`: that would run `stockade/__init__.py`, and the launcher needs none of it.
    sys.path.append(sys.argv[3])
    import_module("inner.serve").main()
