"""Separating station: two lanes, each stops with a metal part before its pusher and pushes it off."""

from scan import Ton


class Lane:
    """One lane: the same program twice."""

    def __init__(self, number):
        self.number, self.step, self.rest, self.late = number, "push", Ton(0.2), Ton(2)

    def scan(self, io):
        k, step = self.number, self.step
        rested, late = self.rest(step == "stop"), self.late(step == "push")
        if step == "carry" and io[f"metal_{k}"]:
            self.step = "stop"
        elif step == "stop" and rested:
            self.step = "push"
        elif step == "push" and (io[f"pusher_{k}_out"] or late):  # the first stroke is for a part that lies half-way
            self.step = "back"
        elif step == "back" and io[f"pusher_{k}_home"]:
            self.step = "carry"
        io[f"lane_{k}_run"] = self.step == "carry"
        io[f"pusher_{k}_extend"] = self.step == "push"
        io[f"pusher_{k}_retract"] = self.step == "back"
        io[f"side_{k}_run"] = True


class Program:
    IO = """
        metal_1           di 5
        pusher_1_home     di 6
        pusher_1_out      di 7
        metal_2           di 10
        pusher_2_home     di 11
        pusher_2_out      di 12
        lane_1_run        co 4
        pusher_1_extend   co 5
        pusher_1_retract  co 6
        side_1_run        co 7
        lane_2_run        co 8
        pusher_2_extend   co 9
        pusher_2_retract  co 10
        side_2_run        co 11
    """

    def __init__(self):
        self.lanes = [Lane(1), Lane(2)]

    def scan(self, io):
        for lane in self.lanes:
            lane.scan(io)
