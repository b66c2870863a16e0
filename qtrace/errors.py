"""Errors that say what is wrong, where, and what to do next.

Inside: `QtraceError` and its families by exit code. Raised anywhere; turned into an
exit code at one place only, the command line.
"""

from __future__ import annotations

from typing import ClassVar


class QtraceError(Exception):
    """Root of all errors that qtrace raises on purpose.

    Args:
        what: What is wrong, in the reader's words.
        where: File, line, field, or the stored thing that is meant.
        next_step: What the reader can do about it.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def located(self, where: str) -> QtraceError:
        """Return the same error at an outer place, kept in front of the inner one."""
        inner = f", {self.where}" if self.where else ""
        return type(self)(self.what, where=f"{where}{inner}", next_step=self.next_step)

    def diagnostics(self) -> str:
        """Return the message for people: what, where, what next; one line each."""
        lines = [f"error: {self.what}"]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.next_step:
            lines.append(f"  next:  {self.next_step}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.diagnostics()


class InputError(QtraceError):
    """Usage or bad input; nothing was written. Exit code 2."""

    exit_code: ClassVar[int] = 2


class UnitError(InputError):
    """A unit that is unknown, malformed, or of the wrong dimension. Exit code 2."""


class IntegrityError(QtraceError):
    """A digest, signature, ledger entry or history is wrong. Exit code 3."""

    exit_code: ClassVar[int] = 3


class SetupError(QtraceError):
    """The environment is not ready: no database, old schema, missing key. Exit code 4."""

    exit_code: ClassVar[int] = 4
