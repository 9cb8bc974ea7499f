"""One child process of the supervisor: started with its work, listened to, stopped. See `child.py` for its own side."""

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path

STOP_S = 6.0  # for a child to stop by itself
LARGEST_LOG = 5 * 2**20


class Process:
    """A child from `start` to `stop`. Ctrl-C in the terminal does not reach it: its supervisor stops it."""

    def __init__(self, module: str, log: Path) -> None:
        self._module, self._log = module, log
        self._process: asyncio.subprocess.Process | None = None

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
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        if self._process.stdin is not None:
            self._process.stdin.write(work.encode() + b"\n")
            with contextlib.suppress(ConnectionError):
                await self._process.stdin.drain()

    async def line(self) -> str | None:
        """The next line that it says, None where it has ended."""
        if self._process is None or self._process.stdout is None:
            return None
        line = await self._process.stdout.readline()
        return line.decode("utf-8", "replace").rstrip() if line else None

    async def ended(self) -> int:
        """Returns its exit code when it has one."""
        if self._process is None:
            return 0
        return await self._process.wait()

    async def stop(self) -> None:
        """Tell it to stop; end it where it does not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
