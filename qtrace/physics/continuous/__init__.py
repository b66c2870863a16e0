"""Continuous variables: GG02."""
