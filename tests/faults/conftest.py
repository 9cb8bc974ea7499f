"""A live line for each module of the catalogue's tests: the module names it in `LINE`."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.live import LiveLine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live_line(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LiveLine]:
    """Host, wires and clients, once for a module."""
    folder = tmp_path_factory.mktemp("live")
    live = await LiveLine.open(request.module.LINE, folder, **getattr(request.module, "SETTINGS", {}))
    yield live
    await live.close()


@pytest_asyncio.fixture(loop_scope="module")
async def live(request: pytest.FixtureRequest, live_line: LiveLine) -> LiveLine:
    """That line, begun anew and in production."""
    await live_line.anew(getattr(request.module, "WARM_S", 60))
    return live_line
