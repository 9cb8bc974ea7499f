"""Automated guided vehicles: a track of nodes, vehicles with batteries, the fleet's dispatch, transport orders.

How vehicles keep out of each other's way, and why they cannot lock each other up: docs/guides/agv-fleet.md.
"""
