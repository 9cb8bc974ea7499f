"""Orders by the published payloads: accepted, followed step by step, cancelled, refused; and the state of control."""

from typing import Any

import pytest

from tests.devices.fischertechnik.live import OBSERVER, Live

REQUEST, RESPONSE, CANCEL = "ccu/order/request", "ccu/order/response", "ccu/order/cancel"
ACTIVE, COMPLETED = "ccu/order/active", "ccu/order/completed"
STEP_STATES = {"ENQUEUED", "IN_PROGRESS", "FINISHED"}


def order(live: Live, colour: str, **more: str) -> Any:
    live.send(REQUEST, {"type": colour, "timestamp": "2026-01-01T00:00:00.000Z", "orderType": "PRODUCTION", **more})
    return live.last(RESPONSE)


def test_one_piece_of_each_type_goes_its_way(live: Live) -> None:
    ids = {colour: order(live, colour)["orderId"] for colour in ("WHITE", "RED", "BLUE")}
    assert len(set(ids.values())) == 3
    completed = live.until(COMPLETED, lambda found: len(found) == 3)
    assert {one["type"]: one["orderId"] for one in completed} == ids
    work = {
        one["type"]: [
            step["command"] for step in one["productionSteps"] if step.get("command") not in ("PICK", "DROP", None)
        ]
        for one in completed
    }
    assert work == {
        "WHITE": ["DRILL", "CHECK_QUALITY"],
        "RED": ["MILL", "CHECK_QUALITY"],
        "BLUE": ["DRILL", "MILL", "FIRE", "CHECK_QUALITY"],
    }
    for one in completed:
        assert one["state"] == "FINISHED"
        assert {step["state"] for step in one["productionSteps"]} == {"FINISHED"}
        assert one["receivedAt"] <= one["startedAt"] < one["stoppedAt"]
    drilled = [
        d["orderId"]
        for d in live.all("module/v1/ff/DRILL001/state")
        if (d["actionState"] or {}).get("command") == "DRILL"
    ]
    assert set(drilled) == {ids["WHITE"], ids["BLUE"]}
    assert live.all(ACTIVE)[-1] == []


def test_steps_only_go_forward(live: Live) -> None:
    name = order(live, "WHITE")["orderId"]
    live.until(COMPLETED, lambda found: len(found) == 1)
    done = []
    for active in live.all(ACTIVE):
        for one in active:
            assert one["orderId"] == name
            states = [step["state"] for step in one["productionSteps"]]
            assert set(states) <= STEP_STATES
            assert states.count("IN_PROGRESS") <= 1
            done.append(states.count("FINISHED"))
    assert done == sorted(done)
    assert len(set(done)) > 8


def test_a_step_depends_on_the_one_before(live: Live) -> None:
    steps = order(live, "BLUE")["productionSteps"]
    assert [step.get("dependentActionId") for step in steps] == [None, *(step["id"] for step in steps[:-1])]
    assert (steps[0]["source"], steps[0]["target"]) == ("START", "HBW")
    assert (steps[-1]["moduleType"], steps[-1]["command"]) == ("DPS", "PICK")


def test_a_request_id_comes_back(live: Live) -> None:
    assert order(live, "RED", requestId="erp-7")["requestId"] == "erp-7"


def test_what_is_enqueued_can_be_cancelled_and_nothing_else(live: Live) -> None:
    names = [order(live, colour)["orderId"] for colour in ("WHITE", "RED", "BLUE", "WHITE")]
    assert live.last(RESPONSE)["state"] == "ENQUEUED"  # three jobs have taken the others
    live.send(CANCEL, [names[0], names[3]])
    states = {one["orderId"]: one["state"] for one in live.last(COMPLETED)}
    assert states == {names[3]: "CANCELLED"}
    assert {one["orderId"] for one in live.last(ACTIVE)} == set(names[:3])


def test_a_full_desk_says_so(live: Live) -> None:
    for _ in range(4):
        assert order(live, "WHITE")["state"] != "ERROR"
    refused = order(live, "WHITE")
    assert (refused["state"], refused["reason"], refused["orderId"]) == ("ERROR", "full", "")
    assert len(live.last(ACTIVE)) == 4


def test_storage_comes_by_itself(live: Live) -> None:
    live.send(REQUEST, {"type": "BLUE", "orderType": "STORAGE", "workpieceId": "x", "timestamp": "t"})
    assert (live.last(RESPONSE)["state"], live.last(RESPONSE)["reason"]) == ("ERROR", "storage")


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b"\xff", b'{"type":"GREEN"}', b'{"type":1}', b'{"type":"RED","orderType":"GIFT"}',
     b'{"type":"RED","requestId":7}', b'{"type":NaN}', b'{"type":"RED","x":"' + b"a" * 20000 + b'"}', b"[" * 9000],
)  # fmt: skip
def test_what_cannot_be_read_is_counted_and_nothing_else_notices(live: Live, payload: bytes) -> None:
    before, refused = len(live.said), live.noted("refused")
    assert live.send(REQUEST, payload)
    assert live.noted("refused") == refused + 1
    assert live.said[before:] == []


def test_an_observer_asks_nothing_and_a_retained_order_is_none(live: Live) -> None:
    assert not live.send(REQUEST, {"type": "RED"}, OBSERVER)
    assert live.send(REQUEST, {"type": "RED"}, retain=True)
    assert live.last(ACTIVE) == []
    assert live.noted("refused") == 1


def test_another_life_of_the_endpoint_knows_the_same_orders(live: Live) -> None:
    name = order(live, "RED")["orderId"]
    live.restart()
    assert [one["orderId"] for one in live.last(ACTIVE)] == [name]
    completed = live.until(COMPLETED, lambda found: len(found) == 1)
    assert completed[0]["orderId"] == name


def test_the_stock_is_the_book_of_the_rack(live: Live) -> None:
    stock = live.until("ccu/state/stock", lambda found: found["stockItems"])
    (first,) = stock["stockItems"]
    assert (first["location"], first["hbw"], first["workpiece"]["state"]) == ("A1", "HBW001", "RAW")
    cells = live.last("f/i/stock")["stockItems"]
    assert [cell["location"] for cell in cells] == ["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"]
    assert cells[0]["workpiece"]["type"] == first["workpiece"]["type"]
    assert [cell["workpiece"] for cell in cells[1:]] == [None] * 8
    assert live.last("/j1/txt/1/f/i/stock") == live.last("f/i/stock")


def test_the_layout_is_the_track(live: Live) -> None:
    layout = live.last("ccu/state/layout")
    ends = {one["id"] for one in layout["intersections"]} | {one["serialNumber"] for one in layout["modules"]}
    assert {"21", "42"} < ends
    roads = {(road["from"], road["to"]): road for road in layout["roads"]}
    assert {name for road in roads for name in road} <= ends
    assert (roads["21", "22"]["length"], roads["21", "22"]["direction"]) == (2200, "EAST")
    assert live.last("ccu/state/flows")["RED"] == {"steps": ["MILL", "AIQS"]}
    assert live.last("ccu/state/config")["ftsSettings"] == {"chargeThresholdPercent": 25}
