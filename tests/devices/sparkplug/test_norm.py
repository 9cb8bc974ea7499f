"""The normative statements of Sparkplug 3.0 that apply to an edge node, by their id, against what one session says.

`STATED` is the table: an assertion, and the ids that it proves. Statements about the MQTT connection itself are in
`test_connection.py`; those that do not apply, with the reason, in docs/reference/sparkplug.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from devices.endpoint import Role
from devices.mqtt.packets import Publish
from devices.sparkplug.codec import Metric, MetricType, Payload, decode, encode
from devices.sparkplug.names import Names, Verb
from sim.tag import Quality
from tests.devices.fake_line import FakeLine
from tests.devices.live_alarms import LiveAlarms
from tests.devices.sparkplug.rig import Rig, metric

BASE = "spBv1.0/g/{}/smart-factory"
REBIRTH = "Node Control/Rebirth"


@dataclass
class Session:
    """What an edge node said: its will, the first births, data, the births after a rebirth command, its farewell."""

    will: Publish
    births: list[Publish]
    data: list[Publish]
    rebirths: list[Publish]
    death: list[Publish]
    second_will: Publish

    @property
    def live(self) -> list[Publish]:
        return [*self.births, *self.data, *self.rebirths]

    def of(self, verb: str) -> list[Publish]:
        return [m for m in self.live if m.topic.split("/")[2] == verb]

    def payloads(self, *verbs: str) -> list[Payload]:
        return [decode(m.payload) for verb in verbs for m in self.of(verb)]

    def metrics(self, *verbs: str) -> list[Metric]:
        return [each for payload in self.payloads(*verbs) for each in payload.metrics]

    @property
    def nbirth(self) -> Payload:
        return decode(self.births[0].payload)


def _session() -> Session:
    line = FakeLine()
    line.board = alarms = LiveAlarms(line.clock)
    rig = Rig(line=line)
    will = rig.connect()
    births = rig.turn()
    data: list[Publish] = []
    for number in range(300):  # more than a round of sequence numbers
        rig.line.clock.now += 0.05
        rig.line.set("sorting.target", number % 5)
        data += rig.turn()
    rig.line.quality[0] = Quality.BAD
    rig.line.set("sorting.belt_speed", float("nan"))
    rig.line.set("sorting.eye_1", True)
    alarms.set("sorting.x", 1)  # a count of the node changes
    data += rig.turn()
    rig.ask("sorting", metric(None, MetricType.INT16, 4, rig.alias("sorting.target")))
    data += rig.turn()
    rig.listener.ask_rebirth()
    rig.hear(*rig.listener.out.pop())
    rig.line.set("sorting.target", 1)
    rebirths = rig.turn()
    return Session(will, births, data, rebirths, rig.leave(), rig.connect())


@pytest.fixture(scope="module")
def session() -> Session:
    return _session()


def topics(session: Session) -> None:
    assert session.births[0].topic == BASE.format("NBIRTH")
    assert [m.topic for m in session.births[1:]] == [f"{BASE.format('DBIRTH')}/{d}" for d in ("sorting", "storage")]
    assert {m.topic for m in session.of("DDATA")} == {f"{BASE.format('DDATA')}/sorting"}
    assert {m.topic for m in session.of("NDATA")} == {BASE.format("NDATA")}
    assert session.will.topic == BASE.format("NDEATH")


def quality_of_service(session: Session) -> None:
    assert {(m.qos, m.retain) for m in session.live} == {(0, False)}


def identifiers(session: Session) -> None:
    for wrong in ("a/b", "a+", "#", ""):
        with pytest.raises(ValueError, match="identifier"):
            Names(wrong or "/", "n")
    assert Names("gruppe-ä", "线-1").topic(Verb.NBIRTH) == "spBv1.0/gruppe-ä/NBIRTH/线-1"


def devices_are_unique(session: Session) -> None:
    names = [m.topic for m in session.births[1:]]
    assert len(set(names)) == len(names) == 2


def births_come_first(session: Session) -> None:
    verbs = [m.topic.split("/")[2] for m in session.births]
    assert verbs == ["NBIRTH", "DBIRTH", "DBIRTH"]
    assert session.data


def sequence(session: Session) -> None:
    numbers = [decode(m.payload).seq for m in [*session.births, *session.data]]
    assert numbers == [i % 256 for i in range(len(numbers))]
    assert len(numbers) > 256
    assert [decode(m.payload).seq for m in session.rebirths] == [0, 1, 2]


def message_times(session: Session) -> None:
    stamps = [decode(m.payload).timestamp_ms for m in session.live]
    assert all(stamp is not None and stamp >= 1_767_225_600_000 for stamp in stamps)  # 2026-01-01 in UTC
    assert stamps == sorted(stamps, key=lambda s: s or 0)


def metric_times(session: Session) -> None:
    for each in session.metrics("NBIRTH", "DBIRTH", "DDATA"):
        assert each.timestamp_ms is not None
        assert each.timestamp_ms >= 1_767_225_600_000


def order_in_time(session: Session) -> None:
    by_alias: dict[int | None, list[int]] = {}
    for each in session.metrics("DDATA"):
        by_alias.setdefault(each.alias, []).append(each.timestamp_ms or 0)
        assert not each.historical
    assert all(stamps == sorted(stamps) for stamps in by_alias.values())


def births_are_complete(session: Session) -> None:
    born = {each.alias for each in [*session.nbirth.metrics, *session.metrics("DBIRTH")]}
    assert {each.alias for each in session.metrics("NDATA", "DDATA")} <= born
    line = Rig().line
    named = {(m.topic.rpartition("/")[2], each.name) for m in session.births[1:] for each in decode(m.payload).metrics}
    assert named == {(tag.station, tag.signal) for tag in line.tags}


def births_say_name_type_value(session: Session) -> None:
    for each in session.metrics("NBIRTH", "DBIRTH"):
        assert each.name
        assert each.type is not None
        assert (each.value is None) is each.null


def null_without_value(session: Session) -> None:
    belt_speed = [each for each in session.metrics("DBIRTH") if each.name == "belt_speed"]
    assert [each.null for each in belt_speed] == [False, True]
    assert belt_speed[1].value is None


def types_are_known(session: Session) -> None:
    told = {each.type for each in session.metrics("NBIRTH", "DBIRTH")}
    assert told <= set(MetricType)
    assert MetricType.INT64 in told


def data_without_name_and_type(session: Session) -> None:
    for each in session.metrics("NDATA", "DDATA"):
        assert (each.name, each.type) == (None, None)
        assert each.alias is not None


def aliases(session: Session) -> None:
    for payload in (session.births, session.rebirths):
        used = [each.alias for m in payload for each in decode(m.payload).metrics if each.name != REBIRTH]
        assert None not in used
        assert len(set(used)) == len(used)


def rebirth_metric(session: Session) -> None:
    (found,) = [each for each in session.nbirth.metrics if each.name == REBIRTH]
    assert (found.type, found.value, found.alias) == (MetricType.BOOLEAN, False, None)


def rebirth(session: Session) -> None:
    verbs = [m.topic.split("/")[2] for m in session.rebirths]
    assert verbs == ["NBIRTH", "DBIRTH", "DBIRTH"]  # and no data before, though something had changed
    assert _bd_seq(decode(session.rebirths[0].payload)) == _bd_seq(decode(session.will.payload))


def bd_seq(session: Session) -> None:
    assert _bd_seq(session.nbirth) == _bd_seq(decode(session.will.payload)) == 0
    assert _bd_seq(decode(session.second_will.payload)) == 1


def bd_seq_wraps(session: Session) -> None:
    rig = Rig()
    seen = [_bd_seq(decode(rig.connect().payload)) for _ in range(257)]
    assert seen == [*range(256), 0]


def will(session: Session) -> None:
    assert (session.will.qos, session.will.retain) == (1, False)
    death = decode(session.will.payload)
    assert [(each.name, each.type) for each in death.metrics] == [("bdSeq", MetricType.INT64)]
    assert death.seq is None


def farewell(session: Session) -> None:
    assert session.death == [session.will]


def by_exception(session: Session) -> None:
    rig = Rig()
    rig.connect()
    rig.turn()
    rig.line.set("sorting.target", 0)  # nothing new
    assert rig.turn() == []
    rig.line.set("sorting.target", 2)
    assert len(decode(rig.turn()[0].payload).metrics) == 1


def all_changes_are_told(session: Session) -> None:
    rig = Rig()
    rig.connect()
    rig.turn()
    for name in ("sorting.eye_1", "sorting.blocked", "storage.eye_pick"):
        rig.line.set(name, True)
    told = {each.alias for m in rig.turn() for each in decode(m.payload).metrics}
    assert told == {rig.alias(name) for name in ("sorting.eye_1", "sorting.blocked", "storage.eye_pick")}


def properties(session: Session) -> None:
    for each in session.metrics("DBIRTH"):
        assert all(value.type is not None for _, value in each.properties)
        quality = dict(each.properties)["Quality"]
        assert quality.type is MetricType.INT32
        assert quality.value in (0, 192, 500)
    # both lists of a set have one length: read here with the published field numbers and nothing else
    assert len(dict(session.metrics("DBIRTH")[0].properties)) == len(session.metrics("DBIRTH")[0].properties) >= 4


def subscriptions(session: Session) -> None:
    wanted = dict(Rig("scada").node.subscriptions)
    commands = [BASE.format("NCMD"), *(f"{BASE.format('DCMD')}/{d}" for d in ("sorting", "storage"))]
    assert wanted == {"spBv1.0/STATE/scada": 1, **dict.fromkeys(commands, 1)}


def waits_for_its_host(session: Session) -> None:
    rig = Rig("scada")
    rig.connect()
    assert rig.turn() == []
    rig.hear("spBv1.0/STATE/other", b'{"online": true, "timestamp": 9}')
    assert rig.turn() == []
    rig.state(False, 5)
    assert (rig.turn(), rig.node.hang_up) == ([], False)
    rig.state(True, 4)  # older than what was heard
    assert rig.turn() == []
    rig.state(True, 5)
    assert [m.topic.split("/")[2] for m in rig.turn()] == ["NBIRTH", "DBIRTH", "DBIRTH"]


def leaves_with_its_host(session: Session) -> None:
    rig = Rig("scada")
    rig.connect()
    rig.state(True, 5)
    rig.turn()
    rig.state(False, 4)
    assert not rig.node.hang_up  # older: not meant any more
    rig.state(False, 6)
    assert rig.node.hang_up
    assert rig.turn() == []
    assert [(m.topic, m.qos) for m in rig.leave()] == [(BASE.format("NDEATH"), 1)]
    rig.connect()  # at once, see `test_connection.py`
    assert (rig.turn(), rig.node.hang_up) == ([], False)
    rig.state(True, 7)
    assert _bd_seq(decode(rig.turn()[0].payload)) == 1


def commands_by_name_and_alias(session: Session) -> None:
    rig = Rig()
    rig.connect()
    rig.turn()
    rig.ask(
        "sorting",
        metric("target", MetricType.INT16, -2),
        metric(None, MetricType.BOOLEAN, True, rig.alias("sorting.belt_run")),
    )
    assert [writes for _, writes in rig.line.requests] == [[("sorting.target", -2)], [("sorting.belt_run", True)]]
    assert rig.line.requests[0][0].role is Role.TRAINEE
    other = encode(Payload((metric("target", MetricType.INT16, 1),), 1, 0))
    assert not rig.hear("spBv1.0/g/DCMD/other/sorting", other)
    assert not rig.hear("spBv1.0/g/DDATA/smart-factory/sorting", other)


def names_are_case_sensitive(session: Session) -> None:
    rig = Rig()
    rig.connect()
    rig.turn()
    rig.ask("sorting", metric("Target", MetricType.INT16, 1))
    assert rig.line.requests == []
    assert not rig.hear("spBv1.0/G/NCMD/smart-factory", b"")


def _bd_seq(payload: Payload) -> object:
    return next(each.value for each in payload.metrics if each.name == "bdSeq")


STATED: dict[Callable[[Session], None], str] = {
    topics: """topic-structure topic-structure-namespace-a topics-nbirth-topic topics-ndata-topic topics-ndeath-topic
        topics-dbirth-topic topics-ddata-topic topic-structure-namespace-device-id-associated-message-types
        topic-structure-namespace-device-id-non-associated-message-types
        message-flow-edge-node-birth-publish-nbirth-topic message-flow-device-birth-publish-dbirth-topic
        message-flow-device-birth-publish-dbirth-match-edge-node-topic
        message-flow-edge-node-birth-publish-will-message-topic""",
    quality_of_service: """topics-nbirth-mqtt topics-ndata-mqtt topics-dbirth-mqtt topics-ddata-mqtt payloads-nbirth-qos
        payloads-nbirth-retain payloads-dbirth-qos payloads-dbirth-retain payloads-ndata-qos payloads-ndata-retain
        payloads-ddata-qos payloads-ddata-retain message-flow-edge-node-birth-publish-nbirth-qos
        message-flow-edge-node-birth-publish-nbirth-retained message-flow-device-birth-publish-dbirth-qos
        message-flow-device-birth-publish-dbirth-retained""",
    identifiers: """intro-group-id-string intro-group-id-chars intro-edge-node-id-string intro-edge-node-id-chars
        intro-device-id-string intro-device-id-chars topic-structure-namespace-valid-group-id
        topic-structure-namespace-valid-edge-node-id topic-structure-namespace-valid-device-id""",
    devices_are_unique: "topic-structure-namespace-unique-device-id",
    births_come_first: """principles-birth-certificates-order message-flow-device-birth-publish-nbirth-wait
        payloads-dbirth-order payloads-ndata-order payloads-ddata-order""",
    sequence: """topics-nbirth-seq-num topics-ndata-seq-num topics-dbirth-seq topics-ddata-seq-num
        payloads-sequence-num-always-included payloads-sequence-num-zero-nbirth payloads-sequence-num-incrementing
        payloads-nbirth-seq payloads-dbirth-seq payloads-dbirth-seq-inc payloads-ndata-seq payloads-ndata-seq-inc
        payloads-ddata-seq payloads-ddata-seq-inc message-flow-edge-node-birth-publish-nbirth-payload-seq
        message-flow-device-birth-publish-dbirth-payload-seq""",
    message_times: """topics-nbirth-timestamp topics-ndata-timestamp topics-dbirth-timestamp topics-ddata-timestamp
        payloads-timestamp-in-UTC payloads-nbirth-timestamp payloads-dbirth-timestamp payloads-ndata-timestamp
        payloads-ddata-timestamp""",
    metric_times: "payloads-name-birth-data-requirement payloads-metric-timestamp-in-UTC",
    order_in_time: "operational-behavior-data-publish-nbirth-order operational-behavior-data-publish-dbirth-order",
    births_are_complete: """topics-nbirth-metric-reqs topics-dbirth-metric-reqs operational-behavior-data-publish-nbirth
        operational-behavior-data-publish-dbirth""",
    births_say_name_type_value: """topics-nbirth-metrics topics-dbirth-metrics payloads-name-requirement
        payloads-metric-datatype-req message-flow-edge-node-birth-publish-nbirth-payload
        message-flow-device-birth-publish-dbirth-payload""",
    null_without_value: """operational-behavior-data-publish-nbirth-values
        operational-behavior-data-publish-dbirth-values""",
    types_are_known: "payloads-metric-datatype-value-type payloads-metric-datatype-value",
    data_without_name_and_type: "payloads-alias-data-cmd-requirement payloads-metric-datatype-not-req",
    aliases: "payloads-alias-uniqueness payloads-alias-birth-requirement",
    rebirth_metric: """topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req
        operational-behavior-data-commands-rebirth-name operational-behavior-data-commands-rebirth-name-aliases
        operational-behavior-data-commands-rebirth-datatype operational-behavior-data-commands-rebirth-value""",
    rebirth: """operational-behavior-data-commands-rebirth-action-1 operational-behavior-data-commands-rebirth-action-2
        operational-behavior-data-commands-rebirth-action-3 operational-behavior-data-commands-ncmd-rebirth-verb
        operational-behavior-data-commands-ncmd-rebirth-name operational-behavior-data-commands-ncmd-rebirth-value
        operational-behavior-data-commands-ncmd-verb""",
    bd_seq: """topics-nbirth-bdseq-included topics-nbirth-bdseq-matching topics-nbirth-bdseq-increment
        payloads-nbirth-bdseq payloads-nbirth-bdseq-repeat payloads-ndeath-bdseq
        message-flow-edge-node-birth-publish-nbirth-payload-bdSeq""",
    bd_seq_wraps: "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    will: """topics-ndeath-payload topics-ndeath-seq payloads-ndeath-seq payloads-ndeath-will-message-qos
        payloads-ndeath-will-message-retain message-flow-edge-node-birth-publish-will-message-payload
        message-flow-edge-node-birth-publish-will-message-qos
        message-flow-edge-node-birth-publish-will-message-will-retained""",
    farewell: "payloads-ndeath-will-message-publisher",
    by_exception: """operational-behavior-data-publish-nbirth-change operational-behavior-data-publish-dbirth-change
        principles-rbe-recommended""",
    all_changes_are_told: "topics-ndata-payload topics-ddata-payload",
    properties: """payloads-propertyset-keys-array-size payloads-propertyset-values-array-size
        payloads-metric-propertyvalue-type-type payloads-metric-propertyvalue-type-value
        payloads-metric-propertyvalue-type-req payloads-propertyset-quality-value-type
        payloads-propertyset-quality-value-value""",
    subscriptions: """message-flow-edge-node-ncmd-subscribe message-flow-device-dcmd-subscribe
        operational-behavior-primary-application-state-with-multiple-servers-state-subs""",
    waits_for_its_host: """message-flow-edge-node-birth-publish-phid-wait
        message-flow-edge-node-birth-publish-phid-wait-id message-flow-edge-node-birth-publish-phid-wait-online
        message-flow-edge-node-birth-publish-phid-wait-timestamp operational-behavior-edge-node-birth-sequence-wait""",
    leaves_with_its_host: """message-flow-edge-node-birth-publish-phid-offline
        operational-behavior-edge-node-termination-host-offline
        operational-behavior-edge-node-termination-host-offline-timestamp
        operational-behavior-primary-application-state-with-multiple-servers-walk""",
    commands_by_name_and_alias: """topics-ncmd-topic topics-dcmd-topic operational-behavior-data-commands-dcmd-verb
        operational-behavior-data-commands-dcmd-metric-name operational-behavior-data-commands-dcmd-metric-value
        operational-behavior-data-commands-ncmd-metric-name operational-behavior-data-commands-ncmd-metric-value
        topics-ncmd-payload topics-dcmd-payload payloads-name-cmd-requirement""",
    names_are_case_sensitive: "case-sensitivity-sparkplug-ids case-sensitivity-metric-names",
}
TABLE = [(f"tck-id-{name}", check) for check, names in STATED.items() for name in names.split()]


@pytest.mark.parametrize(("statement", "check"), TABLE, ids=[name for name, _ in TABLE])
def test_statement(statement: str, check: Callable[[Session], None], session: Session) -> None:
    check(session)


def test_no_statement_stands_twice() -> None:
    assert len({name for name, _ in TABLE}) == len(TABLE)
