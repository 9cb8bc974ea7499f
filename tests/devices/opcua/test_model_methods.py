"""Methods with typed arguments, structures that a client decodes by what the server says, orders of ISA-95."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncua import Client, Node, ua
from asyncua.ua.uaerrors import UaStatusCodeError

from devices.opcua import OpcUaEndpoint
from devices.opcua.model.companion import Companion
from devices.opcua.model.orders import Order, Orders, OrderState, Status
from devices.opcua.nodes import ModelSettings
from sim.refusal import Refusal
from tests.devices.fake_line import FakeClock, FakeLine
from tests.devices.opcua.conftest import client, node, served
from tests.devices.opcua.model_line import equipped_line

INNER = "cell.Machine.BaseStateMachine.MachineState.ExecuteState"
JOBS = "smart-factory.Machine.MachineryBuildingBlocks.JobManagement.JobOrderControl"
RESULTS = "smart-factory.Machine.MachineryBuildingBlocks.JobManagement.JobOrderResults"


@pytest.fixture(params=list(Companion))
async def machine(request: pytest.FixtureRequest) -> AsyncIterator[tuple[FakeLine, OpcUaEndpoint, Client]]:
    """A served line, a trainee who has learned its structures from the server."""
    line, definition = equipped_line()
    async with (
        served(line, model=ModelSettings(request.param, definition=definition)) as endpoint,
        client(endpoint, "trainee") as one,
    ):
        yield line, endpoint, one


async def outputs(one: Client, owner: str, name: str, *given: object) -> Any:
    where: Node = await node(one, owner)
    return await where.call_method((await node(one, f"{owner}.{name}")).nodeid, *given)


async def code(one: Client, owner: str, name: str, *given: object) -> str:
    try:
        await outputs(one, owner, name, *given)
    except UaStatusCodeError as refused:
        return ua.StatusCode(ua.UInt32(refused.code)).name
    return "Good"


async def learned(one: Client) -> None:
    """Let the client make classes of the server's data types."""
    await one.load_data_type_definitions()


async def kind_of(one: Client, method: str, which: int = 0) -> Any:
    """The class of a method's argument."""
    arguments = await (await (await node(one, method)).get_child("0:InputArguments")).read_value()
    return ua.get_type(arguments[which].DataType)


async def field_of(one: Client, kind: Any, name: str) -> Any:
    """The class of a field of a structure."""
    definition = await one.get_node(kind.data_type).read_data_type_definition()
    return ua.get_type(next(field.DataType for field in definition.Fields if field.Name == name))


async def test_commands_of_the_machine_are_requests(machine: tuple[FakeLine, OpcUaEndpoint, Client]) -> None:
    line, _, one = machine
    assert await code(one, INNER, "Hold") == "Good"
    assert line.requests[-1][1] == [("cell.cmd_hold", True)]
    line.refuse["cell.cmd_hold"] = Refusal.STATE
    assert await code(one, INNER, "Hold") == "BadInvalidState"


async def test_start_writes_its_parameters_at_the_same_instant(
    machine: tuple[FakeLine, OpcUaEndpoint, Client],
) -> None:
    line, _, one = machine
    await learned(one)
    descriptor = await kind_of(one, f"{INNER}.Start")
    given = ua.Variant([descriptor(Name="limit", Value=7.0)], ua.VariantType.ExtensionObject, is_array=True)
    assert await code(one, INNER, "Start", given) == "Good"
    assert line.requests[-1][1] == [("cell.limit", 7), ("cell.cmd_start", True)]
    unknown = ua.Variant([descriptor(Name="nothing")], ua.VariantType.ExtensionObject, is_array=True)
    assert await code(one, INNER, "Start", unknown) == "BadInvalidArgument"
    assert await code(one, INNER, "Start") == "BadArgumentsMissing"


FLOAT, INT32 = ua.VariantType.Float, ua.VariantType.Int32


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("SetMachSpeed", [ua.Variant(50.0, FLOAT)], "Good"),
        ("SetMachSpeed", [ua.Variant(1e6, FLOAT)], "BadOutOfRange"),
        ("SetMachSpeed", [ua.Variant(50, INT32)], "BadInvalidArgument"),
        ("SetMachSpeed", [], "BadArgumentsMissing"),
        ("SetMachSpeed", [ua.Variant(1.0, FLOAT), ua.Variant(1.0, FLOAT)], "BadTooManyArguments"),
        ("SetUnitMode", [ua.Variant(1, INT32)], "Good"),
        ("SetUnitMode", [ua.Variant(3, INT32)], "BadOutOfRange"),
    ],
)
async def test_arguments_have_the_codes_of_the_norm(name: str, given: list[ua.Variant], expected: str) -> None:
    line, definition = equipped_line()
    async with served(line, model=ModelSettings(definition=definition)) as endpoint:
        async with client(endpoint, "trainee") as one:
            assert await code(one, "cell.Machine", name, *given) == expected
        async with client(endpoint) as observer:
            assert await code(observer, "cell.Machine", name, *given) == "BadUserAccessDenied"


