"""One child process of the supervisor: started with its work, listened to, stopped. See `child.py` for its own side."""

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path

STOP_S = 6.0  # for a child to stop by itself
LARGEST_LOG = 5 * 2**20
LONGEST_LINE = 2**20
MOST_LINES = 1000  # that wait to be heard


class Process:
    """A child from `start` to `stop`. Ctrl-C in the terminal does not reach it: its supervisor stops it."""

    def __init__(self, module: str, log: Path) -> None:
        self._module, self._log = module, log
        self._process: asyncio.subprocess.Process | None = None
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None

    @property
    def log(self) -> Path:
        """Where its standard error goes."""
        return self._log

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def start(self, work: str) -> None:
        """Begin, and tell it what to do."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        long = self._log.exists() and self._log.stat().st_size > LARGEST_LOG
        with self._log.open("wb" if long else "ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                limit=LONGEST_LINE,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        self._lines = asyncio.Queue()
        self._listening = asyncio.create_task(self._listen(self._process, self._lines), name=f"{self._module} says")
        if self._process.stdin is not None:
            self._process.stdin.write(work.encode() + b"\n")
            with contextlib.suppress(ConnectionError):
                await self._process.stdin.drain()

    async def line(self) -> str | None:
        """The next line that it says, None where it has ended."""
        return await self._lines.get()

    async def _listen(self, process: asyncio.subprocess.Process, lines: asyncio.Queue[str | None]) -> None:
        """Take in all that it says, also what nobody waits for: else it would stand still at a full pipe."""
        if process.stdout is not None:
            with contextlib.suppress(ValueError):  # a line without end
                async for line in process.stdout:
                    if lines.qsize() < MOST_LINES:
                        lines.put_nowait(line.decode("utf-8", "replace").rstrip())
        lines.put_nowait(None)
        if process.stdin is not None:
            process.stdin.close()

    async def ended(self) -> int:
        """Returns its exit code when it has one."""
        if self._process is None:
            return 0
        return await self._process.wait()

    async def stop(self) -> None:
        """Tell it to stop; end it where it does not."""
        process = self._process
        if process is not None and process.returncode is None:
            await self._end(process)
        if self._listening is not None:
            await asyncio.wait({self._listening}, timeout=1.0)  # it has said its last
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
