"""Draw a comparison of two clocks through matplotlib: peaks, offsets, stability, intervals.

Inside: `sync_picture`, `form_of`, `FORMATS`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.timing.offset_record import Peak
from qtrace.metrics.timing.sync_view import IntervalHistogram, LimitCurve, SyncView
from qtrace.report.columns import wrapped
from qtrace.report.scan_png import check_plot
from qtrace.report.scan_svg import INK, RUN, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = ("png", "svg")
WIDTH, PANEL, HEAD = 10.4, 3.35, 0.85  # inches
DOTS_PER_INCH = 120
DATA, FIT = "#1f5fa8", "#c2410c"
LIMITS = ("#15803d", "#7c3aed", "#b45309", "#be123c")
COLUMNS = 150
MOST_SHOWN = 4000  # points of a series that are drawn one by one
_UNITS = ((1e-15, "fs"), (1e-12, "ps"), (1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s"))


def form_of(path: Path) -> str:
    """Return the format that a file name asks for.

    Raises:
        InputError: neither PNG nor SVG.
        SetupError: matplotlib is not installed.
    """
    check_plot()
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise InputError(
            f"a picture is no {path.suffix or 'file without suffix'!r}",
            where="--out",
            next_step="name a file that ends in .png or .svg",
        )
    return form


def sync_picture(view: SyncView, form: str = "png") -> bytes:
    """Return the picture as PNG or SVG; the same view gives the same bytes.

    Args:
        view: What `view_of` gave.
        form: One of `FORMATS`.

    Raises:
        SetupError: matplotlib is not installed.
    """
    check_plot()
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = _panels(view)
    rows = (len(panels) + 1) // 2
    notes = [line for note in view.notes for line in wrapped(note, COLUMNS)]
    height = HEAD + PANEL * rows + 0.16 * len(notes) + 0.15
    figure = Figure(figsize=(WIDTH, height), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    left = 0.075
    figure.text(
        left,
        1.0 - 0.3 / height,
        f"{view.run_id}: {view.title}",
        fontsize=12,
        fontweight="bold",
        color=INK,
        parse_math=False,
    )
    figure.text(
        left, 1.0 - 0.52 / height, _subtitle(view), fontsize=8.5, color=SOFT, parse_math=False
    )
    for k, draw in enumerate(panels):
        row, column = divmod(k, 2)
        top = 1.0 - (HEAD + PANEL * row) / height
        box = (left + 0.485 * column, top - (PANEL - 0.75) / height, 0.4, (PANEL - 0.95) / height)
        draw(figure.add_axes(box))
    figure.text(
        left, 0.1 / height, "\n".join(notes), fontsize=7, color=SOFT, va="bottom", parse_math=False
    )
    out = io.BytesIO()
    # No version, date or random ids in the file.
    with rc_context({"svg.hashsalt": view.run_id, "svg.fonttype": "path"}):
        metadata = {"Software": None} if form == "png" else {"Date": None, "Creator": None}
        figure.savefig(out, format=form, metadata=metadata)
    return out.getvalue()


def _panels(view: SyncView) -> list[Callable[[Axes], None]]:
    """Return what is drawn, in order: what there is no data for is left out."""
    found: list[Callable[[Axes], None]] = []
    found += [partial(_peak, peak=peak) for peak in view.record.peaks]
    found += [partial(one, view=view) for one in (_offsets, _tdev, _mtie)]
    found += [partial(_intervals, one=one) for one in view.intervals]
    return found


def _subtitle(view: SyncView) -> str:
    record = view.record
    mark = "SIMULATED. " if view.provenance == "simulated" else ""
    return (
        f"{mark}{record.steps - record.missing} offsets B - A, one for each "
        f"{record.interval_s:g} s; record of {record.length_s:.4g} s"
    )


def _scale(values: np.ndarray) -> tuple[float, str]:
    """Return the unit in which the largest of some times reads well."""
    largest = float(np.nanmax(np.abs(values))) if np.any(np.isfinite(values)) else 1.0
    fitting = [one for one in _UNITS if one[0] <= largest]
    return fitting[-1] if fitting else _UNITS[0]


def _dress(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=9.5, loc="left", color=INK, parse_math=False)
    axes.set_xlabel(x, fontsize=8.5, parse_math=False)
    axes.set_ylabel(y, fontsize=8.5, parse_math=False)
    axes.tick_params(labelsize=7.5, colors=INK)
    axes.grid(visible=True, color="#e5e7eb", linewidth=0.6)
    axes.set_axisbelow(True)


def _legend(axes: Axes, where: Literal["best", "upper left"] = "best") -> None:
    legend = axes.legend(fontsize=7, frameon=True, framealpha=0.85, edgecolor="none", loc=where)
    for words in legend.get_texts():
        words.set_parse_math(False)


def _peak(axes: Axes, peak: Peak) -> None:
    """Draw the histogram of delays with its fit."""
    bins = peak.low_ps + peak.bin_ps * (np.arange(len(peak.counts)) + 0.5)
    axes.step(bins, peak.counts, where="mid", color=DATA, linewidth=0.9, label="pairs")
    words = f"fit: sigma {peak.sigma_ps:.4g} ps, {peak.pairs:.4g} pairs"
    axes.plot(bins, peak.fitted, color=FIT, linewidth=1.4, label=words)
    axes.set_ylim(0.0, 1.28 * max(float(peak.counts.max(initial=1)), float(peak.fitted.max())))
    _dress(
        axes,
        f"{peak.label}: {peak.delay_ps:.6g} ps, u {peak.u_ps:.3g} ps",
        f"delay less {peak.around_ps:.0f} ps, in ps",
        f"pairs in {peak.bin_ps:g} ps",
    )
    _legend(axes, "upper left")


def _offsets(axes: Axes, view: SyncView) -> None:
    """Draw offsets less the fitted line's middle, with the line."""
    record, line = view.record, view.line
    given = np.isfinite(record.offset_s)
    residual = record.offset_s[given] - line.offset_s
    factor, unit = _scale(residual)
    t_factor, t_unit = _hours(record.length_s)
    t = record.elapsed_s[given] / t_factor
    if int(given.sum()) <= MOST_SHOWN:
        u = record.u_s[given] / factor
        bars = np.where(np.isfinite(u), u, 0.0)
        axes.errorbar(
            t,
            residual / factor,
            yerr=bars if bars.any() else None,
            fmt=".",
            markersize=3,
            elinewidth=0.5,
            color=DATA,
            label="offset, with u",
        )
    else:
        axes.plot(t, residual / factor, ",", color=DATA, label="offset")
    words = f"line: {line.frequency_deviation:.3g} s/s, u {line.u_frequency:.2g}"
    drawn = (line.at(record.elapsed_s[given]) - line.offset_s) / factor
    axes.plot(t, drawn, color=FIT, linewidth=1.3, label=words)
    _dress(
        axes,
        f"offsets B - A less {record.base_s + line.offset_s:.12g} s",
        f"time from the start, in {t_unit}",
        f"in {unit}",
    )
    _legend(axes)


