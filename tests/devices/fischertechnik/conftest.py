"""A live line with its voices, without a broker."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.devices.fischertechnik.live import Live


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    live = Live.on(tmp_path)
    yield live
    await live.view.run.stop()
