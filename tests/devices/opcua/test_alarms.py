"""Alarms and conditions against asyncua's client: events, states, methods with their codes, ConditionRefresh."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.ua.object_ids import ObjectIds

from devices.opcua import OpcUaEndpoint
from devices.opcua.values import node_id
from tests.devices.fake_line import FakeLine
from tests.devices.live_alarms import DOOR, JAM, LEVEL, LiveAlarms
from tests.devices.opcua.conftest import client, node, served, until
from tests.devices.opcua.test_interop import need_module
from tests.tools import need

INTEROP = Path(__file__).parents[2] / "interop"
FIELDS = ("EventId", "EventType", "SourceName", "Message", "Severity", "Retain", "ActiveState/Id", "AckedState/Id",
          "Comment", "LimitState/CurrentState", "BranchId")  # fmt: skip
NO_COMMENT = ua.LocalizedText("", "en")


@pytest.fixture
def alarmed() -> FakeLine:
    line = FakeLine()
    line.board = LiveAlarms(line.clock)
    return line


@pytest.fixture
def alarms(alarmed: FakeLine) -> LiveAlarms:
    assert isinstance(alarmed.board, LiveAlarms)
    return alarmed.board


@pytest.fixture
async def endpoint(alarmed: FakeLine) -> AsyncIterator[OpcUaEndpoint]:
    async with served(alarmed) as started:
        yield started


class Events:
    """What a subscription to events heard, as a mapping from field to value."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []

    def of(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.all if one["ConditionName"] == name]


def event_filter(kind: int = ObjectIds.AlarmConditionType) -> ua.EventFilter:
    """Select clauses by path, and where the type is a kind of alarm."""
    found = ua.EventFilter()
    for where in (*FIELDS, "ConditionName"):
        clause = ua.SimpleAttributeOperand()
        clause.TypeDefinitionId = node_id(ObjectIds.BaseEventType)
        clause.BrowsePath = [ua.QualifiedName(name, 0) for name in where.split("/")]
        clause.AttributeId = ua.AttributeIds.Value
        found.SelectClauses.append(clause)
    element = ua.ContentFilterElement()
    element.FilterOperator = ua.FilterOperator.OfType
    element.FilterOperands = [ua.LiteralOperand(ua.Variant(node_id(kind), ua.VariantType.NodeId))]
    found.WhereClause.Elements.append(element)
    return found


async def listen(one: Client, at: ua.NodeId, kind: int = ObjectIds.AlarmConditionType) -> tuple[Events, int]:
    heard = Events()

    class Handler:
        def event_notification(self, event: Any) -> None:
            names = (*FIELDS, "ConditionName")
            heard.all.append(dict(zip(names, (field.Value for field in event.event_fields), strict=True)))

    subscription = await one.create_subscription(50, Handler())

    await subscription.subscribe_events(at, evfilter=event_filter(kind))
    return heard, int(subscription.subscription_id or 0)


async def call(one: Client, owner: ua.NodeId, method: int, *inputs: ua.Variant) -> str:
    asked = ua.CallMethodRequest(ObjectId=owner, MethodId=node_id(method), InputArguments=list(inputs))
    [result] = await one.uaclient.call([asked])
    return str(result.StatusCode.name)


def event_id(event: dict[str, Any]) -> ua.Variant:
    return ua.Variant(event["EventId"], ua.VariantType.ByteString)


def comment(text: str) -> ua.Variant:
    return ua.Variant(ua.LocalizedText(text, "en"), ua.VariantType.LocalizedText)


async def condition(one: Client, name: str) -> ua.NodeId:
    station, _, bare = name.partition(".")
    found: ua.NodeId = (await node(one, f"{station}.Alarms.{bare}")).nodeid
    return found


SERVER = node_id(ObjectIds.Server)
ACK, CONFIRM = ObjectIds.AcknowledgeableConditionType_Acknowledge, ObjectIds.AcknowledgeableConditionType_Confirm