def _hours(length_s: float) -> tuple[float, str]:
    if length_s > 2 * 86400:
        return 86400.0, "d"
    return (3600.0, "h") if length_s > 2 * 3600 else (1.0, "s")


def _tdev(axes: Axes, view: SyncView) -> None:
    """Draw TDEV with its intervals, and each limit of it."""
    found = view.stability.deviations["time_deviation"]
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
        label=f"TDEV with its {found.probability:.0%} interval",
    )
    few = found.dof[good] < 5.0
    axes.plot(tau[few], value[few], "o", markersize=6.5, mfc="none", color=RUN, label="dof below 5")
    _limits(axes, view.limits, "time_deviation", tau)
    _log(axes)
    _dress(axes, "time deviation", "averaging time, in s", "TDEV, in s")
    _legend(axes)


def _mtie(axes: Axes, view: SyncView) -> None:
    """Draw MTIE of the record, and each limit of it."""
    found = view.stability.mtie
    good = np.isfinite(found.value) & (found.value > 0.0)
    tau = found.tau_s[good]
    words = f"MTIE of this record of {view.record.length_s:.4g} s"
    axes.plot(tau, found.value[good], "o-", markersize=3.5, linewidth=0.9, color=DATA, label=words)
    _limits(axes, view.limits, "maximum_time_interval_error", tau)
    _log(axes)
    _dress(axes, "maximum time interval error", "observation interval, in s", "MTIE, in s")
    _legend(axes)


def _log(axes: Axes) -> None:
    """Make both scales logarithmic, with whole decades on the ordinate and no crowded words."""
    from matplotlib.ticker import NullFormatter

    axes.set_xscale("log")
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_ylim(10.0 ** np.floor(np.log10(low)), 10.0 ** np.ceil(np.log10(high)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())


def _limits(axes: Axes, limits: tuple[LimitCurve, ...], quantity: str, tau: np.ndarray) -> None:
    if not len(tau):
        return
    grid = np.geomspace(float(tau[0]), float(tau[-1]), 200)
    for k, one in enumerate(one for one in limits if one.quantity == quantity):
        ink = LIMITS[k % len(LIMITS)]
        axes.plot(grid, one.values(grid), "--", color=ink, linewidth=1.2, label=one.label)


def _intervals(axes: Axes, one: IntervalHistogram) -> None:
    """Draw the density of times between successive tags."""
    width = np.diff(one.edges_s)
    density = one.counts / width
    middle = np.sqrt(one.edges_s[:-1] * one.edges_s[1:])
    seen = one.counts > 0
    axes.step(middle[seen], density[seen], where="mid", color=DATA, linewidth=0.9)
    _log(axes)
    _dress(axes, f"{one.label}: times between tags", "interval, in s", "tags per s of interval")
