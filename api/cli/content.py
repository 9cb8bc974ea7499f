"""`linelab lines`, `map` and `check`: what there is, where it is wired, whether a file is good. Runs no line."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.say import Mistake, existing, out, say, table
from devices.address_map import AddressError, AddressMap, Profile, WordOrder

if TYPE_CHECKING:
    from devices.address_map.exports import Site
    from scenarios.catalogue import Catalogue
    from sim.definition import LineDefinition

folders: list[Path] = []  # of the base's own lines and faults, from the command line

LineArgument = Annotated[str, typer.Argument(metavar="LINE", help="Name of a line, or the path of its file.")]


class MapFormat(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PEOPLE = "people"
    PDF = "pdf"
    OPENPLC = "openplc"
    FACTORYIO = "factoryio"
    CODESYS = "codesys"
    CODESYS_ST = "codesys-st"
    SIEMENS = "siemens"
    SIEMENS_SCL = "siemens-scl"
    UAEXPERT = "uaexpert"
    NODE_RED = "node-red"
    NODE_RED_MODBUS = "node-red-modbus"
    NODE_RED_OPCUA = "node-red-opcua"
    TELEGRAF = "telegraf"
    FUXA = "fuxa"
    MOSQUITTO_ACL = "mosquitto-acl"
    EMQX_ACL = "emqx-acl"
    NODESET = "nodeset"


class Schema(StrEnum):
    LINE = "line"
    FAULT = "fault"
    SCENARIO = "scenario"
    CONDITION = "condition"
    BINDING = "binding"


def catalogue() -> "Catalogue":
    """What ships and what the base has of its own."""
    from scenarios.catalogue import Catalogue

    return Catalogue(folders)


def load_line(name: str) -> "LineDefinition":
    """A line by name or path; every mistake of the file is said at once."""
    from scenarios.file_error import FileErrors

    try:
        return catalogue().load_line(name)
    except FileErrors as errors:
        raise Mistake(str(errors)) from errors


def address_map(
    definition: "LineDefinition", order: WordOrder = WordOrder.ABCD, profile: Profile = Profile.LINELAB
) -> AddressMap:
    from sim.components import KINDS
    from sim.tags import line_tags

    slots = {station.name: station.slots for station in definition.stations}
    try:
        return AddressMap(definition.name, line_tags(definition, KINDS), slots, word_order=order, profile=profile)
    except AddressError as error:
        raise Mistake(f"{definition.name}: {error}") from error


def lines() -> None:
    """The lines that there are."""
    loaded = [(name, load_line(name)) for name in catalogue().lines()]
    rows = [
        (name, line.title.en, line.title.zh, ", ".join(station.name for station in line.stations))
        for name, line in loaded
    ]
    table("", ("Line", "Title", "名称", "Stations"), rows)


def map_(
    line: LineArgument,
    format: Annotated[MapFormat, typer.Option("--format", "-f", help="For which tool.")] = MapFormat.TABLE,
    bench: Annotated[int, typer.Option(min=1, max=99, help="Bench whose Modbus port is meant.")] = 1,
    word_order: Annotated[WordOrder, typer.Option(help="Bytes of a 32-bit value.")] = WordOrder.ABCD,
    profile: Annotated[Profile, typer.Option(help="Whose habits the Modbus addresses follow.")] = Profile.LINELAB,
    host: Annotated[str, typer.Option(help="Address of LineLab as the tool reaches it.")] = "127.0.0.1",
    modbus_port: Annotated[int, typer.Option(min=1, max=65535, help="Modbus port of bench 1.")] = 5020,
    opcua_port: Annotated[int, typer.Option(min=1, max=65535, help="OPC UA port of bench 1.")] = 4840,
    mqtt_port: Annotated[int, typer.Option(min=1, max=65535, help="MQTT port of bench 1.")] = 1883,
    station: Annotated[
        list[str] | None, typer.Option(help="Only this station, in the formats of PLCs; may be repeated.")
    ] = None,
    packml: Annotated[bool, typer.Option("--packml", help="With PackML states and commands, for OpenPLC.")] = False,
    lang: Annotated[str, typer.Option(help="Language of descriptions and comments: en or zh.")] = "en",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; PDF needs one.")] = None,
) -> None:
    """Where every tag of a line is found on every wire."""
    from devices.address_map.exports import LANGUAGES, Site

    if lang not in LANGUAGES:
        raise Mistake(f"--lang: {lang!r} is neither en nor zh")
    definition = load_line(line)
    addresses = address_map(definition, word_order, profile)
    site = Site(
        host=host,
        modbus_port=modbus_port + bench - 1,
        opcua_port=opcua_port + bench - 1,
        mqtt_port=mqtt_port + bench - 1,
        bench=bench,
        language=lang,
        title=definition.title,
        titles=tuple((one.name, one.title) for one in definition.stations),
        stations=tuple(station) if station else None,
        packml=packml,
    )
    if format is MapFormat.TABLE and output is None:
        _print_table(addresses, lang)
    else:
        _hand_over(_file(format, definition, addresses, site), output)


def _print_table(addresses: AddressMap, lang: str) -> None:
    from devices.address_map import exports

    header, rows = exports.table(addresses, lang)
    table("", header, rows)
    out(exports.patterns(addresses, lang))


def _file(format: MapFormat, definition: "LineDefinition", addresses: AddressMap, site: "Site") -> str | bytes:
    if format is MapFormat.TABLE:
        raise Mistake("--output: a table is for the terminal; choose a --format, people for one")
    if format in (MapFormat.MOSQUITTO_ACL, MapFormat.EMQX_ACL):
        from devices.mqtt.acl import emqx_acl, mosquitto_acl

        rights = mosquitto_acl if format is MapFormat.MOSQUITTO_ACL else emqx_acl
        return rights(addresses.line, site.bench)
    if format is MapFormat.NODESET:
        from devices.opcua.nodeset import line_nodeset
        from sim.components import KINDS
        from sim.tags import line_tags

        return line_nodeset(definition, line_tags(definition, KINDS))
    from devices.address_map import exports

    try:
        return exports.make(format.value, addresses, site)
    except AddressError as error:
        raise Mistake(str(error)) from error


def _hand_over(made: str | bytes, output: Path | None) -> None:
    """To the file, else to the terminal. The bytes are as made, with their own ends of lines."""
    if output is not None:
        try:
            output.write_bytes(made if isinstance(made, bytes) else made.encode())
        except OSError as error:
            raise Mistake(f"--output: {output}: {error.strerror}") from error
    elif isinstance(made, bytes):
        raise Mistake("this format is not text: say where to with --output FILE")
    else:
        out(made)


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...", help="Files of lines, faults, scenarios, conditions or bindings; all, if left out."
        ),
    ] = None,
    schema: Annotated[
        Schema | None, typer.Option(help="Print the JSON schema of a kind of file, for editors that complete it.")
    ] = None,
) -> None:
    """Whether files are good: all mistakes of each, with file, line and field, and every name that they use."""
    if schema is not None:
        from scenarios.schema import SCHEMAS

        out(json.dumps(SCHEMAS[schema.value](), ensure_ascii=False, indent=2))
        return
    known = catalogue()
    paths = [existing(path) for path in files] if files else known.files()
    bad = 0
    for path in paths:
        errors = known.check(path)
        bad += bool(errors)
        for error in errors:
            say(str(error))
    if bad:
        say(f"{bad} of {len(paths)} files {'has' if bad == 1 else 'have'} mistakes")
        raise typer.Exit(2)
    out(f"{len(paths)} {'file is' if len(paths) == 1 else 'files are'} good")
