"""Bottle filling and packing: four sequences that know nothing of each other but the eyes."""

from scan import Ton

BOTTLES, CRATE, CRATE_HOLDS = 0.0, 400.0, 4


class Gate:
    """A stopper: holds what comes, says `ready` when it stands, and lets one go by time."""

    def __init__(self):
        self.standing, self.opened, self.closed = Ton(0.4), Ton(0.3), Ton(0.3)
        self.step = "hold"

    def scan(self, eye, finished):
        opened, closed = self.opened(self.step == "open"), self.closed(self.step == "close")
        if self.step == "hold" and finished:
            self.step = "open"
        elif opened:
            self.step = "close"
        elif closed:
            self.step = "hold"
        self.ready = self.standing(self.step == "hold" and eye)
        return self.step == "open"


class Program:
    IO = """
        tank_low          di 4
        tank_high         di 5
        eye_fill          di 6
        filler_closed     di 7
        filler_full       di 8
        eye_cap           di 9
        capper_done       di 10
        eye_pick          di 11
        eye_crate         di 12
        x_in_position     di 13
        z_up              di 14
        z_bottom          di 15
        gripper_opened    di 16
        gripper_closed    di 17
        gripper_part      di 18
        crate_bottles     ir 1
        bottles_run       co 4
        crates_run        co 5
        refill_open       co 6
        filler_open       co 7
        stop_fill_open    co 8
        capper_run        co 9
        stop_cap_open     co 10
        x_enable          co 11
        z_down            co 12
        gripper_close     co 13
        stop_crate_open   co 14
        gripper_open      co 15
        x_target          hr 0 /10 signed
    """

    def __init__(self):
        self.fill, self.cap, self.crate = Gate(), Gate(), Gate()
        self.fill.ready = self.cap.ready = self.crate.ready = False
        self.step = ""
        self.at_pick, self.gripped = Ton(0.3), Ton(0.5)

    def scan(self, io):
        io["bottles_run"] = io["crates_run"] = io["x_enable"] = True
        io["refill_open"] = (io["refill_open"] or not io["tank_low"]) and not io["tank_high"]
        ready, full = self.fill.ready, io["filler_full"]
        io["filler_open"] = ready and not full and io["tank_low"]
        io["stop_fill_open"] = self.fill.scan(io["eye_fill"], ready and full and io["filler_closed"])
        io["stop_cap_open"] = self.cap.scan(io["eye_cap"], self.cap.ready and io["capper_done"])
        io["capper_run"] = self.cap.ready
        packed = io["crate_bottles"] >= CRATE_HOLDS and io["z_up"]
        io["stop_crate_open"] = self.crate.scan(io["eye_crate"], self.crate.ready and packed)
        self.pack(io)

    def pack(self, io):
        there = io["x_in_position"] and io["z_up"]
        room = self.crate.ready and io["crate_bottles"] < CRATE_HOLDS
        at_pick = self.at_pick(io["eye_pick"] and self.step == "wait")
        gripped = self.gripped(self.step == "grip" and io["gripper_closed"])
        if not self.step:  # a bottle may hang in the gripper from before our time
            self.step = "lift" if io["gripper_part"] else "back"
        elif self.step == "back" and there and io["gripper_opened"]:
            self.step = "wait"
        elif self.step == "wait" and at_pick and room:
            self.step = "lower"
        elif self.step == "lower" and io["z_bottom"]:
            self.step = "grip"
        elif gripped:
            self.step = "lift" if io["gripper_part"] else "back"
        elif self.step == "lift" and io["z_up"]:
            self.step = "carry"
        elif self.step == "carry" and io["x_target"] == CRATE and there and room:
            self.step = "put"
        elif self.step == "carry" and not io["gripper_part"]:
            self.step = "back"
        elif self.step == "put" and io["z_bottom"]:
            self.step = "release"
        elif self.step == "release" and io["gripper_opened"]:
            self.step = "back"
        over = self.step in ("carry", "put", "release")
        io["x_target"] = CRATE if over else BOTTLES if io["z_up"] else io["x_target"]
        io["z_down"] = self.step in ("lower", "grip", "put", "release")
        io["gripper_close"] = self.step in ("grip", "lift", "carry", "put")
        io["gripper_open"] = not io["gripper_close"]
