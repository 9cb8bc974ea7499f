"""A Modbus device behind a cable to which everything happens in turn: what is told of each command is what was done."""

import asyncio
import random  # noqa: TID251 - drawn from a seed, for what happens to a cable
from collections.abc import Awaitable, Callable

import pytest

from devices.drivers import DeviceType, Group, Point, Quality, Target, Timing, Why, WriteLimits
from sim.tag import DataType
from tests.devices.drivers.libmodbus import LibmodbusDevice
from tests.devices.drivers.proxy import HOST, Cable, as_it_is
from tests.devices.drivers.watching import becomes, connected

QUICK = Timing(answer_s=0.1, retry_s=0.02, retry_most_s=0.1, lost_after=2)
COUNT = Point("x.count", DataType.INT, "holding_register 5", DeviceType.INT, limits=WriteLimits())
TURNS = 60


def spoilers(cable: Cable, device: LibmodbusDevice, chance: random.Random) -> list[Callable[[], Awaitable[None]]]:
    async def pull() -> None:
        cable.pull()

    async def cut() -> None:
        cable.cut()

    async def slow() -> None:
        cable.delay_s = 0.06

    async def garble() -> None:
        cable.answer = lambda data: chance.randbytes(len(data))

    async def drop() -> None:
        cable.answer = lambda data: b"" if chance.random() < 0.3 else data

    async def halve() -> None:
        cable.answer = lambda data: data[: chance.randrange(len(data) + 1)]

    async def restart() -> None:
        await device.kill()
        await device.start()

    return [pull, cut, slow, garble, drop, halve, restart]


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
async def test_each_command_is_done_once_and_in_order_or_not_at_all(
    seed: int, cable: Cable, modbus_device: LibmodbusDevice
) -> None:
    chance, confirmed, unknown = random.Random(seed), list[int](), set[int]()
    target = Target(f"modbus-tcp://{HOST}:{cable.port}/1")
    async with connected(target, QUICK, Group("g", 0.01, (COUNT,))) as device:

        async def command() -> None:
            number = 0
            while True:
                number += 1
                refused = await device.write("x.count", number)
                if refused is None:
                    confirmed.append(number)
                elif refused.why is Why.OUTCOME_UNKNOWN:
                    unknown.add(number)
                await asyncio.sleep(0.004)

        commanding = asyncio.create_task(command())
        spoiling = spoilers(cable, modbus_device, chance)
        for _ in range(TURNS):
            await chance.choice(spoiling)()
            await asyncio.sleep(chance.uniform(0.02, 0.4))
            cable.delay_s, cable.answer = 0.0, as_it_is
            cable.plug()
            await asyncio.sleep(chance.uniform(0.05, 0.2))
        commanding.cancel()
        await asyncio.wait([commanding])
        await becomes(device, "x.count", Quality.GOOD)
        assert device.counters.losses > 5
    await modbus_device.kill()
    done = [int("".join(line.split()[2:4]), 16) for line in modbus_device.writes]
    assert done == sorted(set(done))
    assert set(confirmed) <= set(done)
    assert set(done) - set(confirmed) <= unknown | {max(done)}  # the last was given up by its caller
