"""The sorting station run by a PLC program: every 100 ms read the inputs, think, write the outputs.

    python docs/plc/sorting.py [HOST [PORT]]          needs pymodbus and nothing else of LineLab

Then turn the station's key switch to Modbus. All addresses are as `linelab map smart-factory` prints them.
"""

import sys
import time

from pymodbus.client import ModbusTcpClient

INPUTS = [
    *("button_start", "button_stop", "button_reset", "estop_ok", "upstream_part_available", "downstream_ready"),
    *("reader_part", "reader_reject", "eye_1", "eye_2", "eye_3", "eye_out", "bin_1_full", "bin_2_full", "bin_3_full"),
    *("ejector_1_home", "ejector_2_home", "ejector_3_home"),
]  # discrete inputs 96 to 113
EXECUTE, ABORTED, RESETTING, MODBUS = 6, 9, 15, 1
ACTING = (1, 3, 7, 8, 10, 12, 13, 14, 15, 16)  # PackML: states that the PLC ends with sc_done, coil 1106
TO_START = {2: 1096, 4: 1097, 9: 1104, 11: 1100}  # Stopped: reset, Idle: start, Aborted: clear, Held: unhold
EJECTORS = (1, 2, 3)


class Sorting:
    """What the program remembers from one scan to the next."""

    def __init__(self, start=True):
        self.start = start  # the operator wants it to run
        self.before = dict.fromkeys(INPUTS, False)  # the inputs of the last scan
        self.way = {k: [] for k in EJECTORS}  # where the parts that come to eye 1, 2, 3 have to go, foremost first
        self.due = dict.fromkeys(EJECTORS, False)  # the part at this eye is for its ejector
        self.push = dict.fromkeys(EJECTORS, 0)  # for so many more scans the ejector stays out
        self.room = dict.fromkeys(EJECTORS, 4)  # parts that a bin still takes once it says full
        self.coming = 0  # scans in which the part that has left the inspection must reach the reader
        self.clear = 80  # scans of belt, 8 s: parts from before our time run on to storage

    def scan(self, plc):
        # read inputs
        now = dict(zip(INPUTS, plc.read_discrete_inputs(96, count=18).bits, strict=False))
        colour = plc.read_input_registers(97).registers[0]
        state, control = plc.read_input_registers(1096, count=2).registers
        colours = (None, None, *plc.read_holding_registers(1097, count=2).registers)  # [2], [3]: for that ejector
        if control != MODBUS or state == RESETTING:
            self.__init__(self.start or control != MODBUS)  # what is on the belt now is not known to us
        rose = {name: now[name] and not self.before[name] for name in INPUTS}
        left = self.before["upstream_part_available"] and not now["upstream_part_available"]
        self.before, run = now, state == EXECUTE

        # PackML: what the operator wants, and the word that an acting state is complete
        self.start = (self.start or rose["button_start"]) and not run and now["estop_ok"] and not now["button_stop"]
        if control != MODBUS:
            return
        if rose["button_stop"]:
            plc.write_coil(1098, True)  # cmd_stop
        elif state in ACTING:
            plc.write_coil(1106, True)  # sc_done
        elif self.start and state in TO_START:
            plc.write_coil(TO_START[state], True)

        # the reader says where a part goes: to bin 1, 2, 3, or 0: on to storage
        if rose["reader_part"]:
            self.way[1].append(1 if now["reader_reject"] else colours.index(colour) if colour in colours else 0)
        # at each eye the foremost part has come: it is for this ejector, or for a later one
        for k in EJECTORS:
            if rose[f"eye_{k}"]:
                goal = self.way[k].pop(0) if self.way[k] else 0
                self.due[k] = goal == k
                if goal != k and k < 3:
                    self.way[k + 1].append(goal)
            self.room[k] = self.room[k] if now[f"bin_{k}_full"] else 4
            self.push[k] = max(0, self.push[k] - 1)
            if run and self.due[k] and self.room[k] and not now[f"eye_{k}"]:  # it has left the eye: push
                self.due[k], self.push[k], self.room[k] = False, 3, self.room[k] - 1

        # the belt stops for a part whose bin is full and for one that storage does not take yet
        barred = any(self.due[k] and not self.room[k] for k in EJECTORS)
        belt = run and not barred and (not now["eye_out"] or now["downstream_ready"])
        self.clear -= belt and self.clear > 0
        self.coming = 80 if left else 0 if now["reader_part"] else self.coming - (belt and self.coming > 0)
        ready = run and not (self.clear or self.coming or now["reader_part"])  # one part at a time up to the reader

        # write outputs: coils 96 to 105
        lamps = [run, run, not run and state != ABORTED, state == ABORTED]  # run lamp; stack green, yellow, red
        plc.write_coils(96, [*lamps, ready, now["eye_out"], belt, *(self.push[k] > 0 for k in EJECTORS)])


def main(host="127.0.0.1", port="5020", cycle="0.1"):
    with ModbusTcpClient(host, port=int(port)) as plc:
        if not plc.connected:
            sys.exit(f"nothing answers at {host}:{port}: does LineLab run, and with this port?")
        sorting, due = Sorting(), time.monotonic()
        while True:
            sorting.scan(plc)
            due = max(due + float(cycle), time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("stopped; the outputs keep their last values")
