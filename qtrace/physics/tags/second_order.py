"""Second-order correlation g2 of a source: pulsed, continuous, heralded; raw and corrected.

Inside: `PulsedG2`, `pulsed_g2`, `background_corrected`, `ContinuousG2`, `continuous_g2`,
`heralded_g2`.
Source: Hanbury Brown and Twiss set-up; Grangier, Roger and Aspect, Europhys. Lett. 1, 173 (1986)
(heralded, from memory); terms of NIST IR 8486r1 (2025), own words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, gammaincinv

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval, jeffreys_poisson
from qtrace.physics.tags.autocorrelation import all_delays, pairs_in_windows, pairs_per_tag
from qtrace.physics.tags.reduced import Reduced, as_tags, picoseconds

LEAST_SIDES = 20
LEAST_SIDE_PAIRS = 100


@dataclass(frozen=True, slots=True)
class PulsedG2:
    """g2(0) of a pulsed source: pairs of the centre over the mean of the side peaks.

    `sides` int64 (n,) are the pairs of each side peak, `p_value` that of their equality: blinking
    and drift make it small.
    """

    g2: Reduced
    centre: int
    sides: NDArray[np.int64]
    p_value: float


@dataclass(frozen=True, slots=True)
class ContinuousG2:
    """g2 of continuous light by delay: `value` and `u` float64 (n,), delays in ps."""

    delay_ps: NDArray[np.float64]
    value: NDArray[np.float64]
    u: NDArray[np.float64]
    pairs: NDArray[np.int64]
    bin_ps: int

    def at_zero(self) -> Reduced:
        """Return the bin that holds the delay zero.

        Source: of the interval, Jeffreys for the pairs of the bin (`jeffreys_poisson`).
        """
        k = int(np.argmin(np.abs(self.delay_ps)))
        exact = jeffreys_poisson(int(self.pairs[k]), probability=0.95)
        per_pair = self._per_pair(k)
        middle = float(self.delay_ps[k])
        return Reduced(
            float(self.value[k]),
            float(self.u[k]),
            interval=Interval(exact.low * per_pair, exact.high * per_pair, 0.95),
            window_ps=(middle - self.bin_ps / 2, middle + self.bin_ps / 2),
            notes=(
                f"continuous, bin of {self.bin_ps} ps: jitter and bin fill the dip, nothing is "
                "deconvolved",
            ),
        )

    def _per_pair(self, k: int) -> float:
        """Return what one pair adds to g2."""
        if self.pairs[k]:
            return float(self.value[k]) / int(self.pairs[k])
        return float(self.u[k]) / math.sqrt(0.5)


def pulsed_g2(
    first_ps: ArrayLike,
    second_ps: ArrayLike,
    *,
    period_ps: float,
    window_ps: int,
    offset_ps: float = 0.0,
    sides: int = LEAST_SIDES,
    skip: int = 0,
    probability: float = 0.95,
) -> PulsedG2:
    """Return g2(0) of a pulsed source behind a beam splitter with two detectors.

    Args:
        first_ps: Tags of one detector, int64 ps.
        second_ps: Tags of the other.
        period_ps: Period of the pulses in the seconds of the tagger.
        window_ps: Full width counted around each peak, the same for all.
        offset_ps: Delay of the centre, second - first (difference of cables).
        sides: How many side peaks, at least 20, half on each side.
        skip: Nearest peaks left out on either side: with blinking take far ones.
        probability: Of the interval.

    Returns:
        g2(0) as counted. The interval takes the centre as a Poisson count (Jeffreys) and adds the
        spread of the mean of the sides.

    Raises:
        InputError: fewer than 20 side peaks, a window beyond a period, too few pairs.

    Source: N_centre / mean(N_side); u from the Poisson centre and the scatter of the sides (never
        below their Poisson u), and of the numbers of tags that all side peaks share.
    """
    first, second = as_tags(first_ps), as_tags(second_ps)
    picoseconds(period_ps, "the period")
    if sides < LEAST_SIDES or window_ps > period_ps or window_ps < 1:
        raise InputError(
            f"{sides} side peaks with a window of {window_ps} ps at a period of {period_ps:g} ps",
            next_step=f"take at least {LEAST_SIDES} side peaks, and a window within the period",
        )
    half = [k + skip for k in range(1, (sides + 1) // 2 + 1)]
    order = [0, *half, *(-k for k in half)]
    found = pairs_in_windows(
        first, second, centres_ps=[offset_ps + k * period_ps for k in order], width_ps=window_ps
    )
    centre, others = int(found[0]), found[1:]
    total = int(np.sum(others))
    if total < LEAST_SIDE_PAIRS:
        raise InputError(
            f"{total} pairs in {others.size} side peaks are too few to normalise with",
            next_step="record for longer, or check period, offset and channels",
        )
    tags = (first.size, second.size)
    return _pulsed(centre, others, tags, (offset_ps, window_ps), probability)


def _pulsed(
    centre: int,
    others: NDArray[np.int64],
    tags: tuple[int, int],
    window_ps: tuple[float, int],
    probability: float,
) -> PulsedG2:
    """State g2(0) from the pairs of centre and side peaks, and the numbers of tags."""
    total = int(np.sum(others))
    mean = total / others.size
    chi_square = float(np.sum((others - mean) ** 2)) / mean
    dof = others.size - 1
    p_value = float(gammaincc(dof / 2, chi_square / 2))
    scatter = max(chi_square / dof, 1.0) / total
    relative = math.sqrt(scatter + 1.0 / max(tags[0], 1) + 1.0 / max(tags[1], 1))
    value = centre / mean
    notes = [
        f"raw, nothing subtracted; {others.size} side peaks, {total} pairs; centre {centre} pairs"
    ]
    if p_value < 0.01:
        notes.append(f"side peaks differ (p = {p_value:.2g}): blinking or drift; take far peaks")
    low, high = jeffreys_poisson(centre, probability=probability)[:2]
    normal = relative * _two_sided(probability)
    interval = Interval(
        value - math.hypot(value - low / mean, value * normal),
        value + math.hypot(high / mean - value, value * normal),
        probability,
    )
    u = math.hypot(math.sqrt(centre + 0.5) / mean, value * relative)
    reduced = Reduced(
        value,
        u,
        interval=interval,
        window_ps=(window_ps[0] - window_ps[1] / 2.0, window_ps[0] + window_ps[1] / 2.0),
        notes=tuple(notes),
    )
    return PulsedG2(reduced, centre, others, p_value)


def _two_sided(probability: float) -> float:
    """Return the two-sided quantile of a normal, from the gamma function of one half."""
    return math.sqrt(2.0 * float(gammaincinv(0.5, probability)))


def background_corrected(g2: Reduced, *, signal_part: float, u_signal_part: float) -> Reduced:
    """Correct g2 for uncorrelated background: (g - (1 - r^2)) / r^2.

    Args:
        g2: As counted.
        signal_part: r = signal / (signal + background) of the counts, the same for both
            detectors (else the root of the product of both).
        u_signal_part: Its u.

    Returns:
        The corrected g2; it may be negative, and is not clipped.

    Raises:
        InputError: a part outside of 0 to 1.

    Source: Brouri et al., Opt. Lett. 25, 1294 (2000), from memory, derived anew: g = r^2 g_s +
        1 - r^2, as background pairs have g = 1.
    """
    r = signal_part
    if not 0.0 < r <= 1.0:
        raise InputError(f"a signal part of {r:g}", next_step="give it within 0 to 1")
    value = (g2.value - (1.0 - r * r)) / (r * r)
    by_part = 2.0 * (1.0 - g2.value) / r**3
    u = math.hypot(g2.u / (r * r), by_part * u_signal_part)
    interval = None
    if g2.interval is not None:
        low, high, p = g2.interval
        wide = _two_sided(p) * by_part * u_signal_part
        interval = Interval(
            value - math.hypot((g2.value - low) / (r * r), wide),
            value + math.hypot((high - g2.value) / (r * r), wide),
            p,
        )
    notes: tuple[str, ...] = (f"corrected for background, signal part {r:.6g}; raw {g2.value:.6g}",)
    if value < 0.0:
        notes = (*notes, "negative after the correction: reported as it is")
    return Reduced(value, u, g2.degrees_of_freedom, interval, g2.window_ps, None, notes)


def continuous_g2(
    first_ps: ArrayLike,
    second_ps: ArrayLike,
    *,
    bin_ps: int,
    range_ps: int,
    span_ps: tuple[int, int],
    offset_ps: int = 0,
) -> ContinuousG2:
    """Return g2 of continuous light by delay, normalised to the rates.

    Args:
        first_ps: Tags of one detector, int64 ps.
        second_ps: Tags of the other.
        bin_ps: Width of a bin; an odd number of bins, the middle one around the offset.
        range_ps: Delays from -range to +range around the offset.
        span_ps: Start and stop of the recording.
        offset_ps: Delay that counts as zero, second - first.

    Raises:
        InputError: no tags, bins or span, or a range as long as the record.

    Source: g2 = C(tau) T^2 / (N_1 N_2 dt (T - |tau|)); u from C + 1/2 and both numbers.
    """
    first, second = as_tags(first_ps, least=1), as_tags(second_ps, least=1)
    span = span_ps[1] - span_ps[0]
    side = int(range_ps // bin_ps) if bin_ps > 0 else 0
    if side < 1 or span <= 2 * range_ps:
        raise InputError(
            f"bins of {bin_ps} ps to +-{range_ps} ps in a record of {span} ps",
            next_step="take at least one bin on each side, and a range far below the record",
        )
    low = offset_ps - side * bin_ps - bin_ps // 2
    bins = 2 * side + 1
    delays = all_delays(first, second, low_ps=low, high_ps=low + bins * bin_ps)
    counts = np.bincount((delays - low) // bin_ps, minlength=bins)
    centres = low + bin_ps * (np.arange(bins) + 0.5) - 0.5
    live = span - np.abs(centres)
    per_pair = span**2 / (first.size * second.size * float(bin_ps) * live)
    value = counts * per_pair
    shared = 1.0 / first.size + 1.0 / second.size
    u = np.sqrt((counts + 0.5) * per_pair**2 + value**2 * shared)
    rows = [np.asarray(one, dtype=np.float64) for one in (centres - offset_ps, value, u)]
    return ContinuousG2(rows[0], rows[1], rows[2], counts.astype(np.int64), bin_ps)


def heralded_g2(
    herald_ps: ArrayLike,
    first_ps: ArrayLike,
    second_ps: ArrayLike,
    *,
    first_window_ps: tuple[int, int],
    second_window_ps: tuple[int, int],
    probability: float = 0.95,
) -> Reduced:
    """Return the heralded g2(0): N_h N_h12 / (N_h1 N_h2), heralds with a tag in the windows.

    Args:
        herald_ps: Tags of the herald, int64 ps.
        first_ps: Tags of one output of the beam splitter.
        second_ps: Tags of the other.
        first_window_ps: Delays [low, high) after the herald.
        second_window_ps: The same for the other output.
        probability: Of the interval.

    Raises:
        InputError: no herald with a tag in one of the outputs.

    Source: Grangier, Roger and Aspect, Europhys. Lett. 1, 173 (1986), from memory; u from the
        disjoint cells both, first only, second only, none.
    """
    herald = as_tags(herald_ps, least=1, what="the herald")
    one, two = (
        pairs_per_tag(herald, as_tags(tags), low_ps=window[0], high_ps=window[1]) > 0
        for tags, window in ((first_ps, first_window_ps), (second_ps, second_window_ps))
    )
    n, n1, n2 = herald.size, int(np.sum(one)), int(np.sum(two))
    both = int(np.sum(one & two))
    if not (n1 and n2):
        raise InputError(
            f"of {n} heralds {n1} and {n2} have a tag in the windows",
            next_step="check channels and windows",
        )
    scale = n / (n1 * n2)
    value = both * scale
    # Relative derivatives by the cells: both enters N_h12, N_h1, N_h2 and N_h.
    by_one, by_two = 1.0 / n - 1.0 / n1, 1.0 / n - 1.0 / n2
    rest = (n1 - both) * by_one**2 + (n2 - both) * by_two**2 + (n - n1 - n2 + both) / n**2
    by_both = scale + value * (1.0 / n - 1.0 / n1 - 1.0 / n2)
    u = math.sqrt((both + 0.5) * by_both**2 + value**2 * rest)
    low, high = jeffreys_poisson(both, probability=probability)[:2]
    wide = value * math.sqrt(rest) * _two_sided(probability)
    interval = Interval(
        value - math.hypot(value - low * scale, wide),
        value + math.hypot(high * scale - value, wide),
        probability,
    )
    note = f"raw; {n} heralds, {n1} and {n2} with one tag, {both} with both"
    return Reduced(value, u, interval=interval, notes=(note,))
