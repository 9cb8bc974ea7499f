"""One client's session, without a broker: what is sent when, and in which order."""

from dataclasses import dataclass, field

import pytest

from devices.endpoint import Client, Role, Wire
from devices.mqtt.codec import Decoder
from devices.mqtt.letter import Letter
from devices.mqtt.limits import Counters, Limits
from devices.mqtt.packets import Packet, Publish
from devices.mqtt.session import NEVER_ENDS, Session


@dataclass
class Pipe:
    """An outlet that keeps what it is given."""

    full: bool = False
    dropped: bool = False
    decoder: Decoder = field(default_factory=Decoder)
    came: list[Packet] = field(default_factory=list)

    def send(self, data: bytes) -> None:
        self.came += self.decoder.feed(data)

    def limit_silence(self, seconds: float) -> None: ...

    def end(self) -> None: ...

    def drop(self) -> None:
        self.dropped = True

    @property
    def payloads(self) -> bytes:
        return b"".join(packet.payload for packet in self.came if isinstance(packet, Publish))


CLIENT = Client(Wire.MQTT, "k", "me", Role.TRAINEE)


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


@pytest.fixture
def session(pipe: Pipe) -> Session:
    session = Session(CLIENT, "me", None, NEVER_ENDS, Limits(in_flight=2, waiting=3), Counters())
    session.attach(CLIENT, pipe, lambda: None)
    return session


def test_nothing_overtakes_what_waits(session: Session, pipe: Pipe) -> None:
    pipe.full = True
    session.deliver(Letter("t", b"a", 1), 1)
    pipe.full = False
    session.deliver(Letter("t", b"b", 1), 1)
    assert pipe.payloads == b""
    session.pump()
    assert pipe.payloads == b"ab"


def test_only_so_many_are_under_way(session: Session, pipe: Pipe) -> None:
    for payload in (b"a", b"b", b"c", b"d"):
        session.deliver(Letter("t", payload, 1), 1)
    assert pipe.payloads == b"ab"
    session.acknowledged(1)
    assert pipe.payloads == b"abc"


@pytest.mark.parametrize("qos", [1, 2])
def test_an_acknowledgement_of_the_wrong_kind_ends_no_flight(session: Session, pipe: Pipe, qos: int) -> None:
    for payload in (b"a", b"b", b"c"):
        session.deliver(Letter("t", payload, qos), qos)
    if qos == 1:
        session.received(1)
    else:
        session.acknowledged(1)
    session.completed(1)
    assert pipe.payloads == b"ab"


def test_identifiers_in_flight_are_not_given_again(session: Session, pipe: Pipe) -> None:
    session.deliver(Letter("t", b"", 1), 1)
    for _ in range(0xFFFF):
        session.deliver(Letter("t", b"", 1), 1)
        session.acknowledged(pipe.came[-1].packet_id)  # type: ignore[union-attr]
    used = [packet.packet_id for packet in pipe.came if isinstance(packet, Publish)]
    assert used[0] == 1
    assert used.count(1) == 1
    assert set(used) == set(range(1, 0x10000))


def test_too_slow_is_dropped_once_and_keeps_the_newest(session: Session, pipe: Pipe) -> None:
    for payload in (b"a", b"b", b"c", b"d", b"e", b"f"):
        session.deliver(Letter("t", payload, 1), 1)
    assert (pipe.dropped, session.counters.closed_slow) == (True, 1)
    again = Pipe()
    session.attach(CLIENT, again, lambda: None)
    session.acknowledged(1)
    session.acknowledged(2)
    assert again.payloads == b"abde"
