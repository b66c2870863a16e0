"""Streams of time tags: correlation, detectors and sources seen in them, simulation."""
