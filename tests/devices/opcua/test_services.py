"""Services that asyncua's server lacks or gets wrong, asked over the wire."""

from dataclasses import replace
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.ua.uaerrors import UaStatusCodeError

from devices.endpoint import Role
from devices.opcua import OpcUaEndpoint
from devices.opcua.actions import Answer, Argument, Caller
from devices.opcua.events import Event
from devices.opcua.security import PLAIN, Bounds
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import Heard, client, node, served, until

OBJECTS = ua.NodeId(ua.ObjectIds.ObjectsFolder)


async def ask(one: Client, request: Any, response: Any) -> Any:
    """Send a request that asyncua's client has no function for."""
    assert one.uaclient.protocol is not None
    data = await one.uaclient.protocol.send_request(request)
    answer = ua.ua_binary.struct_from_binary(response, data)
    answer.ResponseHeader.ServiceResult.check()
    return answer


async def test_browsing_goes_on_where_it_stopped(observer: Client) -> None:
    where = await node(observer, "sorting")
    asked = ua.BrowseDescription(where.nodeid, ua.BrowseDirection.Forward, ua.NodeId(33), True, 0, 63)  # type: ignore[call-arg]
    params = ua.BrowseParameters(RequestedMaxReferencesPerNode=ua.Counter(4), NodesToBrowse=[asked])
    (found,) = await observer.uaclient.browse(params)
    names = [one.BrowseName.Name for one in found.References]
    while found.ContinuationPoint:
        assert len(found.References) == 4
        request = ua.BrowseNextRequest()
        request.Parameters.ReleaseContinuationPoints = False
        request.Parameters.ContinuationPoints = [found.ContinuationPoint]
        (found,) = (await ask(observer, request, ua.BrowseNextResponse)).Parameters.Results
        names += [one.BrowseName.Name for one in found.References]
    params.RequestedMaxReferencesPerNode = ua.Counter(0)
    (whole,) = await observer.uaclient.browse(params)
    assert names == [one.BrowseName.Name for one in whole.References]
    assert len(names) > 12


async def test_a_continuation_point_is_used_once_and_can_be_given_back(observer: Client) -> None:
    asked = ua.BrowseDescription(OBJECTS, ua.BrowseDirection.Forward, ua.NodeId(), True, 0, 63)  # type: ignore[call-arg]
    params = ua.BrowseParameters(RequestedMaxReferencesPerNode=ua.Counter(1), NodesToBrowse=[asked])
    (found,) = await observer.uaclient.browse(params)
    request = ua.BrowseNextRequest()
    request.Parameters.ReleaseContinuationPoints = True
    request.Parameters.ContinuationPoints = [found.ContinuationPoint]
    codes = []
    for _ in range(2):
        (result,) = (await ask(observer, request, ua.BrowseNextResponse)).Parameters.Results
        codes.append(result.StatusCode.name)
    assert codes == ["Good", "BadContinuationPointInvalid"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0:1", ["http://opcfoundation.org/UA/", "urn:linelab:bench:1"]), ("99", "BadIndexRangeNoData"),
     ("1:0", "BadIndexRangeInvalid"), ("x", "BadIndexRangeInvalid")],
)  # fmt: skip
async def test_a_part_of_an_array_is_read(observer: Client, text: str, expected: object) -> None:
    item = ua.ReadValueId(ua.NodeId(ua.ObjectIds.Server_NamespaceArray), ua.AttributeIds.Value, text)  # type: ignore[call-arg]
    (value,) = await observer.uaclient.read(ua.ReadParameters(NodesToRead=[item]))
    found = value.Value.Value if value.StatusCode.is_good() else value.StatusCode.name
    assert found == expected


async def test_rights_are_told_as_they_are(endpoint: OpcUaEndpoint) -> None:
    async with client(endpoint) as one, client(endpoint, "trainee") as two:
        told = {}
        for who, each in (("observer", one), ("trainee", two)):
            where = await node(each, "sorting.belt_run")
            level = await where.read_attribute(ua.AttributeIds.UserAccessLevel)
            mine = await where.read_attribute(ua.AttributeIds.UserRolePermissions)
            told[who] = (level.Value.Value, bool(mine.Value.Value[0].Permissions & ua.PermissionType.Write))
        assert told == {"observer": (5, False), "trainee": (7, True)}
        everybody = await (await node(one, "sorting.eye_1")).read_attribute(ua.AttributeIds.RolePermissions)
        assert not any(row.Permissions & ua.PermissionType.Write for row in everybody.Value.Value)


