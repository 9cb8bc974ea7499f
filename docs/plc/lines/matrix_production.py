"""Order-driven matrix production: jobs go from module to module as their type wants it, vehicles bring them.

Sequences are written as generators: what stands between two `yield` is done in one scan. Whatever must outlast a reset
(how far a job is, what a module has done) is kept in the line's own numbers: `stage`, `at`, `next`, `action`, `state`.
"""

STORE, DRILL, MILL, OVEN, QUALITY, OUT, IN = range(1, 8)  # modules and their docks
ROUTES = {1: [DRILL, QUALITY, OUT], 2: [MILL, QUALITY, OUT], 3: [DRILL, MILL, OVEN, QUALITY, OUT]}
FEATURES = {1: 1, 2: 2, 3: 7}  # drilled 1, milled 2, fired 4
PICK, DROP, WORK, BRING = 1, 2, 3, 4  # actions
IDLE, RUNNING, FINISHED = 0, 3, 5  # states of an action
DONE, FAILED = 6, 7  # states of a transport


def until(condition):
    """Wait at least one scan, so that inputs are those after the outputs."""
    yield
    while not condition():
        yield


def pause(seconds):
    for _ in range(round(seconds * 10)):
        yield


class Module:
    """A module with an arm between its dock (place 1) and its tray (place 2). A job calls it and waits for `result`."""

    tray, park, arm, dock, port = "tray_part", 3, "arm", "dock", "port"
    free, part = "dock_free", "dock_part"

    def __init__(self, io, name):
        self.io, self.name, self.command, self.result = io, name, None, None

    def __getitem__(self, signal):
        return self.io[f"{self.name}.{signal}"]

    def set(self, **values):
        for signal, value in values.items():
            self.io[f"{self.name}.{signal}"] = value

    def say(self, action, state):
        self.set(**{f"{self.port}_action": action, f"{self.port}_state": state})

    def move(self, place):
        self.set(**{f"{self.arm}_target": place})
        yield from until(lambda: self[f"{self.arm}_at"] == place)

    def carry(self, start, goal):
        """Grip the part at one place and lay it down at another."""
        if start:
            yield from self.move(start)
        self.set(**{f"{self.arm}_grip": True})
        yield from until(lambda: self[f"{self.arm}_holding"])
        yield from self.move(goal)
        self.set(**{f"{self.arm}_grip": False})
        yield from until(lambda: not self[f"{self.arm}_holding"])
        yield from self.move(self.park)

    def home(self):
        self.set(**{f"{self.arm}_grip": self[f"{self.arm}_holding"]})
        if self[f"{self.arm}_holding"]:
            yield from self.carry(0, 2)
        yield from self.move(self.park)

    def answer(self, result):
        """Tell the job, and wait until it has heard it."""
        self.result = result
        yield from until(lambda: self.command is None)
        self.result = None

    def hand_out(self):
        """Give the part to the next vehicle; a job that asks again hears that it is finished."""
        while not self[self.free]:
            if self.command is not None:
                yield from self.answer(True)
            yield
        self.say(DROP, RUNNING)
        yield from self.carry(2, 1)

    def run(self):
        yield from self.home()
        loaded, action = self[self.tray], self["port_action"]
        finished = loaded and (action == DROP or (action >= WORK and self["port_state"] == FINISHED))
        while True:
            if not loaded:
                self.say(0, IDLE)
                yield from until(lambda: self[self.part])
                self.say(PICK, RUNNING)
                yield from self.carry(1, 2)
            if not finished:
                self.say(PICK, FINISHED)
                yield from until(lambda: self.command is not None)
                self.say(WORK, RUNNING)
                good = yield from self.work(self.command)
                self.say(WORK, FINISHED)
                yield from self.answer(good)
                if not good:
                    loaded = finished = False
                    continue
            yield from self.hand_out()
            loaded = finished = False


class Machine(Module):
    """Drill and mill: the feed brings the head to the part."""

    def home(self):
        self.set(feed_extend=False, head_run=False)
        yield from until(lambda: self["feed_home"])
        yield from super().home()

    def work(self, kind):
        self.set(feed_extend=True, head_run=True)
        yield from until(lambda: self["head_done"])
        self.set(feed_extend=False, head_run=False)
        yield from until(lambda: self["feed_home"])
        return True


