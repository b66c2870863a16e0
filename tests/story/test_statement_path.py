"""Quantities that outlive one event: shared by reference, and taken out of certificates."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from link_bench import add, bench_at, breaks, calibration, own, result, sound, traced, tried
from stranger import Laboratory

ROUNDED = 1e-9
RADIOMETER = """\
[statement]
id = "STMT-1"
laboratory = "LAB"
performed = 2021-01-01T00:00:00Z
source = "letter of the laboratory, 2021-01-04"

[input.radiometer]
value = "1"
u = "0.001"
end = "own_realisation"
statement = "cryogenic radiometer of LAB"

[input.wavelength]
value = "1550 nm"
u = "0.01 nm"
end = "own_realisation"
statement = "wavemeter against an absorption line"
"""
SCOPE = """
[[laboratory]]
id = "LAB-B"
name = "Accredited"

[[laboratory.competence]]
kind = "indication_ratio"
route = "accredited"
low = 0.5
high = 2
U = "0.004"
valid_from = 2020-01-01T00:00:00Z
valid_until = 2025-01-01T00:00:00Z
reference = "scope 1"
"""


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    made = bench_at(tmp_path)
    done = add(made, RADIOMETER, "statement add")
    assert done["inputs"] == ["STMT-1/radiometer", "STMT-1/wavelength"]
    add(made, SCOPE, "laboratory add")
    return made


def certified(
    label: str, device: str, *, expanded: str = "0.0040", shared: str = "STMT-1/radiometer"
) -> str:
    """Return a calibration that takes over a certificate with a declared shared part."""
    text = (
        f'[input.cf]\nvalue = "1.000"\nU = "{expanded}"\nk = 2\nU_exact = true\n'
        f'certificate = {{ issuer = "LAB-B", number = "{label}", route = "accredited", '
        'available = true, kind = "indication_ratio", issued = "2021-03-01" }\n'
        f'shared = [{{ statement = "{shared}", sensitivity = 1 }}]\n'
    )
    return calibration(label, device, "2021-06-01", text, result("indication_ratio", "cf"))


def test_two_certificates_share_what_their_laboratory_declares(bench: Laboratory) -> None:
    for label, device in (("CAL-1", "PM-1"), ("CAL-2", "PM-2")):
        done = add(bench, certified(label, device))
        # Neither less nor more than the certificate says: the shared part is inside it.
        assert float(done["results"][-1]["standard_uncertainty"]) == pytest.approx(0.002)
    found = traced(bench, "CAL-1/indication_ratio", other="CAL-2/indication_ratio")
    ((*_, r),) = found["correlations"]
    assert float(r) == pytest.approx((0.001 / 0.002) ** 2, rel=ROUNDED)
    lines = dict(zip(found["budget"]["owners"], found["budget"]["lines"], strict=True))
    assert float(lines["CAL-1/cf"]["contribution"]) == pytest.approx(math.sqrt(3.0) * 0.001)
    assert float(lines["STMT-1/radiometer"]["contribution"]) == pytest.approx(0.001)
    assert not breaks(bench, "CAL-1/indication_ratio")
    assert sound(bench)


def test_capability_is_compared_with_the_certificate_not_with_its_remainder(
    bench: Laboratory,
) -> None:
    """U = 0.0040 meets the capability of 0.004; what is left, 0.0035, would not."""
    add(bench, certified("CAL-1", "PM-1"))
    assert not breaks(bench, "CAL-1/indication_ratio")
    add(bench, certified("CAL-2", "PM-2", expanded="0.0030"))
    assert breaks(bench, "CAL-2/indication_ratio") == {"not competent"}


def test_a_certificate_that_claims_less_than_its_source_is_refused(bench: Laboratory) -> None:
    before = bench.ledger()
    done = tried(bench, certified("CAL-1", "PM-1", expanded="0.0018"))
    assert done.code == 2
    assert "claims less than its source" in done.said
    assert "line" in done.said
    assert bench.ledger() == before


def test_a_quantity_of_a_statement_is_one_variable_for_all(bench: Laboratory) -> None:
    shared = '[input.line]\nstatement = "STMT-1/wavelength"\n'
    for label, device in (("CAL-1", "PM-1"), ("CAL-2", "PM-2")):
        inputs = shared + own("ratio", "1", "0")
        made = result("indication_ratio", "ratio * line / other")
        inputs += own("other", "1550 nm", "0 nm")
        add(bench, calibration(label, device, "2021-06-01", inputs, made))
    found = traced(bench, "CAL-1/indication_ratio", other="CAL-2/indication_ratio")
    assert float(found["statement"]["standard_uncertainty"]) == pytest.approx(0.01 / 1550)
    assert float(found["correlations"][0][-1]) == pytest.approx(1.0)
    assert not breaks(bench, "CAL-1/indication_ratio")
    assert sound(bench)


def test_withdrawing_a_statement_breaks_what_rests_on_it(bench: Laboratory) -> None:
    add(bench, certified("CAL-1", "PM-1"))
    done = bench.qtrace("calibration withdraw STMT-1 --reason wrong").answer
    assert done["events"] == ["CAL-1"]
    assert "withdrawn" in breaks(bench, "CAL-1/indication_ratio")


def test_statements_are_listed_by_the_names_that_files_use(bench: Laboratory) -> None:
    listed = bench.qtrace("statement list").answer
    assert [one["name"] for one in listed] == ["STMT-1/radiometer", "STMT-1/wavelength"]
    assert "STMT-1/wavelength" in bench.qtrace("statement list", text=True).out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("STMT-1/radiometer", "STMT-1/radio", "radiometer"),
        ("STMT-1/radiometer", "STMT-9/radiometer", "STMT-9"),
        ("STMT-1/radiometer", "STMT-1", "does not name an input"),
        ("STMT-1/radiometer", "STMT-1/wavelength", "dimension"),
        (', kind = "indication_ratio"', "", "names its kind"),
        ("sensitivity = 1", "sensitivity = 1, sensitivty = 2", "unknown field"),
        (
            'U = "0.0040"\nk = 2\nU_exact = true',
            'half_width = "0.1"\ndistribution = "triangular"',
            "taken out",
        ),
    ],
)
def test_a_shared_part_that_cannot_be_is_refused(
    bench: Laboratory, old: str, new: str, words: str
) -> None:
    text = certified("CAL-1", "PM-1")
    assert old in text
    done = tried(bench, text.replace(old, new))
    assert done.code == 2, done.said
    assert words in done.said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('value = "1"\nu = "0.001"\nend = "own_realisation"\nstatement = "cryogenic radiometer of LAB"',
         'result = "CAL-1/x"', "refers to nothing else"),
        ("2021-01-01", "2091-01-01", "after its recording"),
        ('laboratory = "LAB"', 'laboratory = "LAC"', "LAC"),
        ("source = ", "sauce = ", "source"),
    ],
)  # fmt: skip
def test_a_wrong_statement_is_refused(bench: Laboratory, old: str, new: str, words: str) -> None:
    text = RADIOMETER.replace("STMT-1", "STMT-2")
    assert old in text
    done = tried(bench, text.replace(old, new), "statement add")
    assert done.code == 2
    assert words in done.said
