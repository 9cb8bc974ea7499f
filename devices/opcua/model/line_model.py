"""The whole model of a line: put together from the modules of this package, once per line and process."""

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model import machinery
from devices.opcua.model.builder import HAS_ADD_IN, Builder, Model, Spot
from devices.opcua.model.devices import device
from devices.opcua.model.equipment import Equipment, Place
from devices.opcua.model.health import health
from devices.opcua.model.jobs import Jobs
from devices.opcua.model.node_ids import named, standard
from devices.opcua.model.packml import MACHINE, Machine
from devices.opcua.model.recipes import quality, recipe
from devices.opcua.model.space import HAS_COMPONENT, ORGANIZES, Space, known
from devices.opcua.model.stacklight import stacklight
from devices.opcua.model.types import Types
from devices.opcua.model.words import word
from sim.tag import TagTable
from sim.text import Text

OBJECTS = standard(ObjectIds.ObjectsFolder)


def build(space: Space, types: Types, line: str, tags: TagTable, equipment: Equipment) -> Model:
    """Add the machines of a line below `Objects/Machines`; the tree of its tags is there already."""
    builder = Builder(space, types, tags)
    for signal in tags:
        # in English a signal is shown by its name, as it stands in the map and in exercises
        builder.model.texts[named(signal.name)] = Text(signal.title.zh, signal.signal), signal.title
    _plain_texts(builder, line, equipment)
    folder = machines_folder(builder)
    home = builder.stand(
        folder, f"{line}.Machine", f"Line:{line}", "BaseObjectType", equipment.title, reference=ORGANIZES
    )
    blocks = _machine(builder, home, line, equipment.title)
    space.refer(home.node, ORGANIZES, named(line))
    stations = machinery.components(builder, home)
    space.refer(blocks.node, HAS_ADD_IN, stations.node)
    for place in equipment.stations:
        if tags.find(f"{place.name}.state") is not None:
            space.refer(folder, ORGANIZES, _station(builder, stations, place).node)
    _line(builder, home, blocks, line, equipment)
    return builder.model


def _plain_texts(builder: Builder, line: str, equipment: Equipment) -> None:
    """Names of the plain tree's folders, commands and properties."""
    texts, nodes = builder.model.texts, builder.space.nodes
    texts[named(line)] = Text(equipment.title.zh, line), equipment.title
    for place in equipment.stations:
        texts[named(place.name)] = Text(place.title.zh, place.name), place.title
    for signal in builder.tags:
        for name in ("EURange", "EngineeringUnits", "InstrumentRange", "EnumStrings"):
            found = named(f"{signal.name}.{name}")
            if found in nodes:
                texts[found] = Text(word(name).zh, name), word(name)
        if signal.signal.startswith("cmd_"):
            command = (
                "ToComplete" if signal.signal == "cmd_complete" else signal.signal.removeprefix("cmd_").capitalize()
            )
            texts[named(f"{signal.station}.{command}")] = Text(word(command).zh, command), signal.title
    for name in ("TrueState", "FalseState"):
        texts[named(f"TwoState.{name}")] = Text(word(name).zh, name), word(name)


def machines_folder(builder: Builder) -> ua.NodeId:
    """The companion model's folder, or one under its name where that is not loaded."""
    for reference in builder.space.see(OBJECTS).references:
        if reference.BrowseName.Name == "Machines" and reference.IsForward:
            return known(reference)
    return builder.stand(OBJECTS, "Machines", "Machinery:Machines", "FolderType", reference=ORGANIZES).node


def _machine(builder: Builder, at: Spot, name: str, title: Text) -> Spot:
    """What line and station have alike; returns the building blocks."""
    machinery.identification(builder, at, name, title)
    blocks = machinery.blocks(builder, at)
    builder.space.refer(blocks.node, HAS_ADD_IN, named(f"{at.path}.Identification"))
    return blocks


def _station(builder: Builder, at: Spot, place: Place) -> Spot:
    tags, name = builder.tags, place.name
    state, reason = tags.find(f"{name}.state"), tags.find(f"{name}.stop_reason")
    if state is None:
        raise ValueError(f"station {name} has no state")
    machine = builder.stand(at.node, f"{name}.Machine", f"Line:{name}", MACHINE, place.title, reference=HAS_COMPONENT)
    blocks = _machine(builder, machine, name, place.title)
    builder.space.refer(machine.node, ORGANIZES, named(name))
    Machine(builder, name, state).build(machine)
    machinery.station_states(builder, blocks, state, reason)
    executing = tags.find(f"{name}.time_executing")
    machinery.counters(
        builder, blocks, tags.find("line.sim_time"), [executing] if executing else [], tags.find(f"{name}.parts_out")
    )
    machinery.lifetimes(builder, blocks, place.devices)
    own = [tag for tag in tags.of(name) if not tag.writable]
    worn = [t for one in place.devices if (t := one.tag(tags, "tool_used")) is not None]
    health(builder, machine, own, state=state, reason=reason, worn=worn)
    stacklight(builder, machine, name)
    recipe(builder, machine, name)
    if place.devices:
        components = machinery.components(builder, machine)
        for one in place.devices:
            device(builder, components, place, one)
    return machine


def _line(builder: Builder, home: Spot, blocks: Spot, line: str, equipment: Equipment) -> None:
    tags = builder.tags
    states = [
        (state, tags.find(f"{place.name}.stop_reason"))
        for place in equipment.stations
        if (state := tags.find(f"{place.name}.state")) is not None
    ]
    machinery.line_states(builder, blocks, states)
    executing = [tag for tag in tags if tag.signal == "time_executing"]
    made, good, rejected = (tags.find(f"line.parts_{word}") for word in ("made", "good", "rejected"))
    machinery.counters(builder, blocks, tags.find("line.sim_time"), executing, good)
    if made is not None and good is not None and rejected is not None:
        quality(builder, home, made, good, rejected)
        Jobs(builder, line, good).build(blocks)
