"""Runs the tests of the page's framework-free core (tests/web/core) and the type check of all its sources."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.tools import need

WEB = Path(__file__).parents[2] / "api" / "web"


def npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = need("npm", "apt-get install nodejs npm (Node.js 20.19 or later)")
    if not (WEB / "node_modules" / "typescript").is_dir():
        why = "the packages of the page are missing: cd api/web && npm ci"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return subprocess.run([program, *arguments], cwd=WEB, capture_output=True, text=True, check=False)


def test_core() -> None:
    done = npm("test")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "# pass 0" not in done.stdout


def test_types() -> None:
    done = npm("run", "types")
    assert done.returncode == 0, done.stdout[-4000:]
