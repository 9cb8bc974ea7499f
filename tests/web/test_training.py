"""The instructor's page on a real lab, in a real browser: states, the past, a scenario, a fault and the truth."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.pages import BUNDLE
from tests.acceptance.lab import Lab, within
from tests.tools import need
from tests.web.conftest import SIZE

SCENARIO = "stuck_photo_eye"
pytestmark = [pytest.mark.long, pytest.mark.timeout(180)]


def by(name: str) -> str:
    return f"[data-testid='{name}']"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if not (BUNDLE / "index.html").is_file():
        need("linelab-page", "cd api/web && npm ci && npm run build")
    lab = Lab(tmp_path_factory.mktemp("training") / "data", benches=2)
    try:
        yield lab.start()
    finally:
        lab.kill()


@pytest.fixture
def page(lab: Lab, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport=SIZE, locale="en-US")
    page.goto(f"{lab.url}/login")
    page.fill("input", lab.token("instructor"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/bench")
    page.goto(f"{lab.url}/bench/training")
    expect(page.locator(by("scenario")).locator("option").first).to_be_attached(timeout=60_000)
    yield page
    page.close()


def test_the_instructors_page_from_a_state_over_a_fault_to_the_past_and_on(page: Page, lab: Lab) -> None:
    page.check(by("begin-frozen"))
    page.click(by("load-smart_factory_warm"))
    page.click(by("confirm-yes"))
    expect(page.locator(by("sim-time"))).to_have_text("0:10:00", timeout=60_000)
    page.select_option(by("fault"), "photo_eye_stuck")
    page.select_option(by("fault-target"), "infeed.eye_end")
    page.click(by("fire"))
    expect(page.locator(by("truth"))).to_contain_text("infeed.eye_end")
    page.click(by("fire"))
    expect(page.locator("[role=alert], .toast").first).to_contain_text("E-FAULT-ACTIVE")
    page.select_option(by("fault"), "belt_slip")
    page.fill(by("figure-share"), "500 %")
    page.click(by("fire"))
    expect(page.get_by_text("E-FAULT", exact=False).last).to_contain_text("share", timeout=10_000)
    page.fill(by("snapshot-name"), "stuck")
    page.click(by("take-snapshot"))
    expect(page.locator(by("snapshots"))).to_contain_text("stuck")
    page.click(by("freeze"))
    page.wait_for_timeout(1200)
    page.fill(by("moment"), "600.5")
    page.click(by("look"))
    expect(page.locator(by("past"))).to_contain_text("photo_eye_stuck", timeout=30_000)
    page.click(by("close-past"))
    before = lab.journals()
    page.click(by("branch"))
    page.click(by("confirm-yes"))
    for _ in within(30, "the record of the branch"):
        if len(lab.journals()) == len(before) + 1:
            break
    expect(page.locator(by("truth"))).to_contain_text("infeed.eye_end", timeout=30_000)


def test_a_scenario_is_loaded_on_all_benches_begun_by_hand_and_ended(page: Page, lab: Lab) -> None:
    page.select_option(by("scenario"), SCENARIO)
    page.click(by("all-benches"))
    page.click(by("load-lab"))
    expect(page.locator(by("running-scenario"))).to_be_visible(timeout=60_000)
    for bench in (1, 2):
        for _ in within(60, f"the scenario on bench {bench}"):
            if (lab.ask("GET", "/active", role="instructor", bench=bench)["scenario"] or {}).get("name") == SCENARIO:
                break
    page.click(by("begin-eye"))
    expect(page.locator(by("active-faults"))).to_contain_text("machining.eye_work")
    expect(page.locator(by("begin-eye"))).to_be_disabled()
    page.click(by("end-scenario"))
    expect(page.locator(by("running-scenario"))).to_be_hidden()
    expect(page.locator(by("active-faults"))).not_to_contain_text("machining.eye_work")


def test_a_trainee_finds_no_such_page(browser: Browser, lab: Lab) -> None:
    page = browser.new_page(viewport=SIZE)
    page.goto(f"{lab.url}/login")
    page.fill("input", lab.token("trainee"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/bench")
    assert page.locator("nav a[href='/bench/training']").count() == 0
    page.goto(f"{lab.url}/bench/training")
    expect(page.locator(by("role"))).to_be_visible()
    assert page.locator(by("training")).count() == 0
    page.close()
