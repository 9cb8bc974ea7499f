"""The information model: what a picky crawler finds, states and methods over the wire, structures, both languages."""

import copy
from collections.abc import AsyncIterator

import pytest
from asyncua import Client, Node, ua
from asyncua.ua.uaerrors import UaStatusCodeError

from devices.opcua import OpcUaEndpoint
from devices.opcua.check import Check
from devices.opcua.model.companion import Companion
from devices.opcua.model.live import Live
from devices.opcua.model.node_id_styles import Style
from devices.opcua.model.words import WORDS
from devices.opcua.nodes import LineSpace, ModelSettings, line_space
from sim.packml import State
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import URI, Heard, client, node, served, until
from tests.devices.opcua.model_line import equipped_line

PACKML = "http://opcfoundation.org/UA/PackML/"
MACHINERY = "http://opcfoundation.org/UA/Machinery/"
DI = "http://opcfoundation.org/UA/DI/"
LANGUAGES = ((["en-US"], "Execute"), (["zh-CN"], "运行"))


def built(companion: Companion = Companion.AUTO, style: Style = Style.PLAIN) -> tuple[LineSpace, FakeLine]:
    line, definition = equipped_line()
    settings = ModelSettings(companion, style, definition)
    plan = settings.plan(line.line, line.tags, 50.0, installed=companion is Companion.AUTO)
    return line_space(plan), line


@pytest.fixture(params=list(Companion))
async def machine(request: pytest.FixtureRequest) -> AsyncIterator[tuple[FakeLine, OpcUaEndpoint]]:
    """A served line, with companion models and without."""
    line, definition = equipped_line()
    async with served(line, model=ModelSettings(request.param, definition=definition)) as endpoint:
        yield line, endpoint


async def found(one: Client, path: str) -> Node:
    """A node below `Machines/<line>/Components/cell` by browse names such as `PackML:Status`."""
    uris = {"Line": URI, "PackML": PACKML, "Machinery": MACHINERY, "DI": DI}
    indexes = {name: await one.get_namespace_index(uri) for name, uri in uris.items()} | {"0": 0}
    whole = f"Machinery:Machines/Line:smart-factory/Machinery:Components/Line:cell/{path}"
    names = [part.partition(":") for part in whole.rstrip("/").split("/")]
    return await one.nodes.objects.get_child([f"{indexes[model]}:{name}" for model, _, name in names])


# ---- the crawler ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("companion", list(Companion))
def test_nothing_is_wrong_with_the_nodes_of_a_line(companion: Companion, style: Style) -> None:
    space, line = built(companion, style)
    live = Live(line, space.model.derived)
    assert [str(one) for one in Check(space.nodes, live.read).problems(lambda one: one.NamespaceIndex in (2, 3))] == []


@pytest.mark.parametrize("gone", ["cell.Machine.Status.MachSpeed", "cell.Machine.Identification.SerialNumber"])
@pytest.mark.parametrize("dangling", [True, False])
def test_the_crawler_misses_a_mandatory_child(gone: str, dangling: bool) -> None:
    space, line = built()
    nodes = {key: value for key, value in space.nodes.items() if key.Identifier != gone}
    parent = ua.NodeId(gone.rpartition(".")[0], 2)
    if not dangling:
        nodes[parent] = copy.copy(nodes[parent])
        nodes[parent].references = [r for r in nodes[parent].references if r.NodeId.Identifier != gone]
    live = Live(line, space.model.derived)
    said = [one.what for one in Check(nodes, live.read).problems(lambda one: one == parent)]
    expected = f"refers to ns=2;s={gone}, which is not there" if dangling else "lacks the mandatory"
    assert any(what.startswith(expected) for what in said)


def test_the_crawler_sees_a_wrong_type_and_a_wrong_number() -> None:
    space, line = built()
    wrong = {
        ua.NodeId("cell.belt_speed", 2): ua.Variant(1, ua.VariantType.Int16),
        ua.NodeId("cell.Machine.DeviceHealth", 2): ua.Variant(9, ua.VariantType.Int32),
    }
    live = Live(line, space.model.derived)

    def read(key: ua.NodeId) -> ua.DataValue | None:
        return ua.DataValue(wrong[key]) if key in wrong else live.read(key)

    said = {one.node for one in Check(space.nodes, read).problems(lambda one: one.NamespaceIndex == 2)}
    assert said == {key.to_string() for key in wrong}


async def test_nothing_reachable_from_objects_is_empty(machine: tuple[FakeLine, OpcUaEndpoint]) -> None:
    server = machine[1]._server
    assert server is not None

    def read(key: ua.NodeId) -> ua.DataValue | None:
        stored = server.aspace._nodes.peek(key).attributes[ua.AttributeIds.Value].value
        own = server.own_value(key, stored) if key.NamespaceIndex == 0 else None
        return server.live.read(key) or (ua.DataValue(own) if own is not None else None)

    check = Check(server.aspace._nodes, read)
    hierarchical, seen, waiting = ua.NodeId(ua.ObjectIds.HierarchicalReferences), set(), [ua.NodeId(85)]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            references = server.aspace._nodes.peek(one).references
            waiting += [r.NodeId for r in references if r.IsForward and hierarchical in check.kinds(r.ReferenceTypeId)]
    assert [str(problem) for problem in check.problems(lambda key: key in seen)] == []
    assert len(seen) > 300


def test_every_name_of_the_model_is_there_in_chinese() -> None:
    space, _ = built()
    own = [texts for texts, _ in space.model.texts.values()]
    missing = {text.en for text in own if text.zh == text.en and text.en in WORDS}
    unknown = {
        str(key.Identifier).rpartition(".")[2]
        for key, (text, _) in space.model.texts.items()
        if text.zh == text.en and ".Machine" in str(key.Identifier)
    }
    assert (missing, unknown) == (set(), set())


