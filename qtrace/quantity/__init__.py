"""Quantities: units, kinds, values, measurands and their notation."""
