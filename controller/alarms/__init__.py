"""The alarms of a bench for people and wires: who may do what, the alarm journal, the figures of ISA-18.2."""
