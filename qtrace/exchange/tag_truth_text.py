"""What is true of simulated tags, as the text of a TOML file.

Inside: `tag_truth_text`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

HEAD = (
    "# Written by qtrace tags simulate: what is true of simulated time tags, which no tag shows.",
    "# No device gave these tags. Offsets and delays in ps, of the second clock minus the first.",
)


def tag_truth_text(tables: Mapping[str, object]) -> str:
    """Return tables within tables as TOML.

    Args:
        tables: Names to texts, numbers, truth values, lists of these, or further tables.
    """
    lines = [*HEAD]
    _write(tables, (), lines)
    return "\n".join([*lines, ""])


def _write(table: Mapping[str, object], path: tuple[str, ...], lines: list[str]) -> None:
    plain = {key: one for key, one in table.items() if not isinstance(one, Mapping)}
    if path and plain:
        lines += ["", f"[{'.'.join(map(_key, path))}]"]
    lines += [f"{_key(key)} = {_value(one)}" for key, one in plain.items()]
    for key, inner in table.items():
        if isinstance(inner, Mapping):
            _write(inner, (*path, key), lines)


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isascii() and bare.isalnum() else json.dumps(key, ensure_ascii=False)


def _value(value: object) -> str:
    """Return a value with all its digits."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # JSON's escapes are TOML's; a delete character is the one that TOML wants besides.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int():
            return str(value)
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            number = float(str(value))
            return repr(number) if math.isfinite(number) else str(number)
