"""Buffer station: accumulate before the blade, let a batch go when it is called or the buffer is full."""

from scan import Ton


class Program:
    IO = """
        eye_blade     di 4
        eye_full      di 5
        blade_closed  di 6
        eye_pass      di 8
        demand        di 9
        store_run     co 4
        exit_run      co 5
        blade_open    co 6
        demand_lamp   co 7
        store_speed   hr 0 /10
        exit_speed    hr 1 /10
        waiting       hr 2
    """
    BATCH = 4

    def __init__(self):
        self.left, self.full = 0, Ton(2)

    def scan(self, io):
        full = self.full(io["eye_full"])
        if self.left == 0 and io["blade_closed"] and io["eye_blade"] and (full or io["demand"]):
            self.left = self.BATCH
        elif self.left > 0 and io.rose("eye_pass"):  # half of it is on the exit belt: time to close behind it
            self.left -= 1

        io["store_run"] = io["exit_run"] = True
        io["store_speed"] = 100 if self.left or not io["blade_closed"] else 200
        io["exit_speed"] = 300
        io["blade_open"] = io["demand_lamp"] = self.left > 0
        io["waiting"] = self.left
