"""A lab with a real station, as a base runs it: `linelab up --binding`, REST, a device process; and the power fails."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright
from pymodbus.client import ModbusTcpClient

from tests.acceptance.lab import Lab, linelab, within
from tests.acceptance.wires import Entry, Modbus, Mqtt, WireClient, all_wires, eventually, printed_map
from tests.controller.bindings.rig import BELT, BINDING, EYE_WORK, Machine
from tests.tools import need


class Base:
    """The lab, its device, and an engineer."""

    def __init__(self, folder: Path) -> None:
        self.machine = Machine()
        file = folder / "machining.yaml"
        file.write_text(BINDING.format(port=self.machine.port, mode="real", lease="6 s"))
        self.lab = Lab(folder / "data", 1, ("--binding", str(file)))

    def post(self, what: str, **body: object) -> dict[str, object]:
        found: dict[str, object] = self.lab.ask("POST", f"/devices/{what}", body, role="engineer")
        return found

    def station(self) -> dict[str, object]:
        found: dict[str, object] = self.lab.ask("GET", "/devices", role="engineer")["stations"][0]
        return found

    def switches(self, mode: str) -> None:
        for _ in within(10, f"the device is up for {mode}"):
            with suppress(AssertionError):
                self.post("mode", of="machining", mode=mode)
                break
        assert self.station()["mode"] == mode

    def shapes(self, mqtt: Mqtt) -> list[object]:
        """What a trainee is shown, without the values: topics, fields, answers of REST."""
        shown = [self.lab.ask("GET", path) for path in ("", "/tags", "/values", "/alarms")]
        for word in ("HIL", "shadow", "forced", '"real"', "twin"):
            assert word not in json.dumps(shown)
        headers = {"Authorization": f"Bearer {self.lab.token('trainee')}"}
        for what in ("", "/audit", "/commissioning"):
            assert httpx.get(f"{self.lab.url}/api/benches/1/devices{what}", headers=headers).status_code == 403
        topics = {name: sorted(mqtt.state[tag["mqtt"]["state"]]) for name, tag in printed_map().items()}
        return [topics, sorted(shown[0]), shown[1], [len(row) for row in shown[2]]]

    def starts(self) -> None:
        for _ in within(10, "the station is real"):
            if self.station()["mode"] == "real":
                break
        assert self.post("test", station="machining")["passed"] is True
        self.lease = self.post("arm", station="machining")["lease"]
        self.post("confirm", station="machining", parts=[])
        for command, state in (("clear", 2), ("reset", 4), ("start", 6)):
            self.lab.ask("POST", "/write", {"tag": f"machining.cmd_{command}", "value": True})
            for _ in within(10, command):
                self.post("lease", station="machining", lease=self.lease)
                if self.lab.values()["machining.state"] == state:
                    break
        for _ in within(5, "the belt runs"):
            if self.machine.coil(BELT):
                break


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    made = Base(tmp_path)
    try:
        made.lab.start()
        yield made
    finally:
        made.lab.kill()
        made.machine.kill()


@pytest.mark.long
@pytest.mark.timeout(120)
def test_kill_9_of_the_host_leaves_the_device_safe_and_the_station_aborted(base: Base) -> None:
    base.starts()
    headers = {"Authorization": f"Bearer {base.lab.token('engineer')}"}
    pid = int(httpx.get(f"{base.lab.url}/api/system", headers=headers).json()["host"]["pid"])
    os.kill(pid, signal.SIGKILL)
    for _ in within(3, "the device stops by itself"):
        if not base.machine.moving():
            break
    for _ in within(30, "the host is back"):
        try:
            if base.station()["mode"] == "real":
                break
        except (AssertionError, httpx.HTTPError):
            continue
    station = base.station()
    assert (station["armed"], station["unconfirmed"]) == (False, True)
    assert base.lab.values()["machining.state"] in (8, 9)
    assert not base.machine.moving()


@pytest.mark.long
@pytest.mark.timeout(120)
def test_the_engineer_arms_on_the_page_and_closing_it_disarms(base: Base) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=need("chromium", "apt-get install chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(locale="en-GB")
        page.goto(base.lab.url)
        page.fill("input", base.lab.token("engineer"))
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-testid=line-view], nav", timeout=20_000)
        page.goto(f"{base.lab.url}/bench/devices")
        page.click("[data-testid=test-machining]", timeout=20_000)
        page.click("[data-testid=arm-machining]", timeout=20_000)  # enabled once the test has passed
        page.click("dialog[open] button >> nth=-1")
        for _ in within(10, "armed"):
            if base.station()["armed"]:
                break
        expect(page.get_by_test_id("armed-machining")).to_contain_text("Armed by engineer", timeout=10_000)
        assert page.text_content("[data-testid=run-label]") == "HIL"
        browser.close()
    for _ in within(30, "nobody renews the lease"):
        if not base.station()["armed"]:
            break
    assert base.station()["armed"] is False


@pytest.mark.long
@pytest.mark.timeout(120)
async def test_trainees_on_all_wires_stay_connected_through_every_switch(base: Base) -> None:
    """Simulated, shadow, real, simulated: nobody reconnects, everybody sees the eye of whoever is the station.

    And nobody sees who that is.
    """
    eye = printed_map()["machining.eye_work"]
    async with all_wires(base.lab) as trainees:
        modbus, mqtt = trainees["modbus"], trainees["mqtt"]
        assert isinstance(modbus, Modbus)
        assert isinstance(mqtt, Mqtt)
        gone: list[object] = []  # asyncua does not reconnect, so that there an answer is the proof
        mqtt.client.on_disconnect = lambda *why: gone.append(why)
        wire = modbus.client.ctx.transport
        for tag in printed_map().values():
            await mqtt.read(tag)  # retained state comes one by one
        before = await asyncio.to_thread(base.shapes, mqtt)
        for mode in ("sim", "shadow", "real", "sim", "real", "shadow", "sim"):
            await asyncio.to_thread(base.switches, mode)
            for on in (True, False) if mode == "real" else ():
                await asyncio.to_thread(base.machine.shows, EYE_WORK, on)
                for name, trainee in trainees.items():
                    await eventually(_reads(trainee, eye, on), 5, f"{name} sees the real eye")
            for trainee in trainees.values():
                await trainee.read(eye)
            assert (modbus.client.ctx.transport is wire, gone) == (True, [])
            assert await asyncio.to_thread(base.shapes, mqtt) == before
    given = ("devices", "report", "--url", base.lab.url, "--data", str(base.lab.data))
    told = await asyncio.to_thread(linelab, *given)
    assert told.returncode == 1, told.stderr  # compared for too short a time
    assert "machining.eye_work" in told.stdout


def _reads(trainee: WireClient, tag: Entry, value: bool) -> Callable[[], Awaitable[bool]]:
    async def reads() -> bool:
        return await trainee.read(tag) is value

    return reads


@pytest.mark.long
@pytest.mark.timeout(120)
def test_a_switch_and_a_takeover_leave_the_trainees_connected(base: Base) -> None:
    with closing(ModbusTcpClient("127.0.0.1", port=base.lab.port("modbus"))) as trainee:
        assert trainee.connect()  # type: ignore[no-untyped-call]
        wire = trainee.socket
        base.starts()
        base.machine.shows(EYE_WORK, True)
        for _ in within(5, "the trainee sees the real eye"):
            assert not trainee.read_holding_registers(0, count=1).isError()
            if base.lab.values()["machining.eye_work"]:
                break
        base.machine.kill()
        for _ in within(5, "the twin takes over"):
            if base.station()["mode"] == "sim":
                break
        assert not trainee.read_holding_registers(0, count=1).isError()
        assert trainee.socket is wire  # the same connection
    audit = next(base.lab.data.glob("bench-1/*/audit.jsonl")).read_text().splitlines()
    assert {json.loads(line)["what"] for line in audit} >= {"arming test", "armed", "write", "takeover"}
