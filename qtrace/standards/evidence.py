"""What a requirement is judged on: one stated item about one subject.

Inside: `Provenance`, `Form`, `Evidence`. This room sees nothing else of results, chains and
documents; the certification room builds these from them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.uncertainty.posterior import Level, Posterior, Shape


class Provenance(StrEnum):
    """Where the figures come from."""

    MEASURED = "measured"  # taken by or for the applicant, raw data at hand
    PUBLISHED = "published"  # taken from a publication
    SIMULATED = "simulated"  # from a model with a seed


class Form(StrEnum):
    """What the value is."""

    ESTIMATE = "estimate"  # with an uncertainty or an interval around it
    UPPER_LIMIT = "upper_limit"  # the quantity is at most this, at the stated probability
    LOWER_LIMIT = "lower_limit"  # the quantity is at least this, at the stated probability
    BELOW_DETECTION_LIMIT = "below_detection_limit"  # nothing seen; the value is the limit
    INTERVAL_ONLY = "interval_only"  # no value inside the interval is preferred


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item about one subject: a figure with its uncertainty and chain, or a document.

    `value`, `standard_uncertainty` and `interval` (low, high, probability) are numbers in
    `unit`. A standard uncertainty of 0 says that the figure is exact; None says that none is
    stated. `subject` is a role, a pair of roles, or a link. `breaks` of the chain are one text
    each, none at all is an empty tuple, and None says that no chain is known. Figures that
    come from counts alone have no breaks and the end "counting". `known_bias` is the known error
    (indicated minus true) that the value still holds.

    `posterior` is the stored distribution where it is not the normal or t of value and u: in
    `unit`, or, where `posterior_level` says power or amplitude, of the level in dB of a ratio
    of unit one.
    """

    item: str
    subject: str
    value: float | None = None
    standard_uncertainty: float | None = None
    degrees_of_freedom: float = math.inf
    unit: str = "1"
    form: str = Form.ESTIMATE
    interval: tuple[float, float, float] | None = None
    coverage_factor: float | None = None
    coverage_probability: float | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    breaks: tuple[str, ...] | None = None
    ends: tuple[str, ...] = ()
    result_label: str = ""
    provenance: str = Provenance.MEASURED
    flags: tuple[str, ...] = ()
    document: str = ""
    attestation: str = ""
    known_bias: float = 0.0
    posterior: Shape | None = None
    posterior_level: str = ""

    def __post_init__(self) -> None:
        if not self.item or not self.subject:
            raise InputError(f"evidence names an item and a subject, got {self}")
        if self.provenance not in set(Provenance) or self.form not in set(Form):
            raise self._refused(f"provenance {self.provenance!r} or form {self.form!r} is unknown")
        if self.value is not None and not math.isfinite(self.value):
            raise self._refused(f"the value {self.value} is no finite number")
        u = self.standard_uncertainty
        if u is not None and not (math.isfinite(u) and u >= 0.0):
            raise self._refused(f"the standard uncertainty {u} is negative or not finite")
        if not self.degrees_of_freedom > 0.0:
            raise self._refused(f"{self.degrees_of_freedom} degrees of freedom are none")
        if self.coverage_factor is not None and not 0.0 < self.coverage_factor < math.inf:
            raise self._refused(f"the coverage factor {self.coverage_factor} is not positive")
        if self.interval is not None:
            self._check_interval(*self.interval)
        if self.posterior_level not in {"", "power", "amplitude"} or (
            self.posterior_level and self.posterior is None
        ):
            raise self._refused(f"a distribution in the scale {self.posterior_level!r} is none")

    @property
    def stored_distribution(self) -> Posterior | None:
        """Return the stored distribution in its scale, None where value and u say it all."""
        if self.posterior is None or not self.posterior_level:
            return self.posterior
        return Level(self.posterior, "power" if self.posterior_level == "power" else "amplitude")

    def _check_interval(self, low: float, high: float, probability: float) -> None:
        if not (low <= high and 0.0 < probability < 1.0):
            raise self._refused(f"({low}, {high}) with p = {probability} is no interval")
        if self.value is not None and not low <= self.value <= high:
            raise self._refused(f"the value {self.value} lies outside its interval {low} to {high}")

    def _refused(self, what: str) -> InputError:
        return InputError(what, where=f"evidence {self.item} of {self.subject}")
