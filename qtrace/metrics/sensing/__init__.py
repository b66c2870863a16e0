"""Entangled sensing."""
