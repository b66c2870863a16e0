"""What a run declares: intensities, probabilities, epsilons, moments, the set of its proof."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import PROTOCOLS, protocol
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs

DECOY = run_template(protocol("bb84_two_decoy"))
COHERENT = run_template(protocol("gg02_homodyne"))
PAIRS = run_template(protocol("bbm92"))


def read(text: str) -> Run:
    return read_run_file(text.encode(), name="run.toml").run


def refused(text: str, *pairs: tuple[str, str]) -> InputError:
    """Read a file with texts replaced; return the refusal, which says where and what next."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.where.startswith("run.toml"), caught.value.where
    return caught.value


def test_a_decoy_run_is_read_under_the_names_of_the_metrics() -> None:
    text = DECOY.replace("# interval = [0.4704, 0.4896]", "interval = [0.4704, 0.4896]")
    run = read(text)
    assert run.parameters["mean_photon_number_1"] == 0.48
    assert run.parameters["probability_2"] == 0.25
    assert run.parameters["error_correction_efficiency"] == 1.16
    assert run.choices == {
        "key_basis": "z",
        "bound": "hoeffding_gamma",
        "intensity_1": "signal",
        "intensity_2": "decoy",
        "intensity_3": "vacuum",
    }
    assert run.assumptions == {"mean_photon_number_1": (0.4704, 0.4896)}
    assert run.counts["errors_key_1"] + run.counts["agreements_key_1"] == 76147040


def test_the_key_basis_decides_which_rows_are_key() -> None:
    turned = read(DECOY.replace('key_basis = "z"', 'key_basis = "x"'))
    assert turned.counts["errors_test_1"] == read(DECOY).counts["errors_key_1"]


@pytest.mark.parametrize(
    ("old", "new", "what", "field"),
    [
        ("mean_photon_number = 0.12", "mean_photon_number = 0.48", "not below", "intensity[2]"),
        ("mean_photon_number = 0.12", "mean_photon_number = 0.6", "not below", "intensity[2]"),
        ("mean_photon_number = 0.12", "mean_photon_number = -0.1", "below 0", "intensity[2]"),
        ("mean_photon_number = 0.12", "mean_photon_number = nan", "not finite", "intensity[2]"),
        ("mean_photon_number = 0.48", 'mean_photon_number = "1 nW"', "is", "mean_photon_number"),
        ("probability = 0.25", "probability = 0.26", "sum to 1.01, not to 1", "probability"),
        ("probability = 0.25", "probability = 0", "not between 0 and 1", "probability"),
        ("probability = 0.6", "probability = 1", "not between 0 and 1", "probability"),
        ('name = "decoy"', 'name = "signal"', "stands twice", "intensity[2].name"),
        ('key_basis = "z"', "", "the key basis is not named", "run"),
        ('key_basis = "z"', 'key_basis = "key"', "not one of", "run.key_basis"),
        ('bound = "hoeffding_gamma"', 'bound = "best"', "not one of", "run.bound"),
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = 0", "above 0", "epsilon_secrecy"),
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = 1", "below 1", "epsilon_secrecy"),
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = -1e-10", "above 0", "epsilon_secrecy"),
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = nan", "not", "epsilon_secrecy"),
        ("epsilon_secrecy = 1e-10", 'epsilon_secrecy = "1e-10 s"', "1 is expected", "epsilon"),
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = 0.9999999999999", "no security", "param"),
        ("# leak = 1\n", "leak = 1000\n", "2 of leak and error_correction", "error_correction"),
        ("error_correction_efficiency = 1.16\n", "\n", "0 of leak and error_correction", "param"),
        ("error_correction_efficiency = 1.16", "error_correction_efficiency = 0.5", "1 or", "err"),
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = 1e-320", "below 1e-100", "epsilon_secrecy"),
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = 9e-101", "below 1e-100", "epsilon_secrecy"),
        ("mean_photon_number = 0.48", "mean_photon_number = 800", "above 10", "intensity[1].mean"),
        ("mean_photon_number = 0.48", "mean_photon_number = 10.1", "above 10", "intensity[1]"),
        ("# interval = [0.4704, 0.4896]", "interval = [0.47, 10.1]", "above 10", "[1].interval"),
        ("epsilon_secrecy", "epsilon_secret", "did you mean", "epsilon_secret"),
    ],
)
def test_bad_declarations_are_refused_with_line_and_field(
    old: str, new: str, what: str, field: str
) -> None:
    error = refused(DECOY, (old, new))
    assert what in f"{error.what} {error.next_step}"
    assert field in error.where


