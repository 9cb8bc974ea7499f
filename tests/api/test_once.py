"""A command sent twice with one key happens once."""

import asyncio

import httpx

from api.lab import LabError
from api.once import KEEP
from devices.endpoint import Role
from sim.refusal import Refusal
from tests.api.conftest import bearer
from tests.api.fake_lab import FakeHost

URL = "/api/benches/1/jog"
BODY = {"tag": "sorting.belt_run", "value": True}


def keyed(key: str, role: Role = Role.TRAINEE) -> dict[str, str]:
    return {**bearer(role), "idempotency-key": key}


async def test_the_second_gets_the_answer_of_the_first(browser: httpx.AsyncClient, host: FakeHost) -> None:
    first, second = await asyncio.gather(*(browser.post(URL, json=BODY, headers=keyed("a")) for _ in range(2)))
    assert first.json() == second.json() == {"ok": True}
    assert len(host.of("jog")) == 1
    assert second.headers.get_list("content-security-policy") == first.headers.get_list("content-security-policy")


async def test_a_refusal_is_remembered_too(browser: httpx.AsyncClient, host: FakeHost) -> None:
    host.refusal = LabError(Refusal.STATE)
    await browser.post(URL, json=BODY, headers=keyed("a"))
    host.refusal = None
    answer = await browser.post(URL, json=BODY, headers=keyed("a"))
    assert (answer.status_code, answer.json()["code"]) == (409, "state")


async def test_what_never_reached_the_line_may_be_tried_again(browser: httpx.AsyncClient, host: FakeHost) -> None:
    host.refusal = LabError("lab")
    assert (await browser.post(URL, json=BODY, headers=keyed("a"))).status_code == 503
    host.refusal = None
    assert (await browser.post(URL, json=BODY, headers=keyed("a"))).status_code == 200


async def test_a_key_belongs_to_one_caller_and_one_request(browser: httpx.AsyncClient, host: FakeHost) -> None:
    await browser.post(URL, json=BODY, headers=keyed("a"))
    await browser.post(URL, json=BODY, headers=keyed("a", Role.ENGINEER))
    assert len(host.of("jog")) == 2
    answer = await browser.post(URL, json={**BODY, "value": False}, headers=keyed("a"))
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


async def test_the_oldest_answers_are_forgotten(browser: httpx.AsyncClient, host: FakeHost) -> None:
    for number in range(KEEP + 1):
        await browser.post(URL, json=BODY, headers=keyed(str(number)))
    await browser.post(URL, json=BODY, headers=keyed("1"))
    assert len(host.of("jog")) == KEEP + 1
    await browser.post(URL, json=BODY, headers=keyed("0"))
    assert len(host.of("jog")) == KEEP + 2
