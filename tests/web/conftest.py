"""A browser and a fake server for the tests of the page."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, sync_playwright

from api.pages import BUNDLE
from tests.tools import need
from tests.web.fake_server import make_app

QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE: ViewportSize = {"width": 1366, "height": 768}


class Site:
    """The fake server, its address, and what a test can make happen there."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, trust_env=False)

    def happen(self, what: str) -> None:
        self.client.post(f"/api/test/{what}").raise_for_status()

    def requests(self, command: str) -> list[dict[str, object]]:
        """Bodies of the commands of this kind that the page has given."""
        return [body for name, body in self.client.get("/api/test/requests").json() if name == command]


@pytest.fixture
def site(server: Site) -> Site:
    """The fake server with its line at the start."""
    server.happen("restart")
    return server


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    if not (BUNDLE / "index.html").is_file():
        why = "the page is not built: cd api/web && npm ci && npm run build"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(), log_level="warning", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    served = Site(listening.getsockname()[1])
    yield served
    served.client.close()
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture(scope="module")  # its loop must be gone before asynchronous tests of other folders run
def browser() -> Iterator[Browser]:
    chromium = need("chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


class Watch:
    """What a page must not do: complain on the console, or ask anything of another host."""

    def __init__(self, page: Page, url: str) -> None:
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self._url = url
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:", "blob:")):
            self.foreign.append(request.url)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=SIZE, locale="zh-CN")
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(site: Site, context: BrowserContext) -> Iterator[Page]:
    """A tab that is on the log-in page. At the end it must not have complained or asked another host."""
    page = context.new_page()
    watch = Watch(page, site.url)
    page.goto(f"{site.url}/login")
    yield page
    shots = os.environ.get("LINELAB_SHOTS")
    if shots:
        with contextlib.suppress(OSError):
            page.screenshot(
                path=Path(shots) / f"{os.environ.get('PYTEST_CURRENT_TEST', 'x').split('::')[-1].split()[0]}.png"
            )
    # a refused request is answered by a toast; the browser logs its status by itself
    assert [c for c in watch.complaints if "the server responded with a status of" not in c] == []
    assert watch.foreign == []


def log_in(page: Page, role: str = "trainee") -> None:
    page.fill("#token", f"{role}-token")
    page.press("#token", "Enter")
    page.wait_for_selector("[data-testid=connection][data-state=live]")
    page.wait_for_selector("[data-testid=station-sorting][data-state='6']")
