"""Sorting by weight: one box at a time onto the scale, wait for a stable weight, send it left, ahead or right."""

from scan import Ton


class Program:
    IO = """
        eye_entry         di 4
        eye_in            di 5
        eye_scale         di 6
        scale_stable      di 7
        transfer_part     di 8
        transfer_centred  di 9
        scale_weight      ir 0 signed
        entry_run         co 4
        weigh_run         co 5
        transfer_run      co 6
        transfer_left     co 7
        transfer_right    co 8
        left_run          co 9
        ahead_run         co 10
        right_run         co 11
        shown             hr 0
    """
    LIGHT_BELOW, HEAVY_FROM = 300, 700

    def __init__(self):
        self.step, self.route, self.lost = "clear", "ahead", Ton(5)

    def scan(self, io):
        step = self.next(io)
        if step != self.step:
            self.step, self.lost = step, Ton(5)
        io["entry_run"] = not io["eye_entry"] or step == "fetch"
        io["weigh_run"] = step in ("clear", "fetch", "onto", "load")
        io["transfer_run"] = step in ("clear", "load") or (step == "send" and self.route == "ahead")
        io["transfer_left"] = step == "send" and self.route == "left"
        io["transfer_right"] = step == "send" and self.route == "right"
        io["left_run"] = io["ahead_run"] = io["right_run"] = True

    def next(self, io):
        """The step that follows now, this one if none does."""
        step, late = self.step, self.lost(True)
        if step == "clear":  # boxes from before our time go straight on
            if io["transfer_part"]:
                self.route = "ahead"
                return "send"
            return "weigh" if io["eye_scale"] else "idle" if late else step
        if step == "weigh" and io["scale_stable"]:
            weight = io["scale_weight"]
            self.route = "left" if weight < self.LIGHT_BELOW else "right" if weight >= self.HEAVY_FROM else "ahead"
            io["shown"] = max(weight, 0)
        go, to = {
            "idle": (io["eye_entry"], "fetch"),
            "fetch": (io["eye_in"], "onto"),
            "onto": (io["eye_scale"], "weigh"),
            "weigh": (io["scale_stable"], "load"),
            "load": (io["transfer_centred"], "send"),
            "send": (not io["transfer_part"], "idle"),
        }[step]
        if go:
            return to
        if step == "send" and late:  # a box from before our time, half-way to another side
            self.route, self.lost = {"ahead": "left", "left": "right", "right": "ahead"}[self.route], Ton(5)
        gone = not any(io[name] for name in ("eye_entry", "eye_in", "eye_scale", "transfer_part"))
        return "clear" if late and gone and step != "idle" else step  # somebody took the box away
