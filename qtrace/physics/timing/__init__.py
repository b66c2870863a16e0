"""Clocks and time transfer: stability, offsets between stations, corrections, links."""
