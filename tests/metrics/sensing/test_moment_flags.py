"""A u of a moment beyond its shots removes the interval; one beyond a third of it bends a ratio."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.laboratory.figure_flags import U_REFUSED, disqualifying
from qtrace.laboratory.recording import NewResult
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.protocol import WrittenMoments
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs
from qtrace.metrics.sensing.spin_moments import above_zero, beyond_shots, spin_doubts, spin_moments

GAINS = ("variance_gain", "deviation_gain", "variance_gain_level")
SHOTS_U = 4e-7 * 499 / 497 * math.sqrt(2 / 495)  # of the network's variance in the template


def figures(name: str, *changes: tuple[str, str]) -> dict[str, NewResult]:
    """The figures of a template with some lines changed."""
    form = protocol(name)
    text = run_template(form)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    run = read_run_file(text.encode(), name="t.toml").run
    results, _ = run_results(run, name, run_inputs(run, form)[0])
    return {one.name: one for one in results}


def network(u: str) -> dict[str, NewResult]:
    return figures("sensor_network", ("network_variance_u = 4e-09", f"network_variance_u = {u}"))


def test_an_u_that_the_shots_explain_leaves_their_interval() -> None:
    for one in network(repr(SHOTS_U)).values():
        assert not any("larger than its shots" in flag for flag in one.flags)
        assert one.interval is not None, one.name


def test_a_larger_u_removes_the_interval_and_stands_in_u() -> None:
    found = network("4e-8")
    for name in (*GAINS, "phase_uncertainty"):
        assert found[name].interval is None, name
        assert any("larger than its shots explain" in flag for flag in found[name].flags)
        assert not any(flag.endswith(U_REFUSED) for flag in found[name].flags)
    # GUM Eq. 12: a tenth of the network and 6.4 % of the shots of the reference, in quadrature.
    relative = math.hypot(0.1, 499 / 497 * math.sqrt(2 / 495))
    gain = found["variance_gain"]
    assert gain.standard_uncertainty / gain.value == pytest.approx(relative, rel=1e-3)


def test_an_u_of_the_reference_does_not_touch_the_phase_of_the_network() -> None:
    changed = ("reference_variance_u = 1.1e-08", "reference_variance_u = 4e-7")
    found = figures("sensor_network", changed)
    assert found["variance_gain"].interval is None
    assert found["phase_uncertainty"].interval is not None
    # The gain is linear in the reference: first order holds however large its u is.
    assert not any(flag.endswith(U_REFUSED) for flag in found["variance_gain"].flags)


@pytest.mark.parametrize("u", ["1.5e-7", "1.9e-6"])
def test_beyond_a_third_of_the_value_no_u_of_a_gain_is_stated(u: str) -> None:
    assert any(flag.endswith(U_REFUSED) for flag in network(u)["variance_gain"].flags)


def test_a_squeezed_variance_beyond_a_third_is_no_gain_but_a_parameter() -> None:
    """xi_R^2 is linear in the variance, its inverse is not."""
    found = figures("spin_squeezing", ("spin_variance_u = 20", "spin_variance_u = 1500"))
    assert any(flag.endswith(U_REFUSED) for flag in found["variance_gain"].flags)
    assert not any(flag.endswith(U_REFUSED) for flag in found["wineland_parameter"].flags)


def test_an_u_of_many_times_the_value_is_refused() -> None:
    with pytest.raises(InputError, match="100 times its value") as caught:
        network("4e-5")
    assert "network_variance_u" in caught.value.where


def test_squeezing_below_the_heisenberg_limit_is_refused_whatever_its_u() -> None:
    """xi_R^2 is 1.7e-5 here, and 1/N 2.2e-5: an u of five times that explains nothing."""
    moments = {"spin_variance": (0.15, 0.7), "spin_length": (20_000.0, 50.0)}
    with pytest.raises(InputError, match="below 1/N"):
        spin_moments(WrittenMoments(moments, {"atom_number": 45_000.0}, {}, frozenset()))
    known = {"atom_number": (45_000.0, 800.0), **moments}
    assert disqualifying(spin_doubts(known))
    with pytest.raises(InputError):
        figures(
            "spin_squeezing",
            ("spin_variance = 2000.0", "spin_variance = 1e-9"),
        )
    one = {"atom_number": (1.0, 0.0), "spin_variance": (0.25, 0.01), "spin_length": (0.5, 0.01)}
    assert not disqualifying(spin_doubts(one)), "one spin along its mean has just 1/N"


def test_a_step_beyond_zero_has_no_value() -> None:
    assert math.isnan(float(above_zero(-1e-9)))
    assert float(above_zero(2.0)) == 2.0
    assert math.isnan(float(above_zero(0.0)))


def test_moments_without_shots_are_not_compared_with_them() -> None:
    assert beyond_shots({"network_variance": (1.0, 9.0)}, {}) == frozenset()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("sensor_network", "network_variance = 4e-07", "network_variance = 1e-300"),
        ("sensor_network", "reference_variance = 1.1e-06", "reference_variance = 1e-300"),
        ("spin_squeezing", "spin_length = 20000.0", "spin_length = 1e-300"),
        ("spin_squeezing", "spin_variance = 2000.0", "spin_variance = 1e-300"),
    ],
)
def test_moments_that_leave_the_range_of_doubles_are_refused(name: str, old: str, new: str) -> None:
    with pytest.raises(InputError) as caught:
        figures(name, (old, new))
    assert new.partition(" ")[0] in caught.value.where


def test_the_least_moments_that_are_taken_give_finite_figures() -> None:
    found = figures(
        "sensor_network",
        ("network_variance = 4e-07\nnetwork_variance_u = 4e-09", "network_variance = 1e-30"),
    )
    assert all(math.isfinite(one.value + one.standard_uncertainty) for one in found.values())
