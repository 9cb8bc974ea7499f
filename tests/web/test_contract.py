"""The calls of the page against the routes of the API: what the page asks for is there."""

import re
from pathlib import Path

from api.rest import router

SOURCE = Path(__file__).parents[2] / "api" / "web" / "src" / "api.ts"
BENCH = "/api/benches/{n}"


def calls() -> set[tuple[str, str]]:
    """Method and path of every call in api.ts, with `{}` for what is filled in."""
    text = re.sub(r"\$\{[^}]*\}", "{}", SOURCE.read_text(encoding="utf-8"))
    own = {(method, f"/api{path}") for method, path in re.findall(r'call\("(\w+)", "([^"]*)"', text)}
    of_bench = {(m, BENCH + path) for m, path in re.findall(r'call\("(\w+)", this\.at\(["`]([^"`]*)["`]\)', text)}
    return own | of_bench


def test_every_call_has_a_route() -> None:
    routes = {
        (method, re.sub(r"\{(?!n\})[^}]*\}", "{}", route.path))
        for route in router.routes
        for method in getattr(route, "methods", None) or ()
    }
    asked = calls()
    assert len(asked) > 15
    assert asked <= routes, asked - routes