async def test_a_recipe_is_read_changed_and_written_as_one_value(
    machine: tuple[FakeLine, OpcUaEndpoint, Client],
) -> None:
    line, _, one = machine
    await learned(one)
    recipe = await (await node(one, "cell.Machine.Recipe")).read_value()
    limit = next(point for point in recipe.SetPoints if point.Name == "limit")
    assert (recipe.Station, limit.Value, limit.Low, limit.High) == ("cell", 5.0, 1.0, 9.0)
    assert limit.Unit.UnitId == int.from_bytes(b"H87", "big")
    limit.Value = 8.0
    assert await code(one, "cell.Machine", "SetRecipe", recipe) == "Good"
    assert ("cell.limit", 8) in line.requests[-1][1]
    limit.Value = 99.0
    assert await code(one, "cell.Machine", "SetRecipe", recipe) == "BadOutOfRange"
    assert await (await node(one, "cell.limit")).read_value() == 8


async def test_quality_and_inspection_are_structures(machine: tuple[FakeLine, OpcUaEndpoint, Client]) -> None:
    line, _, one = machine
    await learned(one)
    for name, value in (("parts_made", 5), ("parts_good", 3), ("parts_rejected", 1)):
        line.set(f"line.{name}", value)
    quality = await (await node(one, "smart-factory.Machine.Quality")).read_value()
    assert (quality.Made, quality.Good, quality.Rejected, quality.YieldPercent) == (5, 3, 1, 75.0)
    line.set("cell.camera_valid", True)
    line.set("cell.camera_dimension", 20.5)
    result = await (await node(one, "cell.Machine.Components.camera.Result")).read_value()
    assert (result.Valid, result.Good) == (True, False)
    assert {point.Name: point.Value for point in result.Measurements}["camera_dimension"] == 20.5


async def test_an_order_runs_until_its_parts_are_made(machine: tuple[FakeLine, OpcUaEndpoint, Client]) -> None:
    line, _, one = machine
    await learned(one)
    kind = await kind_of(one, f"{JOBS}.Store")
    quantity = (await field_of(one, kind, "JobOrderParameters"))(ID="Quantity", Value=ua.Variant(2, INT32))
    order = kind(JobOrderID="A1", JobOrderParameters=[quantity])
    comment = ua.Variant([], ua.VariantType.LocalizedText, is_array=True)
    assert await outputs(one, JOBS, "StoreAndStart", order, comment) == Status.OK
    assert ("cell.cmd_start", True) in line.requests[-1][1]
    state = await node(one, f"{JOBS}.CurrentState")
    assert (await state.read_value()).Text == "Running"
    line.set("line.parts_good", 2)
    listed = await (await node(one, f"{JOBS}.JobOrderList")).read_value()
    assert [(item.JobOrder.JobOrderID, item.State[0].StateNumber) for item in listed] == [("A1", OrderState.ENDED)]
    response, status = await outputs(one, RESULTS, "RequestJobResponseByJobOrderID", "A1")
    assert status == Status.OK
    assert [getattr(item.Value, "Value", item.Value) for item in response.JobResponseData] == [2]


def test_orders_wait_for_each_other_and_refuse_what_their_state_forbids() -> None:
    orders, now = Orders(), FakeClock().utc
    assert orders.store("", None, 1) is Status.INVALID
    assert [orders.store(name, None, 2) for name in ("a", "b", "a")] == [Status.OK, Status.OK, Status.NOT_ACCEPTED]
    assert orders.check("Pause", "a") is Status.WRONG_STATE
    assert orders.check("Start", "c") is Status.UNKNOWN
    for name in ("a", "b"):
        orders.do("Start", name, 10, now)
    states = lambda: [order.state for order in orders.by_id.values()]  # noqa: E731
    assert states() == [OrderState.RUNNING, OrderState.ALLOWED]
    orders.count(12, now)
    assert states() == [OrderState.ENDED, OrderState.RUNNING]
    orders.count(13, now)
    orders.do("Abort", "b", 13, now)
    assert (states()[1], orders.by_id["b"].good) == (OrderState.ABORTED, 1)
    orders.do("Clear", "a", 13, now)
    assert list(orders.by_id) == ["b"]


def test_an_order_goes_on_counting_after_a_reset_of_the_line() -> None:
    orders, now = Orders({"a": Order("a", None, 5, OrderState.RUNNING, counted_from=10)}), FakeClock().utc
    orders.count(13, now)
    orders.count(0, now)
    orders.count(1, now)
    assert orders.by_id["a"].good == 4