async def test_arguments_are_checked_one_by_one(endpoint: OpcUaEndpoint) -> None:
    called: list[tuple[Role, tuple[object, ...]]] = []

    def handler(caller: Caller, given: tuple[object, ...]) -> Answer:
        called.append((caller.client.role, given))
        return Answer(outputs=(ua.Variant(len(given), ua.VariantType.Int32),))

    server = endpoint._server
    assert server is not None
    station, method = ua.NodeId("sorting", 2), ua.NodeId("sorting.Start", 2)
    server.actions.bind(
        OBJECTS,
        method,
        handler,
        [Argument("a", ua.VariantType.Int16), Argument("b", ua.VariantType.String, array=True)],
    )
    good = [ua.Variant(1, ua.VariantType.Int16), ua.Variant(["x"], ua.VariantType.String, is_array=True)]

    async def call(one: Client, *given: ua.Variant, owner: ua.NodeId = OBJECTS) -> ua.CallMethodResult:
        asked = ua.CallMethodRequest(owner, method, list(given))
        return (await one.uaclient.call([asked]))[0]

    async with client(endpoint, "instructor") as one, client(endpoint) as two:
        assert (await call(one, *good)).OutputArguments[0].Value == 2
        assert (await call(one, good[0])).StatusCode.name == "BadArgumentsMissing"
        assert (await call(one, *good, good[0])).StatusCode.name == "BadTooManyArguments"
        wrong = await call(one, good[0], ua.Variant("x", ua.VariantType.String))
        assert wrong.StatusCode.name == "BadInvalidArgument"
        assert [code.name for code in wrong.InputArgumentResults] == ["Good", "BadTypeMismatch"]
        assert (await call(two, *good)).StatusCode.name == "BadUserAccessDenied"
        assert (await call(one, *good, owner=station)).StatusCode.name == "BadTooManyArguments"
    assert called == [(Role.INSTRUCTOR, (1, ["x"]))]


async def test_a_slow_sampler_hears_less(line: FakeLine, endpoint: OpcUaEndpoint, observer: Client) -> None:
    fast, slow = Heard(), Heard()
    where = await node(observer, "sorting.parts_out")
    await (await observer.create_subscription(50, fast)).subscribe_data_change(where, sampling_interval=0, queuesize=50)
    await (await observer.create_subscription(50, slow)).subscribe_data_change(
        where, sampling_interval=600_000, queuesize=50
    )
    await until(lambda: len(fast.values) == len(slow.values) == 1)
    for number in range(1, 4):
        line.set("sorting.parts_out", number)
        await until(lambda number=number: fast.of("sorting.parts_out")[-1] == number)  # type: ignore[misc]
    assert slow.of("sorting.parts_out") == [70000]


async def test_a_triggered_item_is_told_with_its_trigger(line: FakeLine, observer: Client) -> None:
    heard = Heard()
    subscription = await observer.create_subscription(50, heard)
    trigger = await subscription.subscribe_data_change(await node(observer, "sorting.eye_1"))
    linked = await subscription.subscribe_data_change(await node(observer, "sorting.parts_out"))
    await until(lambda: len(heard.values) == 2)
    await observer.uaclient.set_monitoring_mode(
        ua.SetMonitoringModeParameters(subscription.subscription_id, ua.MonitoringMode.Sampling, [linked])
    )
    request = ua.SetTriggeringRequest()
    request.Parameters.SubscriptionId = subscription.subscription_id
    request.Parameters.TriggeringItemId = trigger
    request.Parameters.LinksToAdd = [linked, 999]
    answer = await ask(observer, request, ua.SetTriggeringResponse)
    assert [code.name for code in answer.Parameters.AddResults] == ["Good", "BadMonitoredItemIdInvalid"]
    line.set("sorting.parts_out", 1)
    line.set("sorting.blocked", True)
    line.set("sorting.eye_1", True)
    await until(lambda: len(heard.values) == 4)
    assert heard.of("sorting.parts_out") == [70000, 1]


