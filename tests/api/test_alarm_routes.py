"""The routes of the alarms: what they ask of the lab, and what they refuse themselves."""

import httpx
import pytest

from devices.endpoint import Role
from tests.api.conftest import bearer
from tests.api.fake_lab import FakeHost

BENCH = "/api/benches/1"
TRAINEE = bearer(Role.TRAINEE)


async def test_an_action_reaches_the_lab_with_who_asks(browser: httpx.AsyncClient, host: FakeHost) -> None:
    answer = await browser.post(f"{BENCH}/alarms/sorting.jam", json={"do": "ack", "comment": "seen"}, headers=TRAINEE)
    assert answer.json() == {"ok": True}
    [asked] = host.of("alarm")
    assert asked.params == {"alarm": "sorting.jam", "do": "ack", "comment": "seen", "for_s": 0, "once": False}


@pytest.mark.parametrize("body", [{"do": "explode"}, {"do": "shelve", "for_s": -1}, {"do": "ack", "more": 1}, {}])
async def test_what_is_no_action_is_refused_at_the_door(browser: httpx.AsyncClient, body: dict[str, object]) -> None:
    answer = await browser.post(f"{BENCH}/alarms/sorting.jam", json=body, headers=TRAINEE)
    assert answer.status_code == 422


async def test_the_journal_takes_its_filter(browser: httpx.AsyncClient, host: FakeHost) -> None:
    answer = await browser.get(f"{BENCH}/alarm-journal?station=sorting&least_severity=500&limit=5", headers=TRAINEE)
    assert answer.json()["rows"][0]["alarm"] == "sorting.jam"
    [asked] = host.of("alarm_journal")
    assert (asked.params["station"], asked.params["least_severity"], asked.params["limit"]) == ("sorting", 500, 5)


async def test_the_file_of_the_journal_opens_in_a_spreadsheet(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"{BENCH}/alarm-journal.csv", headers=TRAINEE)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbfid,ts\r\n")  # the mark by which it knows UTF-8
