"""`linelab devices`: real devices from a terminal: is everything of a binding there, and what does a device offer.

Reads only; no lab need run. A device that serves one connection at a time is not to be checked while a lab uses it.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.commissioning import report
from api.cli.content import catalogue, load_line
from api.cli.say import Mistake, existing, out, say, table

if TYPE_CHECKING:
    from devices.drivers import CheckRow, Discovery, ProbeLimits, Target
    from scenarios.binding import Binding

app = typer.Typer(help="Real devices: check a binding file, see what a device offers.", no_args_is_help=True)
app.command("report")(report)

File = Annotated[str, typer.Argument(metavar="FILE", help="A binding file, or the name of a binding.")]
Url = Annotated[str, typer.Argument(metavar="URL", help="modbus-tcp://, modbus-rtu://, opc.tcp://, mqtt://, s7:// ...")]
Json = Annotated[bool, typer.Option("--json", help="For programs instead of people.")]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", "-o", metavar="NAME=VALUE", help="user, password, policy ...; may be repeated."),
]
SHOWN = 200  # rows of a table; --json has them all


@app.command("check")
def check_(
    file: File,
    wait: Annotated[float, typer.Option(min=0.5, max=600, help="Seconds to wait for the slowest tag.")] = 5.0,
    bench: Annotated[int, typer.Option(min=1, max=99, help="Whose certificates are shown to OPC UA devices.")] = 1,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", envvar="LINELAB_HOME", help="Folder of the lab's data.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Connect to every device of a binding and say of every tag how it is. Exit code 1 where any is not good."""
    import asyncio  # a server's: the simple commands do not wait for it

    binding = _binding(file)
    rows = asyncio.run(_check(binding, wait, _store(data, bench)))
    shown = [(device, row) for device, found in rows.items() for row in found]
    if as_json:
        out(json.dumps([_plain(device, row) for device, row in shown], ensure_ascii=False, indent=2))
    else:
        header = ("Tag", "Device", "Address", "Reachable", "Type fits", "Value", "Age", "Quality", "Why")
        table("", header, [_row(device, row) for device, row in shown])
    bad = sum(not row.ok for _, row in shown)
    if bad:
        say(f"{bad} of {len(shown)} tags are not good")
        raise typer.Exit(1)
    say(f"all {len(shown)} tags are good")


@app.command("probe")
def probe(
    url: Url,
    line: Annotated[str | None, typer.Option(help="Draft a binding for this line, by matching names.")] = None,
    options: Options = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=3600, help="How long it may take or listen.")] = 30.0,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="How many things to list at most.")] = 5000,
    first: Annotated[int, typer.Option(min=0, max=65535, help="First register or data block to look at.")] = 0,
    last: Annotated[int, typer.Option(min=0, max=65535, help="Last one.")] = 999,
    pause: Annotated[float, typer.Option(min=0, max=10, help="Seconds between two questions.")] = 0.0,
    output: Annotated[Path | None, typer.Option(help="File for the draft; never written over.")] = None,
    as_json: Json = False,
) -> None:
    """List what a device offers; with --line, draft a binding from it. Reads only."""
    import asyncio

    from devices.drivers import Lost, ProbeLimits, Target, TargetError

    definition = None if line is None else load_line(line)
    if output is not None and (output.exists() or definition is None):
        raise Mistake(f"--output {output}: " + ("is there already" if output.exists() else "a draft needs --line"))
    given = _options(options or [])
    limits = ProbeLimits(seconds, most, pause, first, last)
    try:
        discovery = asyncio.run(_discover(Target(url, given), limits))
    except (TargetError, ValueError) as error:
        raise Mistake(str(error)) from error
    except Lost as error:
        say(f"{_host(url)}: {error}")
        raise typer.Exit(1) from error
    if definition is None:
        _show(discovery, as_json=as_json)
        return
    from controller.bindings.draft import draft
    from sim.components import KINDS
    from sim.tags import line_tags

    stations = {station.name for station in definition.stations}
    tags = tuple(tag for tag in line_tags(definition, KINDS) if tag.station in stations)
    text = draft(url, given, definition.name, tags, discovery)
    if output is None:
        out(text)
        return
    output.write_text(text, encoding="utf-8")
    say(f"{output}: written; look at every line, then linelab devices check {output}")


