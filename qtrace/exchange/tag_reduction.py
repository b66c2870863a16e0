"""How an input of a calibration is taken from a file of time tags: the table of reductions.

Inside: `Figure`, `Reduction`, `REDUCTIONS`.

Counts are given as disjoint cells with the distribution of a count, so that several results of
one file (both heralding efficiencies) keep their covariance through the inputs that they share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.exchange.tag_fields import Asked
from qtrace.physics.tags.afterpulse import afterpulse_from_intervals, afterpulse_from_pairs
from qtrace.physics.tags.dead_time import dead_time
from qtrace.physics.tags.heralding import SHIFTS, Cells, count_cells
from qtrace.physics.tags.jitter import delays_in_period, delays_to_sync, tail_model, width_bin
from qtrace.physics.tags.jitter import widths as find_widths
from qtrace.physics.tags.rates import count_rate, stationarity
from qtrace.physics.tags.recovery import Recovery, exponential_recovery
from qtrace.physics.tags.reduced import PS_PER_S, Reduced
from qtrace.physics.tags.second_order import (
    LEAST_SIDES,
    PulsedG2,
    continuous_g2,
    heralded_g2,
    pulsed_g2,
)
from qtrace.uncertainty.distributions import TypeB, gamma_counts
from qtrace.uncertainty.inputs import Distribution

PER_S = "/s"
SECOND = "s"
ONE = "1"
NOT_STATIONARY = 0.01  # p-value


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure from tags: its distribution in SI, and notes about window and assumptions."""

    assigned: TypeB
    notes: tuple[str, ...]
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Reduction:
    """How an input is taken from tags: function, unit, what it is in words, and its origin.

    `timed` says that the figure is in the seconds of the tagger, whose calibration it then needs;
    `counted` that it ends in counting.
    """

    function: Callable[[Asked], Figure]
    unit: str
    title: str
    timed: bool
    counted: bool


def _from(found: Reduced, scale: float = 1.0) -> Figure:
    """Turn a reduced figure into a normal, or t where the degrees of freedom are finite."""
    interval = ""
    if found.interval is not None:
        low, high, p = found.interval
        interval = f"interval {low * scale:.6g} to {high * scale:.6g} at {p:g}"
    window: tuple[str, ...] = ()
    if found.window_ps is not None:
        low, high = found.window_ps
        window = (f"window {low:.9g} ps to {high:.9g} ps",)
    u = abs(found.u * scale)
    return Figure(
        TypeB(Distribution.NORMAL, found.value * scale, u, (), found.degrees_of_freedom),
        (*window, *found.notes),
        interval,
    )


def _number(counts: int, *notes: str) -> Figure:
    """Turn a number of events into a count: gamma posterior of a Poisson mean (Jeffreys)."""
    u = math.sqrt(counts + 0.5)
    return Figure(TypeB(Distribution.COUNTS, float(counts), u, (), math.inf), notes)


def _rate(asked: Asked) -> Figure:
    tags = asked.channel()
    span, assumed = asked.span_ps()
    found = count_rate(tags, span_ps=span)
    time_s = (span[1] - span[0]) / PS_PER_S
    doubts: tuple[str, ...] = ()
    if tags.size >= 20:
        steady = stationarity(tags, span_ps=span)
        words = "not stationary" if steady.p_value < NOT_STATIONARY else "stationary"
        doubts = (
            f"{words}: chi-square {steady.chi_square:.4g} of {steady.blocks} blocks, p = "
            f"{steady.p_value:.2g}, Fano factor {steady.fano:.4g}",
        )
    exact = _from(found).interval
    return Figure(
        gamma_counts(int(tags.size), exposure=time_s), (*assumed, *found.notes, *doubts), exact
    )


def _counts(asked: Asked) -> Figure:
    return _number(int(asked.channel().size), f"tags of channel {asked.table.integer('channel')}")


def _dead(asked: Asked) -> Figure:
    found = dead_time(
        asked.channel(),
        resolution_ps=asked.resolution_ps,
        tagger_dead_time_ps=asked.files.dead_time_s * PS_PER_S,
        tail_start_ps=asked.optional_time_ps("tail"),
    )
    figure = _from(found.dead_time, 1.0 / PS_PER_S)
    return Figure(
        figure.assigned,
        (
            *figure.notes,
            f"shortest interval {found.minimum_ps} ps, rise {found.rise_ps:.4g} ps (10 % to 90 %)",
        ),
    )


def _recovery(part: Callable[[Recovery], Reduced]) -> Callable[[Asked], Figure]:
    def found(asked: Asked) -> Figure:
        fit = exponential_recovery(
            asked.channel(),
            horizon_ps=asked.optional_time_ps("horizon"),
            resolution_ps=asked.resolution_ps,
        )
        return _from(part(fit), 1.0 / PS_PER_S)

    return found


def _afterpulse(asked: Asked) -> Figure:
    window = asked.window_ps()
    method = asked.table.one_of("method", ("intervals", "pairs"), "intervals")
    order = asked.table.one_of("order", ("first", "all"), "first")
    if method == "pairs":
        found = afterpulse_from_pairs(
            asked.channel(), window_ps=window, background_ps=asked.window_ps("background")
        )
    else:
        found = afterpulse_from_intervals(
            asked.channel(), window_ps=window, tail_start_ps=asked.optional_time_ps("tail")
        )
    return _from(found.first_order if order == "first" else found.all_orders)


