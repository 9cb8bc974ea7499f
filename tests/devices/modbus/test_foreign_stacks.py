"""libmodbus in C and jsmodbus in node, two more stacks: values, exceptions, word orders, requests without waiting."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.address_map import AddressMap, WordOrder
from devices.modbus import ModbusEndpoint
from tests.devices.fake_line import FakeLine
from tests.tools import need

INTEROP = Path(__file__).parents[2] / "interop"
C = r"""
#include <modbus.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef float (*get_t)(const uint16_t *);

/* modbus_set_float_* of libmodbus 3.1.6 put the bytes in the order of the host, so they are packed here */
static void set(const char *order, float value, uint16_t *words) {
  uint32_t bits;
  uint8_t bytes[4];
  memcpy(&bits, &value, 4);
  for (int n = 0; n < 4; n++) bytes[n] = bits >> (24 - 8 * (order[n] - 'A'));
  for (int n = 0; n < 2; n++) words[n] = bytes[2 * n] << 8 | bytes[2 * n + 1];
}

static int code(int done) { return done == -1 ? errno - MODBUS_ENOBASE : 0; }

int main(int argc, char **argv) {
  modbus_t *line = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  if (argc < 3 || modbus_connect(line) == -1) return 1;
  const char *names[] = {"ABCD", "CDAB", "BADC", "DCBA"};
  get_t gets[] = {modbus_get_float_abcd, modbus_get_float_cdab, modbus_get_float_badc, modbus_get_float_dcba};
  int order = 0;
  while (strcmp(names[order], argv[2])) order++;
  uint8_t bits[2], coil[1];
  uint16_t pair[2], word[1], both[2] = {1505, 3};
  modbus_read_input_bits(line, 0, 2, bits);
  modbus_write_bit(line, 0, 1);
  modbus_read_bits(line, 0, 1, coil);
  modbus_write_registers(line, 0, 2, both);
  modbus_read_registers(line, 0, 1, word);
  set(argv[2], 321.5f, pair);
  modbus_write_registers(line, 4000, 2, pair);
  modbus_read_registers(line, 4000, 2, pair);
  int address = code(modbus_read_registers(line, 500, 1, pair + 0) == 1 ? 0 : -1);
  int value = code(modbus_write_register(line, 1, 9));
  int half = code(modbus_write_register(line, 4000, 0));
  modbus_read_registers(line, 4000, 2, pair);
  printf("{\"inputs\":[%d,%d],\"coil\":%d,\"narrow\":%d,\"wide\":%g,\"refused\":[%d,%d,%d]}\n",
         bits[0], bits[1], coil[0], word[0], gets[order](pair), address, value, half);
  modbus_close(line);
  modbus_free(line);
  return 0;
}
"""


@pytest.fixture(params=WordOrder)
async def ordered(line: FakeLine, request: pytest.FixtureRequest) -> AsyncIterator[ModbusEndpoint]:
    """An endpoint in one word order."""
    endpoint = ModbusEndpoint(line, AddressMap(line.line, line.tags, word_order=request.param), port=0)
    await endpoint.start()
    yield endpoint
    await endpoint.stop()


@pytest.fixture(scope="session")
def libmodbus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small C program with libmodbus."""
    install = "apt-get install gcc libc6-dev libmodbus-dev pkg-config"
    compiler, config = need("gcc", install), need("pkg-config", install)
    found = subprocess.run([config, "--cflags", "--libs", "libmodbus"], capture_output=True, text=True, timeout=20)
    if found.returncode:
        missing(f"libmodbus is missing: {install}")
    folder = tmp_path_factory.mktemp("libmodbus")
    (folder / "client.c").write_text(C)
    command = [compiler, "-Wall", "-Werror", "client.c", "-o", "client", *found.stdout.split()]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return folder / "client"


def missing(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


async def said(program: str, *arguments: str) -> dict[str, object]:
    process = await asyncio.create_subprocess_exec(program, *arguments, stdout=-1, stderr=-1)
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    found: dict[str, object] = json.loads(out)
    return found


def port_of(endpoint: ModbusEndpoint) -> str:
    return endpoint.url.rpartition(":")[2]


async def test_libmodbus_reads_writes_and_is_refused(
    libmodbus: Path, ordered: ModbusEndpoint, line: FakeLine, request: pytest.FixtureRequest
) -> None:
    order = request.node.callspec.params["ordered"]
    found = await said(str(libmodbus), port_of(ordered), order)
    assert found == {"inputs": [0, 1], "coil": 1, "narrow": 1505, "wide": 321.5, "refused": [2, 3, 3]}
    assert [writes for _, writes in line.requests[:3]] == [
        [("sorting.belt_run", True)],
        [("sorting.belt_speed", 150.5), ("sorting.target", 3)],
        [("sorting.belt_speed", 321.5)],
    ]


async def test_jsmodbus_reads_writes_is_refused_and_does_not_wait(
    ordered: ModbusEndpoint, line: FakeLine, request: pytest.FixtureRequest
) -> None:
    node = need("node", "apt-get install nodejs (20 or newer)")
    if not (INTEROP / "node_modules" / "jsmodbus").is_dir():
        missing("jsmodbus is missing: npm ci --prefix tests/interop")
    order = request.node.callspec.params["ordered"]
    found = await said(node, str(INTEROP / "modbus_client.cjs"), port_of(ordered), order)
    assert found.pop("pipelined") == [2, 1] * 25
    assert found == {
        "inputs": [0, 1],
        "coil": 1,
        "narrow": 1505,
        "wide": 321.5,
        "count": 70000,
        "refused": [2, 3, 3],
    }
