"""Indexed line: four places work at once; when all are done the table turns."""

from scan import Ton


class Handler:
    """A cup that takes what is at home and lays it down over there."""

    def __init__(self):
        self.step, self.missed = "back", Ton(2.0)

    def scan(self, start, home, over, up, bottom, ok, room=True):
        missed = self.missed(self.step == "fetch" and bottom)
        if self.step == "back" and home and up:
            self.step = "wait"
        elif self.step == "wait" and start:
            self.step = "fetch"
        elif self.step == "fetch" and ok:
            self.step = "lift"
        elif missed or (self.step == "carry" and not ok):
            self.step = "back"
        elif self.step == "lift" and up:
            self.step = "carry"
        elif self.step == "carry" and over and room:
            self.step = "put"
        elif self.step == "put" and bottom:
            self.step = "release"
        elif self.step == "release" and not ok:
            self.step = "rise"
        elif self.step == "rise" and up:
            self.step = "back"
        down = self.step in ("fetch", "put", "release")
        suck = self.step in ("fetch", "lift", "carry", "put")
        return self.step in ("carry", "put", "release", "rise"), down, suck  # x over, z down, suck


class Program:
    IO = """
        eye_in              di 4
        eye_place           di 5
        table_in_position   di 6
        load_x_at_belt      di 7
        load_x_at_table     di 8
        load_z_up           di 9
        load_z_bottom       di 10
        load_cup_ok         di 11
        nest_load_part      di 12
        nest_drill_part     di 13
        feed_home           di 14
        drill_done          di 16
        nest_press_part     di 17
        ram_home            di 18
        press_done          di 20
        nest_unload_part    di 21
        unload_x_at_table   di 22
        unload_x_at_belt    di 23
        unload_z_up         di 24
        unload_z_bottom     di 25
        unload_cup_ok       di 26
        belt_in_run         co 4
        belt_out_run        co 5
        table_index         co 6
        load_x_over         co 7
        load_z_down         co 8
        load_cup_suck       co 9
        feed_extend         co 10
        drill_run           co 11
        ram_extend          co 12
        press_run           co 13
        unload_x_over       co 14
        unload_z_down       co 15
        unload_cup_suck     co 16
    """

    def __init__(self):
        self.loader, self.unloader = Handler(), Handler()
        self.turning = self.left = False
        self.drilled = self.pressed = False
        self.there, self.nothing_comes = Ton(0.3), Ton(4.0)

    def scan(self, io):
        io["belt_in_run"], io["belt_out_run"] = not io["eye_in"], True
        stands = io["table_in_position"] and not self.turning
        free = stands and not io["nest_load_part"]
        start = self.there(io["eye_in"]) and free
        io["load_x_over"], io["load_z_down"], io["load_cup_suck"] = self.loader.scan(
            start, io["load_x_at_belt"], io["load_x_at_table"], io["load_z_up"], io["load_z_bottom"], io["load_cup_ok"]
        )
        io["unload_x_over"], io["unload_z_down"], io["unload_cup_suck"] = self.unloader.scan(
            stands and io["nest_unload_part"], io["unload_x_at_table"], io["unload_x_at_belt"], io["unload_z_up"],
            io["unload_z_bottom"], io["unload_cup_ok"], not io["eye_place"],
        )  # fmt: skip

        # the machines: out to the part until it is done, then back
        self.drilled |= io["drill_done"]
        self.pressed |= io["press_done"]
        io["drill_run"] = io["feed_extend"] = stands and io["nest_drill_part"] and not self.drilled
        io["press_run"] = io["ram_extend"] = stands and io["nest_press_part"] and not self.pressed

        # turn when all are done; without a part to load after a while all the same
        empty = self.nothing_comes(stands and self.loader.step == "wait" and not io["eye_in"])
        loaded = self.loader.step == "wait" and (io["nest_load_part"] or empty)
        drilled = io["feed_home"] and (self.drilled or not io["nest_drill_part"])
        pressed = io["ram_home"] and (self.pressed or not io["nest_press_part"])
        if not io["table_in_position"] and not self.turning:
            self.turning = self.left = True  # it stood between two places when our time began
        elif stands and loaded and drilled and pressed and not io["nest_unload_part"] and io["unload_z_up"]:
            self.turning, self.left = True, False
        elif self.turning and not io["table_in_position"]:
            self.left = True
        elif self.turning and self.left:
            self.turning = self.drilled = self.pressed = False
        io["table_index"] = self.turning
