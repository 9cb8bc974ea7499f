"""PackML commands as methods: the same request as writing the command bit."""

import pytest
from asyncua import Client, ua
from asyncua.ua.uaerrors import UaStatusCodeError

from devices.opcua.nodes import method_word
from sim.refusal import Refusal
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import node


async def called(one: Client, name: str, *arguments: object, station: str = "sorting") -> str:
    try:
        await (await node(one, station)).call_method((await node(one, name)).nodeid, *arguments)
    except UaStatusCodeError as refused:
        return ua.StatusCode(ua.UInt32(refused.code)).name
    return "Good"


async def test_each_command_bit_has_a_method_at_its_station(trainee: Client) -> None:
    names = {}
    for station in ("sorting", "storage"):
        methods = await (await node(trainee, station)).get_methods()
        names[station] = {(await method.read_browse_name()).Name for method in methods}
    assert names == {"sorting": {"Start", "Reset"}, "storage": set()}


async def test_a_call_is_a_request_of_the_sessions_user(line: FakeLine, trainee: Client) -> None:
    assert await called(trainee, "sorting.Start") == "Good"
    ((who, writes),) = line.requests
    assert (who.role, writes) == ("trainee", [("sorting.cmd_start", True)])
    assert ("call", "sorting.Start") in [(verb, subject) for _, verb, subject in line.notes]


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal.STATE, "BadInvalidState"),
        (Refusal.PAUSED, "BadInvalidState"),
        (Refusal.NOT_OWNER, "BadUserAccessDenied"),
        (Refusal.OFFLINE, "BadNoCommunication"),
    ],
)
async def test_a_refused_call_has_the_code_of_the_write(
    line: FakeLine, trainee: Client, refusal: Refusal, expected: str
) -> None:
    line.refuse["sorting.cmd_start"] = refusal
    assert await called(trainee, "sorting.Start") == expected


async def test_an_observer_calls_nothing(observer: Client) -> None:
    assert await called(observer, "sorting.Start") == "BadUserAccessDenied"
    executable = await (await node(observer, "sorting.Start")).read_attribute(ua.AttributeIds.UserExecutable)
    assert executable.Value == ua.Variant(False)


async def test_wrong_calls(line: FakeLine, trainee: Client) -> None:
    assert await called(trainee, "sorting.Start", 1) == "BadTooManyArguments"
    assert await called(trainee, "sorting.Start", station="storage") == "BadMethodInvalid"
    assert await called(trainee, "sorting.eye_1") == "BadMethodInvalid"
    assert await called(trainee, "sorting.NoSuch") == "BadNodeIdUnknown"
    assert line.requests == []


@pytest.mark.parametrize(
    ("signal", "word"), [("cmd_unhold", "Unhold"), ("cmd_complete", "ToComplete"), ("cmd_clear", "Clear")]
)
def test_methods_are_called_as_in_packml(signal: str, word: str) -> None:
    assert method_word(signal) == word
