"""Metrics: what a performance figure is, the catalogue, and recomputation from data."""
