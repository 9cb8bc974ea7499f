"""`linelab devices report` against something that answers as a lab does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.cli.say import Mistake
from tests.devices.drivers.proxy import free_port

RUNNER = CliRunner()


class Lab(BaseHTTPRequestHandler):
    """The verdict is the number of the bench: 1 agrees, 2 differs, 3 has no station."""

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == "Bearer secret"
        bench = self.path.split("/")[3]
        stations = [{"station": "machining", "verdict": "agree" if bench == "1" else "differ"}]
        markdown = "# 调试报告" if self.path.endswith("lang=zh") else "# Commissioning report"
        told = {"utc": "x", "run": "r", "stations": stations if bench != "3" else [], "markdown": markdown}
        self.send_response(200 if known else 403)
        self.end_headers()
        self.wfile.write(json.dumps(told if known else {"detail": "your role may not do this"}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Lab) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_report_says_by_its_exit_code_whether_they_agree(url: str) -> None:
    given = ["devices", "report", "--url", url, "--token", "secret"]
    agree = RUNNER.invoke(app, [*given, "--lang", "zh"])
    assert (agree.exit_code, agree.stdout) == (0, "# 调试报告\n")
    differ = RUNNER.invoke(app, [*given, "--bench", "2", "--json"])
    assert differ.exit_code == 1
    assert json.loads(differ.stdout)["stations"][0]["verdict"] == "differ"
    assert "not shown to agree: machining" in differ.stderr


def test_the_token_is_read_from_the_data_of_the_lab(url: str, tmp_path: Path) -> None:
    (tmp_path / "tokens.json").write_text(json.dumps({"1": {"engineer": "secret"}}))
    given = ["devices", "report", "--url", url, "--data", str(tmp_path)]
    assert RUNNER.invoke(app, given).exit_code == 0
    wrong = RUNNER.invoke(app, [*given, "--bench", "2"])
    assert isinstance(wrong.exception, Mistake)
    assert "no engineer's token of bench 2" in str(wrong.exception)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--token", "other"], "403: your role may not do this"),
        (["--token", "secret", "--bench", "3"], "names no station"),
        (["--token", "secret", "--url", "file:///x"], "is no address of a lab"),
        (["--token", "secret", "--url", f"http://127.0.0.1:{free_port()}"], "no lab answers"),
    ],
)
def test_mistakes_are_told(url: str, more: list[str], words: str) -> None:
    done = RUNNER.invoke(app, ["devices", "report", "--url", url, *more])
    assert isinstance(done.exception, Mistake)
    assert words in str(done.exception)
