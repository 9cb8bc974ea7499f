"""The bench page on a real lab, in a real browser: a part moves, a tag changes, a jam is cleared by hand."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.pages import BUNDLE
from tests.acceptance.lab import Lab, within
from tests.tools import need
from tests.web.conftest import SIZE, Watch

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if not (BUNDLE / "index.html").is_file():
        need("linelab-page", "cd api/web && npm ci && npm run build")
    lab = Lab(tmp_path_factory.mktemp("real") / "data", options=("--speed", "3")).start()
    yield lab
    lab.kill()


@pytest.fixture
def page(lab: Lab, browser: Browser) -> Iterator[Page]:
    """A trainee at the bench. In the end the page must not have complained or asked another host."""
    context = browser.new_context(viewport=SIZE, locale="zh-CN")
    context.set_default_timeout(30_000)
    page = context.new_page()
    watch = Watch(page, lab.url)
    page.goto(f"{lab.url}/login")
    page.fill("#token", lab.token("trainee"))
    page.press("#token", "Enter")
    page.wait_for_selector("[data-testid=connection][data-state=live]")
    yield page
    context.close()
    assert [c for c in watch.complaints if "the server responded with a status of" not in c] == []
    assert watch.foreign == []


def by(name: str) -> str:
    return f"[data-testid='{name}']"


def parts(page: Page) -> list[str]:
    values = page.locator(by("parts")).locator("option").evaluate_all("all => all.map(one => one.value)")
    return sorted((value for value in values if value.isdigit()), key=int)


def choose(page: Page, serial: str) -> str:
    """Where the page says that this part is."""
    page.locator(by("parts")).select_option(serial)
    return page.locator(by("part-info")).inner_text()


def test_a_part_moves_and_a_tag_changes(page: Page) -> None:
    page.fill(by("tag-filter"), "line.sim_time")
    row = page.locator(by("tag-line.sim_time"))
    expect(row).to_contain_text("s")
    before = row.inner_text()
    expect(row).not_to_have_text(before, use_inner_text=True)
    for _ in within(30, "a part on the line"):
        page.wait_for_timeout(100)
        if parts(page):
            break
    serial = parts(page)[-1]
    there = choose(page, serial)
    for _ in within(30, "the part is somewhere else"):
        page.wait_for_timeout(100)
        if page.locator(by("part-info")).inner_text() != there:
            break


def test_a_jam_is_cleared_by_hand(page: Page, lab: Lab) -> None:
    lab.ask("POST", "/faults", {"fault": "part_jam", "target": "infeed.belt"}, role="instructor")
    for _ in within(60, "machining waits for a part that does not come"):
        page.wait_for_timeout(200)
        if lab.values()["machining.equipment_starved"] and lab.values()["machining.state"] == 5:
            break
    count = lab.values()["machining.parts_in"]
    stuck = next(serial for serial in parts(page) if choose(page, serial).startswith("上料站"))
    choose(page, stuck)
    page.click(by("remove-part"))
    expect(page.locator(by("toast"))).to_contain_text(f"已取出 {stuck} 号工件")
    for _ in within(60, "parts come to machining again"):
        page.wait_for_timeout(200)
        if lab.values()["machining.parts_in"] > count:
            return
