"""Bad input on real sockets, seeded and bounded: truncated, oversized, random and replayed. Nobody else notices."""

from dataclasses import replace

import pytest

from devices.mqtt.frames import frame
from devices.mqtt.packets import V5, V311, Connect, Packet, Properties, Publish, Subscribe, Unsubscribe, Will
from sim.stream import Stream
from tests.devices.mqtt.conftest import House
from tests.devices.mqtt.wire import until

ROUNDS = 60


def conversation(level: int) -> bytes:
    """What a good client says."""
    said = Properties(user=(("k", "v"),), response_topic="r") if level == V5 else Properties()
    packets: list[Packet] = [
        Connect("fuzz", will=Will("w", b"x", 1), level=level),
        Subscribe(1, (("a/+", 1), ("b/#", 2))),
        Publish("a/b", b"x" * 40, 2, True, False, 7, said if level == V5 else replace(said)),
        Unsubscribe(2, ("a/+",)),
    ]
    return b"".join(frame(packet, level) for packet in packets)


def spoiled(dice: Stream, level: int) -> bytes:
    """The same conversation with something wrong with it."""
    data = bytearray(conversation(level))
    way = dice.between(0, 3)
    if way == 0:  # cut short, and garbage goes on
        del data[dice.between(1, len(data) - 1) :]
        data += bytes(dice.between(0, 255) for _ in range(30))
    elif way == 1:  # flipped
        for _ in range(dice.between(1, 6)):
            data[dice.between(0, len(data) - 1)] = dice.between(0, 255)
    elif way == 2:  # oversized
        data += b"\x30\xff\xff\xff\x7f" + bytes(200)
    else:  # replayed
        data = data + data
    return bytes(data)


@pytest.mark.parametrize("level", [V311, V5])
async def test_nobody_notices_the_spoiled_conversations_of_another(house: House, level: int) -> None:
    good = await house.connect("good", level=level)
    await good.subscribe("mine/#", 1)
    dice = Stream([20261122, level])
    for _ in range(ROUNDS):
        wire = await house.open()
        wire.raw(spoiled(dice, level))
        wire.hang_up()
        await wire.drained()
    await until(lambda: house.server.clients == 1)
    house.broker.publish("mine/x", b"still here", 1)
    assert [p.payload for p in await good.quiet() if isinstance(p, Publish)] == [b"still here"]
    assert house.broker.counters.rejected > ROUNDS / 4
    assert house.broker.counters.rejected == len(house.rules.rejected)
