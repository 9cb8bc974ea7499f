"""Host and client of the channel on a real socket, with the shipped line behind them."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any, cast

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from controller.bench import Bench
from controller.channel import HostClient, Lab
from controller.messages import VERSION, Frame, HostAddress, LabError, LabLost, encode
from controller.operations import OPERATIONS, Desk
from controller.recorder import JOURNAL
from controller.runs import Plan
from controller.service import QUEUE, Outbox, Service
from controller.training.active import active as active_now
from devices.address_map.exports import FORMATS
from devices.endpoint import Client, Role
from sim.state import JsonValue
from tests.controller.fake_sim import HandClock

TEACHER, PUPIL = Role.INSTRUCTOR, Role.TRAINEE


class Heard:
    """Frames of one channel as a page puts them together."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    def __call__(self, frame: Frame) -> None:
        self.frames.append(frame)

    async def until(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(3):
            while len(self.frames) < count:
                await asyncio.sleep(0.005)
        return self.frames

    def shown(self) -> dict[str, JsonValue]:
        """States and controls after all frames."""
        shown: dict[str, Any] = {}
        for frame in self.frames:
            if frame["k"] == "snap":
                shown = {**frame["st"], **{f"{s}/c": c for s, c in frame["control"].items()}}
            for _, kind, subject, data in frame.get("ev", []):
                if kind in ("state", "control"):
                    shown[f"{subject}/c" if kind == "control" else str(subject)] = data
        return shown


async def ask(lab: HostClient, op: str, role: Role = TEACHER, **params: JsonValue) -> Any:
    return await lab.request(op, bench=1, by="tester", role=role, params=params)


def pass_time(bench: Bench, clock: HandClock, seconds: float) -> None:
    for _ in range(round(seconds / 0.1)):
        clock.now_s += 0.1
        bench.run.settle()


# ---- doors -----------------------------------------------------------------------------------------------------


async def test_nobody_without_the_secret_gets_in(service: Service) -> None:
    port = await service.start()
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{port}", additional_headers=headers)
        assert refused.value.response.status_code == 401


@pytest.mark.parametrize(
    "said", ["", "[]", "nonsense", encode({"hello": "linelab-channel", "version": VERSION + 1}), encode({"id": 1})]
)
async def test_who_does_not_speak_this_version_is_closed(said: str, service: Service) -> None:
    port = await service.start()
    headers = {"Authorization": "Bearer secret"}
    async with connect(f"ws://127.0.0.1:{port}", additional_headers=headers) as socket:
        await socket.recv()
        await socket.send(said)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 2)


async def test_every_operation_refuses_the_roles_that_it_does_not_name(lab: HostClient) -> None:
    for op, operation in OPERATIONS.items():
        for role in set(Role) - operation.roles:
            with pytest.raises(LabError) as refused:
                await ask(lab, op, role)
            assert refused.value.code == "forbidden", op


async def test_trainees_cannot_follow_faults(lab: HostClient) -> None:
    with pytest.raises(LabError, match="forbidden"):
        await ask(lab, "snapshot", PUPIL, ch="faults:1")
    assert isinstance(await ask(lab, "snapshot", TEACHER, ch="faults:1"), dict)


@pytest.mark.parametrize("channel", ["", "line", "line:2", "line:01", "secret:1", "line:1:1", "x" * 5000])
async def test_an_unknown_channel_is_refused(lab: HostClient, channel: str) -> None:
    with pytest.raises(LabError, match="unknown"):
        await ask(lab, "snapshot", TEACHER, ch=channel)


# ---- questions -------------------------------------------------------------------------------------------------


async def test_a_refusal_of_the_line_is_an_error_with_its_code(lab: HostClient, bench: Bench) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("write", {"tag": "sorting.belt_run", "value": True}, "not_owner"),
        ("write", {"tag": "sorting.nothing", "value": True}, "unknown"),
        ("write", {"tag": "sorting.ejector_2_colour", "value": 99}, "range"),
        ("write", {"tag": "sorting.ejector_2_colour", "value": "red"}, "type"),
        ("write", {"tag": "sorting.eye_1", "value": True}, "read_only"),
        ("write", {"tag": "sorting.cmd_unhold", "value": True}, "state"),
        ("key", {"station": "nowhere", "control": "modbus"}, "unknown"),
        ("key", {"station": "sorting", "control": "telepathy"}, "range"),
        ("remove_part", {"part": 4711}, "unknown"),
        ("panel", {"station": "sorting", "element": "start"}, "params"),
        ("fault", {"fault": "nothing", "target": "sorting.eye_1"}, "unknown"),
        ("fault", {"fault": "photo_eye_stuck", "target": "sorting.belt"}, "fault"),
        ("end_fault", {"id": "f9"}, "fault_ended"),
        ("clock", {"action": "step", "by": "event"}, "state"),
        ("clock", {"action": "run", "speed": 500.0}, "range"),
        ("dance", {}, "unknown"),
    ]
    for op, params, code in cases:
        with pytest.raises(LabError) as refused:
            await ask(lab, op, **params)
        assert refused.value.code == code, (op, params)


