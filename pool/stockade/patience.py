"""A bound on a wait whose clock stands still while this process does, and the process it waits for with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

# Between two looks at the clock. Who comes so much too late for one has been stopped, or held up as long.
LOOK_SECONDS = 0.25


@asynccontextmanager
async def patience(seconds: float) -> AsyncGenerator[None]:
    """As `asyncio.timeout()`, but that the time of a pause does not count.

    A function service stops all processes between two invocations, `docker pause` those of a container. What was
    waited for has then done nothing either, and is late for no fault of its own.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds) as bound:

        def look(due: float) -> None:
            nonlocal timer
            late = loop.time() - due
            ends = bound.when()
            if late > LOOK_SECONDS and ends is not None and not bound.expired():
                bound.reschedule(ends + late)
            timer = look_later()

        def look_later() -> asyncio.TimerHandle:
            due = loop.time() + LOOK_SECONDS
            return loop.call_at(due, look, due)

        timer = look_later()
        try:
            yield
        finally:
            timer.cancel()
