"""Modules and vehicles: state on event, order of commands, direct orders where control is the client's, errors."""

from typing import Any

from sim.inputs import Input
from tests.devices.fischertechnik.live import TRAINEE, Live

DRILL, HBW, AGV = "module/v1/ff/DRILL001", "module/v1/ff/HBW001", "fts/v1/ff/AGV001"
FIELDS = {
    "headerId": int, "timestamp": str, "version": str, "manufacturer": str, "serialNumber": str, "type": str,
    "orderId": str, "orderUpdateId": int, "paused": bool, "errors": list, "loads": list, "operatingMode": str,
    "metadata": dict,
}  # fmt: skip
ACTION_STATES = {"WAITING", "INITIALIZING", "RUNNING", "PAUSED", "FINISHED", "FAILED"}


def call(live: Live, module: str, command: str, update: int, order: str = "o-1", **metadata: str) -> bool:
    return live.send(
        f"{module}/order",
        {
            "timestamp": "2026-01-01T00:00:00.000Z", "serialNumber": module.rsplit("/", 1)[-1], "orderId": order,
            "orderUpdateId": update, "action": {"id": f"a-{update}", "command": command, "metadata": metadata},
        },
    )  # fmt: skip


def action(state: Any) -> tuple[str, str, str]:
    found = state["actionState"] or {"id": "", "command": "", "state": ""}
    return found["id"], found["command"], found["state"]


def ended(live: Live, module: str, name: str) -> Any:
    return live.until(f"{module}/state", lambda s: action(s)[0] == name and action(s)[2] in ("FINISHED", "FAILED"), 200)


def write(live: Live, **values: Any) -> None:
    writes = [(live.view.tags.find(f"orders.{name}").index, value) for name, value in values.items()]  # type: ignore[union-attr]
    assert live.view.request(TRAINEE, writes) == (None,) * len(writes)


def with_stock(live: Live) -> None:
    """Run until one part of each type lies in the rack and none is on its way, then take control."""
    live.view.run.give(Input("write", {"writes": [["store.keep", 1]]}), "test")
    live.until(f"{HBW}/state", lambda s: len(s["loads"]) == 3)
    live.go(20)
    live.key("orders")


def test_every_state_has_the_fields_of_the_contract(live: Live) -> None:
    live.send("ccu/order/request", {"type": "WHITE"})
    live.until("ccu/order/completed", lambda found: found)
    headers = []
    for state in live.all(f"{DRILL}/state"):
        assert {name: type(state[name]) for name in FIELDS} == FIELDS
        assert state["actionState"] is None or state["actionState"]["state"] in ACTION_STATES
        headers.append(state["headerId"])
    assert headers == sorted(set(headers))
    commands = [action(state)[1:] for state in live.all(f"{DRILL}/state") if state["actionState"]]
    assert list(dict.fromkeys(commands)) == [
        (command, state) for command in ("PICK", "DRILL", "DROP") for state in ("RUNNING", "FINISHED")
    ]


def test_state_is_told_on_event_only(live: Live) -> None:
    live.go(5)
    before = len(live.all(f"{DRILL}/state"))
    live.go(20)
    assert len(live.all(f"{DRILL}/state")) == before


def test_a_client_in_control_makes_the_modules_work(live: Live) -> None:
    with_stock(live)
    assert call(live, HBW, "DROP", 1, type="WHITE")
    write(live, trip_1_from=1, trip_1_to=2, trip_1_request=True)
    assert action(ended(live, HBW, "a-1"))[1:] == ("DROP", "FINISHED")
    assert not live.get("orders.store_request")
    call(live, DRILL, "PICK", 1)
    assert action(live.last(f"{DRILL}/state")) == ("a-1", "PICK", "WAITING")
    ended(live, DRILL, "a-1")
    write(live, trip_1_request=False)
    call(live, DRILL, "DRILL", 2, duration="5")
    done = ended(live, DRILL, "a-2")
    assert action(done)[1:] == ("DRILL", "FINISHED")
    assert (done["orderId"], done["orderUpdateId"]) == ("o-1", 2)
    assert len(done["loads"]) == 1
    call(live, DRILL, "DROP", 3)
    write(live, trip_1_from=2, trip_1_to=5, trip_1_request=True)
    done = ended(live, DRILL, "a-3")
    assert (action(done)[1:], done["loads"]) == (("DROP", "FINISHED"), [])


