"""The rights of a line on an external broker: a real mosquitto that reads the generated file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devices.mqtt.acl import emqx_acl, mosquitto_acl
from devices.mqtt.packets import V5, Connect, Publish
from tests.devices.mqtt.test_bridge import Mosquitto
from tests.devices.mqtt.test_clients import run
from tests.devices.mqtt.wire import Wire
from tests.tools import need

STATE = "linelab/1/smart-factory/sorting/belt_run"
USERS = ("linelab", "observer", "trainee", "instructor", "engineer")


@dataclass
class Guarded:
    broker: Mosquitto
    wires: list[Wire] = field(default_factory=list)

    async def connect(self, user: str) -> Wire:
        wire = await Wire.open(self.broker.port)
        self.wires.append(wire)
        answer = await wire.greet(Connect(user, user=user, password=user.encode(), level=V5))
        assert answer.code == 0
        return wire


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    program, passwd = (
        need("mosquitto", "apt-get install mosquitto"),
        need("mosquitto_passwd", "apt-get install mosquitto"),
    )
    passwords, acl, config = (tmp_path / name for name in ("passwords", "acl", "mosquitto.conf"))
    passwords.write_text("".join(f"{user}:{user}\n" for user in USERS))
    assert (await run(passwd, "-U", str(passwords)))[0] == 0
    acl.write_text(mosquitto_acl("smart-factory", 1))
    for file in (passwords, acl):
        file.chmod(0o644)
    config.write_text(f"allow_anonymous false\npassword_file {passwords}\nacl_file {acl}\nuser root\n")
    broker = Mosquitto(program, config)
    await broker.start()
    guarded = Guarded(broker)
    yield guarded
    for wire in guarded.wires:
        wire.cut()
    await broker.kill()


async def publish(wire: Wire, topic: str) -> int:
    wire.send(Publish(topic, b"x", 1, packet_id=1))
    packet = await wire.take()
    assert packet is not None
    return packet.reason  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("user", "topic", "allowed"),
    [
        ("linelab", STATE, True),
        ("trainee", STATE, False),
        ("trainee", f"{STATE}/set", True),
        ("observer", f"{STATE}/set", False),
        ("observer", "lab/x", False),
        ("trainee", "lab/x", True),
        ("trainee", "class/notice", False),
        ("instructor", "class/notice", True),
        ("trainee", "linelab/2/smart-factory/sorting/belt_run/set", False),
    ],
)
async def test_who_may_publish_what(guarded: Guarded, user: str, topic: str, allowed: bool) -> None:
    assert (await publish(await guarded.connect(user), topic) != 0x87) is allowed


async def test_everybody_reads_the_line_and_nobody_another(guarded: Guarded) -> None:
    line, trainee = await guarded.connect("linelab"), await guarded.connect("trainee")
    await trainee.subscribe("linelab/#", 1)
    await publish(line, STATE)
    assert (await trainee.expect(Publish)).topic == STATE
    await publish(line, "linelab/2/other/sorting/x")
    assert await trainee.quiet() == []


def test_the_file_for_emqx_ends_with_no() -> None:
    text = emqx_acl("smart-factory", 3)
    assert '{allow, {user, "trainee"}, publish, ["linelab/3/smart-factory/+/+/set", "lab/#"]}.' in text
    assert text.endswith("{deny, all}.\n")
