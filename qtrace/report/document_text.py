"""Any record as indented text, for `show` commands.

Inside: `document_text`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

WIDTH = 80


def document_text(value: object) -> str:
    """Return a document (what `encode` gives) as indented lines of at most 80 columns."""
    return "\n".join(_lines(value, 0))


def _lines(value: object, indent: int) -> list[str]:
    pad = "  " * indent
    if isinstance(value, Mapping):
        lines = []
        for key, item in value.items():
            if item in ("", None, [], {}):
                continue
            if isinstance(item, Mapping | list):
                lines.append(f"{pad}{key}:")
                lines.extend(_lines(item, indent + 1))
            else:
                lines.extend(_wrapped(f"{key}: {item}", pad))
        return lines
    if isinstance(value, list):
        lines = []
        for item in value:
            if isinstance(item, Mapping | list):
                inner = _lines(item, indent + 1)
                lines.append(f"{pad}- {inner[0].strip()}" if inner else f"{pad}-")
                lines.extend(inner[1:])
            else:
                lines.extend(_wrapped(f"- {item}", pad))
        return lines
    return _wrapped(str(value), pad)


def _wrapped(text: str, pad: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=pad,
        subsequent_indent=f"{pad}    ",
        break_on_hyphens=False,
    ) or [pad]
