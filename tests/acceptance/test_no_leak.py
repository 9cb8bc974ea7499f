"""Nothing that trainees can reach says that a scenario is active: everything is read twice, with one and without.

Two benches of one lab, frozen at the same simulated time of the same seed: the first healthy, the second with a
scenario whose fault is active. What is read must have the same structure; values differ in the declared symptoms alone.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import paho.mqtt.client as paho
import pytest
from asyncua import Client, ua
from pymodbus.client import ModbusTcpClient
from websockets.sync.client import connect

from tests.acceptance.lab import Lab, within

pytestmark = pytest.mark.timeout(180)  # two benches are brought to a state first
HEALTHY, FAULTY = 1, 2
SCENARIO, ENTRY, TARGET = "stuck_photo_eye", "eye", "machining.eye_work"
SECONDS = 5.0  # of simulated time, with the fault
# what stands for the bench itself, its own ports and folders, and the time of day at which something was said
OWN = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?|\d{8}T\d{6}Z|20\d\d-\d\d-\d\d|127\.0\.0\.1:\d+"
    r"|urn:linelab:\w+:\d+|bench[- ]\d+"
)
SECRETS = ("scenario", "stuck_photo_eye", "photo_eye_stuck", "checkpoint", "snapshot")
CHANNELS = ("line", "tags", "wires", "alarms", "maintenance")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Both benches from the same state, the second with its scenario; then some time, and frozen."""
    lab = Lab(tmp_path_factory.mktemp("leak") / "data", benches=2)
    try:
        begin(lab.start())
        yield lab
    finally:
        lab.kill()


def begin(lab: Lab) -> None:
    condition = "/conditions/smart_factory_warm"
    for bench in (HEALTHY, FAULTY):
        lab.ask("POST", condition, {"frozen": True}, role="instructor", bench=bench)
    lab.ask("POST", f"/scenarios/{SCENARIO}", {"here": True}, role="instructor", bench=FAULTY)
    lab.ask("POST", f"/scenario/{ENTRY}", role="instructor", bench=FAULTY)
    for bench in (HEALTHY, FAULTY):
        lab.ask("POST", "/clock", {"action": "step", "by": "time", "seconds": SECONDS}, role="instructor", bench=bench)
    times = [lab.ask("GET", "", bench=bench)["clock"]["sim_s"] for bench in (HEALTHY, FAULTY)]
    assert times[0] == times[1] == 600.0 + SECONDS
    active = lab.ask("GET", "/active", role="instructor", bench=FAULTY)
    assert [fault["target"] for fault in active["active"]] == [TARGET], "the scenario is active"


def shape(value: Any) -> Any:
    """The structure alone: keys, lengths and types."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def plain(text: str, lab: Lab, bench: int) -> str:
    """Without what is a bench's own, and must differ."""
    for port in ("opcua", "modbus", "mqtt"):
        text = text.replace(str(lab.port(port, bench)), "PORT")
    for role in ("trainee", "instructor", "engineer"):
        text = text.replace(lab.token(role, bench), "TOKEN")
    return OWN.sub("OWN", text)


