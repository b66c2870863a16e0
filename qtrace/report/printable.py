"""Make texts of records safe to show: no control, no reordering, no unpaired characters.

Inside: `printable`, `spaced`. Records come from files that strangers wrote; an escape sequence
must not steer a terminal, nor a bidirectional mark turn a line of a report around.
Source: Unicode Standard Annex 9 (bidirectional characters); XML 1.0, production 2 (Char).
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_WHITE = re.compile(r"\s+")
# Control, surrogate, private use and unassigned characters; of format characters, all.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    """Return a text on one line, with every unsafe character replaced by a visible mark.

    Args:
        text: Anything from a record.
    """
    flat = _WHITE.sub(" ", text).strip()
    return "".join(
        REPLACEMENT if unicodedata.category(character) in _UNSAFE else character
        for character in flat
    )


def spaced(name: str) -> str:
    """Return an identifier as words: "system_detection_efficiency" without underscores."""
    return printable(name).replace("_", " ")