def _jitter(part: str) -> Callable[[Asked], Figure]:
    def found(asked: Asked) -> Figure:
        import numpy as np

        tags = asked.channel()
        delays = (
            delays_to_sync(tags, asked.channel("sync"))
            if asked.table.has("sync")
            else delays_in_period(tags, period_ps=asked.time_ps("period"))
        )
        step = asked.optional_time_ps("bin") or width_bin(delays, resolution_ps=asked.resolution_ps)
        low, high = asked.window_ps()
        edges = np.arange(low, high + step, step)
        counts = np.histogram(delays, bins=edges)[0]
        if part == "variance":
            model = tail_model(counts, bin_ps=step, low_ps=float(low))
            return _from(model.variance_ps2, 1.0 / PS_PER_S**2)
        every = find_widths(counts, bin_ps=step, low_ps=float(low))
        one = {"fwhm": every.fwhm, "tenth": every.tenth, "hundredth": every.hundredth}[part]
        if one is None:
            raise InputError(
                "the counts do not show this width: noise is as large as its level",
                next_step="record for longer, or state the FWHM",
            )
        return _from(one, 1.0 / PS_PER_S)

    return found


def _cell(part: Callable[[Cells], int]) -> Callable[[Asked], Figure]:
    def found(asked: Asked) -> Figure:
        window, shift = asked.window_ps(), asked.whole_ps("shift")
        shifts = asked.number("shifts", SHIFTS)
        cells = count_cells(
            asked.channel("first"),
            asked.channel("second"),
            window_ps=window,
            shift_ps=shift,
            shifts=shifts,
        )
        return _number(
            part(cells),
            f"window {window[0]} ps to {window[1]} ps, second - first; disjoint cells, partners "
            "one to one",
            f"accidentals are the sum of {shifts} windows, {shift} ps apart",
        )

    return found


def _pulsed(asked: Asked) -> PulsedG2:
    return pulsed_g2(
        asked.channel("first"),
        asked.channel("second"),
        period_ps=asked.time_ps("period"),
        window_ps=asked.whole_ps("peak_width"),
        offset_ps=asked.offset_ps(),
        sides=asked.number("sides", LEAST_SIDES),
        skip=asked.number("skip", 0, least=0),
    )


def _continuous(asked: Asked) -> Figure:
    span, assumed = asked.span_ps()
    step = asked.whole_ps("bin")
    curve = continuous_g2(
        asked.channel("first"),
        asked.channel("second"),
        bin_ps=step,
        range_ps=10 * step,
        span_ps=span,
        offset_ps=round(asked.offset_ps()),
    )
    figure = _from(curve.at_zero())
    return Figure(figure.assigned, (*assumed, *figure.notes), figure.interval)


def _heralded(asked: Asked) -> Figure:
    return _from(
        heralded_g2(
            asked.channel("herald"),
            asked.channel("first"),
            asked.channel("second"),
            first_window_ps=asked.window_ps("first_window"),
            second_window_ps=asked.window_ps("second_window"),
        )
    )


def _timed(function: Callable[[Asked], Figure], title: str) -> Reduction:
    return Reduction(function, SECOND, title, timed=True, counted=False)


def _ratio(function: Callable[[Asked], Figure], title: str, unit: str = ONE) -> Reduction:
    return Reduction(function, unit, title, timed=False, counted=True)


REDUCTIONS: Mapping[str, Reduction] = MappingProxyType(
    {
        "counts": _ratio(_counts, "tags of a channel"),
        "count_rate": Reduction(_rate, PER_S, "tags per time", timed=True, counted=True),
        "dead_time": _timed(_dead, "50 % edge of the intervals"),
        "dead_time_of_recovery": _timed(
            _recovery(lambda fit: fit.dead_time), "start of an exponential recovery"
        ),
        "reset_time": _timed(
            _recovery(lambda fit: fit.reset_time), "end of the dead time to 90 % of the efficiency"
        ),
        "recovery_time": _timed(
            _recovery(lambda fit: fit.recovery_time), "event to 90 % of the efficiency"
        ),
        "afterpulse_probability": _ratio(_afterpulse, "after-pulses in the window"),
        "jitter_fwhm": _timed(_jitter("fwhm"), "full width at half of the maximum"),
        "jitter_tenth": _timed(_jitter("tenth"), "full width at 1/10 of the maximum"),
        "jitter_hundredth": _timed(_jitter("hundredth"), "full width at 1/100 of the maximum"),
        "jitter_variance": Reduction(
            _jitter("variance"), "s^2", "variance, Gaussian with tail", timed=True, counted=False
        ),
        "coincidences": _ratio(_cell(lambda one: one.coincidences), "pairs in the window"),
        "only_first": _ratio(_cell(lambda one: one.only_first), "first tags without partner"),
        "only_second": _ratio(_cell(lambda one: one.only_second), "second tags without partner"),
        "accidentals": _ratio(_cell(lambda one: one.accidentals), "pairs in moved windows"),
        "g2_pulsed": _ratio(lambda asked: _from(_pulsed(asked).g2), "g2(0) of pulsed light"),
        "centre_pairs": _ratio(
            lambda asked: _number(_pulsed(asked).centre, "pairs of the central peak"),
            "pairs of the central peak",
        ),
        "side_pairs": _ratio(
            lambda asked: _number(int(_pulsed(asked).sides.sum()), "pairs of all side peaks"),
            "pairs of all side peaks",
        ),
        "g2_continuous": _ratio(_continuous, "g2(0) of continuous light"),
        "g2_heralded": _ratio(_heralded, "heralded g2(0)"),
    }
)
