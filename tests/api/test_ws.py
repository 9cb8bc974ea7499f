"""The WebSocket on a real socket: who may open it, and what a tab gets to see."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.access import COOKIE, Caller
from api.lab import Frame, Grant, LabError
from api.relay import QUEUE, Relay, queued
from devices.endpoint import Role
from tests.api.conftest import bearer
from tests.api.fake_lab import TOKENS, FakeHost


@asynccontextmanager
async def tab(address: str, role: Role = Role.TRAINEE, **headers: str) -> AsyncIterator[ClientConnection]:
    """A script's connection, with its token."""
    async with connect(f"ws://{address}/api/ws", additional_headers={**bearer(role), **headers}, proxy=None) as socket:
        yield socket


async def follow(socket: ClientConnection, channel: str) -> Frame:
    await socket.send(json.dumps({"op": "sub", "ch": channel}))
    return await heard(socket)


async def heard(socket: ClientConnection) -> Frame:
    async with asyncio.timeout(5):
        frame: Frame = json.loads(await socket.recv())
    return frame


async def closed(socket: ClientConnection) -> int:
    """The code that the server closes with."""
    async with asyncio.timeout(5):
        while True:
            try:
                await socket.recv()
            except ConnectionClosed as error:
                return error.rcvd.code if error.rcvd else 1006


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def cookie(address: str, role: Role = Role.TRAINEE) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        answer = await client.post("/api/login", json={"token": TOKENS[1, role]})
    return {"cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}


async def test_first_a_snap_then_changes_in_order(address: str, host: FakeHost) -> None:
    async with tab(address) as socket:
        assert await follow(socket, "line:1") == {"ch": "line:1", "k": "snap", "seq": 0}
        for state in (6, 11):
            host.push("line:1", st={"sorting": state})
        assert [await heard(socket), await heard(socket)] == [
            {"ch": "line:1", "k": "ev", "seq": 1, "st": {"sorting": 6}},
            {"ch": "line:1", "k": "ev", "seq": 2, "st": {"sorting": 11}},
        ]


async def test_all_tabs_share_one_subscription_and_each_begins_with_a_snap(address: str, host: FakeHost) -> None:
    async with tab(address) as first, tab(address) as second:
        await follow(first, "tags:1")
        host.push("tags:1", v=[[0, True, "good"]])
        assert (await heard(first))["seq"] == 1
        assert await follow(second, "tags:1") == {"ch": "tags:1", "k": "snap", "seq": 1}
        assert len(host.followers["tags:1"]) == 1
        host.push("tags:1", v=[])
        assert (await heard(first))["seq"] == (await heard(second))["seq"] == 2
    await until(lambda: not host.followers["tags:1"])


async def test_what_a_snap_contains_is_not_sent_again(address: str, host: FakeHost) -> None:
    async with tab(address) as first, tab(address) as second:
        await follow(first, "line:1")
        await second.send(json.dumps({"op": "sub", "ch": "line:1"}))
        host.push("line:1")  # may fall before or after the second tab's snap
        snap = await heard(second)
        host.push("line:1")
        seqs = [snap["seq"]]
        while seqs[-1] != 2:
            seqs.append((await heard(second))["seq"])
        assert seqs in ([0, 1, 2], [1, 2])


async def test_unsub_ends_the_work_upstream(address: str, host: FakeHost) -> None:
    async with tab(address) as socket:
        await follow(socket, "wires:1")
        await socket.send(json.dumps({"op": "unsub", "ch": "wires:1"}))
        await until(lambda: not host.followers["wires:1"])


async def test_asking_again_gives_a_new_snap(address: str, host: FakeHost) -> None:
    async with tab(address) as socket:
        await follow(socket, "line:1")
        host.push("line:1")
        await heard(socket)
        assert await follow(socket, "line:1") == {"ch": "line:1", "k": "snap", "seq": 1}


async def test_a_snap_after_a_loss_upstream_reaches_every_tab(address: str, host: FakeHost) -> None:
    async with tab(address) as socket:
        host.seq["line:1"] = 40
        await follow(socket, "line:1")
        host.seq["line:1"] = 3  # the host was started anew and counts anew
        host.followers["line:1"][0](host.snap("line:1"))
        host.push("line:1")
        assert [(await heard(socket))["seq"], (await heard(socket))["seq"]] == [3, 4]


@pytest.mark.parametrize(
    ("role", "channel", "code"),
    [
        (Role.TRAINEE, "faults:1", "role"),
        (Role.ENGINEER, "faults:1", "role"),
        (Role.TRAINEE, "line:2", "bench"),
        (Role.TRAINEE, "weather:1", "unknown"),
    ],
)
async def test_a_channel_that_is_not_yours_is_an_error_and_no_subscription(
    address: str, host: FakeHost, role: Role, channel: str, code: str
) -> None:
    async with tab(address, role) as socket:
        assert await follow(socket, channel) == {"ch": channel, "k": "error", "code": code}
        assert (await follow(socket, "line:1"))["k"] == "snap"  # the connection is as good as before
    assert channel not in host.followers


async def test_a_bench_that_does_not_run_today_is_an_error_frame(
    address: str, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(channel: str, listener: object) -> Callable[[], None]:
        raise LabError("unknown", {"channel": channel})

    async with tab(address) as socket:
        with monkeypatch.context() as patch:
            patch.setattr(host, "subscribe", refuse)
            assert (await follow(socket, "line:1"))["code"] == "unknown"
        assert (await follow(socket, "line:1"))["k"] == "snap"


async def test_the_instructor_follows_faults(address: str, host: FakeHost) -> None:
    async with tab(address, Role.INSTRUCTOR) as socket:
        assert (await follow(socket, "faults:1"))["k"] == "snap"


async def test_sys_says_the_version(address: str) -> None:
    async with tab(address) as socket:
        assert (await follow(socket, "sys"))["version"]


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"cookie": "linelab=none"}, {"authorization": "x"}]
)
async def test_nobody_gets_in_without_log_in(address: str, headers: dict[str, str]) -> None:
    async with connect(f"ws://{address}/api/ws", additional_headers=headers, proxy=None) as socket:
        assert await closed(socket) == 4401


