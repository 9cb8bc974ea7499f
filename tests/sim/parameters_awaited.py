"""Parameters of newer kinds that no test has registered yet with `covers`: this list is to become empty.

`test_parameters.py` fails for every other parameter that no test shows. Register a test, then take its names off here.
"""

AWAITED: dict[str, str] = {
    "press": "force least_force",
    "robot": (
        "air ambient build_up clogged decay drag grip_timeout hold_rise holds_at hottest idle_power "
        "keeps_part leak minimum move_power move_rise nominal open_level ramp speed_1 speed_2 speed_3 "
        "speed_4 speed_5 speed_6 switch_at warming "
    ),
}
