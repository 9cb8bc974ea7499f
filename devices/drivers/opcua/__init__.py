"""OPC UA servers as devices, through asyncua's client. Knows no line and no binding; asyncua's own reconnecting is off.

`nodes` reads addresses and data values, `security` finds out how to come in, `session` is one connection, `driver` asks
for values by subscription or by reading, `browse` looks what a server offers.
"""
