"""Decoy-state BB84."""
