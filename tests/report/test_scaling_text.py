"""What the text of a scaling fit calls shown, and what it does not."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.exchange.scaling_file import read_scaling_file
from qtrace.metrics.sensing.scaling_statement import state_scaling
from qtrace.physics.sensing.scaling import ScalingPoint, fit_scaling
from qtrace.report.scaling_text import scaling_text

HEAD = """\
[scaling]
id = "S"
quantity = "phase_uncertainty"
counts = "probes"
provenance = "simulated"
"""


def series(exponent: float, relative: float = 0.05, head: str = HEAD) -> bytes:
    points = "".join(
        f'[[point]]\nN = {n}\nu = "{0.3 * n**exponent!r} rad"\n'
        f'u_of_u = "{0.3 * relative * n**exponent!r} rad"\n'
        for n in (1, 10, 100)
    )
    return f"{head}{points}".encode()


def words(exponent: float, relative: float = 0.05) -> dict[str, str]:
    """Return the head of each statement by what it is about."""
    lines = scaling_text(state_scaling(read_scaling_file(series(exponent, relative)))).splitlines()
    told = [one for one in lines if "that of " in one]
    assert len(told) == 2
    assert max(map(len, lines)) <= 80
    return {("limit" if "Heisenberg" in one else "independent"): one[:10].strip() for one in told}


def test_what_is_told_apart_is_shown_and_what_is_not_is_not() -> None:
    assert words(-0.5) == {"independent": "not shown", "limit": "shown"}
    assert words(-1.0) == {"independent": "shown", "limit": "not shown"}
    assert words(-0.75, 1.0) == {"independent": "not shown", "limit": "not shown"}


def test_a_confidence_of_one_but_for_rounding_is_refused() -> None:
    head = HEAD + "confidence = 0.9999999999999999\n"
    with pytest.raises(InputError, match="1 - 1e-9"):
        read_scaling_file(series(-0.5, head=head))
    points = [ScalingPoint(float(n), n**-0.5) for n in (1, 10, 100)]
    with pytest.raises(InputError, match="1 - 1e-9"):
        fit_scaling(points, probability=1.0 - 1e-16)
    assert all(map(math.isfinite, fit_scaling(points, probability=1.0 - 1e-9).interval))


def test_a_phase_that_no_interferometer_has_is_refused() -> None:
    text = series(-0.5).decode().replace('u = "0.3 rad"', 'u = "1e300 rad"')
    with pytest.raises(InputError, match="above 10 rad") as caught:
        read_scaling_file(text.encode(), name="s.toml")
    assert "u" in caught.value.where
