"""Assembler: clamp a base, lay a lid on it, let it go."""

from scan import Ton

LIDS, BASE = 0.0, 400.0  # mm


class Program:
    IO = """
        eye_lid         di 4
        eye_base        di 5
        clamp_open      di 7
        clamp_closed    di 8
        x_in_position   di 9
        z_up            di 10
        z_bottom        di 11
        cup_ok          di 12
        seat_lids       ir 0
        lids_run        co 4
        bases_run       co 5
        stopper_open    co 6
        clamp_close     co 7
        x_enable        co 8
        z_down          co 9
        cup_suck        co 10
        x_target        hr 0 /10 signed
    """

    def __init__(self):
        self.step = "go_back"
        self.settled, self.missed, self.sent = Ton(0.3), Ton(2.0), Ton(0.3)

    def scan(self, io):
        io["lids_run"] = not io["eye_lid"]
        io["bases_run"] = io["x_enable"] = True
        there = io["x_in_position"] and io["z_up"]
        settled = self.settled(self.step == "wait" and io["eye_base"])
        sent = self.sent(self.step == "send")  # by time: the next base may follow so close that its eye stays covered
        missed = self.missed(self.step == "fetch" and io["z_bottom"])
        if self.step == "go_back" and io["z_up"] and io["clamp_open"]:
            self.step = "wait"
        elif self.step == "wait" and settled and io["seat_lids"]:
            self.step = "send"  # it has its lid already
        elif self.step == "wait" and settled and io["eye_lid"] and there:
            self.step = "clamp"
        elif self.step == "clamp" and io["clamp_closed"]:
            self.step = "fetch"
        elif self.step == "fetch" and io["cup_ok"]:
            self.step = "lift"
        elif missed or (self.step == "carry" and not (io["cup_ok"] and io["eye_base"])):
            self.step = "go_back"
        elif self.step == "lift" and io["z_up"]:
            self.step = "carry"
        elif self.step == "carry" and io["x_target"] == BASE and there:
            self.step = "put"
        elif self.step == "put" and io["z_bottom"]:
            self.step = "release"
        elif self.step == "release" and not io["cup_ok"]:
            self.step = "go_back"
        elif sent:
            self.step = "wait"
        io["x_target"] = BASE if self.step in ("carry", "put", "release") else LIDS if io["z_up"] else io["x_target"]
        io["z_down"] = self.step in ("fetch", "put", "release")
        io["cup_suck"] = self.step in ("fetch", "lift", "carry", "put")
        io["clamp_close"] = self.step in ("clamp", "fetch", "lift", "carry", "put", "release")
        io["stopper_open"] = self.step == "send"
