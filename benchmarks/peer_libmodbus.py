"""A bare server of libmodbus, compiled from the C below: `compiled(folder)`. Debian: `libmodbus-dev` and a compiler.

It answers every connection in one thread with `select`, and holds values: no line, no journal, no ownership.
"""

import shutil
import subprocess
from pathlib import Path

SOURCE = r"""
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    modbus_t *server = modbus_new_tcp("127.0.0.1", count > 1 ? atoi(arguments[1]) : 1502);
    modbus_mapping_t *values = modbus_mapping_new(256, 256, 256, 256);
    int listening = modbus_tcp_listen(server, 64), highest = listening, on = 1;
    if (listening < 0 || values == NULL)
        return 1;
    fd_set known;
    FD_ZERO(&known);
    FD_SET(listening, &known);
    for (;;) {
        fd_set ready = known;
        if (select(highest + 1, &ready, NULL, NULL, NULL) < 0)
            return 1;
        for (int one = 0, last = highest; one <= last; one++) {
            if (!FD_ISSET(one, &ready))
                continue;
            if (one == listening) {
                int fresh = accept(listening, NULL, NULL);
                if (fresh < 0)
                    continue;
                setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                FD_SET(fresh, &known);
                if (fresh > highest)
                    highest = fresh;
                continue;
            }
            uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
            modbus_set_socket(server, one);
            int size = modbus_receive(server, request);
            if (size > 0) {
                modbus_reply(server, request, size, values);
            } else if (size < 0) {
                close(one);
                FD_CLR(one, &known);
            }
        }
    }
}
"""


def compiled(folder: Path) -> Path | None:
    """The program, None where there is no compiler or no libmodbus to compile it with."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source, program = folder / "server.c", folder / "server"
    source.write_text(SOURCE)
    made = subprocess.run(
        [compiler, "-O2", str(source), "-o", str(program), "-lmodbus"], capture_output=True, check=False
    )
    return program if made.returncode == 0 else None
