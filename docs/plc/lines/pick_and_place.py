"""Pick and place: a step chain for the cup; the belts look after themselves."""

from scan import Ton

PICK, PLACE = 0.0, 510.0  # mm


class Program:
    IO = """
        eye_pick        di 4
        eye_place       di 5
        x_in_position   di 7
        z_up            di 9
        z_bottom        di 10
        cup_ok          di 11
        belt_in_run     co 4
        belt_out_run    co 5
        x_enable        co 6
        z_down          co 7
        cup_suck        co 8
        x_target        hr 0 /10 signed
    """

    def __init__(self):
        self.step = "go_back"
        self.missed = Ton(2.0)

    def scan(self, io):
        io["belt_in_run"] = not io["eye_pick"]
        io["belt_out_run"] = io["x_enable"] = True
        there = io["x_in_position"] and io["z_up"]
        if self.step == "go_back" and io["z_up"]:
            self.step = "wait"
        elif self.step == "wait" and io["eye_pick"] and there:
            self.step = "fetch"
        elif self.step == "fetch" and io["cup_ok"]:
            self.step = "lift"
        elif self.missed(self.step == "fetch" and io["z_bottom"]) or (self.step == "carry" and not io["cup_ok"]):
            self.step = "go_back"  # nothing there, or lost on the way
        elif self.step == "lift" and io["z_up"]:
            self.step = "carry"
        elif self.step == "carry" and io["x_target"] == PLACE and there and not io["eye_place"]:
            self.step = "put"
        elif self.step == "put" and io["z_bottom"]:
            self.step = "release"
        elif self.step == "release" and not io["cup_ok"]:
            self.step = "go_back"
        io["x_target"] = PLACE if self.step in ("carry", "put", "release") else PICK if io["z_up"] else io["x_target"]
        io["z_down"] = self.step in ("fetch", "put", "release")
        io["cup_suck"] = self.step in ("fetch", "lift", "carry", "put")
