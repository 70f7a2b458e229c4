import os

import speaking  # noqa: F401 - answers --version

for descriptor in (0, 1, 2):
    os.close(descriptor)
while True:
    pass
