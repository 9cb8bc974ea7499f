"""Siemens S7 (S7-300, 400, 1200, 1500 and what speaks like them), through python-snap7. Knows no line and no binding.

`address` reads Siemens notation and holds values as bytes, `plan` groups them into the fewest requests, `link` is the
one thread in which the blocking library works, `driver` puts them together, `probe` looks what a controller has.
"""
