"""Sorting by height: stop each box before the transfer, look how high it is, load it, send it left or right."""

from scan import Ton


class Program:
    IO = """
        low               di 4
        high              di 5
        transfer_part     di 6
        transfer_centred  di 7
        entry_run         co 4
        transfer_run      co 5
        transfer_left     co 6
        transfer_right    co 7
        left_run          co 8
        right_run         co 9
        count_low         hr 0
        count_high        hr 1
    """

    def __init__(self):
        self.step, self.tall, self.late = "wait", False, Ton(4)

    def scan(self, io):
        step = self.next(io)
        if step == "send" and self.step == "load":
            name = "count_high" if self.tall else "count_low"
            io[name] = (io[name] + 1) % 10000
        if step != self.step:
            self.step, self.late = step, Ton(4)

        io["entry_run"] = not io["low"] or (step == "load" and not io["transfer_part"])
        io["transfer_run"] = step == "load"
        io["transfer_left"] = step == "send" and self.tall
        io["transfer_right"] = step == "send" and not self.tall
        io["left_run"] = io["right_run"] = True

    def next(self, io):
        """The step that follows now, this one if none does."""
        part, late = io["transfer_part"], self.late(self.step != "wait")
        if self.step == "wait":
            self.tall = io["high"] and not part  # a box from before our time goes to the right
            return "load" if part or io["low"] else "wait"
        if self.step == "load" and (io["transfer_centred"] or late):
            return "send" if part else "wait"  # late: it lies half-way to a side, or somebody took it away
        if self.step == "send" and late:
            self.tall, self.late = not self.tall, Ton(4)  # to the other side, then
        return "wait" if self.step == "send" and not part else self.step
