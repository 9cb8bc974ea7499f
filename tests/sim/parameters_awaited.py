"""Parameters of newer kinds that no test has registered yet with `covers`: this list is to become empty.

`test_parameters.py` fails for every other parameter that no test shows. Register a test, then take its names off here.
"""

AWAITED: dict[str, str] = {
    "agv": (
        "acceleration at_once charge_time deceleration dock_failure endurance enough leave_time low margin "
        "per_metre rescue "
    ),
    "agv_fleet": "detour",
    "machining_centre": (
        "ambient breaks_at change_time clamp_time coolant_capacity coolant_low coolant_refill coolant_use "
        "cut_load cut_power dry_heat dry_wear growth hardness idle_load idle_power pace rate rise spread "
        "taylor_exponent taylor_speed warming wear worn_load "
    ),
    "oven": "distortion draught longest soak temperature tolerance",
    "press": "force least_force",
    "robot": (
        "air ambient build_up clogged decay drag grip_timeout hold_rise holds_at hottest idle_power "
        "keeps_part leak minimum move_power move_rise nominal open_level ramp speed_1 speed_2 speed_3 "
        "speed_4 speed_5 speed_6 switch_at warming "
    ),
}
