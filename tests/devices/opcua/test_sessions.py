"""Who is who, and when he is gone: log-in, roles, sessions that end, are lost, come back or are somebody else's."""

import asyncio
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.ua.uaerrors import UaStatusCodeError

from devices.endpoint import Role, Wire
from devices.opcua import OpcUaEndpoint
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import Heard, client, node, served, until


def served_by(task: asyncio.Task[Any]) -> bool:
    """Whether a task is the server's; the client of asyncua, in the same loop, leaves its own behind."""
    file = task.get_coro().cr_code.co_filename  # type: ignore[union-attr]
    return "devices/opcua" in file.replace("tests/devices", "") or "asyncua/server" in file


def drop(one: Client) -> None:
    """The network goes away under a client."""
    one.uaclient.protocol.transport.abort()  # type: ignore[union-attr]


@pytest.mark.parametrize("user", ["trainee", "instructor", "engineer"])
async def test_a_user_has_the_role_of_his_credentials(line: FakeLine, endpoint: OpcUaEndpoint, user: str) -> None:
    async with client(endpoint, user) as one:
        await (await node(one, "sorting.belt_run")).write_value(True)
    assert line.requests[0][0].role is Role(user)


async def test_anonymous_reads_and_subscribes_and_no_more(line: FakeLine, observer: Client) -> None:
    where = await node(observer, "sorting.belt_run")
    heard = Heard()
    await (await observer.create_subscription(50, heard)).subscribe_data_change(where)
    assert await where.read_value() is False
    await until(lambda: heard.of("sorting.belt_run") == [False])
    with pytest.raises(UaStatusCodeError) as refused:
        await where.write_value(True)
    assert refused.value.code == ua.StatusCodes.BadUserAccessDenied


@pytest.mark.parametrize(("user", "password"), [("trainee", "wrong"), ("trainee", ""), ("nobody", "x"), ("root", "")])
async def test_a_wrong_log_in_is_rejected_and_counted(
    line: FakeLine, endpoint: OpcUaEndpoint, user: str, password: str
) -> None:
    with pytest.raises(UaStatusCodeError) as refused:
        async with client(endpoint, user, password):
            pass
    assert refused.value.code == ua.StatusCodes.BadIdentityTokenRejected
    assert [(wire, "log-in refused" in why) for wire, _, why in line.rejects] == [(Wire.OPCUA, True)]
    assert line.gone == []


async def test_a_closed_session_is_told_once(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    async with client(endpoint, "trainee") as one:
        await (await node(one, "sorting.belt_run")).write_value(True)
        assert line.gone == []
        assert endpoint.clients == 1
    await until(lambda: endpoint.clients == 0)
    assert line.gone == [line.requests[0][0]]


@pytest.mark.parametrize("subscribed", [False, True])
async def test_a_lost_connection_is_told(line: FakeLine, endpoint: OpcUaEndpoint, subscribed: bool) -> None:
    one = Client(endpoint.url, timeout=2)
    await one.connect()
    if subscribed:
        await (await one.create_subscription(50, Heard())).subscribe_data_change(await node(one, "sorting.eye_1"))
    drop(one)
    await until(lambda: len(line.gone) == 1 and endpoint.clients == 0)
    await one.disconnect()


async def test_a_silent_session_times_out(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    assert endpoint._server is not None
    endpoint._server.min_session_timeout_ms = 100
    endpoint._server.max_session_timeout_ms = 100
    one = Client(endpoint.url, timeout=2, watchdog_intervall=100)
    await one.connect()
    await until(lambda: len(line.gone) == 1)
    with pytest.raises(UaStatusCodeError) as refused:
        await one.nodes.server_state.read_value()
    assert refused.value.code == ua.StatusCodes.BadSessionIdInvalid
    await one.disconnect()


async def test_sessions_last_a_minute_at_most(endpoint: OpcUaEndpoint) -> None:
    one = Client(endpoint.url)
    one.session_timeout = 3_600_000
    async with one:
        assert endpoint._server is not None
        (session,) = endpoint._server._external_sessions.values()
        assert session.session_timeout == 60


async def test_tokens_cannot_be_guessed(endpoint: OpcUaEndpoint) -> None:
    async with client(endpoint), client(endpoint):
        assert endpoint._server is not None
        tokens = [token.Identifier for token in endpoint._server._external_sessions]
    assert all(isinstance(token, bytes) and len(token) == 32 for token in tokens)
    assert len(set(tokens)) == 2


async def test_each_session_is_its_own_client(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    async with client(endpoint, "trainee") as one, client(endpoint, "trainee") as two:
        for each in (one, two, one):
            await (await node(each, "sorting.belt_run")).write_value(True)
    keys = [who.key for who, _ in line.requests]
    assert keys[0] == keys[2] != keys[1]


async def test_a_subscription_is_its_sessions_own(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    heard = Heard()
    async with client(endpoint, "trainee") as one, client(endpoint, "trainee") as two:
        subscription = await one.create_subscription(50, heard)
        await subscription.subscribe_data_change(await node(one, "sorting.eye_1"))
        number = subscription.subscription_id
        answers = await two.uaclient.delete_subscriptions([number])
        assert [answer.name for answer in answers] == ["BadSubscriptionIdInvalid"]
        with pytest.raises(UaStatusCodeError):
            await two.uaclient.update_subscription(ua.ModifySubscriptionParameters(number, 1000))
        line.set("sorting.eye_1", True)
        await until(lambda: heard.of("sorting.eye_1")[-1:] == [True])


async def test_a_second_session_of_one_connection_ends_the_first(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    async with client(endpoint) as one:
        await one.create_session()
        await one.activate_session()
        await until(lambda: len(line.gone) == 1)
        assert endpoint._server is not None
        assert len(endpoint._server._external_sessions) == 1


async def test_a_client_comes_back_to_its_subscription(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    """Part 4, 6.7: the session outlives its connection; on the way back it is another `Client`."""
    heard = Heard()
    one = Client(endpoint.url, timeout=2, auto_reconnect=True)
    one.set_user("trainee")
    one.set_password("trainee-token")
    await one.connect()
    await (await one.create_subscription(50, heard)).subscribe_data_change(await node(one, "sorting.eye_1"))
    await until(lambda: heard.of("sorting.eye_1") == [False])
    drop(one)
    await until(lambda: len(line.gone) == 1)
    line.set("sorting.eye_1", True)
    await until(lambda: heard.of("sorting.eye_1") == [False, True], 5)
    await (await node(one, "sorting.belt_run")).write_value(True)
    assert line.requests[0][0].key != line.gone[0].key
    await one.disconnect()
    assert len(line.gone) == 2


async def test_stop_ends_every_client_and_leaves_nothing(line: FakeLine) -> None:
    clients: list[Any] = []
    async with served(line) as endpoint:
        for _ in range(3):
            one = Client(endpoint.url, timeout=2)
            await one.connect()
            await (await one.create_subscription(50, Heard())).subscribe_data_change(await node(one, "sorting.eye_1"))
            clients.append(one)
    assert len(line.gone) == 3
    for one in clients:
        await one.disconnect()
    assert not [task for task in asyncio.all_tasks() if served_by(task)]
