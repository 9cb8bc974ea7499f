"""Machining cell: the robot loads and unloads the machining centre; behind it a camera judges and a diverter sorts."""

from scan import Ton


class Program:
    IO = """
        air_run                   co 4

        downstream_ready          di 36
        eye_in                    di 37
        eye_place                 di 38
        eye_out                   di 39
        mill_done                 di 42
        mill_error                di 43
        mill_part                 di 44
        mill_clamped              di 45
        mill_opened               di 46
        mill_tool_ok              di 47
        mill_coolant_is_low       di 48
        door_is_open              di 49
        door_is_closed            di 50
        arm_ready                 di 51
        arm_done                  di 53
        arm_error                 di 54
        arm_at_home               di 55
        arm_part                  di 57
        part_available            co 36
        belt_in_run               co 37
        belt_out_run              co 38
        mill_enable               co 40
        mill_start                co 41
        mill_acknowledge          co 42
        mill_clamp                co 43
        mill_change_tool          co 44
        mill_coolant              co 45
        mill_refill               co 46
        door_close                co 47
        door_open                 co 48
        arm_enable                co 49
        arm_start                 co 50
        arm_acknowledge           co 51
        arm_home                  co 52
        arm_safe                  co 53
        mill_program              hr 32
        arm_program               hr 33

        upstream_part_available   di 68
        eye_camera                di 69
        camera_valid              di 70
        camera_ok                 di 71
        gate_home                 di 72
        gate_out                  di 73
        ready_to_receive          co 68
        belt_run                  co 69
        stopper_open              co 70
        camera_trigger            co 71
        gate_extend               co 72
        rollers_run               co 73
    """

    def __init__(self):
        self.step, self.look = "home", "wait"
        self.part_there, self.coming, self.part_lies = Ton(0.3), Ton(8.0), Ton(0.4)
        self.past_the_gate, self.let_go = Ton(4.0), Ton(0.2)

    def scan(self, io):
        io["air_run"] = True
        self.tend(io)
        self.judge(io)

    # ---- the robot and the machine --------------------------------------------------------------------------------

    def tend(self, io):
        io["mill_enable"] = io["arm_enable"] = io["arm_safe"] = True
        io["belt_in_run"] = not io["eye_in"]
        io["belt_out_run"] = not io["eye_out"] or io["downstream_ready"]
        io["part_available"] = io["eye_out"]
        io["mill_refill"] = io["mill_coolant_is_low"]
        self.step = self.next_step(io)
        # open and free wherever the robot may reach in; shut and clamped while the machine works
        closed = self.step in ("shut", "change", "cut")
        io["door_close"], io["door_open"] = closed, not closed
        io["mill_clamp"] = closed
        io["mill_program"] = 1
        io["mill_change_tool"] = self.step == "change"
        io["mill_start"] = io["mill_coolant"] = self.step == "cut"
        io["arm_home"] = self.step == "home"
        io["arm_start"] = self.step in ("load", "unload")
        io["arm_acknowledge"] = io["arm_error"] and self.step == "home"
        io["mill_acknowledge"] = io["mill_error"] and self.step == "shut"
        if self.step in ("load", "wait"):
            io["arm_program"] = 1
        elif self.step in ("taken", "unload"):
            io["arm_program"] = 2

    def next_step(self, io):
        if io["arm_error"]:
            return "home"
        return getattr(self, f"after_{self.step}")(io)

    def free(self, io):
        """The robot may reach in."""
        return io["door_is_open"] and io["mill_opened"] and io["arm_ready"]

    def after_home(self, io):
        return ("held" if io["arm_part"] else "wait") if io["arm_at_home"] else "home"

    def after_held(self, io):
        """It held a part when our time began: into the machine with it, if there is room."""
        return "shut" if io["mill_part"] else "load" if self.free(io) else "held"

    def after_wait(self, io):
        there = self.part_there(io["eye_in"])
        if not self.free(io):
            return "wait"
        return "shut" if io["mill_part"] else "load" if there else "wait"

    def after_load(self, io):
        return "loaded" if io["arm_done"] else "load"

    def after_loaded(self, io):
        """Where it brought nothing, wait for the next one."""
        return "shut" if io["mill_part"] else "wait"

    def after_shut(self, io):
        if not io["mill_part"]:
            return "wait"  # somebody took it out
        if not io["door_is_closed"] or not io["mill_clamped"] or io["mill_error"]:
            return "shut"
        return "cut" if io["mill_tool_ok"] else "change"

    def after_change(self, io):
        return "wait" if not io["mill_part"] else "cut" if io["mill_tool_ok"] else "change"

    def after_cut(self, io):
        return "taken" if io["mill_done"] else "shut" if io["mill_error"] else "cut"

    def after_taken(self, io):
        return "unload" if self.free(io) and not io["eye_place"] else "taken"

    def after_unload(self, io):
        return "wait" if io["arm_done"] else "unload"

    # ---- the camera and the diverter ------------------------------------------------------------------------------

    def judge(self, io):
        io["belt_run"] = io["rollers_run"] = True
        late = self.coming(self.look == "coming")
        lies = self.part_lies(self.look == "arrived" and io["eye_camera"])
        gone = self.past_the_gate(self.look == "gone")
        good_gone = self.let_go(self.look == "good_gone")
        if io["eye_camera"] and self.look in ("wait", "receive", "coming"):
            self.look = "arrived"
        elif self.look == "wait" and io["upstream_part_available"]:
            self.look = "receive"
        elif self.look == "receive" and not io["upstream_part_available"]:
            self.look = "coming"
        elif (self.look == "coming" and late) or (self.look == "arrived" and not io["eye_camera"]):
            self.look = "wait"
        elif self.look == "arrived" and lies:
            self.look = "picture"
        elif self.look == "picture" and io["camera_valid"]:
            self.look = "good" if io["camera_ok"] else "bad"
        elif self.look == "good" and not io["eye_camera"]:
            self.look = "good_gone"
        elif self.look == "bad" and io["gate_out"] and not io["eye_camera"]:
            self.look = "gone"
        elif gone or good_gone:
            self.look = "wait"
        bad = self.look in ("bad", "gone")
        io["gate_extend"] = bad
        io["camera_trigger"] = self.look == "picture"
        io["stopper_open"] = self.look == "good" or (self.look == "bad" and io["gate_out"])
        io["ready_to_receive"] = self.look in ("wait", "receive")
