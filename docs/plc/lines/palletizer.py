"""Palletizer: a gantry with three axes stacks eight boxes on each pallet."""

from scan import Ton

PICK, DOWN, BOX, PITCH, FIRST, FULL = 0.0, 420.0, 100, 130, 600, 8  # mm; boxes on a pallet


class Program:
    IO = """
        eye_box          di 4
        eye_pallet       di 5
        x_in_position    di 7
        y_in_position    di 8
        z_in_position    di 9
        gripper_opened   di 10
        gripper_closed   di 11
        gripper_part     di 12
        pallet_boxes     ir 0
        boxes_run        co 4
        pallets_run      co 5
        stopper_open     co 6
        x_enable         co 7
        y_enable         co 8
        z_enable         co 9
        gripper_close    co 10
        gripper_open     co 11
        x_target         hr 0 /10 signed
        y_target         hr 1 /10 signed
        z_target         hr 2 /10 signed
    """

    def __init__(self):
        self.step, self.before, self.n = "begin", "", 0
        self.standing, self.gripped, self.opened, self.gone = Ton(0.6), Ton(0.5), Ton(0.5), Ton(2.2)

    def scan(self, io):
        io["boxes_run"], io["pallets_run"] = not io["eye_box"], True
        io["x_enable"] = io["y_enable"] = io["z_enable"] = True
        standing = self.standing(self.step == "wait" and io["eye_pallet"])
        gripped = self.gripped(self.step == "grip" and io["gripper_closed"])
        opened, gone = self.opened(self.step == "send"), self.gone(self.step == "close")
        # a target that was set in this step has been told to the axis in the scan before
        there = io["x_in_position"] and io["y_in_position"] and io["z_in_position"] and self.step == self.before
        self.before = self.step
        if self.step == "begin" and there:  # a box may hang in the gripper from before our time
            self.step = "carry" if io["gripper_part"] else "back"
        elif self.step == "back" and there and io["gripper_opened"]:
            self.step = "wait"
        elif self.step == "wait" and standing and io["pallet_boxes"] >= FULL:
            self.step = "send"
        elif self.step == "wait" and standing and io["eye_box"]:
            self.step = "lower"
        elif self.step == "lower" and there:
            self.step = "grip"
        elif gripped:
            self.step = "lift" if io["gripper_part"] else "rise"
        elif opened:
            self.step = "close"
        elif gone:
            self.step = "back"
        else:
            self.stack(io, there)
        self.write(io)

    def stack(self, io, there):
        """With the box in the gripper."""
        if self.step == "lift" and there:
            self.step = "carry"
        elif self.step == "carry" and not io["gripper_part"]:
            self.step = "rise"
        elif self.step == "carry" and there and io["eye_pallet"] and io["pallet_boxes"] < FULL:
            self.step = "put"
        elif self.step == "put" and there:
            self.step = "release"
        elif self.step == "release" and io["gripper_opened"]:
            self.step = "rise"
        elif self.step == "rise" and there:
            self.step = "back"

    def write(self, io):
        if self.step == "carry":
            self.n = io["pallet_boxes"]  # the slot is that of the next box
            io["x_target"] = FIRST + PITCH * (self.n % 2)
            io["y_target"] = PITCH * (self.n // 2 % 2)
        elif self.step == "back":
            io["x_target"] = io["y_target"] = PICK
        if self.step in ("begin", "lift", "rise", "carry", "back"):
            io["z_target"] = 0
        elif self.step == "lower":
            io["z_target"] = DOWN
        elif self.step == "put":
            io["z_target"] = DOWN - BOX * (self.n // 4)
        io["gripper_close"] = self.step in ("grip", "lift", "carry", "put") or (
            self.step == "begin" and io["gripper_part"]
        )
        io["gripper_open"] = self.step != "begin" and not io["gripper_close"]
        io["stopper_open"] = self.step == "send"
