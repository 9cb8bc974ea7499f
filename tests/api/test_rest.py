"""What the routes say and pass on, with a lab that answers from a table."""

import json

import httpx
import pytest

from api.lab import LabError, LabLost
from api.session import LIFE_S
from devices.endpoint import Role
from sim.refusal import Refusal
from tests.api.conftest import bearer
from tests.api.fake_lab import TOKENS, FakeClock, FakeHost

TRAINEE = bearer(Role.TRAINEE)
INSTRUCTOR = bearer(Role.INSTRUCTOR)


async def log_in(browser: httpx.AsyncClient, role: Role = Role.TRAINEE) -> httpx.Response:
    return await browser.post("/api/login", json={"token": TOKENS[1, role]})


async def test_login_sets_a_cookie_that_scripts_cannot_read(browser: httpx.AsyncClient) -> None:
    answer = await log_in(browser)
    assert answer.json() == {"bench": 1, "role": "trainee"}
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert TOKENS[1, Role.TRAINEE] not in cookie
    assert (await browser.get("/api/me")).json() == {"bench": 1, "role": "trainee"}


async def test_logout_ends_the_session_itself(browser: httpx.AsyncClient) -> None:
    await log_in(browser)
    cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    assert (await browser.post("/api/logout")).status_code == 200
    assert (await browser.get("/api/me", headers=cookie)).status_code == 401


async def test_a_session_ends_after_twelve_hours(browser: httpx.AsyncClient, clock: FakeClock) -> None:
    await log_in(browser)
    clock.now += LIFE_S - 1
    assert (await browser.get("/api/me")).status_code == 200
    clock.now += 1
    assert (await browser.get("/api/me")).status_code == 401


