"""What a protocol is: the inputs that people write, its metrics, its proofs and what they assume.

Inside: `TableKey`, `CountTable`, `Source`, `ParameterField`, `Side`, `SetParameter`, `Proof`,
`LinkModel`, `WrittenMoments`, `Protocol`.

A proof holds for a SET of devices: it declares every assumption with its ideal value, and whether
it has a term for a deviation. What it has no term for must be zero, with an argument, or nothing
is proven for that device.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import Metric

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TableKey:
    """A column that says what a row of counts is about, with its values in the names of cells.

    "basis" has the values ("key", "test"); people write the names of the bases, and which one is
    the key basis. "intensity" has ("1", "2", ...), in falling order of the mean photon number.
    """

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountTable:
    """Counts in rows; `cells` are the disjoint integer cells of each row, such as errors.

    Cells are named "cell_key_key": errors_key_1. Where `cells` is (errors, agreements), people
    may write errors and sifted.
    """

    keys: tuple[TableKey, ...]
    cells: tuple[str, ...] = ("errors", "agreements")

    def names(self) -> tuple[str, ...]:
        """Return the names of all cells, row by row."""
        rows = product(*(one.values for one in self.keys))
        return tuple("_".join((cell, *row)) for row in rows for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Source:
    """A source of pulses with intensities in falling order; `role` is that of its device.

    Its arguments are mean_photon_number_{name}{k} and probability_{name}{k} with k from 1.
    """

    name: str
    intensities: int
    role: str = "source"

    def arguments(self, what: str) -> tuple[str, ...]:
        """Return the argument names of "mean_photon_number" or "probability"."""
        return tuple(f"{what}_{self.name}{k}" for k in range(1, self.intensities + 1))


@dataclass(frozen=True, slots=True)
class ParameterField:
    """A number declared with a run, in SI units; `low` and `high` are allowed where closed.

    `default` stands where it is not written; None: it must be, unless another of the same
    `Protocol.one_of` is.
    """

    name: str
    kind: str
    low: float
    high: float
    title: str
    default: float | None = None
    low_allowed: bool = True
    high_allowed: bool = False
    whole: bool = False  # an integer: symbols, pulses


class Side(StrEnum):
    """Which edges of an assumption the certified figure takes as arguments."""

    BOTH = "both"  # name_low and name_high
    UPPER = "upper"  # name, an upper limit
    LOWER = "lower"  # name, a lower limit


@dataclass(frozen=True, slots=True)
class SetParameter:
    """One assumption of a proof about the devices.

    `ideal` is what the proof needs where nothing is declared; None: the nominal value of the run.
    Where `modelled` is false the proof has no term for a deviation: any other declared value
    leaves the device outside, and the run must say why it is ideal. Where `must_be_said` is true
    there is a term, but silence is not taken for the ideal value: the run states an edge, or why
    it is ideal.
    """

    name: str
    kind: str
    title: str
    source: str
    ideal: float | None = None
    side: Side = Side.BOTH
    modelled: bool = True
    must_be_said: bool = False

    def arguments(self) -> tuple[str, ...]:
        """Return the arguments of the certified figure that hold the edges of the set."""
        if not self.modelled:
            return ()
        if self.side is Side.BOTH:
            return f"{self.name}_low", f"{self.name}_high"
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Proof:
    """A named bound: which metric gives its figure, against whom, and for which set of devices.

    `metric_id` is the certified figure, the minimum over the set; `estimate_id` that at the
    nominal values, from which the budget is drawn. `regime` is "finite" or "asymptotic".
    """

    bound: str
    title: str
    metric_id: str
    estimate_id: str
    source: str
    adversary: str
    regime: str
    set_parameters: tuple[SetParameter, ...] = ()
    not_covered: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()  # later papers, and whether they are in
    stability_draws: int = 500  # fewer where one evaluation takes tens of milliseconds
    # Exact arguments that the bound itself fixes, such as which part of the bases gives key.
    fixes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    corrected: tuple[str, ...] = ()  # rows of counts that `leak` corrects, as in errors_{row}
    searched: bool = False  # its minimum over intervals is searched, not proved

    def figures(self) -> tuple[str, str]:
        """Return the ids of both metrics that belong to this bound."""
        return self.metric_id, self.estimate_id


@dataclass(frozen=True, slots=True)
class LinkModel:
    """What counts a channel would give: for scans, and as the truth of a simulator.

    `cells` takes `distance_km` and the fields of `defaults` by keyword, numbers or arrays of one
    shape, and returns expected counts by the names of cells (or moments). `transmittance`
    gives the end-to-end transmittance of the channel alone from the same arguments, for PLOB.
    """

    defaults: Mapping[str, float]
    cells: Callable[..., dict[str, Array]]
    transmittance: Callable[..., Array]
    uses: str  # name of the argument that counts the uses of the channel
    source: str
    repeater: bool = False  # an untrusted node in the middle: PLOB of the whole is no limit


@dataclass(frozen=True, slots=True)
class WrittenMoments:
    """What a run file says about its moments, to be judged together.

    `moments` has value and u by name, u being 0 where none is written; `devices` are the roles
    that a device on record fills, so that its calibration stands for a nominal parameter. The run
    lasted `span_s`.
    """

    moments: Mapping[str, tuple[float, float]]
    parameters: Mapping[str, float]
    assumptions: Mapping[str, tuple[float, float]]
    devices: frozenset[str]
    span_s: float = math.inf


# Returns the moments with the u's that they have, or refuses those that nothing can have; `where`
# of the error is the field that is wrong, of [moments] or [parameters].
MomentCheck = Callable[[WrittenMoments], dict[str, tuple[float, float]]]
# Refuses counts that nothing can give together with the parameters of the run; `where` of the
# error is a parameter, or "" for the table of counts.
CountCheck = Callable[[Mapping[str, int], Mapping[str, float]], None]
# From moments with their u's, and parameters, to the moments whose u their shots do not explain.
Unexplained = Callable[[Mapping[str, tuple[float, float]], Mapping[str, float]], frozenset[str]]
# From value and u of all that a run's figures take to what a reader must know of all of them.
Doubts = Callable[[Mapping[str, tuple[float, float]]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol whose runs can be recorded and recomputed.

    `no_security_outcome` is empty, or says why no security outcome can be evaluated for it.
    """

    name: str
    title: str
    metrics: tuple[Metric, ...]
    proofs: tuple[Proof, ...] = ()
    table: CountTable | None = None
    sources: tuple[Source, ...] = ()
    moments: tuple[ParameterField, ...] = ()  # measured second moments, for continuous variables
    parameters: tuple[ParameterField, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()  # exactly one of each group is written
    link_model: LinkModel | None = None
    no_security_outcome: str = ""
    record_metrics: tuple[Metric, ...] = ()  # of a record as such, shared by several protocols
    comparison: str = ""  # how two clocks are compared: its runs hold tags or offsets, no counts
    choices: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({})  # named choices besides key basis and bound
    )
    # The first word of its metrics' ids, and of the evidence that requirements ask for whatever
    # the protocol of that area is: teleportation.average_fidelity.
    area: str = "qkd"
    moments_are: str = "second moment over that of the shot noise, on one receiver"
    check_moments: MomentCheck | None = None  # where moments are read
    doubts: Doubts | None = None  # where figures are computed, calibrations in use
    check_counts: CountCheck | None = None  # where counts are read
    unexplained: Unexplained | None = None  # an interval of shots alone does not hold for these

    def named_by(self) -> frozenset[str]:
        """Return the choices that its figures mean nothing without: each must be written."""
        return frozenset(name for one in self.metrics for name in one.named_by)

    def proof(self, bound: str) -> Proof | None:
        """Return the proof of that bound, or None."""
        return next((one for one in self.proofs if one.bound == bound), None)

    def assumptions(self) -> dict[str, SetParameter]:
        """Return what the proofs assume, by name; with a term, where any of them has one."""
        found: dict[str, SetParameter] = {}
        for proof in self.proofs:
            for one in proof.set_parameters:
                if one.name not in found or (one.modelled and not found[one.name].modelled):
                    found[one.name] = one
        return found
