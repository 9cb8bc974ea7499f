"""One module for each URL scheme, found by its name: `opc.tcp://` is `opc_tcp.py`. Each has a `KIND`.

Imported when a URL of that scheme is first used, so that nobody waits for a library that he does not need.
"""