def test_work_without_a_part_fails_with_an_error(live: Live) -> None:
    live.go(5)
    live.key("orders")
    call(live, DRILL, "DRILL", 1)
    failed = ended(live, DRILL, "a-1")
    assert action(failed)[1:] == ("DRILL", "FAILED")
    assert [(one["errorType"], one["errorLevel"]) for one in failed["errors"]] == [("DRILL_ERROR", "FATAL")]
    live.go(5)
    assert not live.get("orders.drill_request")


def refusal(live: Live) -> str:
    (error,) = [one for one in live.last(f"{DRILL}/state")["errors"] if one["errorType"] == "Validation"]
    return str(error["errorReferences"][0]["referenceValue"])


def test_what_may_not_be_done_says_why_in_the_state(live: Live) -> None:
    live.go(5)
    call(live, DRILL, "DRILL", 1)
    assert refusal(live) == "not_owner"
    assert action(live.last(f"{DRILL}/state")) == ("a-1", "DRILL", "FAILED")
    live.key("orders")
    call(live, DRILL, "MILL", 1)
    assert refusal(live) == "command"
    call(live, DRILL, "PICK", 4)
    assert live.last(f"{DRILL}/state")["errors"] == []
    call(live, DRILL, "PICK", 5)
    assert refusal(live) == "busy"
    assert live.noted("refused") == 3


def test_an_update_must_be_newer(live: Live) -> None:
    live.go(5)
    live.key("orders")
    call(live, DRILL, "DRILL", 4)
    ended(live, DRILL, "a-4")
    live.go(5)
    call(live, DRILL, "DRILL", 4)
    assert refusal(live) == "orderUpdateId"


def test_an_emergency_stop_is_an_error_and_reset_brings_it_back(live: Live) -> None:
    live.go(5)
    live.estop("drill")
    stopped = live.until(f"{DRILL}/state", lambda s: s["metadata"]["stationState"] == "ABORTED", 20)
    assert [one["errorType"] for one in stopped["errors"]] == ["EMERGENCY_STOP"]
    live.estop("drill", pressed=False)
    for wanted in ("STOPPED", "IDLE"):
        live.send(f"{DRILL}/instantAction", {"actions": [{"actionType": "reset", "actionId": "r"}]})
        live.until(f"{DRILL}/state", lambda s, w=wanted: s["metadata"]["stationState"] in (w, "EXECUTE"), 30)
    assert live.last(f"{DRILL}/state")["errors"] == []


def test_instant_actions(live: Live) -> None:
    live.send(f"{DRILL}/instantAction", {"actions": [{"actionType": "factsheetRequest", "actionId": "f"}]})
    sheets = live.all(f"{DRILL}/factsheet")
    assert len(sheets) == 2
    assert [one["actionType"] for one in sheets[0]["protocolFeatures"]["moduleActions"]] == ["PICK", "DROP", "DRILL"]
    live.send(f"{DRILL}/instantAction", {"actions": [{"actionType": "startCalibration", "actionId": "c"}]})
    assert refusal(live) == "actionType"


def test_a_vehicle_tells_node_load_docking_and_battery(live: Live) -> None:
    live.send("ccu/order/request", {"type": "WHITE"})
    live.until("ccu/order/completed", lambda found: found)
    states = live.all(f"{AGV}/state") + live.all("fts/v1/ff/AGV002/state")
    assert any(s["driving"] and s["actionState"]["command"] == "PASS" for s in states)
    assert any(s["waitingForLoadHandling"] and s["lastNodeId"] == "HBW001" for s in states)
    assert any(s["load"] == [{"loadId": None, "loadType": "WHITE", "loadPosition": "1"}] for s in states)
    assert all(0 <= s["batteryState"]["percentage"] <= 100 for s in states)


def test_a_vehicle_takes_no_navigation_order(live: Live) -> None:
    live.send(f"{AGV}/order", {"orderId": "x", "nodes": []})
    (error,) = live.last(f"{AGV}/state")["errors"]
    assert error["errorType"] == "ACTION_DISMISSED"
    assert live.noted("refused") == 1
