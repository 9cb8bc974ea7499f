"""Automated warehouse: store what comes in the first free cell; above the quantity to be kept, bring out the oldest."""

from scan import Ton

COLUMNS, BELT, DISPATCH = 9, (0, 0), (10, 0)  # places as column and row


def place(cell):
    """Column and row of a cell, numbered from 1, row by row from the bottom."""
    return (cell - 1) % COLUMNS + 1, (cell - 1) // COLUMNS + 1


class Program:
    IO = """
        eye_pick          di 5
        fork_home         di 6
        fork_out          di 7
        x_in_position     di 8
        z_in_position     di 9
        crane_loaded      di 10
        rack_occupied     ir 1008
        rack_free_cell    ir 1009
        rack_oldest_cell  ir 1010
        keep              hr 1001
        belt_run          co 4
        fork_extend       co 5
        crane_lift        co 6
        x_target          hr 0 signed
        z_target          hr 1 signed
    """

    def __init__(self):
        self.step, self.source, self.goal = (
            "begin",
            None,
            None,
        )  # where from and where to; the goal is chosen when loaded
        self.told, self.standing = Ton(0.1), Ton(0.3)
        self.lifted, self.missed, self.lowered = Ton(0.3), Ton(1.0), Ton(0.3)

    def scan(self, io):
        io["belt_run"] = not io["eye_pick"]
        # in position counts from the scan after the one that told the target
        travelled = self.told(self.step in ("fetch", "carry") and io["x_in_position"] and io["z_in_position"])
        standing = self.standing(io["eye_pick"])
        lifted = self.lifted(self.step == "lift" and io["crane_loaded"])
        missed = self.missed(self.step == "lift" and not io["crane_loaded"])
        lowered = self.lowered(self.step == "lower")
        if self.step in ("begin", "in_empty") and io["fork_home"]:
            self.step = "carry" if io["crane_loaded"] else "idle"
            self.goal = place(io["rack_free_cell"])
        elif self.step == "idle":
            self.choose(io, standing)
        elif self.step == "fetch" and travelled:
            self.step = "fetch_out"
        elif self.step == "fetch_out" and io["fork_out"]:
            self.step = "lift"
        elif lifted:
            self.step = "in_loaded"
        elif missed or lowered:
            self.step = "in_empty"
        elif self.step == "in_loaded" and io["fork_home"]:
            self.step, self.goal = "carry", DISPATCH if self.source != BELT else place(io["rack_free_cell"])
        elif self.step == "carry" and travelled:
            self.step = "carry_out"
        elif self.step == "carry_out" and io["fork_out"]:
            self.step = "lower"
        io["fork_extend"] = self.step in ("fetch_out", "lift", "carry_out", "lower")
        io["crane_lift"] = self.step in ("lift", "in_loaded", "carry", "carry_out")
        if self.step in ("fetch", "carry"):
            io["x_target"], io["z_target"] = self.source if self.step == "fetch" else self.goal

    def choose(self, io, standing):
        if io["rack_occupied"] > io["keep"]:
            self.step, self.source = "fetch", place(io["rack_oldest_cell"])
        elif standing and io["rack_free_cell"]:
            self.step, self.source = "fetch", BELT
