"""MQTT over a wire: TLS, log-in, what brokers say to commands, presence, replies, retained values, last will, probe."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from controller.clock import SystemClock
from devices.certificates import CertificateStore, Identity
from devices.drivers import (
    Device,
    DeviceType,
    Group,
    Lost,
    Point,
    PointError,
    ProbeLimits,
    Quality,
    State,
    Target,
    Timing,
    Why,
    WriteLimits,
    discover,
    make_driver,
)
from sim.refusal import Refusal
from sim.tag import DataType
from tests.devices.drivers.linelab_devices import NUMBER, USER, OverMqtt
from tests.devices.mqtt.test_bridge import Mosquitto, mosquitto
from tests.tools import need

__all__ = ["mosquitto"]
TIMING = Timing(answer_s=1.0, retry_s=0.05)
TOOLS = "apt-get install mosquitto-clients"


def point(address: str, write_address: str = "") -> Point:
    return Point(
        "oven.temp", DataType.REAL, address, DeviceType.REAL, write_address=write_address, limits=WriteLimits()
    )


@asynccontextmanager
async def connected(target: Target, one: Point) -> AsyncIterator[Device]:
    clock = SystemClock()
    device = Device("oven", make_driver(target, TIMING, clock), [Group("all", 0.1, (one,))], clock, TIMING)
    device.start()
    try:
        await until(lambda: device.state is State.UP)
        yield device
    finally:
        await device.stop()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=-1)
    async with asyncio.timeout(5):
        return (await process.communicate())[0].decode()


async def say(port: int, topic: str, payload: str, *more: str) -> None:
    await run(need("mosquitto_pub", TOOLS), "-p", str(port), "-t", topic, "-m", payload, *more)


def quality(device: Device) -> Quality:
    sample = device.latest("oven.temp")
    assert sample is not None
    return sample.quality


async def test_retained_presence_will_and_commands(mosquitto: Mosquitto) -> None:
    await mosquitto.start()
    port = mosquitto.port
    await say(port, "oven/state", '{"t": 20.5}', "-r")
    options = {"online": "oven/there", "status": "lab/driver"}
    async with connected(Target(f"mqtt://127.0.0.1:{port}", options), point("oven/state#t", "oven/set#t")) as device:
        await until(lambda: quality(device) is Quality.UNCERTAIN)  # of any age
        await say(port, "oven/state", '{"t": 21.5}')
        await until(lambda: quality(device) is Quality.GOOD)
        nobody = await device.write("oven.temp", 30.0)
        assert nobody is not None
        assert (nobody.why, "nobody has subscribed" in str(nobody)) == (Why.REFUSED, True)
        await say(port, "oven/there", "offline")
        await until(lambda: quality(device) is Quality.BAD)
        await say(port, "oven/there", "online")
        await until(lambda: quality(device) is Quality.UNCERTAIN)  # what is retained is read again
        assert "online" in await run(need("mosquitto_sub", TOOLS), "-p", str(port), "-t", "lab/driver", "-C", "1")
    assert "offline" in await run(need("mosquitto_sub", TOOLS), "-p", str(port), "-t", "lab/driver", "-C", "1")


async def test_a_refusal_of_the_line_behind_the_broker_comes_back() -> None:
    """LineLab answers commands on `…/set/reply`."""
    bench = OverMqtt()
    await bench.start()
    try:
        topic = f"linelab/smart-factory/{NUMBER.replace('.', '/')}"
        where = Point("oven.temp", DataType.INT, f"{topic}#value", DeviceType.INT, write_address=f"{topic}/set#value",
                      limits=WriteLimits())  # fmt: skip
        async with connected(bench.target(bench.port), where) as device:
            bench.line.refuse[NUMBER] = Refusal.PAUSED
            refused = await device.write("oven.temp", 2)
            assert refused is not None
            assert (refused.why, refused.detail) == (Why.REFUSED, "paused")
            del bench.line.refuse[NUMBER]
            assert await device.write("oven.temp", 2) is None
    finally:
        await bench.kill()


async def test_tls_and_who_is_trusted(mosquitto: Mosquitto, tmp_path: Path) -> None:
    store = CertificateStore(tmp_path / "broker", SystemClock(), Identity("broker", "urn:broker"))
    own = store.own_certificate()
    mosquitto.config.write_text(
        # its key is readable by us alone, so it stays who we are
        f"user root\nlistener {mosquitto.port} 127.0.0.1\nallow_anonymous true\n"
        f"certfile {own.certificate}\nkeyfile {own.key}\n"
    )
    command = [mosquitto.program, "-c", str(mosquitto.config)]
    nothing = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=nothing, stderr=nothing)
    try:
        url = f"mqtts://127.0.0.1:{mosquitto.port}"
        trusting = Target(url, {"ca": str(own.certificate)})
        async with connected(trusting, point("oven/temp", "oven/temp")) as device:
            for value in (1.5, 2.5):
                assert await device.write("oven.temp", value) is None
                await until(lambda value=value: device.latest("oven.temp").value == value)  # type: ignore[misc]
        with pytest.raises(Lost, match="certificate verify failed"):
            await discover(Target(url), TIMING, SystemClock())
    finally:
        process.kill()
        await process.wait()


async def test_log_in_and_rights() -> None:
    bench = OverMqtt()
    await bench.start()
    try:
        url = f"mqtt://127.0.0.1:{bench.port}"
        for options in ({}, {"user": "trainee", "password": "wrong"}):
            with pytest.raises(Lost, match="refuses"):
                await discover(Target(url, options), TIMING, SystemClock())
    finally:
        await bench.kill()


async def test_probe_hears_fields_and_metrics() -> None:
    bench = OverMqtt()
    await bench.start()
    try:
        limits = ProbeLimits(most_s=1.5)  # a node is born again at most once a second
        all_ = await discover(Target(f"mqtt://127.0.0.1:{bench.port}", USER), TIMING, SystemClock(), limits)
        rows = {one.address: one for one in all_.found}
        assert rows["linelab/smart-factory/sorting/belt_run#value"].type is DeviceType.BOOL
        metric = rows["spBv1.0/g/smart-factory/sorting#belt_speed"]
        assert (metric.type, metric.value, metric.name) == (DeviceType.REAL, 200.0, "smart-factory/sorting/belt_speed")
        assert any("born again" in note for note in all_.notes)
    finally:
        await bench.kill()


def test_an_address_without_meaning_is_refused_before_anything_is_opened() -> None:
    clock = SystemClock()
    driver = make_driver(Target("mqtt://127.0.0.1:1"), TIMING, clock)
    with pytest.raises(PointError, match=r"oven\.temp.*wildcards"):
        Device("oven", driver, [Group("all", 0.1, (point("oven/+/x"),))], clock)
