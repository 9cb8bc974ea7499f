"""The further views of the page on a real lab, in a real browser: diagnosis, alarms, certificates, components."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pymodbus.client import ModbusTcpClient

from api.pages import BUNDLE
from devices.certificates import CertificateStore, Identity, Shelf
from devices.certificates.check import thumbprint
from tests.acceptance.lab import ROOT, Lab, free_block, within
from tests.devices.certificates import makers
from tests.devices.fake_line import FakeClock
from tests.tools import need
from tests.web.conftest import SIZE, Watch

pytestmark = pytest.mark.timeout(90)

ESTOP = "transport.estop"
CLIENT = makers.certificate("UaExpert")
PRINT = thumbprint(CLIENT)

Open = Callable[[str, str], Page]


def by(name: str) -> str:
    return f"[data-testid='{name}']"


def line_text() -> str:
    """A small line whose first alarm asks for everything that a person can be asked to do about one."""
    text = (ROOT / "scenarios" / "lines" / "from-a-to-b.yaml").read_text("utf-8")
    return text.replace(
        "        type: trip\n", "        latch: true\n        confirm: true\n        longest_shelf: 1 h\n"
    )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One lab for all of them, RTU over TCP as well; a client has been turned away."""
    if not (BUNDLE / "index.html").is_file():
        need("linelab-page", "cd api/web && npm ci && npm run build")
    folder = tmp_path_factory.mktemp("views")
    (folder / "station.yaml").write_text(line_text(), "utf-8")
    store(folder / "data").add(Shelf.REJECTED, CLIENT)
    rtu = str(free_block(1))
    lab = Lab(folder / "data", options=("--line", str(folder / "station.yaml"), "--modbus-rtu-port", rtu))
    yield lab.start()
    lab.kill()


def store(data: Path) -> CertificateStore:
    return CertificateStore(data / "certificates" / "bench-1", FakeClock(), Identity("LineLab bench 1", "urn:x"))


