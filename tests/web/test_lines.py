"""Every shipped line in a real lab and a real browser: all of it is drawn, it moves, and the page has no complaint."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from api.pages import BUNDLE
from tests.acceptance.lab import ROOT, Lab, within
from tests.web.conftest import SIZE, Watch

LINES = sorted(path.stem for path in (ROOT / "scenarios" / "lines").glob("*.yaml"))
VIEW = "[data-testid=line-view]"
SPEED = "5"
MOVES_WITHIN_S = 20

pytestmark = [pytest.mark.long, pytest.mark.timeout(180)]


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """`linelab up` of this line; ended, whatever the test does."""
    if not (BUNDLE / "index.html").is_file():
        pytest.skip("the page is not built: cd api/web && npm ci && npm run build")
    lab = Lab(tmp_path / "data", options=("--line", request.param, "--speed", SPEED))
    try:
        yield lab.start()
    finally:
        lab.kill()


@pytest.fixture
def page(lab: Lab, browser: Browser) -> Iterator[Page]:
    """The bench page of that lab, logged in. In the end it must not have complained or asked another host."""
    context = browser.new_context(viewport=SIZE, locale=os.environ.get("LINELAB_LOCALE", "zh-CN"))
    page = context.new_page()
    watch = Watch(page, lab.url)
    page.goto(f"{lab.url}/login")
    page.fill("#token", lab.token("instructor"))
    page.press("#token", "Enter")
    page.wait_for_selector("[data-testid=connection][data-state=live]")
    yield page
    context.close()
    assert watch.complaints == []
    assert watch.foreign == []


def number(page: Page, name: str) -> int:
    return int(page.get_attribute(VIEW, name) or 0)


def moves(page: Page) -> bool:
    """Two pictures, some tenths of a second apart, differ."""
    canvas = page.locator(VIEW).locator("canvas")
    before = canvas.screenshot()
    page.wait_for_timeout(400)
    return canvas.screenshot() != before


def keep(page: Page, line: str) -> None:
    """A picture for people, once there are parts on the line."""
    shots = os.environ.get("LINELAB_SHOTS")
    if shots:
        page.wait_for_timeout(int(os.environ.get("LINELAB_SHOT_AFTER_MS", "6000")))
        page.screenshot(path=Path(shots) / f"line-{line}.png")


@pytest.mark.parametrize("lab", LINES, indirect=True)
def test_every_component_is_drawn_and_the_line_moves(page: Page, lab: Lab) -> None:
    line = lab.options[1]
    everything = len(lab.ask("GET", "/layout")["components"])
    assert number(page, "data-components") == everything
    page.wait_for_selector(f"{VIEW}[data-drawn='{everything}']", timeout=10_000)
    assert any(moves(page) for _ in range(MOVES_WITHIN_S * 2)), f"{line} stands still"
    keep(page, line)


@pytest.mark.parametrize("lab", ["buffer-station"], indirect=True)
def test_a_button_of_the_line_is_pressed_on_the_page(page: Page, lab: Lab) -> None:
    button = page.locator("[data-testid='buffer.demand']")
    button.hover()
    page.mouse.down()
    for _ in within(5, "the button is in"):
        if lab.values()["buffer.demand"] is True:
            break
    page.mouse.up()
    for _ in within(5, "the button is out"):
        if lab.values()["buffer.demand"] is False:
            break
