"""Conditions of a measurand that are quantities, and of which kind.

Inside: `CONDITION_KINDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Conditions that are quantities, with their kind; others are words and free.
CONDITION_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "wavelength": "wavelength",
        "photon_rate": "photon_rate",
        "count_rate": "count_rate",
        "bias": "bias_voltage",
        "bias_current": "bias_current",
        "temperature": "temperature",
        "power": "optical_power",
        "dead_time": "dead_time",
        "averaging_time": "duration",
        "observation_interval": "duration",
        "record_length": "duration",
    }
)
