"""What a client finds when it browses: folders, ids, types, units, ranges, rights, both languages."""

import pytest
from asyncua import Client, ua

from devices.opcua import OpcUaEndpoint
from devices.opcua.server import make_server
from sim.tag import DataType
from tests.devices.fake_line import FakeCredentials, FakeLine
from tests.devices.opcua.conftest import URI, client, node, served

TYPES = {
    DataType.BOOL: ua.ObjectIds.Boolean,
    DataType.INT: ua.ObjectIds.Int16,
    DataType.UINT: ua.ObjectIds.UInt16,
    DataType.DINT: ua.ObjectIds.Int32,
    DataType.UDINT: ua.ObjectIds.UInt32,
    DataType.REAL: ua.ObjectIds.Float,
}


async def test_tree_is_objects_line_station_signal(line: FakeLine, either: OpcUaEndpoint) -> None:
    async with client(either) as one:
        ns = await one.get_namespace_index(URI)
        found = set()
        for station in line.tags.stations:
            path = [f"{ns}:smart-factory", f"{ns}:{station}"]
            place = await one.nodes.objects.get_child(path)
            assert place.nodeid == ua.NodeId(station, ns)
            variables = await place.get_children(nodeclassmask=ua.NodeClass.Variable)
            found |= {str(variable.nodeid.Identifier) for variable in variables}
    assert found == {tag.name for tag in line.tags}


async def test_every_tag_has_the_data_type_of_its_tag(line: FakeLine, observer: Client) -> None:
    for tag in line.tags:
        where = await node(observer, tag.name)
        assert (await where.read_data_type()).Identifier == TYPES[tag.type], tag.name
        value = await where.read_data_value()
        assert value.Value is not None
        assert value.Value.VariantType.value == TYPES[tag.type], tag.name


async def test_units_and_ranges(observer: Client) -> None:
    where = await node(observer, "sorting.belt_speed")
    unit = await (await where.get_child("0:EngineeringUnits")).read_value()
    limits = await (await where.get_child("0:EURange")).read_value()
    assert (unit.DisplayName.Text, unit.UnitId) == ("mm/s", int.from_bytes(b"C16", "big"))
    assert (limits.Low, limits.High) == (0, 500)
    definition = await where.read_type_definition()
    assert definition.Identifier == ua.ObjectIds.AnalogItemType


async def test_a_bare_integer_has_the_range_of_its_type_and_the_unit_one(observer: Client) -> None:
    where = await node(observer, "sorting.parts_out")
    names = {(await child.read_browse_name()).Name for child in await where.get_properties()}
    assert names == {"EURange", "EngineeringUnits"}
    unit = await (await where.get_child("0:EngineeringUnits")).read_value()
    assert unit.UnitId == int.from_bytes(b"C62", "big")
    limits = await (await where.get_child("0:EURange")).read_value()
    assert limits.High == 2**32 - 1


@pytest.mark.parametrize(("user", "mine"), [("", False), ("trainee", True)])
async def test_access_levels_follow_direction_and_role(endpoint: OpcUaEndpoint, user: str, mine: bool) -> None:
    async with client(endpoint, user) as one:
        output, sensor = await node(one, "sorting.belt_run"), await node(one, "sorting.eye_1")
        assert ua.AccessLevel.CurrentWrite in await output.get_access_level()
        assert (ua.AccessLevel.CurrentWrite in await output.get_user_access_level()) is mine
        assert ua.AccessLevel.CurrentWrite not in await sensor.get_access_level()


@pytest.mark.parametrize(
    ("locale", "text"),
    [(None, "测试 belt_run / test belt_run"), ("zh-CN", "测试 belt_run"), ("en-US", "test belt_run")],
)
async def test_description_in_the_language_of_the_session(endpoint: OpcUaEndpoint, locale: str, text: str) -> None:
    one = Client(endpoint.url, timeout=5)
    one.set_locale([locale] if locale else [])
    async with one:
        description = await (await node(one, "sorting.belt_run")).read_description()
    assert description.Text == text


async def test_browsing_everything_copies_nothing(line: FakeLine) -> None:
    server = await make_server(line, FakeCredentials(), "opc.tcp://127.0.0.1:1/", 0.05, stock=False)
    nodes = server.aspace._nodes
    before = len(list(dict.keys(nodes)))
    async with served(line) as endpoint, client(endpoint) as one:
        types = await one.nodes.base_object_type.get_children()
        assert len(types) > 10
        assert endpoint._server is not None
        after = len(list(dict.keys(endpoint._server.aspace._nodes)))
    assert after <= before + 10


async def test_shared_namespace_0_equals_a_server_of_its_own(line: FakeLine) -> None:
    def shape(server: object) -> dict[str, list[tuple[str, str, bool]]]:
        nodes = server.aspace._nodes  # type: ignore[attr-defined]
        return {
            key.to_string(): sorted(
                (r.NodeId.to_string(), r.ReferenceTypeId.to_string(), r.IsForward) for r in found.references
            )
            for key, found in nodes.items()
        }

    url = "opc.tcp://127.0.0.1:1/"
    own = await make_server(line, FakeCredentials(), url, 0.05, stock=True)
    shared = await make_server(line, FakeCredentials(), url, 0.05, stock=False)
    assert shape(own) == shape(shared)


async def test_benches_of_one_line_share_its_nodes_but_no_value(line: FakeLine) -> None:
    twin = FakeLine(bench=2)
    async with served(line) as first, served(twin) as second, client(first, "trainee") as one, client(second) as two:
        await (await node(one, "sorting.belt_run")).write_value(True)
        assert await (await node(two, "sorting.belt_run")).read_value() is False
        assert await one.get_namespace_array() != await two.get_namespace_array(), "each has an application of its own"


async def test_two_servers_of_one_process_are_isolated() -> None:
    lines = FakeLine(bench=1), FakeLine(line="other-line", bench=2)
    async with served(lines[0]) as first, served(lines[1]) as second:
        lines[0].set("sorting.belt_speed", 11.0)
        async with client(first) as one, client(second) as two:
            assert URI in await one.get_namespace_array()
            assert URI not in await two.get_namespace_array()
            names = [(await child.read_browse_name()).Name for child in await two.nodes.objects.get_children()]
            assert "other-line" in names
            assert "smart-factory" not in names
            assert await (await node(one, "sorting.belt_speed")).read_value() == 11.0
            ns = await two.get_namespace_index("urn:linelab:other-line")
            assert await two.get_node(f"ns={ns};s=sorting.belt_speed").read_value() == 200.0
