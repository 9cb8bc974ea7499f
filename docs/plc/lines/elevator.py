"""Elevator: fast between the floors, slow near the one it goes to, exactly level before a part moves."""

from scan import Ton


class Program:
    IO = """
        sensor_part   di 4
        lift_part     di 5
        lift_centred  di 6
        lift_near     di 7
        sensor_colour ir 0
        lift_level    ir 1
        entry_run     co 4
        lift_up       co 5
        lift_down     co 6
        lift_slow     co 7
        lift_forward  co 8
        floor_1_run   co 9
        floor_2_run   co 10
        floor_3_run   co 11
    """

    def __init__(self):
        self.step, self.time = "free", Ton(3)
        self.goal, self.floor, self.down = 1, 3, True  # wherever it is: down to the ground

    def scan(self, io):
        if self.step in ("move", "home") and io.rose("lift_near"):  # another floor is near
            self.floor += 1 if self.goal > self.floor else -1
        step = self.next(io)
        if step != self.step:
            self.step, self.time = step, Ton(3)
        moving = step in ("move", "home")
        io["lift_up"] = moving and not self.down
        io["lift_down"] = moving and self.down
        io["lift_slow"] = step == "home" or (moving and self.floor == self.goal)
        io["lift_forward"] = step in ("free", "load", "unload")
        io["entry_run"] = step != "free" and (not io["sensor_part"] or (step == "load" and not io["lift_part"]))
        io["floor_1_run"] = io["floor_2_run"] = io["floor_3_run"] = True

    def go(self, floor):
        """Begin to move to a floor."""
        self.goal, self.down = floor, floor < self.floor
        return "move"

    def next(self, io):
        """The step that follows now, this one if none does."""
        step, late = self.step, self.time(True)
        if step == "free":  # a part over the edge bars the lift: it is handed on first; then slowly to the ground
            return "home" if late else step
        if step in ("move", "home") and io["lift_level"] == self.goal:
            self.floor = self.goal
            return "unload" if io["lift_part"] else "wait"
        if step == "wait" and (io["lift_part"] or io["sensor_part"]):
            self.goal = io["sensor_colour"]
            return "unload" if io["lift_part"] else "load"
        if step == "load" and io["lift_centred"]:
            return "unload" if self.goal == self.floor else self.go(self.goal)
        if step == "load" and late and not io["lift_part"] and not io["sensor_part"]:
            return "wait"
        if step == "unload" and not io["lift_part"]:
            return "wait" if self.floor == 1 else self.go(1)
        return step