async def test_guessing_tokens_is_slowed_down_but_a_class_may_log_in(
    browser: httpx.AsyncClient, clock: FakeClock
) -> None:
    assert {(await log_in(browser)).status_code for _ in range(40)} == {200}
    guesses = [(await browser.post("/api/login", json={"token": f"guess {i}"})).status_code for i in range(12)]
    assert guesses == [401] * 10 + [429] * 2
    assert (await log_in(browser)).status_code == 429
    clock.now += 61
    assert (await log_in(browser)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "http://linelab.test.evil.test"},
        {"origin": "http://linelab.test:8081"},
        {"origin": "http://[broken"},
        {"origin": ""},
    ],
)
async def test_another_site_cannot_use_the_cookie(
    browser: httpx.AsyncClient, host: FakeHost, headers: dict[str, str]
) -> None:
    await log_in(browser)
    body = {"station": "sorting", "element": "start", "pressed": True}
    answer = await browser.post("/api/benches/1/panel", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin")
    assert host.asked == []


async def test_a_cookie_without_any_origin_is_refused_unless_the_browser_vouches(browser: httpx.AsyncClient) -> None:
    await log_in(browser)
    del browser.headers["origin"]
    assert (await browser.post("/api/logout")).status_code == 403
    assert (await browser.post("/api/logout", headers={"sec-fetch-site": "same-origin"})).status_code == 200


async def test_a_script_with_a_token_needs_no_origin(browser: httpx.AsyncClient) -> None:
    del browser.headers["origin"]
    body = {"station": "sorting", "control": "modbus"}
    assert (await browser.post("/api/benches/1/key", json=body, headers=TRAINEE)).json() == {"ok": True}


@pytest.mark.parametrize(
    ("path", "body", "op", "params"),
    [
        ("panel", {"station": "sorting", "element": "estop", "pressed": True}, "panel", None),
        ("key", {"station": "sorting", "control": "opcua"}, "key", None),
        ("jog", {"tag": "sorting.belt_run", "value": True}, "jog", None),
        ("write", {"tag": "sorting.colour_order", "value": 3}, "write", None),
        ("write", {"tag": "sorting.limit", "value": 3.5}, "write", None),
        ("operator", {"on": False}, "operator", None),
        ("clock", {"action": "run", "speed": 2.0}, "clock",
         {"action": "run", "speed": 2.0, "by": "event", "seconds": 1.0}),
        ("faults", {"fault": "jam", "target": "sorting.belt", "args": {"a": 1}}, "fault", None),
        ("reset", None, "reset", {}),
    ],
)  # fmt: skip
async def test_a_command_reaches_the_lab_as_it_was_given(
    browser: httpx.AsyncClient,
    host: FakeHost,
    path: str,
    body: dict[str, object] | None,
    op: str,
    params: dict[str, object] | None,
) -> None:
    answer = await browser.post(f"/api/benches/1/{path}", json=body, headers=INSTRUCTOR)
    assert answer.status_code == 200
    [asked] = host.of(op)
    # the text form tells true from 1 and 3 from 3.0
    assert json.dumps(asked.params) == json.dumps(body if params is None else params)
    assert (asked.bench, asked.role) == (1, Role.INSTRUCTOR)


async def test_a_part_and_a_fault_are_ended_by_their_name(browser: httpx.AsyncClient, host: FakeHost) -> None:
    await browser.delete("/api/benches/1/parts/17", headers=TRAINEE)
    await browser.delete("/api/benches/1/faults/f1", headers=INSTRUCTOR)
    assert [(a.op, a.params) for a in host.asked] == [("remove_part", {"part": 17}), ("end_fault", {"id": "f1"})]


@pytest.mark.parametrize("refusal", [r for r in Refusal if r not in (Refusal.UNKNOWN, Refusal.FORBIDDEN)])
async def test_a_refusal_is_409_with_its_code(browser: httpx.AsyncClient, host: FakeHost, refusal: Refusal) -> None:
    host.refusal = LabError(refusal.value, {"tag": "sorting.belt_run"})
    answer = await browser.post("/api/benches/1/jog", json={"tag": "sorting.belt_run", "value": True}, headers=TRAINEE)
    assert answer.status_code == 409
    assert answer.json()["code"] == refusal
    assert answer.json()["params"] == {"tag": "sorting.belt_run"}
    assert answer.json()["message"].endswith(".")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (LabError("unknown", {}), 404, "unknown"),
        (LabError("forbidden", {}), 403, "forbidden"),
        (LabError("never heard of"), 500, "internal"),
        (LabLost(), 503, "lab"),
        (ZeroDivisionError("secret inside"), 500, "internal"),
    ],
)
async def test_no_traceback_leaves(
    browser: httpx.AsyncClient, host: FakeHost, error: Exception, status: int, code: str
) -> None:
    host.refusal = error
    answer = await browser.get("/api/benches/1", headers=TRAINEE)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"tag": "a.b"}', "body.value"),
        (b'{"tag": "a.b", "value": 1, "more": 2}', "body.more"),
        (b'{"tag": "a.b", "value": "1"}', "body.value"),
        (b'{"tag": "a.b", "value": NaN}', "body.value"),
        (b'{"tag": "a.b", "value": 1e999}', "body.value"),
        (b'{"tag": "a.b", "value": 1' + b"0" * 400 + b"}", "body.value"),
        (b'{"tag": "\\ud800", "value": 1}', "body.tag"),
        (b'{"tag": "", "value": 1}', "body.tag"),
        (b"{", "body"),
        (b"[" * 10000, "body"),
        (b"\xff\xfe", "body"),
        (b"", "body"),
    ],
)
async def test_a_malformed_body_is_422_and_says_where(
    browser: httpx.AsyncClient, host: FakeHost, content: bytes, field: str
) -> None:
    headers = {**TRAINEE, "content-type": "application/json"}
    answer = await browser.post("/api/benches/1/write", content=content, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "validation"
    assert all(e["field"].startswith(field) for e in answer.json()["params"]["errors"]), answer.text
    assert host.asked == []


async def test_a_large_body_is_refused_before_it_is_read(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/login", content=b"x" * 70_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "size")


async def test_an_unknown_tag_and_an_unknown_route_are_404(browser: httpx.AsyncClient) -> None:
    body = {"tag": "sorting.nothing", "value": True}
    answer = await browser.post("/api/benches/1/write", json=body, headers=TRAINEE)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown")
    answer = await browser.get("/api/nothing", headers=TRAINEE)
    assert (answer.status_code, answer.json()["code"]) == (404, "route")


async def test_wires_give_the_callers_own_token_and_no_other(browser: httpx.AsyncClient) -> None:
    for role in (Role.TRAINEE, Role.ENGINEER):
        answer = await browser.get("/api/benches/1/wires", headers=bearer(role))
        assert answer.json()[0]["user"] == role
        assert answer.json()[0]["password"] == TOKENS[1, role]
        assert answer.json()[1]["password"] is None  # Modbus has no log-in
        others = [token for owner, token in TOKENS.items() if owner != (1, role)]
        assert not any(token in answer.text for token in others)


async def test_the_layout_is_kept_by_its_etag(browser: httpx.AsyncClient) -> None:
    first = await browser.get("/api/benches/1/layout", headers=TRAINEE)
    assert first.json()["size"] == [8.0, 4.0]
    again = await browser.get("/api/benches/1/layout", headers={**TRAINEE, "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_map_is_a_file(browser: httpx.AsyncClient, host: FakeHost) -> None:
    answer = await browser.get("/api/benches/1/map?format=csv", headers=TRAINEE)
    assert answer.headers["content-disposition"] == 'attachment; filename="linelab-bench-1-csv.csv"'
    assert answer.text.startswith("name,station\n")
    assert host.of("map")[0].params == {"format": "csv", "lang": "en", "host": "linelab.test"}
    assert (await browser.get("/api/benches/1/map?format=exe", headers=TRAINEE)).status_code == 422


async def test_answers_of_the_api_are_not_stored(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/benches/1/wires", headers=TRAINEE)
    assert answer.headers["cache-control"] == "no-store"
