"""Sensing with entangled probes."""
