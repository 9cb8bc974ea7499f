"""Siemens S7 (S7-300, 400, 1200, 1500 and what speaks like them), through python-snap7. Knows no line and no binding.

`address` reads Siemens notation and holds values as bytes, `plan` groups them into the fewest requests, `wire`
frames messages on the loop, `link` is a connection, `driver` puts them together, `probe` looks what a controller has.
"""
