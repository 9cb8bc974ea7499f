"""Every token on every route: nobody gets further than the route says."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api import rest
from api.access import COOKIE, Caller, allow, allow_all
from api.lab import Grant
from api.ws import CHANNELS, may_follow
from devices.endpoint import Role
from tests.api.conftest import bearer
from tests.api.fake_lab import TOKENS, FakeClock

# The contract, written down a second time: a route that is missing here or serves another role fails
EVERYBODY = {Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER}
INSTRUCTOR, ENGINEER, OPEN = {Role.INSTRUCTOR}, {Role.ENGINEER}, set[Role]()
B = "/api/benches/{n}"
EXPECTED: dict[tuple[str, str], set[Role]] = {
    ("GET", "/api/health"): OPEN,
    ("POST", "/api/login"): OPEN,
    ("POST", "/api/logout"): EVERYBODY,
    ("GET", "/api/me"): EVERYBODY,
    ("GET", "/api/openapi.json"): EVERYBODY,
    ("GET", "/api/benches"): EVERYBODY,
    ("GET", B): EVERYBODY,
    ("GET", B + "/tags"): EVERYBODY,
    ("GET", B + "/values"): EVERYBODY,
    ("GET", B + "/map"): EVERYBODY,
    ("GET", B + "/layout"): EVERYBODY,
    ("GET", B + "/wires"): EVERYBODY,
    ("GET", B + "/modbus"): EVERYBODY,
    ("POST", B + "/panel"): EVERYBODY,
    ("POST", B + "/key"): EVERYBODY,
    ("POST", B + "/jog"): EVERYBODY,
    ("POST", B + "/write"): EVERYBODY,
    ("DELETE", B + "/parts/{serial}"): EVERYBODY,
    ("GET", B + "/alarms"): EVERYBODY,
    ("POST", B + "/alarms/{name}"): EVERYBODY,
    ("GET", B + "/alarm-journal"): EVERYBODY,
    ("GET", B + "/alarm-journal.csv"): EVERYBODY,
    ("GET", B + "/alarm-figures"): EVERYBODY,
    ("GET", B + "/maintenance"): EVERYBODY,
    ("GET", B + "/maintenance/log"): EVERYBODY,
    ("POST", B + "/maintenance"): EVERYBODY,
    ("POST", B + "/lock"): EVERYBODY,
    ("GET", B + "/devices"): {Role.INSTRUCTOR, Role.ENGINEER},
    **{
        ("POST", B + "/devices/" + what): ENGINEER
        for what in ("mode", "test", "arm", "lease", "disarm", "confirm", "force")
    },
    ("GET", B + "/devices/audit"): ENGINEER,
    ("GET", B + "/devices/commissioning"): ENGINEER,
    ("GET", B + "/components"): INSTRUCTOR,
    ("POST", B + "/clock"): INSTRUCTOR,
    ("POST", B + "/reset"): INSTRUCTOR,
    ("POST", B + "/operator"): INSTRUCTOR,
    ("GET", B + "/faults"): INSTRUCTOR,
    ("POST", B + "/faults"): INSTRUCTOR,
    ("DELETE", B + "/faults/{id}"): INSTRUCTOR,
    ("DELETE", B + "/faults"): INSTRUCTOR,
    ("GET", B + "/active"): INSTRUCTOR,
    ("GET", B + "/conditions"): INSTRUCTOR,
    ("POST", B + "/conditions/{name}"): INSTRUCTOR,
    ("POST", B + "/snapshots"): INSTRUCTOR,
    ("POST", B + "/snapshots/{id}"): INSTRUCTOR,
    ("DELETE", B + "/snapshots/{id}"): INSTRUCTOR,
    ("GET", B + "/runs"): INSTRUCTOR,
    ("GET", B + "/past"): INSTRUCTOR,
    ("POST", B + "/branch"): INSTRUCTOR,
    ("GET", B + "/scenarios"): INSTRUCTOR,
    ("POST", B + "/scenarios/{name}"): INSTRUCTOR,
    ("DELETE", B + "/scenario"): INSTRUCTOR,
    ("POST", B + "/scenario/{entry}"): INSTRUCTOR,
    ("GET", "/api/lab/benches"): INSTRUCTOR,
    ("POST", "/api/lab/scenario"): INSTRUCTOR,
    ("GET", B + "/certificates"): ENGINEER,
    ("POST", B + "/certificates/renew"): ENGINEER,
    ("POST", B + "/certificates/{thumbprint}"): ENGINEER,
    ("DELETE", B + "/certificates/{thumbprint}"): ENGINEER,
    ("GET", "/api/system"): ENGINEER,
}
BODIES: dict[str, dict[str, object]] = {
    B + "/devices/mode": {"of": "sorting", "mode": "shadow"},
    **{B + f"/devices/{what}": {"station": "sorting"} for what in ("test", "arm", "disarm")},
    B + "/devices/lease": {"station": "sorting", "lease": "ab" * 8},
    B + "/devices/confirm": {"station": "sorting", "parts": []},
    B + "/devices/force": {"tag": "sorting.eye_1", "value": True},
    "/api/login": {"token": "nobody's"},
    B + "/panel": {"station": "sorting", "element": "start", "pressed": True},
    B + "/key": {"station": "sorting", "control": "modbus"},
    B + "/jog": {"tag": "sorting.belt_run", "value": True},
    B + "/write": {"tag": "sorting.cmd_reset", "value": True},
    B + "/alarms/{name}": {"do": "ack"},
    B + "/maintenance": {"target": "sorting.eye_1", "operation": "clean"},
    B + "/lock": {"station": "sorting", "on": True},
    B + "/certificates/{thumbprint}": {"to": "trusted"},
    B + "/clock": {"action": "freeze"},
    B + "/operator": {"on": False},
    B + "/conditions/{name}": {},
    B + "/snapshots": {"name": "warm"},
    B + "/snapshots/{id}": {},
    B + "/branch": {"t_s": 5.0},
    B + "/scenarios/{name}": {},
    "/api/lab/scenario": {"name": "stuck_eye", "benches": [1, 2]},
    B + "/faults": {"fault": "photo_eye_stuck", "target": "sorting.eye_1", "value": True},
}


def routes() -> Iterator[tuple[str, str, APIRoute]]:
    for route in rest.router.routes:
        assert isinstance(route, APIRoute), f"{route} is no route that names its roles"
        for method in sorted(route.methods or ()):
            yield method, route.path, route


ROUTES = list(routes())


def named_roles(dependant: Dependant) -> list[set[Role]]:
    calls = [d.call for d in dependant.dependencies]
    return [set(call.roles) for call in calls if isinstance(call, allow | allow_all)]


def test_the_routes_and_their_roles_are_those_of_the_contract() -> None:
    assert {(method, path): set().union(*named_roles(route.dependant)) for method, path, route in ROUTES} == EXPECTED


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=lambda v: v if isinstance(v, str) else "")
def test_every_route_names_its_roles_once(method: str, path: str, route: APIRoute) -> None:
    assert len(named_roles(route.dependant)) == 1


async def call(
    browser: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], bench: int = 1
) -> httpx.Response:
    name = "sorting.jam" if "alarms" in path else "warm"
    id = "ab" * 8 if "snapshots" in path else "f1"
    url = path.format(n=bench, serial=17, id=id, name=name, thumbprint="ab" * 20, entry="eye")
    url += "?t_s=5" if path.endswith("/past") else ""
    return await browser.request(method, url, headers=headers, json=BODIES.get(path) if method == "POST" else None)


def expected(roles: set[Role], path: str, role: Role | None, bench: int) -> tuple[int, str | None]:
    if path == "/api/login":
        return 401, "token"
    if not roles:
        return 200, None
    if role is None:
        return 401, "login"
    if role not in roles:
        return 403, "role"
    return (403, "bench") if bench == 2 and "{n}" in path else (200, None)


@pytest.mark.parametrize(("method", "path"), list(EXPECTED))
async def test_every_token_on_every_route(browser: httpx.AsyncClient, clock: FakeClock, method: str, path: str) -> None:
    cases: list[tuple[Role | None, int, dict[str, str]]] = [
        (None, 1, {}),
        (None, 1, {"authorization": "Bearer wrong"}),
        (None, 1, {"authorization": "Bearer "}),
        (None, 1, {"authorization": "Basic " + TOKENS[1, Role.INSTRUCTOR]}),
        (None, 1, {"cookie": f"{COOKIE}={TOKENS[1, Role.INSTRUCTOR]}"}),
        *((role, bench, bearer(role, bench)) for role in EVERYBODY for bench in (1, 2)),
    ]
    for role, bench, headers in cases:
        clock.now += 60  # so many wrong tokens in a minute would end in 429
        answer = await call(browser, method, path, headers)
        status, code = expected(EXPECTED[method, path], path, role, bench)
        assert answer.status_code == status, (role, bench, headers, answer.text)
        if code is not None:
            assert answer.json()["code"] == code


async def test_a_session_has_the_rights_of_its_token(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/api/login", json={"token": TOKENS[1, Role.TRAINEE]})).status_code == 200
    for method, path in EXPECTED:
        if path in ("/api/login", "/api/logout"):
            continue
        status, _ = expected(EXPECTED[method, path], path, Role.TRAINEE, 1)
        assert (await call(browser, method, path, {})).status_code == status, path


@pytest.mark.parametrize(
    ("channel", "role", "why"),
    [
        *((f"{kind}:1", role, None) for kind, roles in CHANNELS.items() for role in roles),
        *((f"{kind}:2", Role.INSTRUCTOR, "bench") for kind in CHANNELS),
        ("sys", Role.TRAINEE, None),
        ("faults:1", Role.TRAINEE, "role"),
        ("faults:1", Role.ENGINEER, "role"),
        ("line:01", Role.TRAINEE, "bench"),
        ("line:", Role.TRAINEE, "unknown"),
        ("line", Role.TRAINEE, "unknown"),
        ("nothing:1", Role.TRAINEE, "unknown"),
    ],
)  # fmt: skip
def test_every_role_on_every_channel(channel: str, role: Role, why: str | None) -> None:
    assert may_follow(Caller(Grant(1, role), "key", "by"), channel) == why
