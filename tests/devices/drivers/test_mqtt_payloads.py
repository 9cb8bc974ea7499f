"""MQTT without a wire: addresses with field paths, payloads as values, commands; Sparkplug as a host follows it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from devices.drivers import DeviceType, Point, PointError, Raw, Reason, Why
from devices.drivers.driver import Heard
from devices.drivers.mqtt.address import Field, MetricPlace, place, shown_path
from devices.drivers.mqtt.payload import Wording, command, heard, leaves, moment, parse
from devices.drivers.mqtt.sparkplug import ASK_AGAIN_S, DEAD, GAP, GONE, EdgeNodes
from devices.sparkplug.codec import Metric, MetricType, Payload, decode, encode
from sim.tag import DataType

T = DeviceType
DAY = datetime(2026, 11, 22, 7, tzinfo=UTC)


def point(address: str = "a", type_: DeviceType = T.REAL) -> Point:
    return Point("oven.temp", DataType.BOOL if type_ is T.BOOL else DataType.REAL, address, type_)


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("plant/oven", Field("plant/oven")),
        ("plant/oven#temp.value", Field("plant/oven", ("temp", "value"))),
        ("plant/oven#zones[2].temp", Field("plant/oven", ("zones", 2, "temp"))),
        ("plant/oven#[0]", Field("plant/oven", (0,))),
        ("spBv1.0/g/n/d#Inputs/Speed", MetricPlace("g", "n", "d", "Inputs/Speed")),
        ("spBv1.0/g/n#Speed", MetricPlace("g", "n", None, "Speed")),
    ],
)
def test_addresses(address: str, where: object) -> None:
    assert place(point(), address) == where
    if isinstance(where, Field) and where.path:
        assert shown_path(where.path) == address.partition("#")[2]


@pytest.mark.parametrize(
    "address", ["", "#a", "plant/+/x", "plant#a..b", "plant#a.", "plant#a[x]", "spBv1.0/g#m", "spBv1.0/g/n/d"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(PointError, match=r"oven\.temp"):
        place(point(), address)


@pytest.mark.parametrize(
    ("payload", "path", "type_", "expected"),
    [
        (b"21.5", (), T.REAL, Raw(21.5)),
        (b" ON ", (), T.BOOL, Raw(True)),
        (b"0", (), T.BOOL, Raw(False)),
        (b'{"t":{"v":"21.5"}}', ("t", "v"), T.REAL, Raw(21.5)),
        (b'{"v":3.0}', ("v",), T.INT, Raw(3)),
        (b'{"v":3.5}', ("v",), T.INT, Why.TYPE),
        (b'{"v":40000}', ("v",), T.INT, Why.TYPE),
        (b'{"v":true}', ("v",), T.INT, Why.TYPE),
        (b'{"v":NaN}', ("v",), T.REAL, Why.TYPE),
        (b'{"v":[1]}', ("v",), T.REAL, Why.TYPE),
        (b'{"x":1}', ("v",), T.REAL, Why.TYPE),
        (b"hello", (), T.REAL, Why.TYPE),
        (b'{"v":1,"ts":"2026-11-22T07:00:00Z"}', ("v",), T.REAL, Raw(1.0, DAY)),
        (b'{"v":1,"quality":"uncertain","reason":"worn"}', ("v",), T.REAL, Raw(1.0, None, "uncertain: worn")),
        (b'{"v":1,"quality":"bad","reason":"torn"}', ("v",), T.REAL, Why.REFUSED),
        (b'{"v":1,"quality":87}', ("v",), T.REAL, Raw(1.0)),
    ],
)
def test_payloads(payload: bytes, path: tuple[str, ...], type_: DeviceType, expected: Raw | Why) -> None:
    said = heard(point("a", type_), path, parse(payload), Wording())
    assert (said.why if isinstance(said, Reason) else said) == expected


@pytest.mark.parametrize(
    "stamp", ["2026-11-22T07:00:00Z", "2026-11-22T15:00:00+08:00", 1_795_330_800, 1_795_330_800_000]
)
def test_time_stamps(stamp: str | int) -> None:
    assert moment(stamp) == DAY


def test_nonsense_is_no_time() -> None:
    assert [moment(stamp) for stamp in ("soon", 1e300, None, True, [1])] == [None] * 5


def test_commands() -> None:
    words = Wording(on="ON", off="OFF")
    assert command(True, (), words) == b"ON"
    assert command(2.5, (), words) == b"2.5"
    assert json.loads(command(True, ("a", "b"), words, 7)) == {"a": {"b": True}, "id": 7}


def test_leaves_of_a_payload() -> None:
    assert list(leaves({"a": [1, {"b": "x"}], "c": None})) == [(("a", 0), 1), (("a", 1, "b"), "x")]


SPEED, RUN = MetricPlace("g", "n", "d", "speed"), MetricPlace("g", "n", "d", "run")
BIRTH = [
    Metric("speed", 1, 1000, MetricType.INT16, -5),
    Metric("run", 2, 1000, MetricType.BOOLEAN, True),
]


class Host:
    """The follower, and all that it said."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.told: list[tuple[str, Heard]] = []
        self.sent: list[str] = []
        points = {SPEED: point("s", T.INT), RUN: point("r", T.BOOL)}
        self.nodes = EdgeNodes(
            points,
            lambda place, said: self.told.append((place.metric, said)),
            lambda topic, _: self.sent.append(topic),
            lambda: self.now_s,
        )

    def hear(
        self, verb: str, seq: int | None, metrics: Sequence[Metric] = (), device: str = ""
    ) -> list[tuple[str, Heard]]:
        self.told.clear()
        topic = f"spBv1.0/g/{verb}/n{f'/{device}' if device else ''}"
        assert self.nodes.take(topic, encode(Payload(tuple(metrics), 1000, seq)))
        return self.told

    def born(self) -> None:
        self.hear("NBIRTH", 0, [Metric("bdSeq", type=MetricType.INT64, value=3)])
        self.hear("DBIRTH", 1, BIRTH, "d")


