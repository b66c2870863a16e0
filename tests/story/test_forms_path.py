"""A dark count of zero, an isolation in dB and what was not detected: from file to judgement."""

from __future__ import annotations

import math

import pytest
from stranger import Laboratory, input_files

HEAD = """\
[calibration]
id = "{label}"
device = "{device}"
laboratory = "NIST-Boulder"
performed = 2021-06-02T12:00:00Z
procedure = "counting in the dark"
validation = "comparison"
"""
ZERO = """
[input.dark]
distribution = "gamma"
counts = 0
time = "250 s"
end = "counting"
"""
LIMIT = """
[[result]]
measurand = "dark_count_rate"
model = "dark"
form = "upper_limit"
p = 0.95
"""
NOT_SEEN = """
[input.gross]
distribution = "gamma"
counts = 31
time = "10 s"
end = "counting"

[input.background]
distribution = "gamma"
counts = 290
time = "100 s"
end = "counting"

[[result]]
measurand = "dark_count_rate"
model = "gross - background"
gross = "gross"
form = "below_detection_limit"
"""
ISOLATION = """
[input.reading]
value = "173 dB"
u = "3 dB"
end = "own_realisation"
statement = "two lasers and a power meter, 2021"

[[result]]
measurand = "optical_isolation"
model = "reading"

[[result]]
name = "leak"
measurand = "backward_transmittance"
model = "power_ratio_of_level(-reading)"
"""
ISOLATOR = """\
[[device]]
id = "ISO-1"
class = "isolator"
manufacturer = "Maker"
model = "I"
serial = "1"
"""
EXACT_LIMIT = -math.log(0.05) / 250.0  # 3.00/T of zero counts
JEFFREYS_LIMIT = 1.92073 / 250.0  # chi-square(1), 95 %, over 2 T
ROUNDED = 1e-5  # of the five digits of 1.92073
DRAWN = 0.02  # a 97.5 % quantile of 1e5 draws of a lognormal, five standard deviations


@pytest.fixture
def own(tmp_path: object) -> Laboratory:
    laboratory = Laboratory(tmp_path)  # type: ignore[arg-type]
    input_files(laboratory.folder)
    for line in ("init", "laboratory add input/nist_2022/register.toml"):
        assert laboratory.qtrace(line).code == 0
    return laboratory


def added(own: Laboratory, text: str, *, label: str = "CAL-F", device: str = "SNSPD-D1") -> object:
    name = own.write(f"{label}.toml", HEAD.format(label=label, device=device) + text)
    return own.qtrace(f"calibration add {name}")


def test_zero_counts_are_recorded_as_an_exact_upper_limit(own: Laboratory) -> None:
    done = added(own, ZERO + LIMIT)
    assert done.code == 0, done.said
    (result,) = done.answer["results"]
    assert result["form"] == "upper_limit"
    assert float(result["interval"][0]) == 0.0
    assert float(result["interval"][1]) == pytest.approx(EXACT_LIMIT, rel=1e-12)
    assert result["interval_method"] == "exact, Garwood (Poisson)"
    # The posterior stays in the graph: 0.5 +- 0.71 counts.
    assert float(result["value"]) == pytest.approx(0.5 / 250.0)
    assert float(result["standard_uncertainty"]) == pytest.approx(math.sqrt(0.5) / 250.0)
    (traced,) = own.qtrace("trace CAL-F/dark_count_rate").answer
    assert traced["statement"]["form"] == "upper_limit"
    text = own.qtrace("trace CAL-F/dark_count_rate", text=True)
    assert "< 0.012 /s (upper limit, 95 %), exact, Garwood (Poisson)" in text.said
    assert "no U: the result is stated as upper limit" in text.said
    assert own.qtrace("audit --all").code == 0


def test_the_jeffreys_limit_is_that_of_the_posterior(own: Laboratory) -> None:
    done = added(own, ZERO + LIMIT + 'limit_method = "posterior"\n')
    assert float(done.answer["results"][0]["interval"][1]) == pytest.approx(
        JEFFREYS_LIMIT, rel=ROUNDED
    )


def test_a_limit_is_a_parent_only_as_its_posterior(own: Laboratory) -> None:
    assert added(own, ZERO + LIMIT).code == 0
    child = """
[input.dark]
result = "CAL-F/dark_count_rate"

[[result]]
measurand = "background_count_rate"
model = "2 * dark"
"""
    refused = added(own, child, label="CAL-CHILD")
    assert refused.code == 2
    assert "a limit has no u that could be propagated" in refused.said
    assert 'as = "posterior"' in refused.said.replace('\\"', '"')
    allowed = child.replace('dark_count_rate"\n\n', 'dark_count_rate"\nas = "posterior"\n\n')
    done = added(own, allowed, label="CAL-CHILD")
    assert done.code == 0, done.said
    (result,) = done.answer["results"]
    # Its few counts reach the child: no U there either, but the interval of draws.
    assert "rests on fewer than 10 counts: dark (0)" in result["linear_refused"]
    assert float(result["interval"][1]) == pytest.approx(2.0 * 2.5119 / 250.0, rel=0.05)


