"""Sorting by height: stop each box before the transfer, look how high it is, load it, send it left or right."""


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
        self.step, self.tall = "wait", False

    def scan(self, io):
        before = self.step
        if self.step == "wait":
            if io["transfer_part"]:
                self.tall, self.step = False, "load"  # a box from before our time goes to the right
            elif io["low"]:
                self.tall, self.step = io["high"], "load"
        elif self.step == "load":
            if io["transfer_centred"]:
                self.step = "send"
        elif not io["transfer_part"]:
            self.step = "wait"
        if before == "load" and self.step == "send":
            name = "count_high" if self.tall else "count_low"
            io[name] = (io[name] + 1) % 10000

        loading = self.step == "load"
        io["entry_run"] = (loading and not io["transfer_part"]) or not io["low"]
        io["transfer_run"] = loading
        io["transfer_left"] = self.step == "send" and self.tall
        io["transfer_right"] = self.step == "send" and not self.tall
        io["left_run"] = io["right_run"] = True
