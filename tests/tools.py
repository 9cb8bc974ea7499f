"""Outside programs that a test needs: their path, or a skip that says how to install them."""

import os
import shutil

import pytest


def need(program: str, install: str) -> str:
    """The path of a program. Where it is missing the test skips and names the install command; in CI it fails."""
    path = shutil.which(program)
    if path is None:
        why = f"{program} is missing: {install}"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return path
