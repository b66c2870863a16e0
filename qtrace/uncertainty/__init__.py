"""Uncertainty: inputs, models, the network of results, coverage, Monte Carlo, conformity."""
