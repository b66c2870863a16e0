"""Teleportation, swapping and tomography."""
