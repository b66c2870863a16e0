"""How wide a line of text is drawn, and where to break it so that it stays in its box.

Inside: `line_width`, `wrap_to_width`.

A drawing cannot ask the reader's machine for its fonts, so each character counts as in the wider
of two common faces, and hardly any other sans-serif face is wider than both.
Source: advance widths of DejaVu Sans 2.37 and Liberation Sans 2 (metrics of Arial and Helvetica),
regular and bold, in 1/1000 em.
"""

from __future__ import annotations

import re

# U+0020 to U+007E, in order.
_REGULAR = (
    *(318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337),
    *(636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 556),
    *(1015, 684, 686, 722, 770, 667, 611, 778, 752, 295, 500, 667, 557, 863, 748, 787),
    *(667, 787, 722, 667, 611, 732, 684, 989, 685, 667, 685, 390, 337, 390, 838, 556),
    *(500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612),
    *(635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838),
)
_BOLD = (
    *(348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365),
    *(696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 611),
    *(1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 556, 775, 637, 995, 837, 850),
    *(733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 556),
    *(500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687),
    *(716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838),
)
_FIRST, _LAST = 0x20, 0x7E
_LATIN_END = 0x24F  # Latin letters with marks, and signs such as ± and ×
_PICTURES = 0x1F000  # pictographs are wider than an em in most fonts
_WIDE_LATIN, _OTHER, _PICTURE = 1050, 1150, 1450
# A long word may be broken behind these; they are kept at the end of the line.
_JOINTS = re.compile(r"(?<=[/_\-.:,;=+@])")


def line_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return an upper estimate of the width of a line.

    Args:
        text: One line.
        size: Font size in px.
        bold: Whether it is set in bold.

    Returns:
        Width in px.
    """
    table = _BOLD if bold else _REGULAR
    return sum(_advance(ord(character), table) for character in text) * size / 1000.0


def _advance(code: int, table: tuple[int, ...]) -> int:
    if _FIRST <= code <= _LAST:
        return table[code - _FIRST]
    if code <= _LATIN_END:
        return _WIDE_LATIN
    return _OTHER if code < _PICTURES else _PICTURE


def wrap_to_width(text: str, width: float, *, size: float, bold: bool = False) -> list[str]:
    """Break a text into lines that are not wider than a width.

    Lines break at spaces, inside long words behind joints such as "/" or "_", and only where
    that does not help between any two characters.

    Args:
        text: Text without line breaks.
        width: Widest line, in px; at least one character is set on each line.
        size: Font size in px.
        bold: Whether it is set in bold.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if line_width(joined, size, bold=bold) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _break_word(word, width, size=size, bold=bold)
        lines.extend(full)
    return [*lines, line] if line else lines


def _break_word(word: str, width: float, *, size: float, bold: bool) -> list[str]:
    """Break one word: behind joints where possible, else anywhere."""
    pieces: list[str] = []
    for part in _JOINTS.split(word):
        if line_width(part, size, bold=bold) <= width:
            pieces.append(part)
        else:
            pieces.extend(part)
    lines = [""]
    for piece in pieces:
        if lines[-1] and line_width(lines[-1] + piece, size, bold=bold) > width:
            lines.append(piece)
        else:
            lines[-1] += piece
    return lines
