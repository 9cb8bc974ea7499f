"""Programs that this project did not write read and drive the line, by the printed map and nothing else."""

import json
import re
import subprocess

import pytest

from tests.acceptance.lab import ROOT, Lab, within
from tests.acceptance.wires import Entry, printed_map
from tests.devices.opcua.test_interop import need_module
from tests.tools import need


def tool(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=40, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"
    return done.stdout


def tag(name: str) -> Entry:
    return printed_map()[name]


# ---- mbpoll ----------------------------------------------------------------------------------------------------


def mbpoll(lab: Lab, table: int, address: int, *write: str) -> str:
    program = need("mbpoll", "apt-get install mbpoll")
    where = ("-0", "-m", "tcp", "-p", str(lab.port("modbus")), "-t", str(table), "-r", str(address))
    return tool(program, *where, *(() if write else ("-1",)), "127.0.0.1", *write)


def polled(answer: str) -> int:
    found = re.search(r"^\[\d+\]:\s+(\d+)", answer, re.MULTILINE)
    assert found, answer
    return int(found[1])


def test_mbpoll_reads_all_four_tables(lab: Lab) -> None:
    assert polled(mbpoll(lab, 1, tag("sorting.estop_ok")["modbus"]["address"])) == 1
    assert polled(mbpoll(lab, 0, tag("sorting.belt_run")["modbus"]["address"])) == 1
    assert polled(mbpoll(lab, 3, tag("sorting.state")["modbus"]["address"])) == 6
    assert polled(mbpoll(lab, 4, tag("infeed.belt_speed")["modbus"]["address"])) == 2000


def test_mbpoll_drives_an_output_once_the_key_says_modbus(lab: Lab) -> None:
    coil = tag("sorting.lamp_run")["modbus"]["address"]
    with pytest.raises(AssertionError, match="failure"):
        mbpoll(lab, 0, coil, "0")
    lab.key("sorting", "modbus")
    mbpoll(lab, 0, coil, "0")
    assert polled(mbpoll(lab, 0, coil)) == 0
    assert lab.values()["sorting.lamp_run"] is False


# ---- mosquitto_sub, mosquitto_rr, mosquitto_pub -------------------------------------------------------------------


def login(lab: Lab) -> tuple[str, ...]:
    return ("-h", "127.0.0.1", "-p", str(lab.port("mqtt")), "-u", "trainee", "-P", lab.token("trainee"))


def heard(lab: Lab, topic: str) -> dict[str, object]:
    """The retained state of a topic."""
    program = need("mosquitto_sub", "apt-get install mosquitto-clients")
    found: dict[str, object] = json.loads(tool(program, *login(lab), "-t", topic, "-C", "1", "-W", "5"))
    return found


def commanded(lab: Lab, topic: str, value: object) -> dict[str, object]:
    """Publish a command and wait for its reply."""
    program = need("mosquitto_rr", "apt-get install mosquitto-clients")
    payload = json.dumps({"value": value, "id": "t"})
    ask = (*login(lab), "-V", "mqttv311", "-q", "1", "-t", topic, "-e", f"{topic}/reply", "-m", payload, "-W", "10")
    answer: dict[str, object] = json.loads(tool(program, *ask))
    return answer


def test_mosquitto_sub_hears_every_tag(lab: Lab) -> None:
    program = need("mosquitto_sub", "apt-get install mosquitto-clients")
    topics = {entry["mqtt"]["state"] for entry in printed_map().values()}
    text = tool(program, *login(lab), "-v", "-t", "linelab/smart-factory/+/+", "-C", str(len(topics)), "-W", "20")
    assert {line.partition(" ")[0] for line in text.splitlines()} == topics


def test_mosquitto_rr_drives_an_output_once_the_key_says_mqtt(lab: Lab) -> None:
    lamp = tag("sorting.lamp_run")["mqtt"]
    assert commanded(lab, lamp["set"], False) == {"id": "t", "result": "refused", "reason": "not_owner"}
    lab.key("sorting", "mqtt")
    assert commanded(lab, lamp["set"], False) == {"id": "t", "result": "accepted"}
    assert lab.values()["sorting.lamp_run"] is False


def test_mosquitto_pub_sets_a_parameter(lab: Lab) -> None:
    program = need("mosquitto_pub", "apt-get install mosquitto-clients")
    colour = tag("sorting.ejector_2_colour")["mqtt"]
    tool(program, *login(lab), "-q", "1", "-t", colour["set"], "-m", "3")
    for _ in within(3, "the parameter is 3"):
        if heard(lab, colour["state"])["value"] == 3:
            break


# ---- node-opcua ------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_node_opcua_drives_an_output_once_the_key_says_opcua(lab: Lab) -> None:
    node = need("node", "apt-get install nodejs (20 or newer)")
    need_module("node-opcua-client")
    lamp, state = tag("sorting.lamp_run")["opcua"], tag("sorting.state")["opcua"]
    url = f"opc.tcp://127.0.0.1:{lab.port('opcua')}/"
    command = (node, str(ROOT / "tests" / "acceptance" / "drive.cjs"), url, lab.token("trainee"))
    ids = (lamp["namespace_uri"], state["node_id"], lamp["node_id"])
    before = json.loads(tool(*command, *ids).splitlines()[0])
    assert (before["read"], before["on"]) == (6, "BadUserAccessDenied")
    lab.key("sorting", "opcua")
    after = json.loads(tool(*command, *ids).splitlines()[0])
    assert after == {"read": 11, "on": "Good", "is": True, "off": "Good"}
