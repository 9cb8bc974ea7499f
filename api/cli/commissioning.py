"""`linelab devices report`: whether twin and device agree, as a running lab has measured it. Asks the lab over REST."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.say import Mistake, out, say

TIMEOUT_S = 10.0


class Language(StrEnum):
    """Of the report."""

    EN = "en"
    ZH = "zh"


def report(
    bench: Annotated[int, typer.Option(min=1, max=99, help="Number of the bench.")] = 1,
    url: Annotated[str, typer.Option(help="Where the lab's pages are.")] = "http://127.0.0.1:8080",
    token: Annotated[
        str | None, typer.Option(envvar="LINELAB_TOKEN", help="The engineer's; else it is read from the lab's data.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", envvar="LINELAB_HOME", help="Folder of the lab's data.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the report.")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="For programs instead of people.")] = False,
) -> None:
    """Commissioning report of a running bench. Exit code 1 unless twin and device agree at every station."""
    told = _ask(
        f"{url.rstrip('/')}/api/benches/{bench}/devices/commissioning?lang={lang}", token or _token(data, bench)
    )
    stations = told["stations"]
    if not isinstance(stations, list) or not stations:
        raise Mistake(f"bench {bench}: its binding names no station")
    markdown = told.pop("markdown")
    out(json.dumps(told, ensure_ascii=False, indent=2) if as_json else str(markdown))
    doubtful = [str(row["station"]) for row in stations if row["verdict"] != "agree"]
    if doubtful:
        say(f"not shown to agree: {', '.join(doubtful)}")
        raise typer.Exit(1)


def _token(data: Path | None, bench: int) -> str:
    from controller.settings import Settings
    from controller.tokens import FILE

    folder = Settings().data if data is None else data.expanduser().resolve()
    try:
        token: str = json.loads((folder / FILE).read_text(encoding="utf-8"))[str(bench)]["engineer"]
    except (OSError, ValueError, KeyError) as error:
        raise Mistake(f"{folder / FILE}: has no engineer's token of bench {bench}; give --token or --data") from error
    return token


def _ask(url: str, token: str) -> dict[str, object]:
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    if not url.startswith(("http://", "https://")):
        raise Mistake(f"--url {url}: is no address of a lab, such as http://127.0.0.1:8080")
    try:
        with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"}), timeout=TIMEOUT_S) as answer:  # noqa: S310
            told: dict[str, object] = json.load(answer)
    except HTTPError as error:
        raise Mistake(f"{url}: the lab answers {error.code}: {_detail(error.read())}") from error
    except (URLError, TimeoutError) as error:
        raise Mistake(f"{url}: no lab answers; is `linelab up` running?") from error
    return told


def _detail(body: bytes) -> str:
    try:
        problem = json.loads(body)
    except ValueError:
        return "no reason given"
    return str(problem.get("detail") or problem.get("title") or problem)
