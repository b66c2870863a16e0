"""Secure direct communication."""