# ---- states -----------------------------------------------------------------------------------------------------


async def test_states_follow_the_station(machine: tuple[FakeLine, OpcUaEndpoint]) -> None:
    line, endpoint = machine
    async with client(endpoint) as one:
        line.set("cell.state", State.EXECUTE)
        inner = "PackML:BaseStateMachine/PackML:MachineState/PackML:ExecuteState/0:CurrentState"
        assert (await (await found(one, inner)).read_value()).Text == "Execute"
        item = "Machinery:MachineryBuildingBlocks/Machinery:MachineryItemState/0:CurrentState"
        assert (await (await found(one, item)).read_value()).Text == "Executing"
        line.set("cell.state", State.ABORTED)
        with pytest.raises(UaStatusCodeError, match="BadStateNotActive"):
            await (await found(one, inner)).read_value()
        assert (await (await found(one, "PackML:BaseStateMachine/0:CurrentState")).read_value()).Text == "Aborted"
        assert (await (await found(one, item)).read_value()).Text == "OutOfService"


async def test_the_node_of_a_state_is_the_types(machine: tuple[FakeLine, OpcUaEndpoint]) -> None:
    line, endpoint = machine
    async with client(endpoint) as one:
        line.set("cell.state", State.ABORTED)
        where = await (await found(one, "PackML:BaseStateMachine/0:CurrentState/0:Id")).read_value()
        state = one.get_node(where)
        assert (await state.read_browse_name()).Name == "Aborted"
        assert await (await state.get_child("0:StateNumber")).read_value() == State.ABORTED


async def test_the_last_transition_is_known_to_who_did_not_look() -> None:
    line, definition = equipped_line()
    async with served(line, model=ModelSettings(definition=definition)) as endpoint, client(endpoint) as one:
        where = await found(one, "PackML:BaseStateMachine/0:LastTransition")
        line.set("cell.state", State.ABORTING)
        server = endpoint._server
        assert server is not None
        assert server.publisher is not None
        await server.publisher.publish()
        assert (await where.read_value()).Text == "ClearedToAborting"


async def test_a_computed_value_is_told_to_subscribers(machine: tuple[FakeLine, OpcUaEndpoint]) -> None:
    line, endpoint = machine
    heard = Heard()
    async with client(endpoint) as one:
        item = "Machinery:MachineryBuildingBlocks/Machinery:MachineryItemState/0:CurrentState"
        subscription = await one.create_subscription(50, heard)
        await subscription.subscribe_data_change(await found(one, item))
        await until(lambda: len(heard.values) == 1)
        line.set("cell.state", State.EXECUTE)
        await until(lambda: len(heard.values) == 2)
        assert [value.Text for _, value in heard.values] == ["NotExecuting", "Executing"]


async def test_a_model_variable_is_the_tags_own(machine: tuple[FakeLine, OpcUaEndpoint]) -> None:
    endpoint = machine[1]
    heard = Heard()
    async with client(endpoint, "trainee") as one:
        speed = await found(one, "PackML:Status/PackML:MachSpeed")
        subscription = await one.create_subscription(50, heard)
        await subscription.subscribe_data_change(speed)
        await (await node(one, "cell.belt_speed")).write_value(ua.Variant(120.0, ua.VariantType.Float))
        assert await speed.read_value() == 120.0
        await until(lambda: 120.0 in [value for _, value in heard.values])
        shared = await speed.get_child("0:EURange")
        assert shared.nodeid == (await (await node(one, "cell.belt_speed")).get_child("0:EURange")).nodeid


@pytest.mark.parametrize(("locales", "text"), LANGUAGES)
async def test_values_and_names_in_the_language_of_the_session(locales: list[str], text: str) -> None:
    line, definition = equipped_line()
    line.set("cell.state", State.EXECUTE)
    async with served(line, model=ModelSettings(definition=definition)) as endpoint:
        one = Client(endpoint.url, timeout=5)
        one.set_locale(locales)
        async with one:
            inner = "PackML:BaseStateMachine/PackML:MachineState/PackML:ExecuteState/0:CurrentState"
            where = await found(one, inner)
            assert (await where.read_value()).Text == text
            name = (await where.read_display_name()).Text
            parent = await where.get_parent()
            told = {d.NodeId: d.DisplayName.Text for d in await parent.get_children_descriptions()}
            assert name == told[where.nodeid] == {"Execute": "Current state", "运行": "当前状态"}[text]


@pytest.mark.parametrize(
    ("style", "written"),
    [
        (Style.SIEMENS, '"cell"."belt_speed"'),
        (Style.CODESYS, "|var|LineLab.Application.cell.belt_speed"),
        (Style.BECKHOFF, "cell.fBeltSpeed"),
        (Style.PHOENIX, "Arp.Plc.Eclr/cell.rBeltSpeed"),
    ],
)
async def test_vendor_ids_reach_the_same_value(style: Style, written: str) -> None:
    line, definition = equipped_line()
    async with (
        served(line, model=ModelSettings(Companion.OFF, style, definition)) as endpoint,
        client(endpoint, "trainee") as one,
    ):
        where = one.get_node(ua.NodeId(written, await one.get_namespace_index(URI)))
        await where.write_value(ua.Variant(33.0, ua.VariantType.Float))
        assert await (await node(one, "cell.belt_speed")).read_value() == 33.0
        assert [name for name, _ in line.requests[-1][1]] == ["cell.belt_speed"]
