"""The routes of maintenance: what they ask of the lab, and how a refusal is told."""

import httpx
import pytest

from api.lab import LabError
from devices.endpoint import Role
from tests.api.conftest import bearer
from tests.api.fake_lab import FakeHost

BENCH = "/api/benches/1"
TRAINEE = bearer(Role.TRAINEE)
CLEAN = {"target": "sorting.eye_1", "operation": "clean"}


async def test_work_reaches_the_lab_with_who_asks(browser: httpx.AsyncClient, host: FakeHost) -> None:
    answer = await browser.post(f"{BENCH}/maintenance", json=CLEAN, headers=TRAINEE)
    assert answer.json() == {"job": 1}
    [asked] = host.of("maintain")
    assert asked.params == CLEAN
    assert asked.by.startswith("trainee ")


@pytest.mark.parametrize("code", ["lock_out", "busy", "not_at_rest", "padlock"])
async def test_a_refusal_says_what_to_do(browser: httpx.AsyncClient, host: FakeHost, code: str) -> None:
    host.refusal = LabError(code)
    answer = await browser.post(f"{BENCH}/lock", json={"station": "sorting", "on": True}, headers=TRAINEE)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json()["message"] != code


@pytest.mark.parametrize("body", [{"target": "sorting.eye_1", "operation": "paint"}, {**CLEAN, "who": "me"}, {}])
async def test_what_is_no_work_is_refused_at_the_door(browser: httpx.AsyncClient, body: dict[str, object]) -> None:
    answer = await browser.post(f"{BENCH}/maintenance", json=body, headers=TRAINEE)
    assert answer.status_code == 422
