"""The `linelab` command line. Exit codes: 0 good, 1 the answer is no, 2 wrong use or input.

Commands import what they need when they run, so that `linelab lines` does not wait for a web server's imports.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli import certificates, content, devices, effect, headless, new, up
from api.cli.say import Mistake, out, say

app = typer.Typer(
    name="linelab",
    help="A virtual smart-factory training line that you can wire a PLC to.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from api.version import VERSION

        out(f"linelab {VERSION}")
        raise typer.Exit


@app.callback()
def linelab(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
    folders: Annotated[
        list[Path] | None,
        typer.Option(
            "--content",
            metavar="DIR",
            envvar="LINELAB_CONTENT",
            help="Folder with lines/, faults/, library/, conditions/ and bindings/ of your own; may be repeated.",
        ),
    ] = None,
) -> None:
    """A virtual smart-factory training line that you can wire a PLC to."""
    content.folders[:] = [_folder(path) for path in folders or ()]


def _folder(path: Path) -> Path:
    """Absolute: the processes that are started need not share the present folder."""
    if not path.is_dir():
        raise Mistake(f"--content {path}: there is no such folder")
    return path.expanduser().resolve()


app.command("up")(up.up)
app.command("lines")(content.lines)
app.command("scenarios")(effect.scenarios)
app.command("faults")(effect.faults)
app.command("new")(new.new)
app.command("map")(content.map_)
app.command("check")(content.check)
app.command("run")(headless.run)
app.command("replay")(headless.replay)
app.add_typer(certificates.app, name="certificates")
app.add_typer(devices.app, name="devices")


def main() -> None:
    """The entry point: what a person did wrong is one line on standard error, never a traceback."""
    try:
        app()
    except Mistake as mistake:
        say(str(mistake))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `linelab map ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