@pytest.fixture
def tab(lab: Lab, browser: Browser) -> Iterator[Open]:
    """Opens a view as a role. In the end no page must have complained or asked another host."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def show(role: str, path: str) -> Page:
        context = browser.new_context(viewport=SIZE, locale="zh-CN")
        context.set_default_timeout(10_000)
        page = context.new_page()
        opened.append((context, Watch(page, lab.url)))
        page.goto(f"{lab.url}/login")
        page.fill("#token", lab.token(role))
        page.press("#token", "Enter")
        page.wait_for_selector("[data-testid=connection][data-state=live]")
        if path != "/bench":
            page.click(f"nav a[href='{path}']")
        return page

    yield show
    for context, watch in opened:
        context.close()
        assert watch.complaints == []
        assert watch.foreign == []


def test_why_is_everything_zero(lab: Lab, tab: Open) -> None:
    page = tab("trainee", "/bench")
    expect(page.locator(by("more-modbus"))).to_contain_text("rtu+tcp://")
    page.click(by("to-modbus"))
    view = page.locator(by("modbus"))
    expect(view).to_contain_text("没有 Modbus 客户端连接")
    with ModbusTcpClient("127.0.0.1", port=lab.port("modbus")) as plc:
        assert plc.read_holding_registers(40001, count=2).exception_code == 2
        client = view.locator(by("modbus-client"))
        expect(client).to_contain_text("02 非法数据地址")
        expect(client).to_contain_text("03 读保持寄存器")
        expect(client.locator(by("modbus-hints"))).to_contain_text("40001")
        expect(client.locator("tbody tr")).to_have_count(1)
        plc.read_coils(0, count=1)
        expect(client.locator("tbody tr")).to_have_count(2)  # it refreshes itself
    expect(view).to_contain_text("没有 Modbus 客户端连接")


def test_an_alarm_from_its_coming_to_its_reset(lab: Lab, tab: Open) -> None:
    page = tab("trainee", "/bench/alarms")
    press(lab, True)
    alarm = page.locator(by(f"alarm-{ESTOP}"))
    expect(alarm).to_have_attribute("data-state", "unacknowledged")
    page.click(by(f"ack-{ESTOP}"))
    expect(alarm).to_have_attribute("data-state", "acknowledged")
    page.click(by(f"confirm-{ESTOP}"))
    expect(page.locator(by(f"confirm-{ESTOP}"))).to_have_count(0)
    page.click(by(f"open-{ESTOP}"))
    page.fill(by(f"comment-{ESTOP}"), "已通知维修")
    page.click(by(f"say-{ESTOP}"))
    expect(alarm).to_contain_text("已通知维修")
    times = page.locator(by(f"shelf-time-{ESTOP}"))
    assert times.locator("option").count() == 4  # eight hours are longer than this alarm allows
    times.select_option("10")
    page.click(by(f"shelve-{ESTOP}"))
    expect(alarm).to_have_attribute("data-state", "shelved")
    (row,) = [a for a in lab.ask("GET", "/alarms") if a["name"] == ESTOP]
    assert row["shelved"] == "timed"
    page.click(by(f"unshelve-{ESTOP}"))
    expect(alarm).to_have_attribute("data-state", "unacknowledged")  # told as if it had just come
    page.click(by(f"ack-{ESTOP}"))
    press(lab, False)
    expect(alarm).to_have_attribute("data-state", "latched_acknowledged")
    page.click(by(f"confirm-{ESTOP}"))
    page.click(by(f"reset-{ESTOP}"))
    expect(alarm).to_have_count(0)


def press(lab: Lab, pressed: bool) -> None:
    lab.ask("POST", "/panel", {"station": "transport", "element": "estop", "pressed": pressed})


def test_figures_and_journal_of_alarms(lab: Lab, tab: Open) -> None:
    page = tab("instructor", "/bench/alarms")
    press(lab, True)
    journal = page.locator(by("alarm-journal"))
    expect(journal.locator("tbody tr[data-what=active]", has_text="急停").first).to_be_visible(timeout=20_000)
    press(lab, False)
    expect(page.locator(by("figure-top"))).to_contain_text("急停", timeout=20_000)  # looked at now and then
    page.select_option(by("journal-what"), "active")
    expect(journal.locator("tbody tr:not([data-what=active])")).to_have_count(0)
    assert journal.locator("tbody tr").count() >= 1
    with page.expect_download() as download:
        page.click(by("journal-csv"))
    rows = list(csv.DictReader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert {row["what"] for row in rows} == {"active"}
    assert download.value.suggested_filename == "linelab-bench-1-alarms.csv"
    page.select_option(by("journal-priority"), "low")
    expect(journal).to_contain_text("没有匹配的记录")


def test_an_engineer_trusts_a_client_that_was_turned_away(lab: Lab, tab: Open) -> None:
    page = tab("engineer", "/bench/certificates")
    expect(page.locator(by("shelf-own"))).to_contain_text("LineLab bench 1")
    expect(page.locator(by("shelf-rejected"))).to_contain_text("UaExpert")
    page.click(by(f"trust-{PRINT}"))
    expect(page.locator(by("confirm"))).to_contain_text(PRINT)
    page.click(by("confirm-yes"))
    trusted = page.locator(by("shelf-trusted"))
    expect(trusted).to_contain_text("UaExpert")
    assert [one.shelf for one in store(lab.data).shown() if one.name == "UaExpert"] == [Shelf.TRUSTED]
    page.select_option(by(f"move-{PRINT}"), "users/engineer")
    page.click(by("confirm-yes"))
    expect(page.locator(by("shelf-users/engineer"))).to_contain_text("UaExpert")
    page.click(by(f"delete-{PRINT}"))
    page.click(by("confirm-yes"))
    expect(page.locator(by(f"cert-{PRINT}"))).to_have_count(0)
    before = store(lab.data).certificate().serial_number
    page.click(by("renew"))
    page.click(by("confirm-yes"))
    for _ in within(5, "another certificate"):
        if store(lab.data).certificate().serial_number != before:
            break


def test_certificates_are_the_engineers_alone(tab: Open) -> None:
    assert tab("instructor", "/bench").locator("nav a[href='/bench/certificates']").count() == 0


def test_time_in_state_and_cycles_of_a_component(tab: Open) -> None:
    page = tab("instructor", "/bench")
    page.select_option(by("component-choice"), "transport.eye_a")
    detail = page.locator(by("component"))
    expect(detail).to_contain_text("无件")
    clear = page.locator(by("component-state-clear"))
    before = clear.inner_text()
    expect(clear).not_to_have_text(before, use_inner_text=True)
    page.click(by("lang"))
    expect(clear).to_contain_text("clear")
    assert page.locator(by("component-cycles")).inner_text().isdigit()


def test_a_trainee_locks_out_and_repairs(lab: Lab, tab: Open) -> None:
    page = tab("trainee", "/bench/maintenance")
    lab.ask("POST", "/clock", {"action": "run", "speed": 20}, role="instructor")
    page.click(by("place-transport"))
    page.click(by("target-transport.belt"))
    expect(page.locator(by("begin-clean"))).to_be_disabled()  # a hand in the machine wants a padlock
    expect(page.locator(by("operation-replace"))).to_contain_text("680 元")
    page.click(by("target-transport.eye_a"))
    lab.ask("POST", "/panel", {"station": "transport", "element": "stop", "pressed": True})
    lab.ask("POST", "/panel", {"station": "transport", "element": "stop", "pressed": False})
    page.click(by("lock"))
    expect(page.locator(by("lock-out"))).to_have_attribute("data-locked", "true")
    expect(page.locator(by("locked-transport"))).to_be_visible()
    page.click(by("begin-replace"))
    expect(page.locator(by("job"))).to_contain_text("更换")
    expect(page.locator(by("begin-inspect"))).to_be_disabled()
    log = page.locator(by("maintenance-log"))
    expect(log.locator(by("record-1"))).to_contain_text("已完成", timeout=30_000)
    expect(page.locator(by("used"))).to_contain_text("× 1")
    expect(page.locator(by("cost"))).to_contain_text("120")
    page.click(by("begin-measure"))
    expect(log.locator(by("record-2"))).to_contain_text("I/O 卡", timeout=20_000)
    expect(log).not_to_contain_text("作业人")  # who did it is the instructor's
    page.click(by("lock"))
    expect(page.locator(by("lock-out"))).to_have_attribute("data-locked", "false")
    lab.ask("POST", "/clock", {"action": "run", "speed": 1}, role="instructor")


def test_an_instructor_sees_who_worked(lab: Lab, tab: Open) -> None:
    page = tab("instructor", "/bench/maintenance")
    lab.ask("POST", "/clock", {"action": "run", "speed": 20}, role="instructor")
    lab.ask("POST", "/maintenance", {"target": "transport.eye_b", "operation": "measure"})
    expect(page.locator(by("maintenance-log"))).to_contain_text("作业人")
    page.click(by("lang"))
    expect(page.locator(by("maintenance-log"))).to_contain_text("Measure")
    lab.ask("POST", "/clock", {"action": "run", "speed": 1}, role="instructor")
