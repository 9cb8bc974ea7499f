"""From A to B: run the belt, stop it with the part at B until somebody has taken it."""


class Program:
    IO = """
        eye_a      di 4
        eye_b      di 5
        belt_run   co 4
    """

    def scan(self, io):
        io["belt_run"] = not io["eye_b"]
