"""The running side of faults and scenarios: what is wrong now, since when, until when, and what comes next.

Part of the line, so that checkpoint, replay and branch need nothing more. It gets resolved plans as plain JSON and
knows neither files nor the catalogue. See docs/decisions/faults.md.
"""
