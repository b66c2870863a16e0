"""Laboratories and what they are competent to calibrate.

Inside: `Route`, `Competence`, `Laboratory`.
Source: ILAC P10:07/2020 (routes to metrological traceability).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Route(StrEnum):
    """How a calibration connects to the SI (ILAC P10)."""

    NMI_CAPABILITY = "nmi_capability"  # route 1: NMI, inside its published capability
    ACCREDITED = "accredited"  # route 2: accredited laboratory, in scope on that day
    OTHER = "other"  # routes 3a/3b: competence shown by an evidence document
    IN_HOUSE = "in_house"  # a step, never an end: procedure, validation, budget wanted


@dataclass(frozen=True, slots=True)
class Competence:
    """One line of a scope: kind of quantity x range x period, with the smallest U claimed.

    `low`, `high` and `expanded_uncertainty` are in the SI unit of the kind;
    `expanded_uncertainty` is relative where `relative` is true, at about 95 %. `conditions` are
    (name, text) pairs inside which the line holds, e.g. ("wavelength", "1500 nm .. 1600 nm").
    """

    kind: str
    route: Route
    low: float
    high: float
    expanded_uncertainty: float
    relative: bool
    valid_from: datetime
    valid_until: datetime
    reference: str
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A laboratory and its recorded competence."""

    laboratory_id: str
    name: str
    country: str = ""
    competences: tuple[Competence, ...] = ()
