"""The page calls only routes that there are: `api/web/src/api.ts` against the API's own description."""

import re
from pathlib import Path

from api.app import create_app
from tests.api.fake_lab import FakeClock, FakeHost, FakeTokens

CALLS = Path(__file__).parents[2] / "api" / "web" / "src" / "api.ts"
CALL = re.compile(r'call\(\s*"(GET|POST|DELETE)",\s*(this\.at\()?["`]([^"`]*)["`]')


def test_every_call_of_the_page_is_a_route() -> None:
    paths = create_app(FakeHost(), FakeTokens(), FakeClock()).openapi()["paths"]
    routes = {(method.upper(), re.sub(r"\{\w+\}", "*", path)) for path, item in paths.items() for method in item}
    found = CALL.findall(CALLS.read_text("utf-8"))
    calls = {
        (method, f"/api{'/benches/*' if of_bench else ''}{re.sub(r'[$][{][^}]*[}]', '*', path)}")
        for method, of_bench, path in found
    }
    assert len(calls) >= 10, "the calls are written in another way: this test reads none of them"
    assert calls <= routes
