"""The information model of a line: machines, PackML, device health, orders, over the plain tree of tags.

One module per companion model. Everything here is made from the tag table (and, where given, the line's equipment);
nothing here knows a session, a socket or the line itself.
"""
