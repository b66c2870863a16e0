"""Draw one channel of time tags through matplotlib: intervals, rate, start-stop.

Inside: `TagLabels`, `tag_picture`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from qtrace.laboratory.time_tags import TagFaults
from qtrace.physics.tags.channel_view import ChannelView, StartStop
from qtrace.report.panels import (
    DATA,
    FIT,
    Panel,
    beside,
    check_matplotlib,
    density_steps,
    in_words,
    log_axes,
    sheet,
    spaced_digits,
    time_scale,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PS = 1e-12
PER = ((1e-6, "us"), (1e-3, "ms"), (1.0, "s"))
DEAD, PULSES = "#15803d", "#b45309"
ROOM = 2.0  # beside the shortest and the longest interval, as a factor


@dataclass(frozen=True, slots=True)
class TagLabels:
    """What the picture says of the file: its name, channels, and what was wrong with it."""

    file: str
    channel: int
    sync: int | None
    simulated: bool
    faults: TagFaults


def tag_picture(view: ChannelView, labels: TagLabels, form: str = "png") -> bytes:
    """Return the picture as PNG or SVG; the same view gives the same bytes.

    Args:
        view: What can be seen of the channel.
        labels: What is said of the file.
        form: "png" or "svg".

    Raises:
        SetupError: matplotlib is not installed.
    """
    check_matplotlib("tags plot")
    panels = [_intervals(view), _rate(view)]
    if view.start_stop is not None:
        panels.append(_start_stop(view.start_stop, labels.sync))
    return sheet(
        panels,
        heading=f"{labels.file}, channel {labels.channel}",
        subtitle=f"{spaced_digits(view.tags)} tags in {in_words(view.span_s)}, "
        "by the tagger's own clock",
        notes=_notes(view, labels.faults),
        mark="SIMULATED" if labels.simulated else "",
        form=form,
    )


def _notes(view: ChannelView, faults: TagFaults) -> list[str]:
    notes = list(view.not_said)
    if faults.lost:
        notes.insert(
            0, "TAGS WERE LOST in this file: rate, dead time and intervals cannot be trusted"
        )
    if view.dead is not None:
        notes += [f"dead time: {one}" for one in view.dead.dead_time.notes]
    if view.afterpulse is not None:
        notes.append(
            "the window of the after-pulses ends where no excess is seen any more: chosen from "
            "these tags; a calibration states its own (docs/detectors_from_tags.md)"
        )
    if view.histogram.zero:
        notes.append(f"{view.histogram.zero} intervals are zero and have no place on the scale")
    if view.histogram.beyond:
        notes.append(
            f"{view.histogram.beyond} intervals are longer than 100 mean ones: is the recording "
            "interrupted?"
        )
    notes.append("for looking: u from counting alone; no figure here is a calibration")
    return notes


def _intervals(view: ChannelView) -> Panel:
    """Return the density of intervals with what the reductions see in it."""

    def draw(axes: Axes) -> None:
        found = view.histogram
        edges = found.edges_ps * PS
        if view.afterpulse is not None and view.afterpulse.first_order.window_ps is not None:
            low, high = view.afterpulse.first_order.window_ps
            first = view.afterpulse.first_order
            words = (
                f"after-pulses in {in_words(low * PS, 3)} to {in_words(high * PS, 3)}: "
                f"({beside(100.0 * first.value, 100.0 * first.u)}) %"
            )
            axes.axvspan(low * PS, high * PS, color=PULSES, alpha=0.16, linewidth=0, label=words)
        words = f"tags; shortest interval {in_words(found.minimum_ps * PS)}"
        density_steps(axes, edges, found.counts, ink=DATA, label=words)
        if view.tail is not None:
            x = np.geomspace(edges[0], edges[-1], 400)
            y = np.array([view.tail.density(float(one) / PS) for one in x]) / PS
            floor = 0.2 / (edges[-1] - edges[0])
            lowest = axes.dataLim.y0 if axes.dataLim.y0 > 0.0 else floor
            keep = y > max(lowest / 3.0, floor)
            rate = view.tail.rate_per_ps / PS
            words = f"exponential tail, carried on: {rate:.4g} /s"
            axes.plot(x[keep], y[keep], "--", color=FIT, linewidth=1.1, label=words)
        if view.dead is not None:
            edge = view.dead.dead_time
            factor, unit = time_scale(np.array([edge.value * PS]))
            scale = PS / factor
            words = f"dead time (50 % edge): {beside(edge.value * scale, edge.u * scale)} {unit}"
            axes.axvline(edge.value * PS, color=DEAD, linewidth=1.3, linestyle=":", label=words)
        axes.set_xlim(edges[0] / ROOM, axes.dataLim.x1 * ROOM)
        log_axes(axes)
        axes.set_xlabel("interval, in s")
        axes.set_ylabel("tags per s of interval")

    return Panel("times between successive tags", draw)


def _rate(view: ChannelView) -> Panel:
    """Return the count rate in blocks, with the scatter that counting alone gives."""

    def draw(axes: Axes) -> None:
        found = view.rate
        mean = float(np.mean(found.rate_per_s))
        edges = np.append(
            found.middle_s - found.block_s / 2, found.middle_s[-1] + found.block_s / 2
        )
        factor, unit = time_scale(np.array([view.span_s]))
        per, per_unit = next(one for one in PER if mean * one[0] >= 1.0 or one[0] == 1.0)
        words = f"rate in blocks of {in_words(found.block_s, 3)}"
        axes.stairs(
            per * found.rate_per_s,
            edges / factor,
            color=DATA,
            linewidth=0.9,
            baseline=None,
            label=words,
        )
        spread = per * np.sqrt(mean / found.block_s)
        middle = per * mean
        words = f"mean {mean:.5g} /s, and one standard deviation of a Poisson count"
        axes.axhspan(
            middle - spread, middle + spread, color=FIT, alpha=0.15, linewidth=0, label=words
        )
        axes.axhline(middle, color=FIT, linewidth=0.9)
        axes.set_xlabel(f"time from the first tag, in {unit}")
        axes.set_ylabel(f"tags per {per_unit}")

    return Panel("count rate over time", draw)


def _start_stop(found: StartStop, sync: int | None) -> Panel:
    title = f"tags less those of channel {sync}"
    if found.widths is not None:
        width = found.widths.fwhm
        factor, unit = time_scale(np.array([width.value * PS]))
        scale = PS / factor
        title += f": FWHM {beside(width.value * scale, width.u * scale)} {unit}"
    return Panel(title, partial(_draw_start_stop, found=found))


def _draw_start_stop(axes: Axes, found: StartStop) -> None:
    edges = found.low_ps + found.bin_ps * np.arange(len(found.counts) + 1, dtype=np.float64)
    factor, unit = time_scale(edges * PS)
    scale = PS / factor
    words = f"pairs in bins of {in_words(found.bin_ps * PS)}"
    axes.stairs(found.counts, edges * scale, color=DATA, linewidth=0.9, baseline=None, label=words)
    axes.set_ylim(bottom=0.0)
    if found.widths is not None:
        peak, fwhm = found.widths.peak_ps, found.widths.fwhm.value
        level = found.widths.background + 0.5 * found.widths.height
        words = "full width at half of the maximum (drawn around the peak)"
        axes.plot(
            [(peak - fwhm / 2) * scale, (peak + fwhm / 2) * scale],
            [level, level],
            "|-",
            color=FIT,
            linewidth=1.3,
            markersize=9,
            label=words,
        )
    axes.set_xlabel(f"delay, in {unit}")
    axes.set_ylabel(f"pairs in {in_words(found.bin_ps * PS)}")
