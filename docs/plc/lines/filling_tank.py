"""Filling tank: a PI controller keeps the level at the set-point, by the fill valve and, above it, the discharge."""

GAIN, PER_SCAN = 12.0, 0.12  # % of opening per mm; the integral grows by so much of the error in each scan


class Program:
    IO = """
        tank_high            di 5
        tank_overflow        di 6
        tank_level           ir 0 /10
        fill_open            co 4
        discharge_open       co 5
        fill_position        hr 0 /10
        discharge_position   hr 1 /10
        setpoint             hr 1001
    """

    def __init__(self):
        self.integral = 0.0

    def scan(self, io):
        error = io["setpoint"] - io["tank_level"]
        wanted = GAIN * error + self.integral
        if 0 < wanted < 100:  # no wind-up while the valve stands at its end
            self.integral += PER_SCAN * error
        io["fill_position"] = min(100.0, max(0.0, wanted))
        io["fill_open"] = wanted > 0 and not io["tank_high"]
        io["discharge_position"] = min(100.0, max(0.0, -2 * GAIN * (error + 2)))
        io["discharge_open"] = error < -2
