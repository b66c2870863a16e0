"""The chain to the SI: typed ends, named breaks, validity, use at another time."""
