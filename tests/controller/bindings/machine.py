"""A real machine for tests: a Modbus TCP server in a process of its own, with a watchdog and a bit of mechanics.

`python machine.py PORT`. Nothing of LineLab is imported. Outputs are coils 0 to 5 (belt, stopper, door, clamp, spindle,
tool); discrete inputs 0 to 8 are eye_work, eye_out, estop_ok, door_open, door_closed, clamp_open, clamp_closed,
spindle_done, spindle_tool_ok; discrete input 15 says that it is live. Holding register 9 is the watchdog: when it has
not changed for TRIP_S, all outputs are off until it counts again. Coils from 100 are the hands of the test: coil
100 + n sets discrete input n.
"""

import socketserver
import struct
import sys
import threading
import time  # noqa: TID251  a machine lives in real time
from contextlib import suppress

TRIP_S = 0.6
LIVE = 15
BAD_ADDRESS = 2


class Machine:
    """What it holds. Door, clamp and spindle follow their coils after a moment."""

    def __init__(self) -> None:
        self.coils = [False] * 200
        self.inputs = [False] * 16
        self.registers = [0] * 16
        self.inputs[2] = self.inputs[3] = self.inputs[5] = self.inputs[8] = True
        self.fed_s = float("-inf")
        self.lock = threading.Lock()

    def turn(self) -> None:
        with self.lock:
            live = time.monotonic() - self.fed_s < TRIP_S
            self.inputs[LIVE] = live
            if not live:
                self.coils[:6] = [False] * 6
            door, clamp, spindle = self.coils[2], self.coils[3], self.coils[4]
            self.inputs[3], self.inputs[4] = not door, door
            self.inputs[5], self.inputs[6] = not clamp, clamp
            self.inputs[7] = spindle

    def feed(self, value: int) -> None:
        if value != self.registers[9]:
            self.fed_s = time.monotonic()
        self.registers[9] = value

    def set(self, at: int, on: bool) -> None:
        if at >= 100:
            self.inputs[at - 100] = on
        else:
            self.coils[at] = on


def answer(machine: Machine, pdu: bytes) -> bytes:
    code, at = pdu[0], struct.unpack(">H", pdu[1:3])[0]
    with machine.lock:
        if code in (1, 2):
            table, count = (machine.coils if code == 1 else machine.inputs), struct.unpack(">H", pdu[3:5])[0]
            bits = table[at : at + count]
            if len(bits) < count:
                return bytes((code | 0x80, BAD_ADDRESS))
            packed = bytes(sum(bit << k for k, bit in enumerate(bits[i : i + 8])) for i in range(0, count, 8))
            return bytes((code, len(packed))) + packed
        if code == 3:
            count = struct.unpack(">H", pdu[3:5])[0]
            return bytes((code, 2 * count)) + struct.pack(f">{count}H", *machine.registers[at : at + count])
        if code == 5:
            machine.set(at, pdu[3] == 0xFF)
            return pdu
        if code == 15:
            for k in range(struct.unpack(">H", pdu[3:5])[0]):
                machine.set(at + k, bool(pdu[6 + k // 8] >> k % 8 & 1))
            return pdu[:5]
        if code in (6, 16):
            machine.feed(struct.unpack(">H", pdu[3:5] if code == 6 else pdu[6:8])[0])
            return pdu[:5]
    return bytes((code | 0x80, 1))


class Wire(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        machine: Machine = self.server.machine  # type: ignore[attr-defined]
        with suppress(ConnectionResetError):  # the lab gives up a connection that way
            self.serve(machine)

    def serve(self, machine: Machine) -> None:
        while head := self.rfile.read(7):
            number, _, length, unit = struct.unpack(">HHHB", head)
            said = answer(machine, self.rfile.read(length - 1))
            self.wfile.write(struct.pack(">HHHB", number, 0, len(said) + 1, unit) + said)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main() -> None:
    with Server(("127.0.0.1", int(sys.argv[1])), Wire) as server:
        server.machine = machine = Machine()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        while True:
            machine.turn()
            time.sleep(0.01)


if __name__ == "__main__":
    main()