@pytest.fixture
def host() -> Host:
    return Host()


def data(value: int) -> list[Metric]:
    return [Metric(alias=1, timestamp_ms=2000, type=MetricType.INT16, value=value, typed=False)]


def test_data_by_alias_after_a_birth(host: Host) -> None:
    host.born()
    assert host.told == [
        ("speed", Raw(-5, datetime.fromtimestamp(1, UTC))),
        ("run", Raw(True, datetime.fromtimestamp(1, UTC))),
    ]
    assert host.hear("DDATA", 2, data(7), "d") == [("speed", Raw(7, datetime.fromtimestamp(2, UTC)))]


def test_nothing_is_believed_before_a_birth(host: Host) -> None:
    assert host.hear("DDATA", 5, data(7), "d") == []
    assert host.sent == ["spBv1.0/g/NCMD/n"]
    host.hear("DDATA", 6, data(7), "d")
    assert len(host.sent) == 1, "not with each message"
    host.now_s += ASK_AGAIN_S
    host.hear("DDATA", 7, data(7), "d")
    assert len(host.sent) == 2


def test_a_gap_makes_everything_bad_until_the_rebirth(host: Host) -> None:
    host.born()
    assert host.hear("DDATA", 9, data(7), "d") == [("speed", GAP), ("run", GAP)]
    assert host.hear("DDATA", 10, data(7), "d") == []
    host.born()
    assert host.hear("DDATA", 2, data(8), "d")[0][1] == Raw(8, datetime.fromtimestamp(2, UTC))


def test_sequence_wraps(host: Host) -> None:
    host.born()
    for seq in [*range(2, 256), 0, 1]:
        assert host.hear("DDATA", seq, data(seq), "d")
    assert host.sent == []


def test_deaths(host: Host) -> None:
    host.born()
    assert host.hear("NDEATH", None, [Metric("bdSeq", type=MetricType.INT64, value=2)]) == [], "of an earlier session"
    assert host.hear("DDEATH", 2, (), "d") == [("speed", GONE), ("run", GONE)]
    assert host.hear("NDEATH", None, [Metric("bdSeq", type=MetricType.INT64, value=3)]) == [
        ("speed", DEAD),
        ("run", DEAD),
    ]
    assert host.nodes.command(SPEED, 1, DAY) == DEAD


def test_what_a_birth_does_not_have_and_other_types(host: Host) -> None:
    host.hear("NBIRTH", 0)
    (missing,), (other,) = (
        [
            said
            for name, said in host.hear("DBIRTH", 1, [Metric("speed", 1, 1000, MetricType.DOUBLE, 1.0)], "d")
            if name == which
        ]
        for which in ("run", "speed")
        if not host.hear("NBIRTH", 0)
    )
    assert isinstance(missing, Reason)
    assert isinstance(other, Reason)
    assert (missing.why, other.why) == (Why.REFUSED, Why.TYPE)


def test_commands_carry_name_alias_and_type_of_the_birth(host: Host) -> None:
    host.born()
    made = host.nodes.command(SPEED, -9, DAY)
    assert not isinstance(made, Reason)
    assert made[0] == "spBv1.0/g/DCMD/n/d"
    metric = decode(made[1]).metrics[0]
    assert (metric.name, metric.alias, metric.type, metric.value) == ("speed", 1, MetricType.INT16, -9)


def test_garbage_is_a_gap(host: Host) -> None:
    host.born()
    host.told.clear()
    assert host.nodes.take("spBv1.0/g/DDATA/n/d", b"\xff\xff\xff")
    assert host.told == [("speed", GAP), ("run", GAP)]