@pytest.mark.parametrize("smallest", ["1e-308", "1e-310", "1e-200", "5e-324"])
@pytest.mark.parametrize("name", [one.name for one in PROTOCOLS if one.parameters])
def test_no_protocol_takes_an_epsilon_beyond_the_range_of_doubles(name: str, smallest: str) -> None:
    text = run_template(protocol(name))
    names = [one.name for one in protocol(name).parameters if one.kind == "failure_probability"]
    for epsilon in names:
        error = refused(text, (f"\n{epsilon} = 1e-10", f"\n{epsilon} = {smallest}"))
        assert f'"{epsilon}" is {smallest}, below 1e-100' in error.what
        assert (
            f"line {text[: text.index(f'{chr(10)}{epsilon} =')].count(chr(10)) + 2}" in error.where
        )


def test_what_else_may_fail_is_no_smaller_and_may_be_nothing() -> None:
    net = "[net]\nepsilon_authentication = {}\n\n[parameters]"
    error = refused(DECOY, ("[parameters]", net.format("1e-200")))
    assert "below 1e-100" in error.what
    assert (
        read(DECOY.replace("[parameters]", net.format("0"))).parameters["epsilon_authentication"]
        == 0.0
    )


def test_at_the_limits_every_figure_is_a_number() -> None:
    for form in (one for one in PROTOCOLS if not one.comparison):  # clocks have no epsilon
        text = run_template(form)
        for one in form.parameters:
            if one.kind == "failure_probability":
                text = text.replace(f"\n{one.name} = 1e-10", f"\n{one.name} = 1e-100")
        if form.name == "bb84_two_decoy":
            text = text.replace("mean_photon_number = 0.48", "mean_photon_number = 10")
        run = read(text)
        results, _ = run_results(run, form.name, run_inputs(run, form)[0])
        assert all(math.isfinite(one.value) for one in results), form.name


def test_a_missing_intensity_is_refused() -> None:
    start, end = DECOY.index('[[intensity]]\nname = "vacuum"'), DECOY.index("[parameters]")
    error = refused(DECOY[:start] + DECOY[end:])
    assert "has 3 intensities, 2 are given" in error.what


def test_a_missing_row_of_an_intensity_is_refused() -> None:
    error = refused(DECOY, ('  ["x", "vacuum", 118, 12],\n', ""))
    assert "there is no row for basis x, intensity vacuum" in error.what


def test_a_row_of_an_intensity_that_is_not_declared_is_refused() -> None:
    error = refused(DECOY, ('["x", "vacuum", 118', '["x", "blank", 118'))
    assert "row 6, column intensity" in error.where


@pytest.mark.parametrize(
    ("interval", "what"),
    [
        ("[0.49, 0.47]", "no interval"),
        ("[0.48]", "no interval"),
        ("[0.47, nan]", "no interval"),
        ('["a", "b"]', "no interval"),
        ("[0.49, 0.50]", "does not hold the nominal 0.48"),
        ("[-0.1, 0.5]", "lies between 0 and inf"),
    ],
)
def test_a_bad_interval_is_refused(interval: str, what: str) -> None:
    error = refused(DECOY, ("# interval = [0.4704, 0.4896]", f"interval = {interval} #"))
    assert what in error.what
    assert "intensity[1].interval" in error.where


ASSUMED = "[assumption.intensity_correlation]\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (ASSUMED + "at_most = 0.01\n", "has no term for"),
        (ASSUMED + 'ideal_because = ""\n', "ideal_because"),
        (ASSUMED + 'ideal_because = "measured"\nat_most = 0\n', "at_most"),
        ('[assumption.weather]\nideal_because = "sun"\n', "asks for 'weather'"),
    ],
)
def test_an_assumption_that_the_proof_cannot_take_is_refused(text: str, what: str) -> None:
    error = refused(DECOY + "\n" + text)
    assert what in f"{error.what} {error.where}"


