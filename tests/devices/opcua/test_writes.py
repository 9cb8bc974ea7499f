"""Every write asks the gate, one request an item, and each refusal has its own code; nothing else can be written."""

import pytest
from asyncua import Client, ua
from asyncua.ua.uaerrors import UaStatusCodeError

from devices.endpoint import Role
from devices.opcua import OpcUaEndpoint
from devices.opcua.values import REFUSED
from sim.refusal import Refusal
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import client, node

F, I16, BOOL = ua.VariantType.Float, ua.VariantType.Int16, ua.VariantType.Boolean


async def written(one: Client, name: str, value: object, kind: ua.VariantType | None = None) -> str:
    """The name of the status code that a write of one value is answered with."""
    return await answered(one, name, ua.DataValue(ua.Variant(value, kind)))


async def answered(
    one: Client, name: str, value: ua.DataValue, attribute: ua.AttributeIds = ua.AttributeIds.Value, part: str = ""
) -> str:
    item = ua.WriteValue((await node(one, name)).nodeid, attribute, part or None, value)
    return (await one.uaclient.write(ua.WriteParameters([item])))[0].name


@pytest.mark.parametrize(
    ("name", "value", "kind", "expected"),
    [
        ("sorting.belt_run", True, BOOL, "Good"),
        ("sorting.belt_speed", 12.5, F, "Good"),
        ("sorting.ejector_2_colour", 3, I16, "Good"),
        ("sorting.eye_1", True, BOOL, "BadNotWritable"),
        ("sorting.state", 4, ua.VariantType.UInt16, "BadNotWritable"),
        ("sorting.belt_speed", 500.5, F, "BadOutOfRange"),
        ("sorting.belt_speed", float("nan"), F, "BadOutOfRange"),
        ("sorting.target", 6, I16, "BadOutOfRange"),
        ("sorting.target", 1, ua.VariantType.Int32, "BadTypeMismatch"),
        ("sorting.target", 1.0, F, "BadTypeMismatch"),
        ("sorting.belt_speed", 12.5, ua.VariantType.Double, "BadTypeMismatch"),
        ("sorting.belt_speed", 12, I16, "BadTypeMismatch"),
        ("sorting.belt_run", 1, ua.VariantType.Byte, "BadTypeMismatch"),
        ("sorting.belt_run", [True, False], BOOL, "BadTypeMismatch"),
        ("sorting.belt_run", None, ua.VariantType.Null, "BadTypeMismatch"),
        ("sorting.eye_1", "text", ua.VariantType.String, "BadNotWritable"),
        ("sorting.no_such", 1, I16, "BadNodeIdUnknown"),
        ("sorting", 1, I16, "BadAttributeIdInvalid"),
        ("sorting.belt_speed.EURange", 1, I16, "BadNotWritable"),
    ],
)
async def test_a_write_is_answered_by_its_own_code(
    line: FakeLine, trainee: Client, name: str, value: object, kind: ua.VariantType, expected: str
) -> None:
    before = list(line.values)
    assert await written(trainee, name, value, kind) == expected
    assert (line.values == before) == (expected != "Good")


@pytest.mark.parametrize("refusal", list(Refusal))
async def test_every_refusal_of_the_gate_has_its_code(line: FakeLine, trainee: Client, refusal: Refusal) -> None:
    line.refuse["sorting.belt_run"] = refusal
    expected = {
        "unknown": "BadNodeIdUnknown",
        "read_only": "BadNotWritable",
        "range": "BadOutOfRange",
        "type": "BadTypeMismatch",
        "not_owner": "BadUserAccessDenied",
        "paused": "BadInvalidState",
        "state": "BadInvalidState",
        "offline": "BadNoCommunication",
        "forbidden": "BadUserAccessDenied",
    }
    assert await written(trainee, "sorting.belt_run", True) == expected[refusal]
    assert set(REFUSED) == set(Refusal)


async def test_twenty_writes_of_one_request_are_twenty_requests(line: FakeLine, trainee: Client) -> None:
    names = ["sorting.target", "sorting.eye_1", "storage.crane_x_target", "sorting.belt_speed"] * 5
    variants = [ua.Variant(2, I16), ua.Variant(True), ua.Variant(9, I16), ua.Variant(7.5, F)] * 5
    items = [
        ua.WriteValue((await node(trainee, name)).nodeid, ua.AttributeIds.Value, None, ua.DataValue(variant))
        for name, variant in zip(names, variants, strict=True)
    ]
    answers = await trainee.uaclient.write(ua.WriteParameters(items))
    assert [answer.name for answer in answers] == ["Good", "BadNotWritable", "BadOutOfRange", "Good"] * 5
    assert [[name for name, _ in writes] for _, writes in line.requests] == [[name] for name in names]