class Oven(Module):
    """Close the door, soak within the band, open it."""

    tray = "oven_part"

    def home(self):
        self.set(heater_on=True, heater_regulate=True, heater_setpoint=150.0, door_extend=False)
        yield from until(lambda: self["door_home"])
        yield from super().home()

    def work(self, kind):
        self.set(door_extend=True)
        yield from until(lambda: self["door_out"])
        soaked = 0
        while soaked < 65:  # scans in a row
            soaked = soaked + 1 if self["oven_ready"] else 0
            yield
        self.set(door_extend=False)
        yield from until(lambda: self["door_home"])
        return True


class Quality(Module):
    """The camera sees what was done, the tag says what the part is; what is not right goes into the scrap bin."""

    park = 4

    def work(self, kind):
        self.set(camera_trigger=True, tag_read=True)
        yield from until(lambda: self["camera_valid"] and self["tag_done"])
        seen = self["camera_features"] == FEATURES[kind] and self["camera_colour"] == self["tag_data"] == kind
        good = self["camera_ok"] and seen
        self.set(camera_trigger=False, tag_read=False)
        if not good:
            yield from self.carry(2, 3)
        return good


class Store(Module):
    """Commands 10 + type: bring out, 20 + type: take in. The book says where."""

    def go(self, cell):
        """Crane to a cell; 0 is the tray."""
        self.set(x_target=(cell - 1) % 3 + 1 if cell else 0, z_target=(cell - 1) // 3 + 1 if cell else 0)
        yield
        yield from until(lambda: self["x_in_position"] and self["z_in_position"])

    def fork(self, lift):
        """Fork out, lift or lower, fork in."""
        self.set(fork_extend=True)
        yield from until(lambda: self["fork_out"])
        self.set(crane_lift=lift)
        yield from pause(0.5)
        self.set(fork_extend=False)
        yield from until(lambda: self["fork_home"])

    def book(self, cell, kind):
        self.set(book_cell=cell, book_type=kind)
        yield
        self.set(book_write=True)
        yield
        self.set(book_write=False)

    def home(self):
        self.set(fork_extend=False, crane_lift=self["crane_loaded"], book_write=False)
        yield from until(lambda: self["fork_home"])
        if self["crane_loaded"]:
            yield from self.go(0)
            yield from self.fork(lift=False)
        yield from super().home()
        self.set(book_count=True)
        yield from until(lambda: self["book_counted"])
        self.set(book_count=False)

    def wanted(self):
        """The type that is shortest, 0 for none."""
        stock, kind = min((self[f"book_stock_{k}"], k) for k in (1, 2, 3))
        return kind if stock < self["keep"] and self["book_free"] else 0

    def take_in(self, kind):
        self.say(WORK, RUNNING)
        cell = self["book_free"]
        yield from self.go(0)
        yield from self.fork(lift=True)
        yield from self.go(cell)
        yield from self.fork(lift=False)
        yield from self.book(cell, kind)
        self.say(WORK, FINISHED)

    def bring_out(self, kind):
        """False where the book is right and there is none, or wrong and the cell is empty."""
        self.say(BRING, RUNNING)
        self.set(book_wanted=kind)
        yield from pause(0.3)
        cell = self["book_found"]
        if not cell:
            return False
        yield from self.go(cell)
        yield from self.fork(lift=True)
        yield from self.book(cell, 0)
        if not self["crane_loaded"]:
            return False
        yield from self.go(0)
        yield from self.fork(lift=False)
        self.say(BRING, FINISHED)
        return True

    def run(self):
        action = self["port_action"]
        yield from self.home()
        ready = self["tray_part"] and action in (BRING, DROP)
        while True:
            if ready:
                yield from self.hand_out()
                ready = False
            self.say(0, IDLE)
            yield from until(lambda: self["tray_part"] or self["dock_part"] or self.command is not None)
            if self["dock_part"]:
                self.say(PICK, RUNNING)
                yield from self.carry(1, 2)
                self.say(PICK, FINISHED)
            elif self.command is not None and self.command < 20:
                ready = yield from self.bring_out(self.command - 10)
                yield from self.answer(ready)
            elif self.command is not None:
                if self["tray_part"]:
                    yield from self.take_in(self.command - 20)
                yield from self.answer(True)


class Way(Module):
    """One of the two ways of the delivery station, with an arm and a belt of its own."""

    def __init__(self, io, way):
        super().__init__(io, "delivery")
        self.arm, self.port, self.free, self.part = f"arm_{way}", f"{way}_port", f"dock_{way}_free", f"dock_{way}_part"


class WayIn(Way):
    """Calls for a raw part and writes its type onto its tag."""

    park = 4

    def home(self):
        self.set(belt_in_run=True)
        self.set(arm_in_grip=self["arm_in_holding"])
        if self["arm_in_holding"]:
            yield from self.carry(0, 3)
        yield from self.move(self.park)

    def run(self):
        there = self["in_port_action"] >= DROP
        yield from self.home()
        while True:
            if not there:
                self.say(0, IDLE)
                yield from until(lambda: self.command is not None)
                self.set(supply_wanted=self.command, belt_in_run=True)
                yield
                self.set(supply_on=True)
                yield from until(lambda: self["eye_in"])
            self.say(WORK, RUNNING)
            self.set(supply_on=False, belt_in_run=True, tag_value=self["supply_wanted"])
            yield from until(lambda: self["pick_part"])
            yield from pause(0.5)
            self.set(belt_in_run=False, tag_write=True)
            yield from until(lambda: self["tag_done"])
            self.set(tag_write=False)
            self.say(WORK, FINISHED)
            if not there:
                yield from self.answer(True)
            yield from self.hand_out()
            there = False


class WayOut(Way):
    """Lays the part on the belt, labels it and lets it go."""

    def run(self):
        action, state = self["out_port_action"], self["out_port_state"]
        yield from self.home()
        loaded = (action == PICK and (state == FINISHED or self["eye_start"])) or (action == WORK and state == RUNNING)
        if action == WORK and state == FINISHED and self["eye_label"]:
            self.set(belt_out_run=True)
            yield from until(lambda: not self["eye_label"])
        while True:
            if not loaded:
                self.say(0, IDLE)
                self.set(belt_out_run=True)
                yield from until(lambda: self["dock_out_part"] or self.command is not None)
                if not self["dock_out_part"]:  # the job asks once more for what has gone out
                    yield from self.answer(True)
                    continue
                self.say(PICK, RUNNING)
                self.set(belt_out_run=False)
                yield from self.carry(1, 2)
            self.say(PICK, FINISHED)
            yield from until(lambda: self.command is not None)
            self.say(WORK, RUNNING)
            self.set(belt_out_run=True)
            yield from until(lambda: self["eye_label"])
            self.set(belt_out_run=False, label_print=True)
            yield from until(lambda: self["label_done"])
            self.set(label_print=False, belt_out_run=True)
            self.say(WORK, FINISHED)
            yield from self.answer(True)
            yield from until(lambda: not self["eye_label"])
            loaded = False


class Program:
    IO = """
        orders.job_1_taken        di 5
        orders.job_1_type         ir 0
        orders.job_1_take         co 4
        orders.job_1_done         co 5
        orders.job_1_failed       co 6
        orders.job_1_stage        hr 0
        orders.job_1_at           hr 1
        orders.job_1_next         hr 2
        orders.job_2_taken        di 6
        orders.job_2_type         ir 2
        orders.job_2_take         co 7
        orders.job_2_done         co 8
        orders.job_2_failed       co 9
        orders.job_2_stage        hr 3
        orders.job_2_at           hr 4
        orders.job_2_next         hr 5
        orders.job_3_taken        di 7
        orders.job_3_type         ir 4
        orders.job_3_take         co 10
        orders.job_3_done         co 11
        orders.job_3_failed       co 12
        orders.job_3_stage        hr 6
        orders.job_3_at           hr 7
        orders.job_3_next         hr 8
        orders.trip_1_state       ir 6
        orders.trip_1_request     co 13
        orders.trip_1_from        hr 9
        orders.trip_1_to          hr 10
        orders.trip_2_state       ir 8
        orders.trip_2_request     co 15
        orders.trip_2_from        hr 11
        orders.trip_2_to          hr 12
        orders.trip_3_state       ir 10
        orders.trip_3_request     co 17
        orders.trip_3_from        hr 13
        orders.trip_3_to          hr 14
        orders.trip_4_state       ir 12
        orders.trip_4_request     co 19
        orders.trip_4_from        hr 15
        orders.trip_4_to          hr 16
        orders.intake_command     hr 23 signed
        orders.intake_data        hr 24 signed
        fleet.control_error       di 36
        fleet.control_run         co 36
        fleet.control_reset       co 37
        store.dock_part           di 68
        store.dock_free           di 69
        store.arm_at              ir 66
        store.arm_holding         di 71
        store.arm_target          hr 66
        store.arm_grip            co 70
        store.port_action         hr 64 signed
        store.port_state          hr 65 signed
        store.tray_part           di 72
        store.fork_home           di 73
        store.fork_out            di 74
        store.x_in_position       di 75
        store.z_in_position       di 76
        store.crane_loaded        di 77
        store.book_counted        di 79
        store.book_found          ir 69
        store.book_free           ir 70
        store.book_stock_1        ir 1076
        store.book_stock_2        ir 1077
        store.book_stock_3        ir 1078
        store.fork_extend         co 71
        store.crane_lift          co 72
        store.x_target            hr 69
        store.z_target            hr 70
        store.book_cell           hr 71
        store.book_type           hr 72
        store.book_wanted         hr 73
        store.book_write          co 73
        store.book_count          co 74
        store.keep                hr 1065
        drill.dock_part           di 100
        drill.dock_free           di 101
        drill.arm_at              ir 98
        drill.arm_holding         di 103
        drill.arm_target          hr 98
        drill.arm_grip            co 102
        drill.port_action         hr 96 signed
        drill.port_state          hr 97 signed
        drill.tray_part           di 104
        drill.feed_home           di 105
        drill.head_done           di 107
        drill.feed_extend         co 103
        drill.head_run            co 104
        mill.dock_part            di 132
        mill.dock_free            di 133
        mill.arm_at               ir 130
        mill.arm_holding          di 135
        mill.arm_target           hr 130
        mill.arm_grip             co 134
        mill.port_action          hr 128 signed
        mill.port_state           hr 129 signed
        mill.tray_part            di 136
        mill.feed_home            di 137
        mill.head_done            di 139
        mill.feed_extend          co 135
        mill.head_run             co 136
        oven.dock_part            di 164
        oven.dock_free            di 165
        oven.arm_at               ir 162
        oven.arm_holding          di 167
        oven.arm_target           hr 162
        oven.arm_grip             co 166
        oven.port_action          hr 160 signed
        oven.port_state           hr 161 signed
        oven.oven_part            di 168
        oven.oven_ready           di 169
        oven.door_home            di 170
        oven.door_out             di 171
        oven.heater_on            co 167
        oven.heater_regulate      co 168
        oven.heater_setpoint      hr 163 /10
        oven.door_extend          co 169
        quality.dock_part         di 196
        quality.dock_free         di 197
        quality.arm_at            ir 194
        quality.arm_holding       di 199
        quality.arm_target        hr 194
        quality.arm_grip          co 198
        quality.port_action       hr 192 signed
        quality.port_state        hr 193 signed
        quality.tray_part         di 200
        quality.camera_valid      di 201
        quality.camera_ok         di 202
        quality.camera_colour     ir 195
        quality.camera_features   ir 196
        quality.tag_done          di 204
        quality.tag_data          ir 199 signed
        quality.camera_trigger    co 199
        quality.tag_read          co 200
        delivery.dock_in_free     di 229
        delivery.dock_out_part    di 230
        delivery.eye_in           di 232
        delivery.pick_part        di 233
        delivery.tag_done         di 235
        delivery.eye_start        di 238
        delivery.eye_label        di 239
        delivery.label_done       di 240
        delivery.belt_in_run      co 228
        delivery.supply_on        co 229
        delivery.supply_wanted    hr 224
        delivery.tag_write        co 231
        delivery.tag_value        hr 225 signed
        delivery.belt_out_run     co 235
        delivery.label_print      co 236
        delivery.arm_in_at        ir 229
        delivery.arm_in_holding   di 236
        delivery.arm_in_target    hr 226
        delivery.arm_in_grip      co 232
        delivery.arm_out_at       ir 231
        delivery.arm_out_holding  di 243
        delivery.arm_out_target   hr 230
        delivery.arm_out_grip     co 237
        delivery.in_port_action   hr 227 signed
        delivery.in_port_state    hr 228 signed
        delivery.out_port_action  hr 231 signed
        delivery.out_port_state   hr 232 signed
    """

    def __init__(self):
        self.tasks = None

    def begin(self, io):
        self.io = io
        self.modules = {
            STORE: Store(io, "store"), DRILL: Machine(io, "drill"), MILL: Machine(io, "mill"), OVEN: Oven(io, "oven"),
            QUALITY: Quality(io, "quality"), OUT: WayOut(io, "out"), IN: WayIn(io, "in"),
        }  # fmt: skip
        self.tasks = [self.supply(), *(self.job(k) for k in (1, 2, 3)), *(m.run() for m in self.modules.values())]

    def scan(self, io):
        if self.tasks is None:
            self.begin(io)
        io["fleet.control_run"] = True
        io["fleet.control_reset"] = io["fleet.control_error"] and not io["fleet.control_reset"]
        for task in self.tasks:
            next(task)

    def at(self, place, k=0):
        """Whether another job is at a module, or on its way to it."""
        io = self.io
        return any(place in (io[f"orders.job_{j}_at"], io[f"orders.job_{j}_next"]) for j in (1, 2, 3) if j != k)

    def call(self, module, command):
        """Ask a module for something; what came of it."""
        chosen = self.modules[module]
        chosen.command = command
        yield from until(lambda: chosen.result is not None)
        result, chosen.command = chosen.result, None
        yield from until(lambda: chosen.result is None)
        return result

    def trip(self, k, start, goal):
        """Have a part brought; a trip that is under way already is waited for."""
        io, trip = self.io, f"orders.trip_{k}"
        if (io[f"{trip}_from"], io[f"{trip}_to"]) != (start, goal) or io[f"{trip}_state"] in (0, FAILED):
            io[f"{trip}_from"], io[f"{trip}_to"] = start, goal  # numbers are written behind coils: one scan earlier
            yield
            io[f"{trip}_request"] = True
            yield
        yield from until(lambda: io[f"{trip}_state"] >= DONE)
        io[f"{trip}_request"], good = False, io[f"{trip}_state"] == DONE
        io[f"{trip}_from"] = 0  # so that the next one is a new one
        yield
        return good

    def supply(self):
        """One raw part at a time: call for it, bring it to the store, put it into a cell."""
        io, store = self.io, self.modules[STORE]
        while True:
            stage = io["orders.intake_data"]
            if stage == 0:
                yield from until(store.wanted)
                io["orders.intake_command"], io["orders.intake_data"] = store.wanted(), 1
            elif stage == 1:
                yield from self.call(IN, io["orders.intake_command"])
                yield from until(lambda: not self.at(STORE))
                io["orders.intake_data"] = 2
            elif stage == 2:
                good = yield from self.trip(4, IN, STORE)
                io["orders.intake_data"] = 3 if good else 0
            else:
                yield from self.call(STORE, 20 + io["orders.intake_command"])
                io["orders.intake_data"] = 0

    def job(self, k):
        """One piece after the other, from the store along its route to the way out."""
        io, job = self.io, f"orders.job_{k}"
        steps = {0: self.fetch, 1: self.bring_out, 2: self.travel, 3: self.process}
        while True:
            if not io[f"{job}_taken"]:
                io[f"{job}_stage"] = io[f"{job}_at"] = io[f"{job}_next"] = 0
                io[f"{job}_take"] = True
                yield from until(lambda: io[f"{job}_taken"])
                io[f"{job}_take"] = False
            end = yield from steps[io[f"{job}_stage"]](k, job, io[f"{job}_type"])
            if end is not None:
                io[f"{job}_done"], io[f"{job}_failed"] = end, not end
                yield from until(lambda: not io[f"{job}_taken"])
                io[f"{job}_done"] = io[f"{job}_failed"] = False
                yield

    def fetch(self, k, job, kind):
        """Wait for stock and for the store."""
        store, io = self.modules[STORE], self.io
        yield from until(lambda: store[f"book_stock_{kind}"] and io["orders.intake_data"] < 2 and not self.at(STORE))
        io[f"{job}_at"], io[f"{job}_stage"] = STORE, 1

    def bring_out(self, k, job, kind):
        if (yield from self.call(STORE, 10 + kind)):
            self.io[f"{job}_stage"] = 2
        else:
            self.io[f"{job}_at"] = self.io[f"{job}_stage"] = 0

    def travel(self, k, job, kind):
        """To the next module of its route, once that is free."""
        io, route = self.io, [STORE, *ROUTES[kind]]
        goal = route[route.index(io[f"{job}_at"]) + 1]
        if io[f"{job}_next"] != goal:
            yield from until(lambda: not self.at(goal, k))
            io[f"{job}_next"] = goal
        good = yield from self.trip(k, io[f"{job}_at"], goal)
        io[f"{job}_at"], io[f"{job}_next"], io[f"{job}_stage"] = goal, 0, 3
        return None if good else False

    def process(self, k, job, kind):
        good = yield from self.call(self.io[f"{job}_at"], kind)
        if good and self.io[f"{job}_at"] != OUT:
            self.io[f"{job}_stage"] = 2
            return None
        return good
