"""A small soft PLC over Modbus: every 100 ms read the inputs, let the program think, write the outputs.

    python docs/plc/scan.py docs/plc/lines/from_a_to_b.py [HOST [PORT]]      needs pymodbus and nothing else of LineLab

Then turn the station's key switch to Modbus. A program is a class `Program` with its table of I/O and one method:

    class Program:
        IO = '''
            eye_exit   di 4            # name, table, address: di discrete input, co coil,
            weight     ir 0 /10        #   ir input register, hr holding register, with the scale of a number
            belt_run   co 4
        '''

        def scan(self, io):            # called while the station executes; a new Program is made after a reset
            io["belt_run"] = not io["eye_exit"]

Bits that the program does not set keep their value; while the station does not execute all coils are off. Buttons,
lamps and the PackML states are done here and are the same for all lines: block k of 32 addresses is station k.
"""

import importlib.util
import sys
import time

CYCLE_S = 0.1
BLOCK = 32
MODBUS = 1  # what the register `control` says when the key switch stands on Modbus
EXECUTE, RESETTING, ABORTED, IDLE_STATES = 6, 15, 9, (2, 4, 17)
ACTING = (1, 3, 7, 8, 10, 12, 13, 14, 15, 16)  # PackML: states that the PLC ends with sc_done
RESET, START, STOP, UNHOLD, UNSUSPEND, CLEAR, SC_DONE = 1000, 1001, 1002, 1004, 1006, 1008, 1010  # coils of station 0
TO_START = {2: RESET, 17: RESET, 4: START, 9: CLEAR, 11: UNHOLD, 5: UNSUSPEND}


class Ton:
    """On-delay timer: true once its input has been true for so many seconds."""

    def __init__(self, seconds):
        self.scans, self.count = round(seconds / CYCLE_S), 0

    def __call__(self, condition):
        self.count = self.count + 1 if condition else 0
        return self.count > self.scans


class Signal:
    """One row of the table of I/O."""

    def __init__(self, row):
        self.name, self.table, address, *rest = row.split()
        self.address, self.scale, self.signed = int(address), 1, "signed" in rest
        self.area, self.station = int(address) // 1000, int(address) % 1000 // BLOCK
        for word in rest:
            if word.startswith("/"):
                self.scale = int(word[1:])

    def value(self, register):
        number = register - 65536 if self.signed and register > 32767 else register
        return number if self.scale == 1 else number / self.scale

    def register(self, value):
        return int(value * self.scale + (0.5 if value >= 0 else -0.5)) & 0xFFFF


def table(text):
    """The rows of a table of I/O."""
    rows = (line.split("#")[0].strip() for line in text.splitlines())
    return [Signal(row) for row in rows if row]


class Io:
    """The values of one scan by name, and those of the scan before for edges."""

    def __init__(self):
        self.now, self.before = {}, {}

    def __getitem__(self, name):
        return self.now[name]

    def __setitem__(self, name, value):
        self.now[name] = value

    def rose(self, name):
        return bool(self.now[name] and not self.before.get(name, self.now[name]))

    def fell(self, name):
        return bool(not self.now[name] and self.before.get(name, self.now[name]))


class Scan:
    """A program on a Modbus client. `cycle` is one scan."""

    def __init__(self, program, plc):
        self.make, self.plc, self.io = program, plc, Io()
        self.signals = table(program.IO)
        self.stations = sorted({s.station for s in self.signals})
        self.program = self.wish = None
        self.panel = {k: [False, False, False, True] for k in self.stations}  # start, stop, reset, estop_ok

    def cycle(self):
        states = {}
        for k in self.stations:
            states[k], control = self.plc.read_input_registers(1000 + BLOCK * k, count=2).registers
            if control != MODBUS:  # somebody else is in control: begin anew when the key is turned to us
                self.program = self.wish = None
                return
        if self.program is None or RESETTING in states.values():
            self.program, self.io = self.make(), Io()
            self.wish = True if self.wish is None else self.wish
            self.read(outputs=True)
        self.read()
        for k, state in states.items():
            self.packml(k, state)
        run = all(state == EXECUTE for state in states.values())
        if run:
            self.program.scan(self.io)
            self.wish = False
        else:
            self.io.now.update({s.name: False for s in self.signals if s.table == "co"})
        for k, state in states.items():
            self.write(k, state)
        self.io.before = dict(self.io.now)

    # ---- the process image ------------------------------------------------------------------------------------

    def read(self, outputs=False):
        """All signals of each table and station by one request; parameters (from 1000 on) in every scan."""
        client = self.plc
        tables = {"di": client.read_discrete_inputs, "ir": client.read_input_registers}
        tables |= {"co": client.read_coils, "hr": client.read_holding_registers}
        for name, read in tables.items():
            blocks = dict.fromkeys((s.area, s.station) for s in self.signals if s.table == name)
            for block in blocks:
                if name in ("co", "hr") and not outputs and block[0] == 0:
                    continue
                rows = [s for s in self.signals if s.table == name and (s.area, s.station) == block]
                first = min(s.address for s in rows)
                answer = read(first, count=max(s.address for s in rows) - first + 1)
                for s in rows:
                    bits = name in ("di", "co")
                    at = s.address - first
                    self.io.now[s.name] = bool(answer.bits[at]) if bits else s.value(answer.registers[at])

    def write(self, k, state):
        """The coils of a station, lamps first, and its registers."""
        mine = [s for s in self.signals if s.station == k and s.area == 0]
        coils = {s.address: self.io.now[s.name] for s in mine if s.table == "co"}
        run, fault = state == EXECUTE, state == ABORTED
        lamps = [run, run, not run and not fault and state not in IDLE_STATES, fault]  # lamp, green, yellow, red
        first = BLOCK * k
        behind = range(first + 4, max(coils, default=first + 3) + 1)
        self.plc.write_coils(first, lamps + [bool(coils.get(a, False)) for a in behind])
        for s in mine:
            if s.table == "hr" and self.io.now[s.name] != self.io.before.get(s.name):
                self.plc.write_registers(s.address, [s.register(self.io.now[s.name])])

    # ---- buttons and states -----------------------------------------------------------------------------------

    def packml(self, k, state):
        """What the operator wants, and the word that an acting state is complete."""
        before, now = self.panel[k], self.plc.read_discrete_inputs(BLOCK * k, count=4).bits[:4]
        self.panel[k] = now
        start, stop, reset = (n and not b for n, b in zip(now[:3], before[:3], strict=True))
        self.wish = (self.wish or start or reset) and now[3] and not now[1]
        if stop:
            self.plc.write_coil(STOP + BLOCK * k, True)
        elif state in ACTING:
            self.plc.write_coil(SC_DONE + BLOCK * k, True)
        elif self.wish and state in TO_START:
            self.plc.write_coil(TO_START[state] + BLOCK * k, True)


def load(path):
    """The `Program` of a file."""
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Program


def main(path, host="127.0.0.1", port="5020"):
    from pymodbus.client import ModbusTcpClient

    with ModbusTcpClient(host, port=int(port)) as plc:
        if not plc.connected:
            sys.exit(f"nothing answers at {host}:{port}: does LineLab run, and with this port?")
        scan, due = Scan(load(path), plc), time.monotonic()
        while True:
            scan.cycle()
            due += CYCLE_S
            time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("stopped; the outputs keep their last values")