async def test_what_a_page_does_reaches_the_line(lab: HostClient, bench: Bench) -> None:
    await ask(lab, "key", PUPIL, station="sorting", control="mqtt")
    assert bench.run.line.control("sorting") == "mqtt"
    await ask(lab, "write", PUPIL, tag="sorting.ejector_2_colour", value=3)
    await ask(lab, "panel", PUPIL, station="infeed", element="estop", pressed=True)
    values = await ask(lab, "values")
    said = {bench.view.tags[row[0]].name: row[1] for row in values}
    assert (said["sorting.ejector_2_colour"], said["infeed.estop_ok"]) == (3, False)


async def test_frozen_refuses_hands_but_not_the_instructors_faults(lab: HostClient, bench: Bench) -> None:
    assert await ask(lab, "clock", action="freeze") == bench.info()["clock"]
    with pytest.raises(LabError, match="paused"):
        await ask(lab, "panel", PUPIL, station="sorting", element="start", pressed=True)
    assert await ask(lab, "fault", fault="modbus_late", target="modbus") == {"id": "f1"}
    await ask(lab, "clock", action="step", by="time", seconds=2.0)
    assert bench.info()["clock"] == {"state": "frozen", "speed": 1.0, "sim_s": 2.0, "slips": 0}
    assert await ask(lab, "clock", action="run", speed=4.0)
    assert (bench.run.pacer.frozen, bench.run.pacer.speed) == (False, 4.0)


async def test_one_working_fault_for_each_seam(lab: HostClient, bench: Bench) -> None:
    found = await ask(lab, "faults")
    catalogue = {row["fault"]: row for row in found["catalogue"]}
    assert {seam for row in catalogue.values() for seam in row["seams"]} >= {"signal", "parameter", "link"}
    names = ["photo_eye_stuck", "belt_slip", "modbus_late"]
    for n, name in enumerate(names, 1):
        assert await ask(lab, "fault", fault=name, target=catalogue[name]["targets"][0]) == {"id": f"f{n}"}
    now = cast(Any, active_now(bench))
    assert [fault["fault"] for fault in now["active"]] == names
    assert now["links"]["modbus"]["delay_ms"] > 0
    with pytest.raises(LabError, match="fault_active"):
        await ask(lab, "fault", fault="modbus_late", target="modbus")
    for n in range(1, len(names) + 1):
        await ask(lab, "end_fault", id=f"f{n}")
    assert active_now(bench) == {"active": [], "scenario": None, "differs": [], "links": {}}
    assert await ask(lab, "fault", fault="modbus_late", target="modbus") == {"id": f"f{len(names) + 1}"}


async def test_tags_come_with_their_addresses_and_the_map_in_every_format(lab: HostClient, desk: Desk) -> None:
    rows = await ask(lab, "tags", PUPIL)
    assert len(rows) == len(desk.addresses)
    assert {"iec_address", "modbus", "opcua", "mqtt"} == set(rows[0]["address"])
    for format, kind in FORMATS.items():
        text = await ask(lab, "map", PUPIL, format=format, lang="zh", host="10.0.0.7")
        assert isinstance(text, str)
        if kind.binary:
            assert base64.b64decode(text).startswith(b"%PDF-1")
        else:
            assert text.count("\n") >= 100, format


async def test_a_map_that_cannot_be_had_says_why(lab: HostClient, desk: Desk) -> None:
    with pytest.raises(LabError, match="params") as caught:
        await ask(lab, "map", PUPIL, format="siemens", stations=["attic"])
    assert "attic" in str(caught.value.params["why"])
    with pytest.raises(LabError, match="params"):
        await ask(lab, "map", PUPIL, format="json", lang="xx")


@pytest.mark.long
async def test_a_nodeset_is_written_beside_the_loop(lab: HostClient) -> None:
    text = await ask(lab, "map", PUPIL, format="nodeset")
    assert "<UANodeSet" in text[:200]
    assert "infeed.belt_run" in text


