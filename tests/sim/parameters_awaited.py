"""Parameters of newer kinds that no test has registered yet with `covers`: this list is to become empty.

`test_parameters.py` fails for every other parameter that no test shows. Register a test, then take its names off here.
"""

AWAITED: dict[str, str] = {}
