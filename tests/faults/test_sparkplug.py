"""Sparkplug faults of the catalogue: what an edge node says wrongly, heard by a client that decodes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from devices.sparkplug.codec import MetricType, Payload, decode, encode
from tests.devices.sparkplug.rig import metric
from tests.faults.covered import covers
from tests.faults.live import LiveLine

LINE = "from-a-to-b"
SETTINGS = {"sparkplug": "plant"}
WARM_S = 30
pytestmark = [pytest.mark.long, pytest.mark.asyncio(loop_scope="module")]
REBIRTH = "Node Control/Rebirth"


class Host:
    """What a host application hears, in order: kind of message and payload."""

    def __init__(self, live: LiveLine) -> None:
        self.heard: list[tuple[str, Payload]] = []
        self.client = paho.Client(CallbackAPIVersion.VERSION2)
        self.client.username_pw_set("trainee", live.token())
        self.client.on_connect = lambda client, *_: client.subscribe("spBv1.0/#", qos=0)
        self.client.on_message = lambda c, d, m: self.heard.append((m.topic, decode(bytes(m.payload))))

    def of(self, kind: str) -> list[Payload]:
        return [payload for topic, payload in list(self.heard) if f"/{kind}/" in topic]

    def aliases(self) -> set[int]:
        """Those that births gave."""
        births = [*self.of("NBIRTH"), *self.of("DBIRTH")]
        return {m.alias for payload in births for m in payload.metrics if m.alias is not None}

    def rebirth(self) -> None:
        node = next(topic.split("/")[3] for topic, _ in self.heard)
        order = encode(Payload((metric(REBIRTH, MetricType.BOOLEAN, True),), 1, None))
        self.client.publish(f"spBv1.0/plant/NCMD/{node}", order, qos=0)


@asynccontextmanager
async def host(live: LiveLine) -> AsyncIterator[Host]:
    """A host application that has heard the node's births."""
    found = Host(live)
    await asyncio.to_thread(found.client.connect, "127.0.0.1", live.port("mqtt"), 10)
    found.client.loop_start()
    live.bench.go_on("test")
    try:
        await live.until(lambda: bool(found.heard), "data of the node")
        found.rebirth()
        await live.until(lambda: bool(found.of("DBIRTH")), "births")
        yield found
    finally:
        live.bench.freeze("test")
        found.client.disconnect()
        await asyncio.to_thread(found.client.loop_stop)


async def mend(live: LiveLine, operation: str) -> None:
    """The remedy, while time stands still, so that its simulated time passes at once."""
    live.bench.freeze("test")
    await live.maintain("mqtt", operation)
    live.bench.go_on("test")
    assert live.active == []


async def inject(live: LiveLine, fault: str, **own: str | int) -> None:
    live.bench.freeze("test")
    await live.inject(fault, "mqtt", **own)
    live.bench.go_on("test")


def gaps(payloads: list[Payload]) -> int:
    """Sequence numbers that are missing (Sparkplug 3.0, 6.4.5: 0 to 255 and round again)."""
    seqs = [payload.seq for payload in payloads if payload.seq is not None]
    return sum((after - before) % 256 != 1 for before, after in pairwise(seqs))


@covers(66)
async def test_lost_messages_leave_gaps_in_seq(live: LiveLine) -> None:
    async with host(live) as heard:
        await inject(live, "lost_message", share="40 %")
        begun = len(heard.heard)
        await live.until(lambda: len(heard.of("DDATA")) > 8, "data", 15)
        data = [p for topic, p in heard.heard[begun:] if "DATA" in topic]
        assert gaps(data) >= 1
        await mend(live, "replace")


@covers(67)
async def test_data_has_aliases_that_no_birth_gave_until_a_rebirth(live: LiveLine) -> None:
    async with host(live) as heard:
        known = heard.aliases()
        await inject(live, "unknown_alias")
        begun = len(heard.heard)

        def strange() -> bool:
            data = [p for topic, p in heard.heard[begun:] if "/DDATA/" in topic]
            return any(m.alias not in known for payload in data for m in payload.metrics)

        await live.until(strange, "an alias that nobody knows")
        await mend(live, "reset")
        heard.rebirth()
        begun = len(heard.heard)

        def right() -> bool:
            data = [p for topic, p in heard.heard[begun:] if "/DDATA/" in topic]
            return bool(data) and all(m.alias in known for m in data[-1].metrics)

        await live.until(right, "data under the aliases of the birth", 15)


@covers(68)
async def test_a_death_of_an_older_session_comes_late(live: LiveLine) -> None:
    async with host(live) as heard:
        born = heard.of("NBIRTH")[-1]
        number = next(m.value for m in born.metrics if m.name == "bdSeq")
        await inject(live, "late_ndeath", every="300 ms")
        await live.until(lambda: bool(heard.of("NDEATH")), "a late death")
        old = next(m.value for m in heard.of("NDEATH")[-1].metrics if m.name == "bdSeq")
        assert old != number
        begun = len(heard.of("DDATA"))
        await live.until(lambda: len(heard.of("DDATA")) > begun, "the node lives")
        await mend(live, "reset")
