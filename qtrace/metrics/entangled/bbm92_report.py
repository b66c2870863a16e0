"""Everything that the counts of one BBM92 run say, in one record.

Inside: `Bbm92Counts`, `Bbm92Parameters`, `KeyLengths`, `BoundOutcome`, `Bbm92Report`,
`bbm92_report`, `presented`.
Values are unclamped; `presented` makes the clamp at zero, and says that it did.
Source: as the formulas in `qtrace.physics.entangled.bbm92` and
`qtrace.physics.entangled.entropic_bounds`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.metrics.entangled import bbm92
from qtrace.metrics.metric import MetricFunction
from qtrace.physics.entangled.bbm92 import (
    Cells,
    EpsilonSplit,
    basis_length_tail,
    error_rate,
    threshold_qber,
)
from qtrace.physics.entangled.entropic_bounds import (
    EntropicLength,
    best_leverrier_2017_length,
    tomamichel_2012_length,
)
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.uncertainty.evaluation import numeric_gradient

BASES = ("z", "x")
FEW = 10  # below this the linear form is no guide to the scatter of a count


@dataclass(frozen=True, slots=True)
class Bbm92Counts:
    """Counts of a run in disjoint cells, errors and agreements of each basis."""

    errors_z: int
    agreements_z: int
    errors_x: int
    agreements_x: int

    def __post_init__(self) -> None:
        """Refuse negative cells and empty bases."""
        cells = self.cells()
        wrong = [name for name, value in cells.items() if value < 0]
        if wrong:
            raise InputError(
                f"{', '.join(wrong)} is negative",
                where="counts of the run",
                next_step="errors must not exceed the counts of their basis",
            )
        empty = [b for b in BASES if cells[f"errors_{b}"] + cells[f"agreements_{b}"] == 0]
        if empty:
            raise InputError(
                f"basis {empty[0]} has no sifted counts",
                where="counts of the run",
                next_step="a key needs counts in both bases",
            )

    @classmethod
    def of_sifted(
        cls, *, sifted_z: int, errors_z: int, sifted_x: int, errors_x: int
    ) -> Bbm92Counts:
        """Build the cells from sifted counts and errors of each basis."""
        return cls(errors_z, sifted_z - errors_z, errors_x, sifted_x - errors_x)

    def cells(self) -> dict[str, float]:
        """Return the cells under the names that the metrics use."""
        return {
            "errors_z": float(self.errors_z),
            "agreements_z": float(self.agreements_z),
            "errors_x": float(self.errors_x),
            "agreements_x": float(self.agreements_x),
        }

    @property
    def z(self) -> Cells:
        """Return basis Z."""
        return Cells(float(self.errors_z), float(self.agreements_z))

    @property
    def x(self) -> Cells:
        """Return basis X."""
        return Cells(float(self.errors_x), float(self.agreements_x))

    @property
    def sifted(self) -> int:
        """Return all sifted counts."""
        return self.errors_z + self.agreements_z + self.errors_x + self.agreements_x

    @property
    def errors(self) -> int:
        """Return all errors."""
        return self.errors_z + self.errors_x


@dataclass(frozen=True, slots=True)
class Bbm92Parameters:
    """What is declared with a run: duration, error correction, epsilons, coverage."""

    duration_s: float
    error_correction_efficiency: float
    epsilons: EpsilonSplit
    epsilon_target: float = 1e-10  # what the sum of all epsilons is compared with
    probability: float = 0.95  # of the interval of the error rate


@dataclass(frozen=True, slots=True)
class KeyLengths:
    """Both finite lengths for one split of the epsilons, in bits, unclamped.

    `tail_whole_bits` is the exact tail with each basis rounded down by itself, (Z, X), at
    least 0: what two keys of whole bits would hold.
    """

    split: EpsilonSplit
    gamma_bits: float | None
    tail_bits: float
    tail_whole_bits: tuple[int, int]


@dataclass(frozen=True, slots=True)
class BoundOutcome:
    """A length by another proof: `bits` after the clamp, and why it is 0 where it is."""

    name: str
    unclamped_bits: float
    bits: int
    reason: str


@dataclass(frozen=True, slots=True)
class Bbm92Report:
    """Figures of one run; u from the counts alone, cells taken as independent Poisson.

    The standard uncertainties are None where a cell is empty: a count of zero has no linear
    uncertainty, and the exact interval of the error rate speaks instead.
    """

    sifted: int
    errors: int
    qber: float
    qber_u: float | None
    qber_interval: Interval
    threshold_qber: float
    key_fraction: float
    key_fraction_u: float | None
    key_rate_bit_per_s: float
    key_rate_u_bit_per_s: float | None
    declared: KeyLengths  # the epsilons as declared with the run
    to_target: KeyLengths  # equal split whose plain sum is the target
    smoothed_to_target: KeyLengths  # equal split whose sum with smoothing is the target
    tomamichel_2012: BoundOutcome
    leverrier_2017: BoundOutcome
    flags: tuple[str, ...]

    @property
    def epsilon_sum(self) -> float:
        """Return the plain sum of the declared epsilons over both bases."""
        return self.declared.split.total


def presented(length_bits: float) -> tuple[int, str]:
    """Return a length as shown: whole bits, not below zero, and a flag where it was clamped."""
    if length_bits < 0.0:
        return 0, f"clamped at 0 from {length_bits:.1f} bits"
    return math.floor(length_bits), ""


def bbm92_report(counts: Bbm92Counts, parameters: Bbm92Parameters) -> Bbm92Report:
    """Return everything that the counts of one run say.

    Args:
        counts: Errors and agreements of both bases.
        parameters: What is declared with the run.

    Raises:
        InputError: a duration that is not above zero, or counts that make no figure.
    """
    cells = counts.cells()
    f = parameters.error_correction_efficiency

    qber, qber_u = _figure(bbm92.qber, cells, {})
    fraction, fraction_u = _figure(
        bbm92.key_fraction_asymptotic, cells, {"error_correction_efficiency": f}
    )
    rate, rate_u = _figure(
        bbm92.key_rate_asymptotic,
        cells,
        {"error_correction_efficiency": f, "duration": parameters.duration_s},
    )

    target = parameters.epsilon_target
    declared = _lengths(counts, f, parameters.epsilons)
    flags = []
    if parameters.epsilons.total > target:
        flags.append(f"the epsilons sum to {parameters.epsilons.total:.3g}, above {target:.3g}")
    if declared.gamma_bits is None:
        flags.append("the gamma bound has no value without errors: exact tail only")
    if min(counts.errors_z, counts.errors_x) < FEW:
        flags.append(f"fewer than {FEW} errors in a basis: read the exact interval, not u")
    if fraction < 0.0:
        flags.append("the asymptotic key is below 0: no key at this error rate")
    return Bbm92Report(
        sifted=counts.sifted,
        errors=counts.errors,
        qber=qber,
        qber_u=qber_u,
        qber_interval=clopper_pearson(
            counts.errors, counts.sifted, probability=parameters.probability
        ),
        threshold_qber=threshold_qber(f),
        key_fraction=fraction,
        key_fraction_u=fraction_u,
        key_rate_bit_per_s=rate,
        key_rate_u_bit_per_s=rate_u,
        declared=declared,
        to_target=_lengths(counts, f, EpsilonSplit.summing_to(target)),
        smoothed_to_target=_lengths(counts, f, EpsilonSplit.summing_with_smoothing_to(target)),
        tomamichel_2012=_tomamichel(counts, f, target),
        leverrier_2017=_leverrier(counts, f, target),
        flags=tuple(flags),
    )


def _figure(
    function: MetricFunction, cells: dict[str, float], exact: dict[str, float]
) -> tuple[float, float | None]:
    """Return a figure and its u from the cells, Poisson each; None where a cell is empty."""
    if min(cells.values()) == 0.0:
        return float(function(**cells, **exact)), None
    spread = {name: math.sqrt(value) for name, value in cells.items()}
    value, parts = numeric_gradient(function, cells | exact, spread)
    return value, math.sqrt(sum((parts[name] * u) ** 2 for name, u in spread.items()))


def _lengths(counts: Bbm92Counts, f: float, split: EpsilonSplit) -> KeyLengths:
    by_basis = [
        basis_length_tail(key, test, error_correction_efficiency=f, split=split)
        for key, test in ((counts.z, counts.x), (counts.x, counts.z))
    ]
    gamma = None
    if counts.errors_z > 0 and counts.errors_x > 0:
        gamma = float(
            bbm92.finite_length_gamma(
                **counts.cells(),
                error_correction_efficiency=f,
                epsilon_sampling=split.sampling,
                epsilon_correctness=split.correctness,
                epsilon_privacy=split.privacy,
            )
        )
    whole_z, whole_x = (max(0, math.floor(length)) for length in by_basis)
    return KeyLengths(split, gamma, sum(by_basis), (whole_z, whole_x))


def _tomamichel(counts: Bbm92Counts, f: float, epsilon: float) -> BoundOutcome:
    """Return the better of both bases as key, half of epsilon each for secrecy, correctness."""
    candidates = []
    for key, test in ((counts.z, counts.x), (counts.x, counts.z)):
        bit = float(error_rate(key.errors, key.agreements))
        candidates.append(
            tomamichel_2012_length(
                float(key.sifted),
                float(test.sifted),
                tolerated_error_rate=min(0.5, float(error_rate(test.errors, test.agreements))),
                leak_bits=f * float(key.sifted) * float(binary_entropy(bit)),
                epsilon_secrecy=epsilon / 2.0,
                epsilon_correctness=epsilon / 2.0,
            )
        )
    best = max(candidates, key=lambda one: one.bits)
    return _outcome("Tomamichel et al. (2012)", best, best, epsilon)


def _leverrier(counts: Bbm92Counts, f: float, epsilon: float) -> BoundOutcome:
    """Return the best length over the test size; where it is 0, explain it at an even split."""
    rate = min(0.5, counts.errors / counts.sifted)
    best = best_leverrier_2017_length(
        counts.sifted, tolerated_error_rate=rate, error_correction_efficiency=f, epsilon=epsilon
    )
    even = best_leverrier_2017_length(
        counts.sifted,
        tolerated_error_rate=rate,
        error_correction_efficiency=f,
        epsilon=epsilon,
        test_bits=counts.sifted // 2,
    )
    return _outcome("Tomamichel and Leverrier (2017), best test size", best, even, epsilon)


def _outcome(
    name: str, length: EntropicLength, example: EntropicLength, epsilon: float
) -> BoundOutcome:
    bits, _ = presented(length.bits)
    reason = ""
    if length.bits < 1.0:
        reason = (
            f"at epsilon {epsilon:.3g}, {example.key_bits:.0f} key and {example.test_bits:.0f} "
            f"test bits: sampling raises the error rate from {example.tolerated_error_rate:.2%} "
            f"by {example.deviation:.2%}, which leaves {example.entropy_bits:.0f} bits; error "
            f"correction tells {example.leak_bits:.0f} and the security terms cost "
            f"{example.security_bits:.0f}"
        )
    return BoundOutcome(name, length.bits, bits, reason)
