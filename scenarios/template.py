"""A line file to begin with: the template, or a copy of a line that there is, under a name of its own."""

import re
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from scenarios.file_error import Field, FileErrors
from scenarios.line_model import LineName
from scenarios.yaml_source import read

TEMPLATE = Path(__file__).parent / "templates" / "template.yaml"
_NAME: Field = ("line",)


def check_name(name: str) -> None:
    """Raises ValueError where a line cannot be called that."""
    try:
        TypeAdapter(LineName).validate_python(name)
    except ValidationError as error:
        raise ValueError(
            f"{name[:60]!r} is no name of a line: small letters, digits, _ and -, a letter first, 40 characters at most"
        ) from error


def begin(name: str, original: Path = TEMPLATE) -> str:
    """The text of `original` with `name` as its line. Comments and order stay. Raises FileErrors, ValueError."""
    check_name(name)
    source = read(original)
    if not isinstance(source.data, dict) or "line" not in source.data:
        source.add(_NAME, "is missing")
        raise FileErrors(source.errors)
    rows = original.read_text("utf-8").splitlines(keepends=True)
    number = source.line(_NAME) - 1
    rows[number] = re.sub(r"\bline(\s*:\s*)[^\s#,}]+", lambda found: f"line{found[1]}{name}", rows[number], count=1)
    return "".join(rows)
