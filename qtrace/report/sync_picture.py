"""Draw a comparison of two clocks through matplotlib: peaks, offsets, stability, intervals.

Inside: `sync_picture`, `FORMATS`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from qtrace.metrics.timing.offset_record import Peak
from qtrace.metrics.timing.sync_view import IntervalHistogram, LimitCurve, SyncView
from qtrace.physics.timing.deviations import Deviations, JudgedDeviations
from qtrace.report.panels import (
    DATA,
    FIT,
    INKS,
    Panel,
    beside,
    check_matplotlib,
    density_steps,
    in_full,
    in_words,
    log_axes,
    sheet,
    spaced_digits,
    time_scale,
)
from qtrace.report.scan_svg import RUN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = ("png", "svg", "html")
LIMITS = ("#15803d", "#7c3aed", "#b45309", "#be123c")
MOST_SHOWN = 1500  # points of a series that are drawn one by one; of more, the range of each few
STRETCHES = 500
FEW_DOF = 5.0
BEYOND = 1.6  # limits are drawn so far past the first and the last point
STEEP = 3.0  # scatters by which a line must rise over the record to be drawn without it, too


def sync_picture(view: SyncView, form: str = "png") -> bytes:
    """Return the picture as PNG or SVG; the same view gives the same bytes.

    Args:
        view: What `view_of` gave.
        form: "png" or "svg".

    Raises:
        SetupError: matplotlib is not installed.
    """
    check_matplotlib("run plot")
    return sheet(
        _panels(view),
        heading=f"{view.run_id}: {view.title}",
        subtitle=_subtitle(view),
        notes=view.notes,
        mark="SIMULATED" if view.provenance == "simulated" else "",
        form=form,
    )


def _panels(view: SyncView) -> list[Panel]:
    """Return what is drawn, in order: what there is no data for is left out."""
    found = [_peak(peak) for peak in view.record.peaks]
    found += _offsets(view)
    tdev, mtie = view.stability.deviations["time_deviation"], view.stability.mtie
    of_record = f"of this record of {in_words(view.record.length_s)}"
    found.append(_deviation("time deviation (TDEV)", tdev, view.limits, "time_deviation"))
    title = f"maximum time interval error (MTIE) {of_record}"
    found.append(_windows(title, mtie, view.limits, "maximum_time_interval_error"))
    if view.low_passed is not None:
        below = f"dTE_L, below {view.low_passed.cutoff_hz:g} Hz"
        slow, wide = view.low_passed.tdev, view.low_passed.mtie
        found.append(_deviation(f"TDEV of {below}", slow, view.limits, "low_passed_tdev"))
        title = f"MTIE of {below}, {of_record}"
        found.append(_windows(title, wide, view.limits, "low_passed_mtie"))
    stations: dict[str, list[IntervalHistogram]] = {}
    for one in view.intervals:
        stations.setdefault(one.label.partition(":")[0], []).append(one)
    found += [_intervals(name, channels) for name, channels in stations.items()]
    return found


def _subtitle(view: SyncView) -> str:
    record = view.record
    gaps = f", {record.missing} missing" if record.missing else ""
    return (
        f"{spaced_digits(record.steps - record.missing)} offsets B - A{gaps}, one for each "
        f"{in_words(record.interval_s)}; record of {in_words(record.length_s)}"
    )


def _peak(peak: Peak) -> Panel:
    """Return the histogram of delays with its fit."""
    base = round(peak.around_ps)
    value = in_full(base, peak.delay_ps - base, peak.u_ps)
    title = f"{peak.label}: {value} ps, u {peak.u_ps:.2g} ps"
    shift = peak.around_ps - base

    def draw(axes: Axes) -> None:
        bins = peak.low_ps + shift + peak.bin_ps * np.arange(len(peak.counts) + 1)
        words = f"pairs in bins of {peak.bin_ps:g} ps"
        axes.stairs(peak.counts, bins, color=DATA, linewidth=0.9, label=words)
        fit = (
            f"fit: sigma {peak.sigma_ps:.4g} ps, {spaced_digits(round(peak.pairs))} pairs, "
            f"background {peak.background_per_bin:.3g} per bin"
        )
        axes.plot(bins[:-1] + peak.bin_ps / 2, peak.fitted, color=FIT, linewidth=1.3, label=fit)
        axes.set_ylim(bottom=0.0)
        axes.set_xlabel(f"delay less {spaced_digits(base)} ps, in ps", parse_math=False)
        axes.set_ylabel(f"pairs in {peak.bin_ps:g} ps", parse_math=False)

    return Panel(title, draw)


def _offsets(view: SyncView) -> list[Panel]:
    """Return the offsets with their line, and what is left of them where the line is steep."""
    record, line = view.record, view.line
    drawn = line.at(record.elapsed_s) - line.offset_s
    whole = record.offset_s - line.offset_s
    left = whole - drawn
    scatter = float(np.nanstd(left))
    base, text = _reference(record.base_s + line.offset_s, scatter)
    fitted = f"line: {_frequency(line.frequency_deviation, line.u_frequency)} s/s"
    shift = (record.base_s - base) + line.offset_s
    panels = [
        Panel(
            f"offsets B - A less {text}",
            partial(_points, view=view, values=whole + shift, fit=drawn + shift, words=fitted),
        )
    ]
    if float(np.ptp(drawn)) > STEEP * scatter:
        name = f"offsets B - A less the line; standard deviation {in_words(scatter, 3)}"
        panels.append(Panel(name, partial(_points, view=view, values=left, fit=None, words="")))
    return panels


def _reference(value_s: float, scatter_s: float) -> tuple[float, str]:
    """Return a round time near an offset, in steps of its scatter, and how it is written."""
    finest = math.floor(math.log10(scatter_s)) if scatter_s > 0.0 else -15
    if finest >= -12:
        whole = round(value_s * 1e12)
        return whole * 1e-12, f"{spaced_digits(whole)} ps"
    whole = round(value_s * 1e15)
    return whole * 1e-15, f"{spaced_digits(whole)} fs"


def _frequency(value: float, u: float) -> str:
    """Write a frequency deviation in parts with its u, both with one power of ten."""
    if not math.isfinite(value) or value == 0.0:
        return f"{value:g}, u {u:.2g}"
    power = math.floor(math.log10(max(abs(value), u)))
    scale = 10.0**power
    return f"({beside(value / scale, u / scale)}) x 1e{power}"


def _points(
    axes: Axes, view: SyncView, values: np.ndarray, fit: np.ndarray | None, words: str
) -> None:
    """Draw offsets over time, with their u while they are few."""
    record = view.record
    factor, unit = time_scale(values)
    t_factor, t_unit = _hours(record.length_s)
    t = record.elapsed_s / t_factor
    if len(t) <= MOST_SHOWN:
        u = record.u_s / factor
        bars = np.where(np.isfinite(u), u, 0.0)
        said = bool(bars.any())
        axes.errorbar(
            t,
            values / factor,
            yerr=bars if said else None,
            fmt=".",
            markersize=3.5,
            elinewidth=0.7,
            color=DATA,
            label="offset, with u" if said else "offset, no u stated",
        )
    else:
        _envelope(axes, t, values / factor)
    if fit is not None:
        axes.plot(t, fit / factor, color=FIT, linewidth=1.1, label=words)
    else:
        axes.axhline(0.0, color=FIT, linewidth=0.9)
    axes.set_xlabel(f"time from the start, in {t_unit}", parse_math=False)
    axes.set_ylabel(f"B - A{' less line' if fit is None else ''}, in {unit}", parse_math=False)


def _envelope(axes: Axes, t: np.ndarray, values: np.ndarray) -> None:
    """Draw many offsets as the range and the mean of each few of them; gaps stay gaps."""
    each = math.ceil(len(t) / STRETCHES)
    number = math.ceil(len(t) / each)
    padded = np.full(number * each, np.nan)
    padded[: len(t)] = values
    rows = padded.reshape(number, each)
    given = np.isfinite(rows)
    mean = np.where(given, rows, 0.0).sum(axis=1) / np.where(
        given.any(axis=1), given.sum(axis=1), np.nan
    )
    low, high = np.fmin.reduce(rows, axis=1), np.fmax.reduce(rows, axis=1)
    middle = t[np.minimum(np.arange(number) * each + each // 2, len(t) - 1)]
    words = f"range of each {each} offsets of {spaced_digits(int(given.sum()))}"
    axes.fill_between(middle, low, high, color=DATA, alpha=0.25, linewidth=0.0, label=words)
    axes.plot(middle, mean, color=DATA, linewidth=0.8, label="their mean")


def _hours(length_s: float) -> tuple[float, str]:
    if length_s > 2 * 86400:
        return 86400.0, "d"
    return (3600.0, "h") if length_s > 2 * 3600 else (1.0, "s")


def _deviation(
    title: str, found: JudgedDeviations, limits: tuple[LimitCurve, ...], quantity: str
) -> Panel:
    """Return a deviation with its intervals, and each limit of it."""

    def draw(axes: Axes) -> None:
        good = np.isfinite(found.value) & (found.value > 0.0)
        tau, value = found.tau_s[good], found.value[good]
        low, high = found.low[good], found.high[good]
        known = np.isfinite(low) & np.isfinite(high)
        bars = np.where(known, np.vstack((value - low, high - value)), 0.0)
        axes.errorbar(
            tau,
            value,
            yerr=bars,
            fmt="o",
            markersize=3.5,
            elinewidth=0.9,
            capsize=2,
            color=DATA,
            label=f"value with its {found.probability:.0%} interval; its upper end is judged",
        )
        few = ~(found.dof[good] >= FEW_DOF)
        if few.any():
            words = f"fewer than {FEW_DOF:g} degrees of freedom: not judged"
            axes.plot(tau[few], value[few], "o", markersize=7, mfc="none", color=RUN, label=words)
        _limits(axes, limits, quantity, tau)
        log_axes(axes)
        axes.set_xlabel("averaging time, in s")
        axes.set_ylabel("TDEV, in s")

    return Panel(title, draw)


def _windows(title: str, found: Deviations, limits: tuple[LimitCurve, ...], quantity: str) -> Panel:
    """Return MTIE of a record, and each limit of it."""

    def draw(axes: Axes) -> None:
        good = np.isfinite(found.value) & (found.value > 0.0)
        tau = found.tau_s[good]
        words = "largest in this record; no interval is known for it"
        axes.plot(
            tau, found.value[good], "o-", markersize=3.5, linewidth=0.9, color=DATA, label=words
        )
        _limits(axes, limits, quantity, tau)
        log_axes(axes)
        axes.set_xlabel("observation interval, in s")
        axes.set_ylabel("MTIE, in s")

    return Panel(title, draw)


def _limits(axes: Axes, limits: tuple[LimitCurve, ...], quantity: str, tau: np.ndarray) -> None:
    """Draw the limits piece by piece; one that has none in this range says where it begins."""
    if not len(tau):
        return
    first, last = float(tau[0]) / BEYOND, float(tau[-1]) * BEYOND
    for k, one in enumerate(one for one in limits if one.quantity == quantity):
        ink, label = LIMITS[k % len(LIMITS)], one.label
        pieces = [
            np.geomspace(max(low, first), min(high, last), 60)
            for low, high, _, _ in one.segments
            if max(low, first) < min(high, last)
        ]
        if not pieces:
            begin, end = one.segments[0][0], one.segments[-1][1]
            label += f" (from {begin:g} s to {end:g} s: not in this picture)"
        values = [one.values(piece * (1.0 + 1e-12 * (np.arange(60) == 0))) for piece in pieces]
        x = np.concatenate(pieces) if pieces else np.empty(0)
        y = np.concatenate(values) if values else np.empty(0)
        axes.plot(x, y, "--", color=ink, linewidth=1.3, label=label)


def _intervals(name: str, channels: list[IntervalHistogram]) -> Panel:
    """Return the densities of times between successive tags of one station."""

    def draw(axes: Axes) -> None:
        for one, ink in zip(channels, INKS * len(channels), strict=False):
            density_steps(
                axes, one.edges_s, one.counts, ink=ink, label=one.label.partition(": ")[2]
            )
        log_axes(axes)
        axes.set_xlabel("interval, in s")
        axes.set_ylabel("tags per s of interval")

    return Panel(f"{name}: times between successive tags", draw)
