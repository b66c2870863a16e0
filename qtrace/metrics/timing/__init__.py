"""Metrics of clock synchronization: what a run of time tags or of offsets gives."""
