"""An app on a fake lab, and clients of it in one process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.server import bind, web_server
from devices.endpoint import Role
from tests.api.fake_lab import TOKENS, FakeClock, FakeHost, FakeTokens

ORIGIN = "http://linelab.test"
Open = Callable[..., httpx.AsyncClient]


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A built page: an index and one hashed asset."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>LineLab</title>", "utf-8")
    (tmp_path / "assets" / "app-1a2b3c.js").write_text("let a = 1", "utf-8")
    (tmp_path / "favicon.svg").write_text("<svg/>", "utf-8")
    return tmp_path


@pytest.fixture
def app(host: FakeHost, clock: FakeClock, bundle: Path) -> FastAPI:
    return create_app(host, FakeTokens(), clock, bundle)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not logged in, on the page's own origin."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as client:
        yield client


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Host and port where the app is served on a real socket."""
    listening = bind("127.0.0.1", 0)
    server = web_server(app)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.005)
    yield f"127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await running
    listening.close()


def bearer(role: Role, bench: int = 1) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKENS[bench, role]}"}
