"""The pages as files."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from tests.api.fake_lab import FakeClock, FakeHost, FakeTokens


@pytest.mark.parametrize("path", ["/", "/bench", "/bench/tags?filter=belt", "/login", "/index.html"])
async def test_any_page_is_the_index_and_is_asked_for_anew(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.text == "<title>LineLab</title>"
    assert answer.headers["cache-control"] == "no-cache"


async def test_hashed_assets_are_kept_for_ever(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/app-1a2b3c.js")
    assert "immutable" in answer.headers["cache-control"]
    assert "javascript" in answer.headers["content-type"]
    assert (await browser.get("/assets/app-old.js")).status_code == 404


async def test_every_answer_carries_the_safety_headers(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/assets/app-1a2b3c.js", "/assets/none", "/api/health", "/api/none", "/api/me"):
        headers = (await browser.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'self';"), path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/../conftest.py", "/%2e%2e/%2e%2e/pyproject.toml", "//etc/passwd", "/assets/..%2f..%2fx"]
)
async def test_nothing_outside_the_bundle_is_served(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 404 or answer.text == "<title>LineLab</title>"


async def test_without_a_bundle_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    app: FastAPI = create_app(FakeHost(), FakeTokens(), FakeClock(), tmp_path / "none")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://linelab.test") as client:
        answer = await client.get("/bench")
    assert answer.status_code == 503
    assert "make web" in answer.text
