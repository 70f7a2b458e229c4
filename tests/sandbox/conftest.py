from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from stockade.sandbox import Launcher, PlainLauncher

from .support import NODES, cage


@pytest.fixture(params=[Launcher, PlainLauncher], ids=["launcher", "plain"])
async def any_launcher(request: pytest.FixtureRequest) -> AsyncIterator[Launcher]:
    launcher = await request.param.start(cage())
    yield launcher
    await launcher.close()


@pytest.fixture(params=sorted(NODES))
async def launcher(request: pytest.FixtureRequest) -> AsyncIterator[Launcher]:
    launcher = await Launcher.start(cage(NODES[request.param]))
    launcher.node = NODES[request.param]
    yield launcher
    await launcher.close()