async def test_a_reset_begins_a_new_run_for_everybody(lab: HostClient, bench: Bench, clock: HandClock) -> None:
    heard = Heard()
    lab.subscribe("line:1", heard)
    await ask(lab, "key", station="sorting", control="mqtt")
    pass_time(bench, clock, 3.0)
    before = bench.run.folder_name
    await heard.until(2)
    snaps = [frame["k"] for frame in heard.frames].count("snap")
    await ask(lab, "reset")
    assert bench.run.folder_name != before
    assert (bench.run.line.now_ns, bench.run.line.control("sorting")) == (0, "builtin")
    async with asyncio.timeout(3):  # the frame may have come before the answer
        while [frame["k"] for frame in heard.frames].count("snap") == snaps:
            await asyncio.sleep(0.005)
    assert heard.shown()["sorting/c"] == "builtin"


async def test_resets_at_the_same_time_leave_one_run_alive(lab: HostClient, bench: Bench, plan: Plan) -> None:
    await asyncio.gather(*[ask(lab, "reset") for _ in range(3)])
    folders = sorted((plan.settings.data / "bench-1").iterdir())
    ended = [folder.name for folder in folders if '"k":"end"' in (folder / JOURNAL).read_text("utf-8")]
    assert len(folders) == 4
    assert ended == [folder.name for folder in folders[:-1]]
    assert bench.run.folder_name == folders[-1].name


async def test_a_bench_that_stopped_begins_no_run(bench: Bench) -> None:
    await bench.stop()
    with pytest.raises(LabError, match="offline"):
        await bench.reset("late")


async def test_a_fault_says_since_when_it_is_there(lab: HostClient, bench: Bench, clock: HandClock) -> None:
    pass_time(bench, clock, 3.0)
    await ask(lab, "fault", fault="modbus_late", target="modbus")
    pass_time(bench, clock, 2.0)
    (active,) = cast(list[Any], active_now(bench)["active"])
    assert isinstance(active, dict)
    assert active["since_s"] == pytest.approx(3.0)


async def test_without_a_host_a_request_is_told_so(service: Service) -> None:
    client = HostClient(HostAddress("ws://127.0.0.1:9", "secret", (1,)))
    await client.start()
    with pytest.raises(LabLost):
        await client.request("info", bench=1)
    await client.stop()


async def test_a_lab_sends_each_question_to_the_host_of_the_bench(lab: HostClient, service: Service) -> None:
    whole = Lab([HostAddress(lab._address.url, "secret", (1,))])
    await whole.start()
    await whole.connected()
    info = await whole.request("info", bench=1, by="t", role=PUPIL, params={})
    assert isinstance(info, dict)
    assert info["bench"] == 1
    with pytest.raises(LabError, match="unknown"):
        await whole.request("info", bench=7, by="t", role=PUPIL, params={})
    await whole.stop()


# ---- channels --------------------------------------------------------------------------------------------------


async def test_snap_and_changes_together_are_the_present_picture(
    lab: HostClient, bench: Bench, clock: HandClock
) -> None:
    heard = Heard()
    lab.subscribe("line:1", heard)
    for control in ("modbus", "opcua", "builtin", "mqtt"):
        await ask(lab, "key", station="sorting", control=control)
        pass_time(bench, clock, 2.0)
        await heard.until(len(heard.frames) + 1)
    snap = await ask(lab, "snapshot", PUPIL, ch="line:1")
    await asyncio.sleep(0.01)  # what was pushed before the answer
    first = heard.frames[0]["seq"]
    assert [f["seq"] for f in heard.frames] == list(range(first, first + len(heard.frames)))
    assert heard.frames[-1]["seq"] == snap["seq"]
    fresh = Heard()
    fresh(snap)
    assert heard.shown() == fresh.shown()


async def test_a_late_listener_gets_a_snap_and_the_others_do_not(
    lab: HostClient, bench: Bench, clock: HandClock
) -> None:
    early, late = Heard(), Heard()
    lab.subscribe("tags:1", early)
    await early.until(1)
    lab.subscribe("tags:1", late)
    await late.until(1)
    await ask(lab, "write", tag="sorting.ejector_2_colour", value=3)
    await early.until(2)
    await late.until(2)
    assert [f["k"] for f in early.frames[:2]] == ["snap", "ev"]
    assert [f["k"] for f in late.frames[:2]] == ["snap", "ev"]


async def test_tags_say_only_what_changed(lab: HostClient, bench: Bench) -> None:
    heard = Heard()
    lab.subscribe("tags:1", heard)
    await heard.until(1)
    await ask(lab, "write", tag="sorting.ejector_2_colour", value=3)
    frames = await heard.until(2)
    tag = bench.view.tags.find("sorting.ejector_2_colour")
    assert tag is not None
    assert frames[1]["v"] == [[tag.index, 3, "good"]]


