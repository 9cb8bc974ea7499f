"""A Modbus device by another maker: a server on libmodbus, TCP or RTU, that says every write it was given."""

import asyncio
import atexit
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from tests.tools import need

MAPPED = 200  # addresses of each table; libmodbus refuses those beyond
BROKEN = 150  # writing this holding register is answered with exception 4, reading over it with 2
UNIT = 7  # on a serial line

SOURCE = r"""
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

static modbus_mapping_t *map;
static int asked = 0, frozen = 0;

/* what was written is said, and comes back as an input; input register 199 counts requests */
static void say(int function, const uint8_t *pdu, int length) {
  int from = pdu[1] << 8 | pdu[2];
  printf("%d %d", function, from);
  for (int n = 3; n < length; n++) printf(" %02x", pdu[n]);
  printf("\n");
  fflush(stdout);
}

static void serve(modbus_t *line, uint8_t *query, int length) {
  int header = modbus_get_header_length(line);
  uint8_t *pdu = query + header;
  int from = pdu[1] << 8 | pdu[2];
  int writes = pdu[0] == 5 || pdu[0] == 6 || pdu[0] == 15 || pdu[0] == 16 || pdu[0] == 22;
  int hole = pdu[0] == 3 && from <= BROKEN && BROKEN < from + (pdu[3] << 8 | pdu[4]);
  if (hole || (pdu[0] == 6 && from == BROKEN)) {
    int code = hole ? MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS : MODBUS_EXCEPTION_SLAVE_OR_SERVER_FAILURE;
    modbus_reply_exception(line, query, code);
    return;
  }
  if (!frozen) map->tab_input_registers[MAPPED - 1] = ++asked;
  if (writes) say(pdu[0], pdu, length - header - (header == 1 ? 2 : 0));
  modbus_reply(line, query, length, map);
  frozen = map->tab_bits[MAPPED - 1];
  if (frozen) return;
  memcpy(map->tab_input_registers, map->tab_registers, 2 * (MAPPED - 1));
  memcpy(map->tab_input_bits, map->tab_bits, MAPPED);
}

static int serial(const char *path) {
  uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
  modbus_t *line = modbus_new_rtu(path, 115200, 'N', 8, 1);
  modbus_set_slave(line, UNIT);
  if (modbus_connect(line) == -1) return 1;
  puts("ready"); fflush(stdout);
  for (;;) {
    int length = modbus_receive(line, query);
    if (length > 0) serve(line, query, length);
  }
}

static int tcp(int port) {
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  modbus_t *line = modbus_new_tcp("127.0.0.1", port);
  int listener = modbus_tcp_listen(line, 8), most = listener;
  if (listener == -1) return 1;
  fd_set all;
  FD_ZERO(&all);
  FD_SET(listener, &all);
  puts("ready"); fflush(stdout);
  for (;;) {
    fd_set ready = all;
    if (select(most + 1, &ready, NULL, NULL, NULL) == -1) return 1;
    for (int fd = 0; fd <= most; fd++) {
      if (!FD_ISSET(fd, &ready)) continue;
      if (fd == listener) {
        int one = modbus_tcp_accept(line, &listener);
        if (one == -1) continue;
        FD_SET(one, &all);
        if (one > most) most = one;
        continue;
      }
      modbus_set_socket(line, fd);
      int length = modbus_receive(line, query);
      if (length > 0) serve(line, query, length);
      else if (length == -1) { close(fd); FD_CLR(fd, &all); }
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  map = modbus_mapping_new(MAPPED, MAPPED, MAPPED, MAPPED);
  return strcmp(argv[1], "rtu") ? tcp(atoi(argv[2])) : serial(argv[2]);
}
"""


@cache
def program() -> Path:
    """Compiled once for each run of tests; skips where the compiler or the library is missing."""
    install = "apt-get install gcc libc6-dev libmodbus-dev pkg-config"
    compiler, config = need("gcc", install), need("pkg-config", install)
    found = subprocess.run([config, "--cflags", "--libs", "libmodbus"], capture_output=True, text=True, timeout=20)
    if found.returncode:
        why = f"libmodbus is missing: {install}"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    folder = Path(tempfile.mkdtemp(prefix="linelab-device-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "device.c").write_text(SOURCE)
    numbers = [f"-D{name}={value}" for name, value in (("MAPPED", MAPPED), ("BROKEN", BROKEN), ("UNIT", UNIT))]
    command = [compiler, *numbers, "-Wall", "-Werror", "-O1", "device.c", "-o", "device", *found.stdout.split()]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return folder / "device"


class LibmodbusDevice:
    """`kill` it and `start` it again: that is a device that restarts, on the same place."""

    def __init__(self, way: str, place: str) -> None:
        self._way, self.place = way, place
        self.writes: list[str] = []  # `5 0 ff 00`: function, address, what followed
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(str(program()), self._way, self.place, stdout=-1)
        assert self._process.stdout is not None
        async with asyncio.timeout(10):
            said = await self._process.stdout.readline()
        assert said == b"ready\n", f"the device did not start at {self.place}"
        self._reading = asyncio.create_task(self._read(self._process.stdout))

    async def kill(self) -> None:
        """At once, as by a power cut."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            self.writes.append(line.decode().strip())