async def test_events_climb_and_are_filtered_and_kept(endpoint: OpcUaEndpoint, observer: Client) -> None:
    server = endpoint._server
    assert server is not None
    told: list[Any] = []

    class Handler:
        def event_notification(self, event: Any) -> None:
            told.append(event.Severity)

    subscription = await observer.create_subscription(50, Handler())
    await subscription.subscribe_events(
        observer.nodes.server, ua.ObjectIds.BaseEventType, where_clause_generation=False
    )

    def fire(severity: int) -> None:
        fields = {
            ("Severity",): ua.Variant(severity, ua.VariantType.UInt16),
            ("Time",): ua.Variant(server.clock.utc(), ua.VariantType.DateTime),
        }
        kind = ua.NodeId(ua.ObjectIds.BaseEventType)
        server.events.fire(Event(ua.NodeId("sorting", 2), kind, server.clock.utc(), dict(fields)))

    for severity in (100, 200):
        fire(severity)
    await until(lambda: told == [100, 200])
    past = await observer.nodes.server.read_event_history(starttime=server.clock.utc(), numvalues=10)
    assert sorted(event.Severity for event in past) == [100, 200]


@pytest.mark.parametrize(
    ("bounds", "code"),
    [(Bounds(sessions=1), "BadTooManySessions"), (Bounds(subscriptions=1), "BadTooManySubscriptions"),
     (Bounds(items=1), "BadTooManyMonitoredItems"), (Bounds(all_items=1), "BadTooManyMonitoredItems")],
)  # fmt: skip
async def test_what_is_too_much_is_refused_with_its_code(line: FakeLine, bounds: Bounds, code: str) -> None:
    async with served(line, security=replace(PLAIN, bounds=bounds)) as endpoint, client(endpoint) as one:
        with pytest.raises(UaStatusCodeError) as refused:
            await ask_for_much(endpoint, one)
        assert ua.StatusCode(refused.value.code).name == code


async def ask_for_much(endpoint: OpcUaEndpoint, one: Client) -> None:
    """Two sessions, two items, two subscriptions."""
    async with client(endpoint):
        first = await one.create_subscription(50, Heard())
        await first.subscribe_data_change(await node(one, "sorting.eye_1"))
        await first.subscribe_data_change(await node(one, "sorting.eye_2"))
        await one.create_subscription(50, Heard())


async def test_diagnostics_count_what_happens(line: FakeLine, endpoint: OpcUaEndpoint) -> None:
    async with client(endpoint, "trainee") as one, client(endpoint, "engineer") as two:
        await one.create_subscription(50, Heard())
        with pytest.raises(UaStatusCodeError):
            async with client(endpoint, "trainee", "wrong"):
                pass
        summary = await two.get_node(ua.ObjectIds.Server_ServerDiagnostics_ServerDiagnosticsSummary).read_value()
        assert (summary.CurrentSessionCount, summary.CumulatedSessionCount) == (2, 3)
        assert (summary.RejectedSessionCount, summary.SecurityRejectedSessionCount) == (1, 1)
        assert (summary.CurrentSubscriptionCount, summary.CumulatedSubscriptionCount) == (1, 1)
        rows = "Server_ServerDiagnostics_SessionsDiagnosticsSummary_Session"
        sessions = await two.get_node(getattr(ua.ObjectIds, rows + "DiagnosticsArray")).read_value()
        assert [row.CurrentSubscriptionsCount for row in sessions] == [1, 0]
        assert sessions[0].CreateSubscriptionCount.TotalCount == 1
        private = getattr(ua.ObjectIds, rows + "SecurityDiagnosticsArray")
        with pytest.raises(UaStatusCodeError) as refused:
            await one.get_node(private).read_value()
        assert refused.value.code == ua.StatusCodes.BadUserAccessDenied
        (subscription,) = await two.get_node(
            ua.ObjectIds.Server_ServerDiagnostics_SubscriptionDiagnosticsArray
        ).read_value()
        assert subscription.PublishingInterval == 50
