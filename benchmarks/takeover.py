"""Takeover time: from a device process that is killed to the twin that is the station. Part of `make bench`.

In three parts: until the driver knows that the connection is gone (the kernel says so at once where the process dies; a
cable that is cut takes `lost_after` silent requests), then until the station is simulated again.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, latencies
from scenarios.catalogue import Catalogue
from tests.controller.bindings.rig import rig, until

ROUNDS = 5


async def once(folder: Path) -> tuple[float, float]:
    """Seconds from the kill to the twin running, and of these from the lost connection."""
    async with rig(Catalogue().load_line("smart-factory"), folder) as made:
        await made.armed()
        begin_s = time.perf_counter()
        made.machine.kill()
        await until(lambda: made.station.mode == "sim", "takeover")
        return time.perf_counter() - begin_s, made.station.takeover_s or 0.0


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        found = [asyncio.run(once(Path(folder) / str(n))) for n in range(ROUNDS)]
    return [
        *latencies("device process killed to twin running", [total for total, _ in found]),
        *latencies("connection lost to twin running", [own for _, own in found]),
    ]
