import os

import speaking  # noqa: F401 - answers --version

os._exit(3)
