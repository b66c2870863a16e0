"""A sheet of panels through matplotlib: titles and words stand beside the data, never on it.

Inside: `Panel`, `sheet`, `form_of`, `check_matplotlib`, `log_axes`, `time_scale`, `in_words`,
`spaced_digits`, `in_full`, `beside`, `density_steps`.

Each panel has its title and the words of its lines above its axes, as high as they need to be; so
no legend hides a point. In an SVG texts are texts: they can be searched and read aloud.
"""

from __future__ import annotations

import importlib.util
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qtrace.errors import InputError, SetupError
from qtrace.quantity.notation import decimal_text, round_uncertainty
from qtrace.report.columns import wrapped
from qtrace.report.printable import printable
from qtrace.report.scan_svg import INK, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURES = ("png", "svg")
DOTS_PER_INCH = 120
# Inches: the sheet, its margins, and what stands around each pair of axes.
WIDTH, SIDE, GUTTER, AXES_HEIGHT = 11.0, 0.8, 0.95, 2.35
HEAD, UNDER, LINE, TITLE = 0.78, 0.72, 0.155, 0.2
COLUMNS, NOTE_COLUMNS = 72, 170
GRID, STAMP = "#e5e7eb", "#a61b1b"
DATA, FIT = "#1f5fa8", "#c2410c"
INKS = ("#1f5fa8", "#c2410c", "#15803d", "#7c3aed")
_UNITS = ((1e-15, "fs"), (1e-12, "ps"), (1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s"))
LEAST_DRAWN = 5  # counts in a bin of a density
MINUS = "\N{MINUS SIGN}"
FEW_DECADES = 1.7  # where an axis is shorter, 2 and 5 have numbers as well


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes: its title, and what draws the rest into them."""

    title: str
    draw: Callable[[Axes], None]


def check_matplotlib(command: str) -> None:
    """Check that a picture can be drawn.

    Args:
        command: Who asks, for the message.

    Raises:
        SetupError: matplotlib is not installed.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise SetupError(
            "a picture needs matplotlib, which is not installed",
            where=f"qtrace {command}",
            next_step='pip install "qtrace-metrology[plot]"',
        )


def form_of(path: Path, *, command: str, forms: tuple[str, ...] = PICTURES) -> str:
    """Return the format that the suffix of a file asks for.

    Args:
        path: Where to write.
        command: Who asks, for messages.
        forms: What may be asked for.

    Raises:
        InputError: another suffix, or none.
        SetupError: matplotlib is not installed.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in forms:
        endings = [f".{one}" for one in forms]
        raise InputError(
            f"{path.name!r} ends in {path.suffix or 'no suffix'}: it says no format",
            where="--out",
            next_step=f"name a file that ends in {', '.join(endings[:-1])} or {endings[-1]}",
        )
    check_matplotlib(command)
    return form


def sheet(
    panels: Iterable[Panel],
    *,
    heading: str,
    subtitle: str,
    notes: Iterable[str] = (),
    mark: str = "",
    form: str = "png",
) -> bytes:
    """Return panels, two in a row, as PNG or SVG; the same panels give the same bytes.

    Args:
        panels: What is drawn.
        heading: Title of the sheet.
        subtitle: What stands below it.
        notes: Lines at the foot.
        mark: What must not be overlooked, such as SIMULATED; printed large beside the title.
        form: "png" or "svg".
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = list(panels)
    foot = [line for note in notes for line in wrapped(printable(note), NOTE_COLUMNS)]
    # No ids by chance in the file, and words as words.
    with rc_context({"svg.hashsalt": heading, "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(WIDTH, 1.0), dpi=DOTS_PER_INCH)
        FigureCanvasAgg(figure)
        _place(figure, drawn, heading=heading, subtitle=subtitle, foot=foot)
        if mark:
            _stamp(figure, mark)
        out = io.BytesIO()
        metadata = {"Software": None} if form == "png" else {"Date": None, "Creator": None}
        figure.savefig(out, format=form, metadata=metadata)
    return out.getvalue()


def _place(
    figure: Figure, panels: list[Panel], *, heading: str, subtitle: str, foot: list[str]
) -> None:
    """Draw all panels, then give each row the height that its words need."""
    wide = (WIDTH - 2 * SIDE - GUTTER) / 2
    axes, words, titles = [], [], []
    for panel in panels:
        one = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        _dress(one)
        panel.draw(one)
        axes.append(one)
        words.append(_words(one))
        titles.append(wrapped(printable(panel.title), COLUMNS - 8))
    above = [
        TITLE * len(t) + LINE * sum(len(text) for _, text in w)
        for t, w in zip(titles, words, strict=True)
    ]
    rows = [max(above[k : k + 2]) for k in range(0, len(panels), 2)]
    subtitles = wrapped(printable(subtitle), NOTE_COLUMNS - 20)
    head = HEAD + LINE * (len(subtitles) - 1)
    height = head + sum(row + AXES_HEIGHT + UNDER for row in rows) + LINE * len(foot) + 0.12
    figure.set_size_inches(WIDTH, height)

    def text(x: float, y: float, what: str, size: float, color: str, *, bold: bool = False) -> None:
        weight = "bold" if bold else "normal"
        figure.text(
            x / WIDTH, 1.0 - y / height, what, fontsize=size, color=color, fontweight=weight,
            va="top", parse_math=False,
        )  # fmt: skip

    text(SIDE, 0.18, printable(heading), min(13.0, 1100.0 / max(1, len(heading))), INK, bold=True)
    for k, line in enumerate(subtitles):
        text(SIDE, 0.45 + LINE * k, line, 8.5, SOFT)
    top = head
    for k, one in enumerate(axes):
        left = SIDE + (k % 2) * (wide + GUTTER)
        row = rows[k // 2]
        y = top + row - above[k]
        for line in titles[k]:
            text(left, y, line, 9.5, INK)
            y += TITLE
        _legend(figure, words[k], left=left, top=y, height=height)
        low = 1.0 - (top + row + 0.06 + AXES_HEIGHT) / height
        one.set_position((left / WIDTH, low, wide / WIDTH, AXES_HEIGHT / height))
        if k % 2 or k + 1 == len(axes):
            top += row + AXES_HEIGHT + UNDER
    for k, line in enumerate(foot):
        text(SIDE, top + LINE * k, line, 7.2, SOFT)


def _stamp(figure: Figure, mark: str) -> None:
    figure.text(
        1.0 - SIDE / WIDTH,
        1.0 - 0.2 / figure.get_figheight(),
        printable(mark),
        fontsize=12,
        fontweight="bold",
        color=STAMP,
        ha="right",
        va="top",
        bbox={"edgecolor": STAMP, "facecolor": "none", "linewidth": 1.6, "pad": 4.0},
        parse_math=False,
    )


def _dress(axes: Axes) -> None:
    from matplotlib.ticker import FuncFormatter

    # A common power of ten would be printed above the axes, where the words stand.
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.9g}".replace("-", MINUS)))
    axes.tick_params(labelsize=7.5, colors=INK)
    axes.xaxis.label.set_fontsize(8.5)
    axes.yaxis.label.set_fontsize(8.5)
    axes.grid(visible=True, color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)


def _words(axes: Axes) -> list[tuple[Any, list[str]]]:
    """Return what the lines of a panel are called, in lines that fit."""
    from matplotlib.container import Container

    found = list(zip(*axes.get_legend_handles_labels(), strict=True))
    # Points with bars come last there; they are the data, and read first.
    found.sort(key=lambda pair: not isinstance(pair[0], Container))
    return [(handle, wrapped(printable(str(label)), COLUMNS)) for handle, label in found]


def _legend(
    figure: Figure, words: list[tuple[Any, list[str]]], *, left: float, top: float, height: float
) -> None:
    """Write the words of the lines between title and axes."""
    y = top
    for handle, lines in words:
        legend = figure.legend(
            [handle],
            ["\n".join(lines)],
            loc="upper left",
            bbox_to_anchor=(left / WIDTH, 1.0 - y / height),
            frameon=False,
            fontsize=7.5,
            borderpad=0.0,
            borderaxespad=0.0,
            handlelength=1.9,
            handletextpad=0.7,
            numpoints=1,
        )
        for one in legend.get_texts():
            one.set_parse_math(False)
        y += LINE * len(lines)


def log_axes(axes: Axes, *, x: bool = True, y: bool = True) -> None:
    """Make scales logarithmic; short ones get numbers at 2 and 5, long ones no crowd of them."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if x:
        axes.set_xscale("log")
    if y:
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        decades = math.log10(high / low)
        if decades > 1.0:
            axes.set_ylim(10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high)))
    for axis, wanted, (low, high) in (
        (axes.xaxis, x, axes.get_xlim()),
        (axes.yaxis, y, axes.get_ylim()),
    ):
        if not wanted:
            continue
        axis.set_minor_formatter(NullFormatter())
        if math.log10(high / low) < FEW_DECADES:
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_minor_locator(LogLocator(subs=(3.0, 4.0, 6.0, 7.0, 8.0, 9.0)))
            axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))


def _tick(value: float) -> str:
    """Return a number of a short logarithmic scale: plain, or with its power of ten."""
    if 1e-3 <= value < 1e5:
        return f"{value:g}"
    mantissa, _, power = f"{value:.0e}".partition("e")
    front = "" if mantissa == "1" else rf"{mantissa} \times "
    return f"${front}10^{{{int(power)}}}$"


def time_scale(values: np.ndarray) -> tuple[float, str]:
    """Return the unit, in s, in which the largest of some times reads well."""
    largest = float(np.nanmax(np.abs(values))) if np.any(np.isfinite(values)) else 1.0
    fitting = [one for one in _UNITS if one[0] <= largest]
    return fitting[-1] if fitting else _UNITS[0]


def in_words(seconds: float, digits: int = 4) -> str:
    """Write a time with the unit in which it reads well."""
    factor, unit = time_scale(np.array([seconds]))
    return f"{decimal_text(float(f'{seconds / factor:.{digits}g}'))} {unit}"


def spaced_digits(number: int | Decimal) -> str:
    """Write a number in full, in groups of three."""
    return (
        f"{number:,f}".replace(",", " ")
        if isinstance(number, Decimal)
        else (f"{number:,}".replace(",", " "))
    )


def in_full(base: int, rest: float, u: float) -> str:
    """Write base + rest to the last digit of its u, and the u; a double would lose digits."""
    if not (math.isfinite(u) and u > 0.0):
        return spaced_digits(base + round(rest))
    rounded = Decimal(round_uncertainty(u))
    value = Decimal(base) + Decimal(rest)
    places = max(0, -int(rounded.as_tuple().exponent))
    return spaced_digits(round(value, places))


def beside(value: float, u: float) -> str:
    """Write a value to the last digit of its u, and the u: "0.12, u 0.64"."""
    if not (math.isfinite(u) and u > 0.0):
        return f"{value:.6g}"
    rounded = round_uncertainty(u)
    places = len(rounded.partition(".")[2])
    return f"{value:.{places}f}, u {rounded}"


def density_steps(
    axes: Axes, edges: np.ndarray, counts: np.ndarray, *, ink: str, label: str
) -> None:
    """Draw counts over width as steps; thin bins are joined until each holds a few counts.

    Bins with one count or none would show only the ones that happened to be hit, too high.
    """
    kept, parts, held = [edges[0]], [], 0
    last = int(np.flatnonzero(counts)[-1]) if np.any(counts) else 0
    for k in range(last + 1):
        held += int(counts[k])
        if held >= LEAST_DRAWN or k == last:
            parts.append(held / (edges[k + 1] - kept[-1]))
            kept.append(edges[k + 1])
            held = 0
    axes.stairs(parts, kept, color=ink, linewidth=1.0, baseline=None, label=label)