async def test_it_comes_is_acknowledged_and_confirmed(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    async with client(endpoint, "trainee") as one:
        heard, _ = await listen(one, SERVER)
        jam = await condition(one, JAM)
        alarms.set("sorting.x", 1)
        await until(lambda: len(heard.of(JAM)) == 1)
        [came] = heard.of(JAM)
        assert (came["ActiveState/Id"], came["AckedState/Id"], came["Retain"], came["Severity"]) == (
            True, False, True, 700,
        )  # fmt: skip
        assert came["SourceName"] == "sorting"
        assert "报警" in came["Message"].Text
        assert await call(one, jam, ACK, event_id(came), comment("seen")) == "Good"
        await until(lambda: len(heard.of(JAM)) == 2)
        assert (heard.of(JAM)[1]["AckedState/Id"], heard.of(JAM)[1]["Comment"].Text) == (True, "seen")
        assert await call(one, jam, ACK, event_id(came), comment("")) == "BadConditionBranchAlreadyAcked"
        assert await call(one, jam, CONFIRM, event_id(came), comment("")) == "Good"
        assert await call(one, jam, CONFIRM, event_id(came), comment("")) == "BadConditionBranchAlreadyConfirmed"
        assert await (await node(one, "sorting.Alarms.jam.AckedState.Id")).read_value() is True
    assert alarms.now(JAM).comment_by.startswith("urn:") or alarms.now(JAM).comment_by


async def test_an_event_id_is_known_until_the_alarm_comes_again(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    async with client(endpoint, "trainee") as one:
        heard, _ = await listen(one, SERVER)
        jam = await condition(one, JAM)
        for value in (1, 0, 1):
            alarms.set("sorting.x", value)
        await until(lambda: len(heard.of(JAM)) == 3)
        ids = [event["EventId"] for event in heard.of(JAM)]
        assert len(set(ids)) == 3
        assert await call(one, jam, ACK, event_id(heard.of(JAM)[0]), comment("")) == "BadEventIdUnknown"
        assert await call(one, jam, ACK, event_id({"EventId": b"nobody's"}), comment("")) == "BadEventIdUnknown"
        level = await condition(one, LEVEL)
        assert await call(one, level, ACK, event_id(heard.of(JAM)[2]), comment("")) == "BadEventIdUnknown"


async def test_events_climb_from_station_to_line_to_server(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    async with client(endpoint) as one:
        places = [SERVER] + [(await node(one, name)).nodeid for name in ("smart-factory", "sorting", "storage")]
        heard = [(await listen(one, place))[0] for place in places]
        alarms.set("sorting.x", 1)
        alarms.set("storage.x", 1)
        await until(lambda: len(heard[0].all) == 2 and len(heard[3].all) == 1)
        assert [[event["ConditionName"] for event in one.all] for one in heard] == [
            [JAM, DOOR], [JAM, DOOR], [JAM], [DOOR],
        ]  # fmt: skip


async def test_a_where_clause_takes_subtypes_and_no_others(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    async with client(endpoint) as one:
        off, _ = await listen(one, SERVER, ObjectIds.OffNormalAlarmType)
        everything, _ = await listen(one, SERVER, ObjectIds.ConditionType)
        alarms.set("sorting.x", 1)
        alarms.set("storage.x", 1)
        await until(lambda: len(everything.all) == 2)
        assert [event["ConditionName"] for event in off.all] == [DOOR]
        assert off.all[0]["EventType"] == node_id(ObjectIds.TripAlarmType)


async def test_levels_are_states_of_the_limit(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    async with client(endpoint) as one:
        heard, _ = await listen(one, SERVER, ObjectIds.ExclusiveLimitAlarmType)
        for value in (60, 150, 0, -60):
            alarms.set("sorting.y", value)
        await until(lambda: len(heard.all) == 4)
        said = [(event["LimitState/CurrentState"].Text, event["Severity"]) for event in heard.all]
        assert said == [("High", 500), ("HighHigh", 900), ("", 900), ("Low", 500)]
        limit = await (await node(one, "sorting.Alarms.level.HighHighLimit")).read_value()
        assert limit == 100.0


async def test_the_shelf(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    timed, unshelve = ObjectIds.ShelvedStateMachineType_TimedShelve, ObjectIds.ShelvedStateMachineType_Unshelve
    once = ObjectIds.AlarmConditionType_ShelvingState_OneShotShelve2
    async with client(endpoint, "trainee") as one:
        shelf = (await node(one, "sorting.Alarms.jam.ShelvingState")).nodeid
        state = await node(one, "sorting.Alarms.jam.ShelvingState.CurrentState")
        minute = ua.Variant(60_000.0, ua.VariantType.Double)
        assert await call(one, shelf, unshelve) == "BadConditionNotShelved"
        assert await call(one, shelf, timed, ua.Variant(-1.0)) == "BadShelvingTimeOutOfRange"
        assert await call(one, shelf, timed, ua.Variant(1e12)) == "BadShelvingTimeOutOfRange"
        assert await call(one, shelf, timed, minute) == "Good"
        assert await call(one, shelf, timed, minute) == "BadConditionAlreadyShelved"
        assert (await state.read_value()).Text == "TimedShelved"
        assert await call(one, shelf, once, comment("until it is mended")) == "Good"
        assert await call(one, await condition(one, JAM), unshelve) == "Good"
        assert [ask.do for _, ask in alarms.asked] == ["shelve", "shelve", "unshelve"]


async def test_every_other_method_has_its_code(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    async with client(endpoint, "instructor") as one:
        jam, door = await condition(one, JAM), await condition(one, DOOR)
        rows = [
            (ObjectIds.ConditionType_Enable, "BadConditionAlreadyEnabled"),
            (ObjectIds.ConditionType_Disable, "Good"),
            (ObjectIds.ConditionType_Disable, "BadConditionAlreadyDisabled"),
            (ObjectIds.AlarmConditionType_Suppress, "BadConditionDisabled"),
            (ObjectIds.ConditionType_Enable, "Good"),
            (ObjectIds.AlarmConditionType_Suppress, "Good"),
            (ObjectIds.AlarmConditionType_Suppress, "BadInvalidState"),
            (ObjectIds.AlarmConditionType_Unsuppress, "Good"),
            (ObjectIds.AlarmConditionType_RemoveFromService, "Good"),
            (ObjectIds.AlarmConditionType_PlaceInService, "Good"),
            (ObjectIds.AlarmConditionType_Reset, "BadMethodInvalid"),
            (ACK, "BadArgumentsMissing"),
        ]
        assert [(method, await call(one, jam, method)) for method, _ in rows] == rows
        assert await call(one, door, ObjectIds.AlarmConditionType_Reset) == "BadInvalidState"
        alarms.set("storage.x", 1)
        alarms.set("storage.x", 0)
        await until(lambda: alarms.now(DOOR).latched)


async def test_refresh_tells_what_is_worth_showing_to_who_asked(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    alarms.set("sorting.x", 1)
    async with client(endpoint) as one, client(endpoint) as other:
        active = await node(one, "sorting.Alarms.jam.ActiveState.Id")
        async with asyncio.timeout(3):
            while not await active.read_value():  # its event is out before anybody listens
                await asyncio.sleep(0.01)
        heard, number = await listen(one, SERVER)
        elsewhere, foreign = await listen(other, SERVER)
        owner, refresh = node_id(ObjectIds.ConditionType), ObjectIds.ConditionType_ConditionRefresh
        mine, theirs = (ua.Variant(n, ua.VariantType.UInt32) for n in (number, foreign))
        assert await call(one, owner, refresh, mine) == "Good"
        start, end = node_id(ObjectIds.RefreshStartEventType), node_id(ObjectIds.RefreshEndEventType)
        await until(lambda: bool(heard.all) and heard.all[-1]["EventType"] == end)
        kinds = [event["EventType"] for event in heard.all]
        assert kinds[-3:] == [start, node_id(ObjectIds.DiscreteAlarmType), end]
        assert await call(one, owner, refresh, theirs) == "BadSubscriptionIdInvalid"
        two = ObjectIds.ConditionType_ConditionRefresh2
        assert await call(one, owner, two, mine, ua.Variant(999, ua.VariantType.UInt32)) == "BadMonitoredItemIdInvalid"
        assert elsewhere.all == []


async def test_an_observer_looks_and_does_nothing(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    alarms.set("sorting.x", 1)
    async with client(endpoint) as one:
        told = await (await node(one, "sorting.Alarms.jam.EventId")).read_value()
        answer = await call(one, await condition(one, JAM), ACK, event_id({"EventId": told}), comment(""))
        assert answer == "BadUserAccessDenied"
    assert alarms.asked == []


async def test_after_a_reset_older_event_ids_are_void(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    alarms.set("sorting.x", 1)
    async with client(endpoint, "trainee") as one:
        heard, _ = await listen(one, SERVER)
        alarms.set("sorting.y", 60)
        await until(lambda: len(heard.of(LEVEL)) == 1)
        alarms.heard[0].torn = True
        await until(lambda: len(heard.of(LEVEL)) == 2)
        alarms.heard[0].torn = False
        level = await condition(one, LEVEL)
        old = event_id(heard.of(LEVEL)[0])
        assert await call(one, level, ACK, old, comment("")) == "BadEventIdUnknown"


@pytest.mark.long
async def test_node_opcua_acknowledges(endpoint: OpcUaEndpoint, alarms: LiveAlarms) -> None:
    program = need("node", "apt-get install nodejs (20 or newer)")
    need_module("node-opcua-client")
    alarms.set("sorting.x", 1)
    script = str(INTEROP / "opcua_alarms.cjs")
    process = await asyncio.create_subprocess_exec(program, script, endpoint.url, "trainee-token", stdout=-1, stderr=-1)
    async with asyncio.timeout(40):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    found = json.loads(out.decode().strip().splitlines()[-1])
    assert found["list"] == [["sorting.jam", True, False]]
    assert (found["ack"], found["again"]) == ("Good", "BadConditionBranchAlreadyAcked")
    assert found["confirm"] == "Good"
    assert found["after"] == [["sorting.jam", True, True]]
    assert alarms.now(JAM).comment == "from node"