def differences(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Where two answers of the same structure differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key, value in one.items():
            yield from differences(value, other[key], f"{at}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{at}/{n}")
    elif one != other:
        yield at


def secrets_in(text: str) -> list[str]:
    return [word for word in SECRETS if word in text.lower()]


# ---- REST and WebSocket --------------------------------------------------------------------------------------------


def ask(lab: Lab, bench: int, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {lab.token('trainee', bench)}"}
    return httpx.get(f"{lab.url}{path}", headers=headers, timeout=60)


def get_paths(lab: Lab) -> list[str]:
    described = ask(lab, HEALTHY, "/api/openapi.json").json()
    return sorted(path for path, methods in described["paths"].items() if "get" in methods)


def test_every_route_answers_a_trainee_alike(lab: Lab) -> None:
    tags = {row["index"]: row["name"] for row in lab.ask("GET", "/tags")}
    allowed = 0
    for path in get_paths(lab):
        answers = [
            ask(lab, bench, path.replace("{n}", str(bench)) + ("?t_s=1" if "past" in path else ""))
            for bench in (HEALTHY, FAULTY)
        ]
        healthy, faulty = answers
        assert healthy.status_code == faulty.status_code, path
        texts = [plain(answer.text, lab, bench) for bench, answer in enumerate(answers, 1)]
        if healthy.status_code != 200 or path.endswith(("openapi.json", "health")):
            assert texts[0] == texts[1], path
            continue
        allowed += 1
        assert secrets_in(texts[1]) == secrets_in(texts[0]), path
        if "json" not in healthy.headers["content-type"]:
            continue
        one, other = (json.loads(text) for text in texts)
        assert shape(one) == shape(other), path
        found = list(differences(one, other))
        if path.endswith("/values"):
            names = {tags[one[int(at.split("/")[1])][0]] for at in found}
            assert TARGET in names, "the symptom shows"
            assert {name.partition(".")[0] for name in names} <= FOLLOWS, names
        elif not path.endswith(("/alarms", "/alarm-journal", "/alarm-figures", "/maintenance")):
            wanted = [at for at in found if not at.endswith(("/bench", "/n"))]
            assert not [at for at in wanted if "bench" not in at and "/0/bench" not in at], (path, wanted)
    assert allowed >= 12


FOLLOWS = {"machining", "infeed", "inspection", "line"}  # stations that the stuck eye of machining can hold up


def test_every_channel_that_a_trainee_may_follow_says_the_same(lab: Lab) -> None:
    said = {}
    for bench in (HEALTHY, FAULTY):
        headers = {"Authorization": f"Bearer {lab.token('trainee', bench)}"}
        with connect(f"ws://127.0.0.1:{lab.web}/api/ws", additional_headers=headers) as socket:
            for kind in CHANNELS:
                socket.send(json.dumps({"op": "sub", "ch": f"{kind}:{bench}"}))
            socket.send(json.dumps({"op": "sub", "ch": f"faults:{bench}"}))
            frames: dict[str, Any] = {}
            while len(frames) < len(CHANNELS) + 1:
                frame = json.loads(socket.recv(timeout=10))
                frames.setdefault(frame["ch"].partition(":")[0], frame)
        said[bench] = frames
    for kind in CHANNELS:
        one, other = (json.loads(plain(json.dumps(said[bench][kind]), lab, bench)) for bench in (HEALTHY, FAULTY))
        assert one.keys() == other.keys(), kind
        assert not secrets_in(json.dumps(other)), kind
    assert [said[bench]["faults"] for bench in (HEALTHY, FAULTY)] == [
        {"ch": f"faults:{bench}", "k": "error", "code": "role"} for bench in (HEALTHY, FAULTY)
    ]


# ---- the wires -----------------------------------------------------------------------------------------------------


def everything_modbus(lab: Lab, bench: int) -> dict[str, Any]:
    """All bits and registers that answer, what happens beyond, and the identification."""
    found: dict[str, Any] = {}
    with ModbusTcpClient("127.0.0.1", port=lab.port("modbus", bench)) as plc:
        for name, read, step, most in (
            ("coils", plc.read_coils, 48, 4000),
            ("discrete", plc.read_discrete_inputs, 48, 4000),
            ("holding", plc.read_holding_registers, 20, 4000),
            ("input", plc.read_input_registers, 20, 4000),
        ):
            for address in range(0, most, step):
                answer = read(address, count=step)
                values = answer.bits if step == 48 else getattr(answer, "registers", [])
                found[f"{name} {address}"] = answer.exception_code if answer.isError() else values
        for code in (0x01, 0x02, 0x03):
            told = plc.read_device_information(read_code=code)
            found[f"identity {code}"] = {
                key: OWN.sub("OWN", value.decode()) for key, value in getattr(told, "information", {}).items()
            }
        for asked in ("diag_read_bus_message_count", "diag_read_diagnostic_register"):
            found[asked] = type(getattr(plc, asked)()).__name__
    return found


def test_modbus_has_the_same_registers(lab: Lab) -> None:
    one, other = (everything_modbus(lab, bench) for bench in (HEALTHY, FAULTY))
    assert shape(one) == shape(other)
    assert sum(isinstance(values, list) for values in one.values()) > 4
    places = list(differences(one, other))
    assert any(place.startswith("/discrete") for place in places), "the stuck eye shows"
    assert not [place for place in places if place.startswith("/identity")]
    assert len(places) < 60


def everything_mqtt(lab: Lab, bench: int) -> dict[str, str]:
    """Every retained topic, `$SYS` too, as a trainee gets them."""
    heard: dict[str, str] = {}
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, f"leak-{bench}")
    client.username_pw_set("trainee", lab.token("trainee", bench))
    client.on_connect = lambda c, *_: c.subscribe([("#", 0), ("$SYS/#", 0)])
    client.on_message = lambda _c, _u, message: heard.__setitem__(message.topic, message.payload.decode())
    client.connect("127.0.0.1", lab.port("mqtt", bench))
    client.loop_start()
    last = -1
    try:
        for _ in within(10, "every retained topic"):
            if len(heard) > 100 and len(heard) == last:
                break
            last = len(heard)
            client_wait()
    finally:
        client.disconnect()
        client.loop_stop()
    return heard


def client_wait() -> None:
    asyncio.run(asyncio.sleep(0.3))


def test_mqtt_has_the_same_topics(lab: Lab) -> None:
    one, other = (everything_mqtt(lab, bench) for bench in (HEALTHY, FAULTY))
    assert one.keys() == other.keys()
    assert any(topic.startswith("$SYS") for topic in one)
    for topic in one:
        left, right = (plain(text, lab, bench) for bench, text in ((HEALTHY, one[topic]), (FAULTY, other[topic])))
        assert not secrets_in(topic + right) or secrets_in(left), topic
        if right.startswith("{"):
            assert shape(json.loads(left)).keys() == shape(json.loads(right)).keys(), topic
    changed = {topic for topic in one if TARGET.replace(".", "/") in topic and one[topic] != other[topic]}
    assert changed, "the stuck eye shows"


async def everything_opcua(lab: Lab, bench: int) -> dict[str, tuple[str, str, str]]:
    """Each node below Objects: what it is called, its class and type. Values are compared by the other tests."""
    found: dict[str, tuple[str, str, str]] = {}
    async with Client(f"opc.tcp://127.0.0.1:{lab.port('opcua', bench)}/") as client:
        waiting = [client.nodes.objects.nodeid]
        while waiting:
            asked, waiting = waiting[:200], waiting[200:]
            parameters = ua.BrowseParameters(
                View=ua.ViewDescription(), RequestedMaxReferencesPerNode=0,
                NodesToBrowse=[ua.BrowseDescription(
                    NodeId=node, BrowseDirection=ua.BrowseDirection.Forward, IncludeSubtypes=True,
                    ReferenceTypeId=ua.NodeId(ua.ObjectIds.HierarchicalReferences), NodeClassMask=0, ResultMask=63,
                ) for node in asked],
            )  # fmt: skip
            for answer in await client.uaclient.browse(parameters):
                for reference in answer.References or ():
                    key = plain(reference.NodeId.to_string(), lab, bench)
                    if key not in found:
                        name = plain(f"{reference.BrowseName.Name} {reference.DisplayName.Text}", lab, bench)
                        found[key] = (name, reference.NodeClass.name, reference.TypeDefinition.to_string())
                        waiting.append(reference.NodeId)
    return found


async def values_opcua(lab: Lab, bench: int, nodes: list[str]) -> dict[str, tuple[str, str]]:
    """Status code and value of these variables."""
    async with Client(f"opc.tcp://127.0.0.1:{lab.port('opcua', bench)}/") as client:
        wanted = [ua.ReadValueId(ua.NodeId.from_string(node), ua.AttributeIds.Value) for node in nodes]
        read = [await client.uaclient.read(ua.ReadParameters(NodesToRead=wanted[at : at + 500]))
                for at in range(0, len(wanted), 500)]  # fmt: skip
    found = [value for part in read for value in part]
    return {
        node: (str(value.StatusCode), plain(str(value.Value and value.Value.Value), lab, bench))
        for node, value in zip(nodes, found, strict=True)
    }


async def test_opcua_has_the_same_nodes(lab: Lab) -> None:
    one, other = await everything_opcua(lab, HEALTHY), await everything_opcua(lab, FAULTY)
    sessions = re.compile("Session|Subscription")
    one, other = ({key: row for key, row in found.items() if not sessions.search(row[0])} for found in (one, other))
    assert len(one) > 1000
    assert one == other
    assert not [row for row in other.values() if secrets_in(row[0])]
    tags = [node for node, (_, kind, _) in one.items() if kind == "Variable" and re.search(r"s=\w+\.\w+$", node)]
    healthy, faulty = await values_opcua(lab, HEALTHY, tags), await values_opcua(lab, FAULTY, tags)
    changed = {node.rpartition("s=")[2] for node in tags if healthy[node] != faulty[node]}
    assert TARGET in changed
    assert {name.partition(".")[0] for name in changed} <= FOLLOWS, changed
    assert {node: row[0] for node, row in healthy.items()} == {node: row[0] for node, row in faulty.items()}
