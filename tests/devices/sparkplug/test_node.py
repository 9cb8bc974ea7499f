"""The edge node on a fake line: what a host application learns of it, and what becomes of what it asks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.endpoint import Role
from devices.sparkplug.codec import Metric, MetricType, Payload, decode, encode
from devices.sparkplug.commands import COMMAND_BYTES
from sim.refusal import Refusal
from sim.tag import Quality
from tests.devices.fake_line import FakeLine
from tests.devices.live_alarms import LiveAlarms
from tests.devices.sparkplug.rig import Rig, born, metric

NCMD, DCMD = "spBv1.0/g/NCMD/smart-factory", "spBv1.0/g/DCMD/smart-factory/sorting"


def test_a_host_knows_every_signal_after_the_births() -> None:
    rig = born()
    node = rig.listener.node()
    assert (node.online, node.births, sorted(node.devices)) == (True, 1, ["sorting", "storage"])
    for tag in rig.line.tags:
        known = node.metrics[tag.station, tag.signal]
        assert known.value == pytest.approx(rig.line.values[tag.index])


def test_a_birth_describes_unit_range_direction_and_title() -> None:
    rig = born()
    found = next(each for each in decode(rig.said[1].payload).metrics if each.name == "belt_speed")
    told = {key: value.value for key, value in found.properties}
    assert told == {
        "engUnit": "mm/s",
        "engLow": 0.0,
        "engHigh": 500.0,
        "readOnly": False,
        "direction": "output",
        "documentation": "test belt_speed",
        "documentation_zh": "测试 belt_speed",
        "Quality": 192,
    }


def test_quality_goes_with_the_value_and_is_taken_back() -> None:
    rig = born()
    eye = rig.line.tags.find("sorting.eye_1")
    assert eye is not None
    seen = []
    for quality in (Quality.BAD, Quality.UNCERTAIN, Quality.GOOD, Quality.GOOD):
        rig.line.quality[eye.index] = quality
        rig.line.set("sorting.eye_1", not rig.line.values[eye.index])
        (message,) = rig.turn()
        (told,) = decode(message.payload).metrics
        seen.append((rig.listener.node().metrics["sorting", "eye_1"].quality, len(told.properties)))
    assert seen == [(0, 1), (500, 1), (192, 1), (192, 0)]


def test_a_number_that_is_none_is_null() -> None:
    rig = born()
    rig.line.set("sorting.belt_speed", float("inf"))
    (message,) = rig.turn()
    (told,) = decode(message.payload).metrics
    assert (told.value, told.null) == (None, True)


def test_alarms_are_counted_for_the_whole_line() -> None:
    line = FakeLine()
    line.board = alarms = LiveAlarms(line.clock)
    rig = Rig(line=line)
    rig.connect()
    rig.turn()
    assert rig.listener.value(None, "Alarms/Active") == 0
    alarms.set("sorting.x", 1)
    assert [m.topic.split("/")[2] for m in rig.turn()] == ["NDATA"]
    assert (rig.listener.value(None, "Alarms/Active"), rig.listener.value(None, "Alarms/Unacknowledged")) == (1, 1)
    assert rig.turn() == []


# --- commands


def test_a_refused_command_is_answered_by_the_value_as_it_is() -> None:
    rig = born()
    rig.line.refuse["sorting.target"] = Refusal.NOT_OWNER
    rig.hear(*rig.listener.command("sorting", "target", 3))
    (message,) = rig.turn()
    assert decode(message.payload).metrics[0].alias == rig.alias("sorting.target")
    assert rig.listener.value("sorting", "target") == 0
    assert (rig.node.counters.commands, rig.node.counters.refused) == (1, 1)


def test_an_observer_commands_nothing() -> None:
    rig = born()
    rig.hear(*rig.listener.command("sorting", "target", 3), role=Role.OBSERVER)
    rig.turn()
    assert (rig.line.values[7], rig.node.counters.refused) == (0, 1)


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("belt_run", MetricType.INT32, 1),
        ("target", MetricType.BOOLEAN, True),
        ("target", MetricType.DOUBLE, 1.0),
        ("target", MetricType.STRING, "1"),
        ("belt_speed", MetricType.DOUBLE, float("nan")),
        ("belt_speed", MetricType.INT32, None),
    ],
)
def test_a_value_of_the_wrong_type_never_reaches_the_line(name: str, kind: MetricType, value: float | str) -> None:
    rig = born()
    rig.ask("sorting", metric(name, kind, value))
    assert rig.line.requests == []
    assert rig.node.counters.unfit == 1
    assert rig.line.notes[-1][1:] == ("refused", f"sorting.{name}: type")
    assert len(rig.turn()) == 1  # told as it is


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("belt_speed", MetricType.INT32, 150),
        ("belt_speed", MetricType.DOUBLE, 150.5),
        ("target", MetricType.INT64, -4),
        ("target", MetricType.UINT8, 4),
    ],
)
def test_numbers_of_another_width_are_good(name: str, kind: MetricType, value: float) -> None:
    rig = born()
    rig.ask("sorting", metric(name, kind, value))
    assert rig.line.requests[0][1] == [(f"sorting.{name}", value)]


def test_unknown_metrics_and_aliases_of_other_devices_are_counted() -> None:
    rig = born()
    rig.ask("sorting", metric("nothing", MetricType.BOOLEAN, True), metric(None, MetricType.BOOLEAN, True, 9999))
    rig.ask("sorting", metric(None, MetricType.BOOLEAN, True, rig.alias("storage.fork_extend")), Metric())
    wrong_name = Metric("target", rig.alias("sorting.belt_run"), 1, MetricType.BOOLEAN, True)
    rig.ask("sorting", wrong_name)
    assert rig.line.requests == []
    assert rig.node.counters.unfit == 5
    assert rig.turn() == []


@pytest.mark.parametrize("payload", [b"\x08", b"nonsense", b'{"metrics": []}', bytes(COMMAND_BYTES + 1)])
@pytest.mark.parametrize("topic", [NCMD, DCMD])
def test_garbage_is_counted_and_nothing_else_happens(topic: str, payload: bytes) -> None:
    rig = born()
    assert rig.hear(topic, payload)
    assert rig.node.counters.garbage == 1
    assert (rig.line.requests, rig.turn()) == ([], [])


def test_retained_commands_and_unknown_devices_are_garbage() -> None:
    rig = born()
    topic, payload = rig.listener.command("sorting", "target", 3)
    rig.hear(topic, payload, retain=True)
    rig.hear("spBv1.0/g/DCMD/smart-factory/nowhere", payload)
    assert (rig.node.counters.garbage, rig.line.requests) == (2, [])


def test_the_node_itself_is_written_by_nobody() -> None:
    rig = born()
    told = (metric("bdSeq", MetricType.INT64, 9), metric("Node Control/Rebirth", MetricType.BOOLEAN, False))
    rig.hear(NCMD, encode(Payload((*told, metric("What", MetricType.BOOLEAN, True)), 1, 0)))
    assert rig.node.counters.unfit == 3
    assert [subject for _, _, subject in rig.line.notes] == [
        "bdSeq: read_only",
        "Node Control/Rebirth: read_only",
        "What: unknown",
    ]
    assert rig.turn() == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from([NCMD, DCMD, "spBv1.0/STATE/scada"]), st.binary(max_size=120))
def test_no_bytes_disturb_the_line(topic: str, payload: bytes) -> None:
    rig = born("scada")
    rig.hear(topic, payload)
    rig.line.set("sorting.parts_out", 70001)
    rig.turn()
    assert rig.listener.value("sorting", "parts_out") == 70001


# --- rebirth and gaps


def test_rebirths_are_at_most_one_a_second_and_data_wait_for_them() -> None:
    rig = born()
    rig.listener.ask_rebirth()
    ask = rig.listener.out.pop()
    for _ in range(20):
        rig.hear(*ask)
    rig.line.set("sorting.target", 2)
    assert rig.turn() == []  # the first birth was right before
    rig.line.clock.now += 1.0
    assert [m.topic.split("/")[2] for m in rig.turn()] == ["NBIRTH", "DBIRTH", "DBIRTH"]
    assert (rig.listener.value("sorting", "target"), rig.node.counters.rebirths) == (2, 20)
    assert rig.turn() == []


def test_a_host_that_misses_a_message_asks_and_is_well_again() -> None:
    rig = born()
    rig.line.clock.now += 2.0
    rig.line.set("sorting.target", 1)
    list(rig.node.due())  # lost on the way
    rig.line.set("sorting.target", 2)
    rig.turn()
    node = rig.listener.node()
    assert (node.gaps, node.online) == (1, False)
    rig.hear(*rig.listener.out.pop())
    rig.turn()
    assert (node.online, node.births, rig.listener.value("sorting", "target")) == (True, 2, 2)


def test_a_late_death_of_the_last_session_is_not_believed() -> None:
    rig = Rig()
    will = rig.connect()
    rig.turn()
    rig.connect()  # the connection was lost and made again before the broker noticed
    rig.turn()
    rig.listener.hear(will.topic, will.payload)
    node = rig.listener.node()
    assert (node.online, node.deaths, node.bd_seq) == (True, 0, 1)
    rig.leave()
    assert (node.online, node.deaths) == (False, 1)
    assert all(each.stale for each in node.metrics.values())


def test_nothing_is_said_without_a_connection() -> None:
    rig = Rig()
    assert rig.turn() == []
    rig.connect()
    rig.turn()
    rig.leave()
    rig.line.set("sorting.target", 3)
    assert (rig.turn(), rig.leave()) == ([], [])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"ONLINE",
        b"[]",
        b'{"online": 1, "timestamp": 2}',
        b'{"online": true}',
        b'{"online": true, "timestamp": "x"}',
    ],
)
def test_a_state_that_is_none_is_garbage(payload: bytes) -> None:
    rig = Rig("scada")
    rig.connect()
    rig.hear("spBv1.0/STATE/scada", payload)
    assert (rig.turn(), rig.node.counters.garbage) == ([], 1)


def test_an_observer_cannot_say_that_the_host_is_there() -> None:
    rig = Rig("scada")
    rig.connect()
    rig.hear("spBv1.0/STATE/scada", b'{"online": true, "timestamp": 2}', Role.OBSERVER)
    assert rig.turn() == []
