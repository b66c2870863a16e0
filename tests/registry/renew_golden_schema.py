"""Writes golden_schema.sql from the migrations; read the difference before you keep it."""

from __future__ import annotations

from pathlib import Path

from qtrace.registry.migration import expected_schema


def golden_text() -> str:
    """Return the schema, one statement a line, in order of type and name."""
    return "".join(f"{statement};\n" for _, statement in expected_schema())


if __name__ == "__main__":
    Path(__file__).with_name("golden_schema.sql").write_text(golden_text(), encoding="utf-8")
