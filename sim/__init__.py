"""The line: time, parts, components, stations, tags, process image, journal records.

Knows no clock, no socket, no file format and none of the rooms above it. Synchronous, headless, deterministic:
a line is a pure function of (definition, seed, inputs), and its whole state is data.
"""
