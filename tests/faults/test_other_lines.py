"""Faults of the catalogue that need other lines: touching parts, a ghost bin, a shifted place, vehicles, tags, orders.

Each has a line of its own, so these tests open and close one each; they run in `make test-long`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from controller.clock import SystemClock
from sim.components.rfid import Rfid, uid_of
from sim.components.warehouse import Rack
from tests.faults.covered import covers
from tests.faults.live import LiveLine

CLOCK = SystemClock()


@asynccontextmanager
async def on(line: str, folder: Path, seconds: float) -> AsyncIterator[LiveLine]:
    live = await LiveLine.open(line, folder)
    try:
        await live.anew(seconds)
        yield live
    finally:
        await live.close()


@pytest.mark.long
@covers(4)
async def test_touching_parts_read_as_one_long_pulse(tmp_path: Path) -> None:
    async with on("from-a-to-b", tmp_path, 60) as live:
        station = next(iter(live.line.plant.units))
        eye, index = f"{station}.eye_a", live.line.tags.find(f"{station}.eye_a").index  # type: ignore[union-attr]
        edges: list[tuple[int, bool]] = []
        live.line.listen(lambda t, k, s, d: edges.append((t, bool(d))) if (k, s) == ("tag", index) else None)
        await live.inject("parts_touching", f"{station}.supply")
        await live.go(20)
        gaps = [after - before for (before, was), (after, now) in pairwise(edges) if now and not was]
        assert min(gaps) < 0.1e9, "less than a tenth of a second between two parts"
        polled = []
        for _ in range(40):
            await live.go(0.25)
            polled.append(bool(await live.modbus(eye)))
        pulses = sum(now and not was for was, now in pairwise(polled))
        true = sum(now for t, now in edges) - 1
        assert pulses < true, "polled slowly, pulses run together"
        assert (await live.opcua(eye)).good
        await live.maintain(f"{station}.supply", "adjust")
        await live.recovers()


@pytest.mark.long
@covers(6)
async def test_a_ghost_bin_is_in_the_book_and_not_in_the_rack(tmp_path: Path) -> None:
    async with on("automated-warehouse", tmp_path, 240) as live:
        rack = next(c for c in live.line.plant.components.values() if isinstance(c, Rack))
        occupied = f"{rack.station}.{rack.definition.name}_occupied"
        before = int(live.truth(occupied))
        assert before > 2
        await live.inject("ghost_bin", rack.name)
        await live.all_say(occupied, before)
        assert len(rack.s.cells) == before - 1
        assert len(rack.s.ghosts) == 1
        await live.maintain(rack.name, "calibrate")
        assert not rack.s.ghosts
        await live.all_say(occupied, len(rack.s.cells))
        await live.recovers(1500)


@pytest.mark.long
@covers(12)
async def test_a_shifted_fixture_makes_picks_miss(tmp_path: Path) -> None:
    async with on("pick-and-place", tmp_path, 60) as live:
        station = next(iter(live.line.plant.units))
        await live.inject("fixture_misaligned", f"{station}.pick")
        await live.go(30)
        done = sum(live.line.plant.parts.ends.values())
        await live.go(90)
        assert sum(live.line.plant.parts.ends.values()) <= done + 1, "hardly anything is picked up"
        await live.all_say(f"{station}.cup_ok", False)
        await live.maintain(f"{station}.pick", "calibrate")
        await live.recovers(200)


@pytest.mark.long
@covers(14)
async def test_a_vehicle_that_does_not_dock_starves_the_modules(tmp_path: Path) -> None:
    async with on("matrix-production", tmp_path, 120) as live:
        vehicles = [name for name, c in live.line.plant.components.items() if type(c).__name__ == "Vehicle"]
        for name in vehicles:
            await live.inject("agv_docking", name, chance="100 %")
        tags = [f"{name.replace('.', '.', 1)}_error" for name in vehicles]
        await live.go_until(lambda: any(int(live.truth(tag)) for tag in tags), 600, 2)
        tag = next(tag for tag in tags if int(live.truth(tag)))
        await live.all_say(tag, int(live.truth(tag)))
        for name in vehicles:
            await live.maintain(name, "clean")
        assert live.active == []
        await live.go_until(lambda: not any(int(live.truth(tag)) for tag in tags), 900, 5)


@pytest.mark.long
@covers(37)
async def test_two_tags_have_one_identifier(tmp_path: Path) -> None:
    async with on("matrix-production", tmp_path, 120) as live:
        readers = {name: c for name, c in live.line.plant.components.items() if isinstance(c, Rfid)}
        wrong: list[tuple[str, int]] = []

        def look(_: int, kind: str, subject: str | int, data: object) -> None:
            """Each access that ends well: what it said, against the part that is there."""
            for name, reader in readers.items():
                if (kind, subject, data) == ("tag", done[name], True):
                    said = int(live.truth(f"{name}_uid"))
                    if said and said != uid_of(reader.s.serial):
                        wrong.append((f"{name}_uid", said))

        done = {name: live.line.tags.find(f"{name}_done").index for name in readers}  # type: ignore[union-attr]
        live.line.listen(look)
        await live.go(600)
        assert wrong == [], "healthy, each part has its own"
        for name in readers:
            await live.inject("rfid_duplicate", name)
        await live.go_until(lambda: bool(wrong), 3600, 10)
        tag, said = wrong[0]
        place, client = live.places[tag]["opcua"], await live.opcua_client()
        node = client.get_node(f"ns={await client.get_namespace_index(place['namespace_uri'])};{place['node_id']}")
        since = CLOCK.utc() - timedelta(hours=1)
        assert said in [
            value.Value and value.Value.Value for value in await node.read_raw_history(since, CLOCK.utc(), 1000)
        ]
        for name in readers:
            await live.maintain(name, "replace")
        assert live.active == []


@pytest.mark.long
@covers(92)
async def test_one_order_twice(tmp_path: Path) -> None:
    async with on("matrix-production", tmp_path, 60) as live:
        desk = next(name for name, c in live.line.plant.components.items() if type(c).__name__ == "OrderDesk")
        waiting = f"{desk}_waiting"
        before = int(live.truth(waiting))
        await live.inject("duplicate_order", desk, number=4711)
        await live.go(2)
        await live.maintain(desk, "adjust")
        await live.inject("duplicate_order", desk, number=4711)
        await live.go(2)
        result, after = int(live.truth(f"{desk}_result")), int(live.truth(waiting))
        assert after > before or result != 0, "done once more, or refused"
        await live.all_say(f"{desk}_result", result)
        await live.maintain(desk, "adjust")
        assert live.active == []


@pytest.mark.long
@covers(94)
async def test_without_its_mes_the_line_runs_dry(tmp_path: Path) -> None:
    async with on("matrix-production", tmp_path, 120) as live:
        customer = next(name for name, c in live.line.plant.components.items() if type(c).__name__ == "Customer")
        await live.all_say(f"{customer}_on", True)
        await live.inject("mes_unreachable", customer)
        await live.until_it(lambda: _is(live, f"{customer}_on", False), "no customer")
        desk = next(name for name, c in live.line.plant.components.items() if type(c).__name__ == "OrderDesk")
        await live.go_until(lambda: int(live.truth(f"{desk}_waiting")) == 0, 7200, 60)
        await live.go(600)
        await live.all_say(f"{desk}_waiting", 0)
        await live.maintain(customer, "reset")
        await live.all_say(f"{customer}_on", True)
        await live.go_until(lambda: int(live.truth(f"{desk}_waiting")) > 0, 3600, 5)


async def _is(live: LiveLine, tag: str, value: bool) -> bool:
    return bool(await live.modbus(tag)) is value
