"""An edge node that says things wrongly: aliases that no birth gave, deaths of an earlier session that come late."""

from devices.endpoint import Wire
from devices.mqtt.in_house import InHouse
from devices.mqtt.packets import Publish
from devices.sparkplug.codec import MetricType, Payload, decode, encode
from tests.devices.sparkplug.rig import Rig, born, metric


def data(rig: Rig) -> list[int]:
    """The aliases of the data that are due now; no host application hears them, it would trip over them."""
    messages = [decode(message.payload) for message in rig.node.due() if "/DDATA/" in message.topic]
    return [metric.alias or 0 for message in messages for metric in message.metrics]


def test_data_under_unknown_aliases_until_a_rebirth_is_asked_for() -> None:
    rig = born()
    rig.turn()
    right = rig.alias("sorting.eye_1")
    rig.line.links[Wire.MQTT].be(alias=1000)
    rig.line.set("sorting.eye_1", True)
    assert data(rig) == [right + 1000]
    rebirth = metric("Node Control/Rebirth", MetricType.BOOLEAN, True)
    rig.line.clock.now += 5
    rig.hear("spBv1.0/g/NCMD/smart-factory", encode(Payload((rebirth,), 1, 0)))
    rig.turn()
    rig.line.set("sorting.eye_1", False)
    assert data(rig) == [right], "after the births all is said as it was born"


def test_a_late_death_has_the_number_of_the_session_before() -> None:
    rig = born()
    rig.leave()
    rig.connect()
    rig.turn()
    rig.line.links[Wire.MQTT].be(late_death_ms=1000)
    deaths = [message for message in rig.turn() if "/NDEATH/" in message.topic]
    assert [decode(death.payload).metrics[0].value for death in deaths] == [0]
    assert [message for message in rig.turn() if "/NDEATH/" in message.topic] == [], "not at once again"
    rig.line.clock.now += 2
    assert [message for message in rig.turn() if "/NDEATH/" in message.topic] != []


def test_a_second_node_of_the_same_name_makes_deaths_and_births_take_turns() -> None:
    rig, said = born(), list[Publish]()
    house = InHouse([rig.node], said.append)
    for _ in range(2):
        (bounce,) = house.bounces
        bounce()
        house.turn()
    node = [(m.topic.split("/")[2], bd_seq(m)) for m in said if m.topic.split("/")[2] in ("NDEATH", "NBIRTH")]
    assert node == [("NDEATH", 0), ("NBIRTH", 1), ("NDEATH", 1), ("NBIRTH", 2)]


def bd_seq(message: Publish) -> object:
    return next(m.value for m in decode(message.payload).metrics if m.name == "bdSeq")
