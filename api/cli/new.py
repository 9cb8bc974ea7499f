"""`linelab new`: an own line file to begin with. Runs nothing."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.content import catalogue
from api.cli.say import Mistake, out


def new(
    line: Annotated[str, typer.Argument(metavar="LINE", help="Name of the new line: small letters, digits, - and _.")],
    like: Annotated[
        str | None, typer.Option("--from", metavar="LINE", help="Begin with a copy of this line, not the template.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where the file goes; it is made if it is not there.")] = Path(),
) -> None:
    """Begin an own line: writes LINE.yaml, which runs as it is and is yours to change."""
    from scenarios import line_file
    from scenarios.file_error import FileErrors
    from scenarios.template import TEMPLATE, begin

    path = folder / f"{line}.yaml"
    try:
        text = begin(line, TEMPLATE if like is None else catalogue().line_path(like))
        line_file.parse(text, path)
    except (FileErrors, ValueError) as error:
        raise Mistake(str(error)) from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise Mistake(f"{path} is there already: choose another name, or remove it") from error
    except OSError as error:
        raise Mistake(f"{path} cannot be written: {error.strerror}") from error
    quoted = f'"{path}"' if " " in str(path) else str(path)
    out(f"{path} is yours. What to do with it:")
    out(f"  linelab check {quoted}              every mistake, with its line")
    out(f"  linelab run {quoted} --hours 8      eight hours in seconds")
    out(f"  linelab up --line {quoted}          with wires and the page")
    out(f"  linelab map {quoted}                the addresses for your PLC")