async def test_a_cookie_counts_only_from_our_own_page(address: str) -> None:
    session = await cookie(address)
    for origin, code in ((None, 4403), ("http://evil.test", 4403), (f"http://{address}", None)):
        headers = {**session, **({"origin": origin} if origin else {})}
        async with connect(f"ws://{address}/api/ws", additional_headers=headers, proxy=None) as socket:
            if code is None:
                assert (await follow(socket, "line:1"))["k"] == "snap"
            else:
                assert await closed(socket) == code


async def test_another_sites_page_cannot_use_a_token_either(address: str) -> None:
    async with tab(address, origin="http://evil.test") as socket:
        assert await closed(socket) == 4403


async def test_logging_out_closes_the_tabs_of_that_session_only(address: str, app: FastAPI) -> None:
    mine, other = await cookie(address), await cookie(address)
    origin = {"origin": f"http://{address}"}
    url = f"ws://{address}/api/ws"
    async with (
        connect(url, additional_headers={**mine, **origin}, proxy=None) as first,
        connect(url, additional_headers={**other, **origin}, proxy=None) as second,
        httpx.AsyncClient(base_url=f"http://{address}", headers={**mine, **origin}) as client,
    ):
        await follow(first, "line:1")
        await follow(second, "line:1")
        assert (await client.post("/api/logout")).status_code == 200
        assert await closed(first) == 4401
        assert (await follow(second, "line:1"))["k"] == "snap"


@pytest.mark.parametrize(
    "message", ["{", "[]", '{"op":"drop"}', '{"op":"sub"}', '{"op":"sub","ch":1}', "x" * 2000, b"\0"]
)
async def test_what_is_not_this_protocol_closes_that_tab_alone(address: str, message: str | bytes) -> None:
    async with tab(address) as good, tab(address) as bad:
        await follow(good, "line:1")
        await bad.send(message)
        assert await closed(bad) == 4400
        assert (await follow(good, "tags:1"))["k"] == "snap"


async def test_a_tab_that_cannot_keep_up_gets_a_snap_instead(host: FakeHost) -> None:
    relay = Relay(host)
    slow = relay.join(Caller(Grant(1, Role.TRAINEE), "key", "by"))
    relay.subscribe(slow, "line:1")
    for _ in range(QUEUE + 20):
        host.push("line:1")
    assert slow.overflows == 1
    assert list(slow.stale) == ["line:1"]
    assert len(slow.waiting) < QUEUE
    text = await relay.snap(slow, "line:1")
    assert text is not None
    assert json.loads(text) == {"ch": "line:1", "k": "snap", "seq": QUEUE + 20}
    assert slow.next() is None  # what waited is in the snap


async def test_nobody_waits_for_a_slow_tab(address: str, host: FakeHost) -> None:
    async with tab(address) as slow, tab(address) as quick:
        await follow(slow, "line:1")
        await follow(quick, "line:1")
        text = "x" * 20_000
        for _ in range(10 * QUEUE):  # far more than the sockets' buffers take; `slow` reads none of it
            host.push("line:1", text=text)
            await asyncio.sleep(0)
            if host.seq["line:1"] % 20 == 0:
                await until_seq(quick, host.seq["line:1"])
        host.push("line:1")
        await until_seq(quick, host.seq["line:1"])
        await until_seq(slow, host.seq["line:1"])


async def until_seq(socket: ClientConnection, seq: int) -> None:
    while (await heard(socket))["seq"] != seq:
        pass


async def test_the_lab_away_is_no_reason_to_close(address: str, host: FakeHost) -> None:
    host.begin_with_snap = False
    async with tab(address) as socket:
        await socket.send(json.dumps({"op": "sub", "ch": "line:1"}))
        await until(lambda: bool(host.followers.get("line:1")))
        host.followers["line:1"][0](host.snap("line:1"))
        assert (await heard(socket))["k"] == "snap"


def test_a_frame_is_serialised_as_it_came() -> None:
    assert queued("line:1", {"ch": "line:1", "k": "ev", "seq": 3, "x": "弹"}).text == (
        '{"ch":"line:1","k":"ev","seq":3,"x":"弹"}'
    )