async def test_wires_show_the_last_write_with_its_refusal(
    lab: HostClient, bench: Bench, client: Callable[..., Client]
) -> None:
    class Quiet:
        url, clients = "modbus://nowhere", 1

        async def start(self) -> None: ...

        async def stop(self) -> None: ...

    bench.endpoints = {client().wire: Quiet()}
    heard = Heard()
    lab.subscribe("wires:1", heard)
    await heard.until(1)
    tag = bench.view.tags.find("sorting.belt_run")
    assert tag is not None
    bench.view.request(client(), [(tag.index, True)])
    frames = await heard.until(2)
    assert frames[1]["wires"][0]["last"]["refusal"] == "not_owner"


async def test_nothing_that_trainees_follow_shows_a_fault(lab: HostClient, bench: Bench, clock: HandClock) -> None:
    heard = {ch: Heard() for ch in ("line:1", "tags:1", "wires:1", "faults:1")}
    for channel, listener in heard.items():
        lab.subscribe(channel, listener)
        await listener.until(1)
    await ask(lab, "fault", fault="photo_eye_stuck", target="sorting.eye_1", value=False)  # as it is anyway
    await ask(lab, "fault", fault="modbus_late", target="modbus")
    await heard["faults:1"].until(2)
    clock.now_s += 1.0
    await heard["line:1"].until(2)
    trainee = str([heard[ch].frames[1:] for ch in ("line:1", "tags:1", "wires:1")])
    for word in ("fault", "stuck", "late", "link", "eye_1"):
        assert word not in trainee


async def test_freezing_shows_in_the_clock_at_once(lab: HostClient, bench: Bench) -> None:
    heard = Heard()
    lab.subscribe("line:1", heard)
    await heard.until(1)
    await ask(lab, "clock", action="freeze")
    frames = await heard.until(2)
    assert frames[1]["clk"]["rate"] == 0.0


async def test_after_a_lost_connection_everything_begins_with_a_snap(service: Service, bench: Bench) -> None:
    port = await service.start()
    client = HostClient(HostAddress(f"ws://127.0.0.1:{port}", "secret", (1,)))
    await client.start()
    heard = Heard()
    end = client.subscribe("line:1", heard)
    await heard.until(1)
    await service.stop()
    again = Service(service._desks, "secret")
    again.open()
    assert await again.start(port) == port
    frames = await heard.until(2)
    assert frames[1]["k"] == "snap"
    end()
    await ask(client, "info")
    assert not again._channels["line:1"].followers
    await client.stop()
    await again.stop()


async def test_a_host_answers_nothing_before_its_benches_stand(desk: Desk) -> None:
    desks: dict[int, Desk] = {}
    service = Service(desks, "secret")
    client = HostClient(HostAddress(f"ws://127.0.0.1:{await service.start()}", "secret", (1,)))
    await client.start()
    heard = Heard()
    client.subscribe("line:1", heard)
    async with connect(
        client._address.url, additional_headers={"Authorization": "Bearer secret"}
    ):  # the door is open, but nobody says hello
        with pytest.raises(LabLost):
            await ask(client, "tags")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.connected(), 0.05)
    desks[1] = desk
    service.open()
    await client.connected()
    assert len(await ask(client, "tags")) == len(desk.bench.view.tags)
    assert (await heard.until(1))[0]["k"] == "snap", "who subscribed too early is served now"
    service.close()
    with pytest.raises(LabError) as refused:
        await ask(client, "tags")
    assert refused.value.code == "lab", "a host that stops is gone; the tag is not unknown"
    await client.stop()
    await service.stop()


async def test_a_host_that_stops_before_its_benches_stand_keeps_nobody_waiting() -> None:
    service = Service({}, "secret")
    port = await service.start()
    async with connect(f"ws://127.0.0.1:{port}", additional_headers={"Authorization": "Bearer secret"}) as socket:
        async with asyncio.timeout(5):
            await service.stop()
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_a_slow_reader_loses_its_queue_and_gets_a_snap_of_each_channel() -> None:
    outbox = Outbox()
    outbox.channels = {"line:1", "tags:1"}
    outbox.answer("answer")
    for n in range(QUEUE):
        outbox.push("line:1", str(n))
    assert not outbox.lost
    outbox.push("line:1", "one too many")
    assert outbox.lost == {"line:1", "tags:1"}
    outbox.push("tags:1", "after")
    assert await outbox.next() == "answer"
    assert await outbox.next() is None
    outbox.found("line:1")
    outbox.push("line:1", "next")
    assert await outbox.next() == "next"