async def test_the_gate_hears_who_wrote_what_also_when_the_type_is_wrong(line: FakeLine, trainee: Client) -> None:
    await written(trainee, "sorting.target", 5.5, ua.VariantType.Double)
    ((who, writes),) = line.requests
    assert writes == [("sorting.target", "Double 5.5")]
    assert who.role is Role.TRAINEE
    assert "127.0.0.1:" in who.name


async def test_quality_is_not_written_and_time_stamps_are_ignored(line: FakeLine, trainee: Client) -> None:
    value = ua.DataValue(ua.Variant(True), ua.StatusCode(ua.UInt32(ua.StatusCodes.Bad)))
    assert await answered(trainee, "sorting.belt_run", value) == "BadWriteNotSupported"
    stamp = line.clock.utc().replace(year=1999)
    value = ua.DataValue(ua.Variant(True), SourceTimestamp=stamp)  # type: ignore[arg-type]
    assert await answered(trainee, "sorting.belt_run", value) == "Good"
    read = await (await node(trainee, "sorting.belt_run")).read_data_value()
    assert read.SourceTimestamp == line.clock.utc()


async def test_only_the_value_attribute_and_only_the_whole_of_it(line: FakeLine, trainee: Client) -> None:
    name = ua.DataValue(ua.Variant(ua.LocalizedText("mine")))
    level = ua.DataValue(ua.Variant(3, ua.VariantType.Byte))
    assert await answered(trainee, "sorting.belt_run", name, ua.AttributeIds.DisplayName) == "BadNotWritable"
    assert await answered(trainee, "sorting.eye_1", level, ua.AttributeIds.AccessLevel) == "BadNotWritable"
    part = ua.DataValue(ua.Variant(True))
    assert await answered(trainee, "sorting.belt_run", part, part="0") == "BadIndexRangeNoData"
    assert line.requests == []


@pytest.mark.parametrize("user", ["", "trainee", "engineer"])
async def test_nothing_of_namespace_0_can_be_written(endpoint: OpcUaEndpoint, user: str) -> None:
    async with client(endpoint, user) as one:
        for number, value in (
            (ua.ObjectIds.Server_NamespaceArray, ["mine"]),
            (ua.ObjectIds.Server_ServiceLevel, ua.Variant(1, ua.VariantType.Byte)),
            (ua.ObjectIds.Server_ServerStatus_State, ua.Variant(1, ua.VariantType.Int32)),
        ):
            with pytest.raises(UaStatusCodeError) as refused:
                await one.get_node(number).write_value(value)
            assert refused.value.code == ua.StatusCodes.BadNotWritable


@pytest.mark.parametrize("user", ["", "trainee", "engineer"])
async def test_no_client_changes_the_address_space(line: FakeLine, endpoint: OpcUaEndpoint, user: str) -> None:
    async with client(endpoint, user) as one:
        where = await node(one, "sorting.belt_run")
        for change in (
            one.nodes.objects.add_variable(ua.NodeId("mine", 2), "mine", 1),
            one.delete_nodes([where]),
            where.add_reference(one.nodes.objects, ua.ObjectIds.Organizes),
        ):
            try:
                result = await change
            except UaStatusCodeError as refused:
                assert refused.code in (ua.StatusCodes.BadUserAccessDenied, ua.StatusCodes.BadServiceUnsupported)  # noqa: PT017
            else:
                pytest.fail(f"granted: {result}")
        assert await where.read_value() is False


async def test_the_admin_hole_is_closed(line: FakeLine, either: OpcUaEndpoint) -> None:
    for name, password in (("admin", ""), ("Admin", "admin"), ("admin", "trainee-token")):
        with pytest.raises(UaStatusCodeError) as refused:
            async with client(either, name, password) as one:
                await (await node(one, "sorting.eye_1")).write_value(True)
        assert refused.value.code == ua.StatusCodes.BadIdentityTokenRejected
    assert line.requests == []


async def test_too_many_items_in_one_request(trainee: Client) -> None:
    item = ua.ReadValueId((await node(trainee, "sorting.eye_1")).nodeid, ua.AttributeIds.Value)
    with pytest.raises(UaStatusCodeError) as refused:
        await trainee.uaclient.read(ua.ReadParameters(NodesToRead=[item] * 1001))
    assert refused.value.code == ua.StatusCodes.BadTooManyOperations
