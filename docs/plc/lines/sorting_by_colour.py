"""Sorting by colour: one sensor reads, a queue before each pusher remembers, the pusher fires on the falling edge."""

from scan import CYCLE_S, Ton


class Gate:
    """One eye and its pusher. What passes on goes into the queue of the next one."""

    def __init__(self, number, blind_s):
        self.number, self.queue, self.due, self.step = number, [], False, "push"
        self.blind = round(blind_s / CYCLE_S)  # what comes so soon has passed the sensor before our time
        self.late = Ton(2)

    def scan(self, io, following):
        k = self.number
        self.blind -= self.blind > 0
        if io.rose(f"eye_{k}"):
            colour = self.queue.pop(0) if self.queue and not self.blind else 0
            self.due = colour == k
            if not self.due and following and not self.blind:
                following.queue.append(colour)
        if self.step == "wait" and self.due and not io[f"eye_{k}"]:
            self.due, self.step = False, "push"
            io[f"count_{k}"] = (io[f"count_{k}"] + 1) % 10000
        elif self.step == "push" and (io[f"pusher_{k}_out"] or self.late(True)):
            self.step, self.late = "back", Ton(2)
        elif self.step == "back" and io[f"pusher_{k}_home"]:
            self.step = "wait"
        io[f"pusher_{k}_extend"] = self.step == "push"
        io[f"pusher_{k}_retract"] = self.step == "back"
        io[f"side_{k}_run"] = True


class Program:
    IO = """
        sensor_part       di 4
        eye_1             di 5
        eye_2             di 6
        eye_3             di 7
        pusher_1_home     di 9
        pusher_1_out      di 10
        pusher_2_home     di 11
        pusher_2_out      di 12
        pusher_3_home     di 13
        pusher_3_out      di 14
        sensor_colour     ir 0
        main_run          co 4
        side_1_run        co 5
        side_2_run        co 6
        side_3_run        co 7
        pusher_1_extend   co 8
        pusher_1_retract  co 9
        pusher_2_extend   co 10
        pusher_2_retract  co 11
        pusher_3_extend   co 12
        pusher_3_retract  co 13
        count_1           hr 0
        count_2           hr 1
        count_3           hr 2
    """

    def __init__(self):
        # the belt needs 1.75, 4.25, 6.75 s from the sensor to the eyes
        self.gates = [Gate(1, 1.7), Gate(2, 4.2), Gate(3, 6.7)]
        self.first = True

    def scan(self, io):
        if io.rose("sensor_part") or (self.first and io["sensor_part"]):
            self.gates[0].queue.append(io["sensor_colour"])
        self.first = False
        for gate, following in zip(self.gates, [*self.gates[1:], None], strict=True):
            gate.scan(io, following)
        io["main_run"] = True
