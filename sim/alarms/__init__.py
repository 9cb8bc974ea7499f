"""Alarms of a line: part of its state, woken by the tags that they watch. Knows no wire, no person and no file."""
