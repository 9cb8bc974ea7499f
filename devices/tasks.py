"""Tasks that run until they are ended: begun with a name, heard when they die, awaited. Know no protocol."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress

_log = logging.getLogger(__name__)


def begin(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    """Run work until `end`; should it fail before, that is logged at once and not when somebody stops it."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_report)
    return task


async def end(task: asyncio.Task[None]) -> None:
    """Cancel, and wait until it is over. What it failed of was logged."""
    task.cancel()
    await asyncio.wait([task])
    with suppress(asyncio.CancelledError):
        task.exception()


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("%s failed", task.get_name(), exc_info=task.exception())
