"""Numbers that are possible each and impossible together are refused at reading, with a place."""

from __future__ import annotations

import re

import pytest

from qtrace.errors import InputError
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.metrics.catalogue import protocol


def template(name: str) -> str:
    return run_template(protocol(name))


def refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read_run_file(text.encode(), name="run.toml")
    assert re.match(r"run\.toml, line \d+", caught.value.where)
    return caught.value


def with_number(text: str, name: str, number: str) -> str:
    changed, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = {number}", text, count=1)
    assert count == 1, name
    return changed


@pytest.mark.parametrize("name", ["bb84_two_decoy", "bb84_asymptotic"])
def test_a_signal_below_decoy_and_vacuum_is_refused(name: str) -> None:
    text = template(name)
    weak = re.sub(r'(name = "decoy"\nmean_photon_number = ).*', r"\g<1>0.3", text)
    error = refused(re.sub(r'(name = "vacuum"\nmean_photon_number = ).*', r"\g<1>0.2", weak))
    assert "not above both decoys together" in error.what
    assert "intensity[1].mean_photon_number" in error.where


DECOY = template("bb84_two_decoy")


@pytest.mark.parametrize(
    ("first", "second"),
    [("[0.30, 0.49]", "[0.10, 0.30]"), ("[0.20, 0.49]", "[0.10, 0.31]")],
)
def test_intervals_that_meet_are_refused(first: str, second: str) -> None:
    text = DECOY.replace("# interval = [0.4704, 0.4896]", f"interval = {first}", 1)
    text = text.replace(
        "mean_photon_number = 0.12", f"mean_photon_number = 0.12\ninterval = {second}"
    )
    error = refused(text)
    assert "their intervals overlap" in error.what
    assert "intensity[2].interval" in error.where


def test_intervals_count_in_the_sum_but_not_for_bounds_with_a_condition_of_their_own() -> None:
    text = DECOY.replace("# interval = [0.4704, 0.4896]", "interval = [0.13, 0.49]", 1)
    text = text.replace(
        "mean_photon_number = 0.12", "mean_photon_number = 0.12\ninterval = [0.11, 0.1299]"
    )
    assert "not above both" in refused(text).what
    varying = next(p.bound for p in protocol("bb84_two_decoy").proofs if "varying" in p.bound)
    read_run_file(re.sub(r'bound = ".*"', f'bound = "{varying}"', text).encode())


@pytest.mark.parametrize(
    ("name", "field", "number", "what"),
    [
        ("gg02_homodyne", "bob_variance", "1.0", "is below shot noise"),
        ("gg02_homodyne", "covariance", "18.6", "larger than any passive channel"),
        ("gg02_heterodyne", "covariance", "15.0", "larger than any passive channel"),
        ("gg02_heterodyne", "bob_variance", "1.0", "is below shot noise"),
    ],
)
def test_moments_that_no_channel_gives_are_refused(
    name: str, field: str, number: str, what: str
) -> None:
    error = refused(with_number(template(name), field, number))
    assert what in error.what
    assert f"moments.{field}" in error.where


def test_a_calibrated_receiver_brings_the_unit_and_is_judged_later() -> None:
    text = with_number(template("gg02_homodyne"), "bob_variance", "1.0")
    role = '\n[[role]]\nrole = "receiver"\ndevice = "REC"\n'
    kept = re.sub(r"(?ms)^\[\[role\]\].*?(?=^\[|\Z)", "", text)
    assert read_run_file((kept + role).encode()).run.moments["bob_variance"][0] == 1.0


def test_key_that_was_used_up_is_a_number_that_is_exact() -> None:
    net = "[net]\nauthentication_key = {}\n\n[parameters]"
    error = refused(DECOY.replace("[parameters]", net.format(10**24), 1))
    assert "beyond 2^53" in error.what
    assert "net.authentication_key" in error.where
    read_run_file(DECOY.replace("[parameters]", net.format(2**53), 1).encode())


def test_a_sum_over_a_basis_beyond_2_to_53_is_refused() -> None:
    text = re.sub(r'\["z", "signal", \d+', f'["z", "signal", {2**53 - 10}', DECOY)
    error = refused(text)
    assert "beyond 2^53: sums" in error.what
    assert "counts" in error.where
