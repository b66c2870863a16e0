"""Draw a scan as PNG through matplotlib, an optional extra that is imported only here.

Inside: `scan_png`, `check_plot`.
"""

from __future__ import annotations

import importlib.util
import io
from typing import TYPE_CHECKING

from qtrace.errors import SetupError
from qtrace.report.columns import wrapped
from qtrace.report.scan_picture import Line, Mark, Picture
from qtrace.report.scan_svg import INK, RUN, SOFT, STYLES, limit_inks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEAD, PLOT, AXIS, ROW = 9.2, 0.7, 3.7, 0.62, 0.185  # inches
LEFT = 0.1  # of the width
DOTS_PER_INCH = 120
COLUMNS = 132
DASHES = ("-", "--", ":", "-.", (0, (6, 2, 2, 2, 2, 2)), (0, (1, 4)))


def check_plot() -> None:
    """Check that a PNG can be drawn.

    Raises:
        SetupError: matplotlib is not installed.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise SetupError(
            "a PNG needs matplotlib, which is not installed",
            where="--png",
            next_step='pip install "qtrace-metrology[plot]", or take --svg, which needs nothing',
        )


def scan_png(picture: Picture) -> bytes:
    """Return the same picture as the SVG, as PNG.

    Args:
        picture: What `picture_of` gave.

    Raises:
        SetupError: matplotlib is not installed.
    """
    check_plot()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    notes = [line for note in picture.notes for line in wrapped(note, COLUMNS)]
    rows = len(picture.lines) + len(picture.limits) + 2 * (picture.mark is not None)
    below = AXIS + ROW * (rows + len(notes)) + 0.2
    height = HEAD + PLOT + below
    figure = Figure(figsize=(WIDTH, height), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((LEFT, below / height, 0.97 - LEFT, PLOT / height))
    head, size = picture.title, _title_size(picture.title)
    figure.text(LEFT, 1.0 - 0.3 / height, head, fontsize=size, fontweight="bold", parse_math=False)
    under = 1.0 - 0.55 / height
    figure.text(LEFT, under, picture.subtitle, fontsize=8, color=SOFT, parse_math=False)
    if picture.log_x:
        axes.set_xscale("log")
    if picture.log_y:
        axes.set_yscale("log")
    axes.set_xlim(*picture.x)
    axes.set_ylim(*picture.y)
    axes.grid(visible=True, axis="y", color="#e5e7eb")
    axes.set_xlabel(picture.abscissa, parse_math=False)
    axes.set_ylabel(picture.ordinate, parse_math=False)
    for limit, ink in limit_inks(picture):
        _line(axes, limit, ink=ink, dash=(0, (2, 5)))
    for line, (ink, _), dash in zip(picture.lines, STYLES, DASHES, strict=False):
        _line(axes, line, ink=ink, dash=dash)
        ends = [end for end in line.ends if picture.x[0] <= end <= picture.x[1]]
        axes.plot(ends, [picture.y[0]] * len(ends), "x", color=ink, clip_on=False)
    if picture.mark is not None:
        _run(axes, picture.mark, floor=picture.y[0] if picture.log_y else None)
    _legend(figure, axes, top=(below - AXIS + 0.1) / height)
    bottom, words = 0.12 / height, "\n".join(notes)
    figure.text(LEFT, bottom, words, fontsize=7, color=SOFT, va="bottom", parse_math=False)
    out = io.BytesIO()
    # No version of the library in the file: the same scan gives the same bytes there.
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _legend(figure: Figure, axes: Axes, *, top: float) -> None:
    """Write the words of the lines below the plot, as they are: no formulas in them."""
    handles = [one for one in axes.get_lines() if not str(one.get_label()).startswith("_")]
    legend = figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(LEFT - 0.02, top),
        frameon=False,
        fontsize=7.5,
    )
    for words in legend.get_texts():
        words.set_parse_math(False)


def _title_size(title: str) -> float:
    """Return the size at which a title fits, in points."""
    return max(5.5, min(11.0, 880.0 / max(1, len(title))))


def _line(axes: Axes, line: Line, *, ink: str, dash: object) -> None:
    """Draw a curve; the first piece carries its words, an empty one where there is none."""
    pieces = line.pieces or ((),)
    for k, piece in enumerate(pieces):
        axes.plot(
            [x for x, _ in piece],
            [y for _, y in piece],
            color=ink,
            linestyle=dash,
            linewidth=1.4,
            label=line.words if k == 0 else f"_{k}",
        )


def _run(axes: Axes, mark: Mark, *, floor: float | None) -> None:
    def at(value: float) -> float:
        return value if floor is None else max(value, floor)

    words = "\n".join(wrapped(mark.words, COLUMNS))
    if mark.interval is not None:
        low, high = (at(one) for one in mark.interval)
        axes.plot([mark.x] * 2, [low, high], "_-", color=RUN, linewidth=1.0, markersize=8)
    if mark.certified is not None and mark.nominal is not None:
        axes.plot([mark.x] * 2, [at(mark.certified), at(mark.nominal)], color=RUN, linewidth=3.5)
    if mark.nominal is not None:
        axes.plot(
            [mark.x], [at(mark.nominal)], "o", markerfacecolor="#ffffff", color=RUN, label="_ring"
        )
    shown = [] if mark.certified is None else [at(mark.certified)]
    axes.plot([mark.x] * len(shown), shown, "o", color=RUN, label=words)
    axes.tick_params(colors=INK)
