"""The files and what they mean: lines and faults as data. Knows no wire, no clock and no running line."""
