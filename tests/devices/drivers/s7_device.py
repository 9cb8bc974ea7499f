"""python-snap7's own server in a process of its own: `python s7_device.py PORT`; `freeze` and `thaw` on standard input.

DB1: an INT at 0, a DINT at 4 that counts, a byte of bits at 8; DB2 has 20 bytes. Says each change of the INT.
"""

import logging
import sys
import threading

from snap7.server import Server
from snap7.type import SrvArea

frozen = threading.Event()


def listen() -> None:
    for line in sys.stdin:
        (frozen.set if line.strip() == "freeze" else frozen.clear)()
    gone.set()


logging.disable(logging.CRITICAL)
gone = threading.Event()
data = bytearray(600)
data[0:2] = (1).to_bytes(2, "big")
server = Server()
server.register_area(SrvArea.DB, 1, data)
server.register_area(SrvArea.DB, 2, bytearray(20))
server.start_to("127.0.0.1", int(sys.argv[1]))
threading.Thread(target=listen, daemon=True).start()
print("READY", flush=True)
before, count = 1, 0
while not gone.wait(0.02):
    if not frozen.is_set():
        count += 1
        data[4:8] = count.to_bytes(4, "big")
    now = int.from_bytes(data[0:2], "big", signed=True)
    if now != before:
        print(now, flush=True)
        before = now
server.stop()