def _binding(file: str) -> "Binding":
    from scenarios.file_error import FileErrors

    if "/" in file or file.endswith((".yaml", ".yml")):
        existing(Path(file))
    try:
        return catalogue().load_binding(file)
    except FileErrors as errors:
        raise Mistake(str(errors)) from errors


def _store(data: Path | None, bench: int) -> Path:
    from controller.certificates import driver_certificates
    from controller.settings import Settings

    return driver_certificates(Settings() if data is None else Settings(data=data.expanduser().resolve()), bench)


async def _check(binding: "Binding", wait_s: float, store: Path) -> dict[str, list["CheckRow"]]:
    """All devices at the same time."""
    import asyncio

    from controller.bindings import points
    from controller.clock import SystemClock
    from devices.drivers import PointError, TargetError, check, make_driver

    clock = SystemClock()
    work = {}
    for name, device in binding.devices.items():
        timing = points.timing(device)
        try:
            groups = points.groups(binding, name)
            driver = make_driver(points.target(device, store), timing, clock)
        except TargetError as error:
            raise Mistake(f"device {name}: {error}") from error
        work[name] = check(driver, groups, clock, timing, wait_s)
    try:
        return dict(zip(work, await asyncio.gather(*work.values()), strict=True))
    except PointError as error:
        raise Mistake(f"{binding.name}: {error}") from error


async def _discover(target: "Target", limits: "ProbeLimits") -> "Discovery":
    from controller.clock import SystemClock
    from devices.drivers import Timing, discover

    return await discover(target, Timing(answer_s=2.0, open_s=5.0), SystemClock(), limits)


def _options(given: list[str]) -> dict[str, str]:
    for each in given:
        if "=" not in each:
            raise Mistake(f"--option {each}: is not NAME=VALUE")
    return {name: value for name, _, value in (each.partition("=") for each in given)}


def _host(url: str) -> str:
    """The URL without user and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _row(device: str, row: "CheckRow") -> tuple[str, ...]:
    fits = {None: "?", True: "yes", False: "no"}[row.fits]
    return (
        row.tag, device, row.address, "yes" if row.reachable else "no", fits, _value(row.value), _age(row.age_s),
        str(row.quality), str(row.reason) if row.reason else "",
    )  # fmt: skip


def _value(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _age(age_s: float | None) -> str:
    return "" if age_s is None else f"{age_s:.1f} s"


def _plain(device: str, row: "CheckRow") -> dict[str, object]:
    return {
        "tag": row.tag, "device": device, "address": row.address, "reachable": row.reachable, "fits": row.fits,
        "value": row.value, "age_s": row.age_s, "quality": str(row.quality), "ok": row.ok,
        "why": str(row.reason) if row.reason else None,
    }  # fmt: skip


def _show(discovery: "Discovery", *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"address": one.address, "type": one.type, "name": one.name, "value": one.value, "writable": one.writable,
             "note": one.note}
            for one in discovery.found
        ]  # fmt: skip
        told = {"identity": discovery.identity, "complete": discovery.complete, "notes": discovery.notes, "found": rows}
        out(json.dumps(told, ensure_ascii=False, indent=2))
        return
    writable = {None: "", True: "yes", False: "no"}
    table(
        discovery.identity,
        ("Address", "Type", "Name", "Value", "Writable", "Note"),
        [
            (one.address, str(one.type or ""), one.name, _value(one.value), writable[one.writable], one.note)
            for one in discovery.found[:SHOWN]
        ],
    )
    for note in discovery.notes:
        say(note)
    if len(discovery.found) > SHOWN:
        say(f"{len(discovery.found) - SHOWN} more; --json has them all")
    say(f"{len(discovery.found)} found" + ("" if discovery.complete else "; the search was cut short"))
