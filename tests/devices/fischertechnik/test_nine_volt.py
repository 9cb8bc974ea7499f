"""The 9V topics: an order is made, the stations tell lamps, the acknowledge button brings a stopped station back."""

from tests.devices.fischertechnik.live import Live

TS = "2026-01-01T00:00:00.000Z"


def test_an_order_goes_from_ordered_to_shipped(live: Live) -> None:
    assert live.last("f/i/order")["state"] == "WAITING_FOR_ORDER"
    live.send("f/o/order", {"ts": TS, "type": "RED"})
    live.until("f/i/order", lambda found: found["state"] == "SHIPPED")
    told = [(one["state"], one["type"]) for one in live.all("f/i/order")]
    assert told == [("WAITING_FOR_ORDER", ""), ("IN_PROCESS", "RED"), ("SHIPPED", "RED")]
    codes = {one["code"] for one in live.all("f/i/state/sld")}
    assert codes >= {1, 2}
    targets = {one["target"] for one in live.all("f/i/state/vgr")}
    assert {"hbw", "sld", "dso"} <= targets


def test_a_station_state_has_the_published_fields(live: Live) -> None:
    for name in ("hbw", "vgr", "mpo", "sld", "dsi", "dso"):
        state = live.last(f"f/i/state/{name}")
        assert set(state) == {"ts", "station", "code", "description", "active", "target"}
        assert state["station"] == name


def test_the_same_under_the_prefix_of_the_newer_equipment(live: Live) -> None:
    live.send("/j1/txt/1/f/o/order", {"ts": TS, "type": "BLUE"})
    assert [one["type"] for one in live.last("ccu/order/active")] == ["BLUE"]


def test_acknowledge_brings_a_stopped_station_back(live: Live) -> None:
    live.go(5)
    live.estop("oven")
    live.until("f/i/state/mpo", lambda found: found["code"] == 4, 20)
    live.estop("oven", pressed=False)
    for _ in range(2):  # clear, then reset
        live.send("f/o/state/ack", {"ts": TS})
        live.go(15)
    assert live.last("f/i/state/mpo")["code"] == 1


def test_the_tag_that_the_reader_reads_is_told(live: Live) -> None:
    tag = live.until("f/i/nfc/ds", lambda found: found is not None)
    assert len(tag["workpiece"]["id"]) == 14
    assert tag["workpiece"]["type"] in ("WHITE", "RED", "BLUE")
    live.go(120)
    ids = [one["workpiece"]["id"] for one in live.all("f/i/nfc/ds")]
    assert len(set(ids)) == len(ids) >= 2


def test_the_reader_belongs_to_its_station(live: Live) -> None:
    live.send("f/o/nfc/ds", {"ts": TS, "cmd": "read"})
    live.send("f/o/nfc/ds", {"ts": TS, "cmd": "burn"})
    assert live.noted("refused") == 2
    live.key("delivery")
    live.send("f/o/nfc/ds", {"ts": TS, "cmd": "read"})
    assert live.noted("refused") == 2


def test_no_sensor_that_the_line_has_not(live: Live) -> None:
    live.go(3)
    assert not [m.topic for m in live.said if m.topic.split("/")[0] in ("i", "o", "c") or "/i/bme680" in m.topic]
