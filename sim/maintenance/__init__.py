"""Maintenance: lock-out, what can be done to a component, a station or a wire, how long it takes, what it finds.

Knows no fault: whether work mends something it asks of whoever knows (`Repairs`), and never tells.
"""
