"""What to say when something is not recorded, or is recorded already.

Inside: `not_found`, `already_recorded`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from qtrace.errors import InputError


def not_found(thing: str, given: str, known: Iterable[str], *, next_step: str) -> InputError:
    """Return the error for an unknown name, with the names that come close.

    Args:
        thing: What is looked for, in words ("device", "event").
        given: The name that is not recorded.
        known: All names that are recorded.
        next_step: What to type instead, said where no name comes close.
    """
    close = get_close_matches(given, sorted(known), n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(close)}? otherwise: {next_step}" if close else next_step
    return InputError(f"no {thing} called '{given}' is recorded", where=given, next_step=hint)


def already_recorded(thing: str, given: str, *, recorded_as: str, next_step: str) -> InputError:
    """Return the error for a name or number that is taken.

    Args:
        thing: What was to be recorded, in words.
        given: Its name or number.
        recorded_as: The row that holds the name or number.
        next_step: What to do about it.
    """
    return InputError(
        f"{thing} {given} is already recorded as {recorded_as}; nothing was written",
        where=given,
        next_step=next_step,
    )