def test_an_estimate_of_few_counts_is_given_as_an_interval(own: Laboratory) -> None:
    done = added(own, ZERO + '\n[[result]]\nmeasurand = "dark_count_rate"\nmodel = "dark"\n')
    (result,) = done.answer["results"]
    assert result["form"] == "estimate"
    assert result["interval_method"].startswith("Monte Carlo, 100000 draws")
    text = own.qtrace("trace CAL-F/dark_count_rate", text=True)
    assert "no U: rests on fewer than 10 counts: dark (0)" in text.said


def test_what_was_not_detected_is_said_with_both_limits(own: Laboratory) -> None:
    done = added(own, NOT_SEEN)
    assert done.code == 0, done.said
    (result,) = done.answer["results"]
    threshold, limit, p = (float(one) for one in result["interval"])
    # ISO 11929: k sqrt(r0/tg + r0/t0), and y# = 2 y* + k^2/tg; r0 with the half of Jeffreys.
    k, r0 = 1.6448536269514722, 290.5 / 100.0
    assert threshold == pytest.approx(k * math.sqrt(r0 / 10.0 + r0 / 100.0), rel=2e-3)
    assert limit == pytest.approx(2.0 * threshold + k * k / 10.0, rel=2e-3)
    assert p == 0.95
    text = own.qtrace("trace CAL-F/dark_count_rate", text=True).said
    assert "not detected; decision threshold 0.93 /s, detection limit 2.14 /s" in text
    detected = added(own, NOT_SEEN.replace("counts = 31", "counts = 61"), label="CAL-SEEN")
    assert detected.code == 2
    assert "it was detected" in detected.said


def test_an_isolation_is_stated_in_its_own_scale(own: Laboratory) -> None:
    assert own.qtrace(f"device add {own.write('iso.toml', ISOLATOR)}").code == 0
    done = added(own, ISOLATION, device="ISO-1")
    assert done.code == 0, done.said
    isolation, leak = done.answer["results"]
    assert (isolation["unit"], float(isolation["value"])) == ("dB", 173.0)
    assert float(isolation["standard_uncertainty"]) == 3.0
    assert "173.0(30) dB" in own.qtrace("trace CAL-F/optical_isolation", text=True).said
    # 69 % of a ratio is no matter for first order: interval of draws, and it is said.
    assert any("69 % of the value" in flag for flag in leak["flags"])
    assert "level is converted" in leak["linear_refused"]
    assert float(leak["interval"][1]) == pytest.approx(10 ** (-17.3 + 0.3 * 1.959964), rel=DRAWN)
    assert any("69 %" in line for line in done.answer["warnings"])
    for bad, why in (
        ('u = "3 %"', "dimension"),
        ('u_relative = "2 %"', "is a level"),
    ):
        refused = added(own, ISOLATION.replace('u = "3 dB"', bad), label="CAL-X", device="ISO-1")
        assert refused.code == 2
        assert why in refused.said
    mixed = ISOLATION.replace('model = "reading"', 'model = "reading + 1"')
    refused = added(own, mixed, label="CAL-X", device="ISO-1")
    assert refused.code == 2
    assert "cannot be added" in refused.said


@pytest.mark.parametrize(
    ("declared", "outcome", "why"),
    [
        ("30000 /s", "MET", "judged as upper limit: the whole statement is within"),
        ("0.005 /s", "NOT_EVALUABLE", "a figure given as upper limit cannot show this limit"),
    ],
)
def test_an_upper_limit_of_zero_counts_is_judged(
    own: Laboratory, declared: str, outcome: str, why: str
) -> None:
    """Calibrate, use in a run, assess: 0.012 /s is at most 30000 /s; 0.005 /s stays open."""
    conditions = (
        'conditions = { wavelength = "1550.5 nm", photon_rate = "2.4e5 /s", '
        'polarization = "maximum", bias = "0.53 V" }\n'
    )
    assert added(own, ZERO + LIMIT + conditions).code == 0
    link = own.read("input/synthetic_link/link.toml").replace("30000 /s", declared)
    own.write("link.toml", link)
    for line in (
        "link add link.toml",
        "run add input/synthetic_link/run.toml",
        "recompute RUN-SYNTHETIC",
    ):
        done = own.qtrace(line)
        assert done.code == 0, done.said
    used = [one for one in done.answer["results"] if one["kind"] == "dark_count_rate"]
    assert [one["form"] for one in used] == ["upper_limit"]
    assessed = own.qtrace("assess LINK-SYNTHETIC --scheme demonstration-link")
    findings = {(one["requirement_id"], one["subject"]): one for one in assessed.answer["findings"]}
    found = findings["SPD-07", "receiver_a"]
    assert found["outcome"] == outcome
    assert float(found["measured_value"]) == pytest.approx(EXACT_LIMIT, rel=1e-12)
    assert why in found["reasons"]
    risk = found["consumer_risk"]
    assert (risk is None) if outcome != "MET" else float(risk) == pytest.approx(0.05)
    assert findings["SPD-07", "receiver_b"]["outcome"] == "NO_EVIDENCE"