def test_an_argument_why_something_is_ideal_is_kept() -> None:
    run = read(DECOY + "\n" + ASSUMED + 'ideal_because = "measured, none found"\n')
    assert run.ideal_because == {"intensity_correlation": "measured, none found"}


@pytest.mark.parametrize(
    ("edge", "what"),
    [("0.4", "beyond the ideal 0.5"), ("1.5", "lies between"), ('"much"', "at_most")],
)
def test_a_limit_beyond_the_ideal_is_refused(edge: str, what: str) -> None:
    error = refused(PAIRS + f"\n[assumption.basis_overlap]\nat_most = {edge}\n")
    assert what in f"{error.what} {error.where}"


def test_an_upper_limit_makes_a_set_from_the_ideal_on() -> None:
    run = read(PAIRS + "\n[assumption.basis_overlap]\nat_most = 0.51\n")
    assert run.assumptions == {"basis_overlap": (0.5, 0.51)}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("bob_variance = 4.587187654945801", "bob_variance = 0.99", "never below shot noise"),
        ("modulation_variance = 18.5", "modulation_variance = 0", "above 0"),
        ("modulation_variance = 18.5", 'modulation_variance = "18.5 V^2"', "1 is expected"),
        ("modulation_variance = 18.5", "modulation_variance = nan", "n"),
        ("modulation_variance = 18.5", "modulation_variance = 18.5\nmodulation_variance_u = -1",
         "not below zero"),
        ("modulation_variance = 18.5\n", "", "modulation_variance"),
        ("symbols_key = 5000000000", "symbols_key = 5000000000.5", "not a whole number"),
        ("symbols_key = 5000000000", "symbols_key = 9007199254740994", "below"),
        ("[moments]", "[moment]", "moments"),
    ],
)  # fmt: skip
def test_bad_moments_are_refused(old: str, new: str, what: str) -> None:
    error = refused(COHERENT, (old, new))
    assert what in f"{error.what} {error.where} {error.next_step}"


def test_an_interval_holds_the_measured_moment() -> None:
    assumed = "\n[assumption.modulation_variance]\ninterval = [{}, {}]\n"
    run = read(COHERENT + assumed.format(18.4, 18.6))
    assert run.assumptions == {"modulation_variance": (18.4, 18.6)}
    assert "does not hold the nominal 18.5" in refused(COHERENT + assumed.format(18.6, 18.7)).what


def test_key_that_was_used_up_is_whole_and_not_negative() -> None:
    net = "\n[net]\nauthentication_key = {}\nverification_key = 64\n"
    assert read(DECOY + net.format(256)).parameters["authentication_key"] == 256.0
    for wrong in ("-1", "0.5", '"256"'):
        assert "authentication_key" in refused(DECOY + net.format(wrong)).where


def test_live_runs_and_their_disposition_are_asked_for() -> None:
    assert "key_disposition" in refused(DECOY, ('key_disposition = "discarded"', "")).what
    assert "key_disposition" in refused(DECOY, ('= "discarded"', '= "secret"')).where


def test_counts_beyond_a_double_are_refused_in_fields_too() -> None:
    old = read_run_file(
        b"""\
[run]
id = "R"
link = "L"
started = 2021-07-01T12:00:00Z
ended = 2021-07-01T12:16:40Z
provenance = "simulated"
key_disposition = "discarded"
[counts]
sifted_z = 500
errors_z = 10
sifted_x = 500
errors_x = 10
[parameters]
error_correction_efficiency = 1.16
epsilon_sampling = 1e-10
epsilon_correctness = 1e-10
epsilon_privacy = 1e-10
""",
        name="run.toml",
    )
    assert old.run.counts["agreements_z"] == 490
    text = PAIRS.replace("186849850", str(2**53 + 1), 1)
    assert "beyond 2^53" in refused(text).what


def test_a_decoy_leak_of_zero_is_refused_when_it_is_read() -> None:
    error = refused(DECOY, ("error_correction_efficiency = 1.16\n", "leak = 0\n"))
    assert '"leak" is 0' in error.what
    assert "above 0" in error.what
