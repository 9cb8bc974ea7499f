"""Converging station: two entry belts take turns at the transfer that leads to the exit belt."""

from scan import Ton

SIDES = {1: "right", 2: "left"}  # the way from each side to the middle


class Program:
    IO = """
        eye_1               di 4
        eye_2               di 5
        transfer_1_part     di 6
        transfer_1_centred  di 7
        transfer_2_part     di 8
        transfer_2_centred  di 9
        merge_part          di 10
        merge_centred       di 11
        entry_1_run         co 4
        entry_2_run         co 5
        transfer_1_run      co 6
        transfer_1_right    co 7
        transfer_2_run      co 8
        transfer_2_left     co 9
        link_1_run          co 10
        link_2_run          co 11
        merge_run           co 12
        merge_left          co 13
        merge_right         co 14
        exit_run            co 15
    """

    def __init__(self):
        self.side, self.clearing = 1, 2  # both sides are cleared of parts from before our time
        self.step, self.late = "load", Ton(2)

    def scan(self, io):
        step = self.next(io)
        if step != self.step:
            self.step, self.late = step, Ton({"load": 4, "across": 6, "ahead": 4}.get(step, 0))
        for k, way in SIDES.items():
            mine = self.side == k
            io[f"entry_{k}_run"] = not io[f"eye_{k}"] or (
                mine and step == "load" and not self.clearing and not io[f"transfer_{k}_part"]
            )
            io[f"transfer_{k}_run"] = mine and step == "load"
            io[f"transfer_{k}_{way}"] = io[f"link_{k}_run"] = mine and step == "across"
            io[f"merge_{way}"] = mine and step == "across"
        io["merge_run"] = step == "ahead" or (step == "load" and self.clearing > 0)
        io["exit_run"] = True

    def next(self, io):
        """The step that follows now, this one if none does."""
        k, step, late = self.side, self.step, self.late(True)
        if step == "wait":
            if io["eye_1"] or io["eye_2"]:
                other = 3 - k  # it had its turn last: the other one goes first
                self.side = other if io[f"eye_{other}"] else k
                return "load"
        elif step == "load":
            if io[f"transfer_{k}_centred"] or (late and self.clearing):
                return "across"
            return "wait" if late and not io[f"transfer_{k}_part"] else step
        elif step == "across":
            return "ahead" if io["merge_centred"] or late else step
        elif not io["merge_part"]:
            if io[f"transfer_{k}_part"]:
                return "load"
            if not self.clearing:
                return "wait"
            self.clearing -= 1
            self.side = 3 - k
            return "load" if self.clearing else "wait"
        elif late:
            return "across"  # it lies half-way to the side that it came from
        return step
