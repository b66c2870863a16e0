"""A calibration file is read as it was meant, or refused with file, line and field."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from qtrace.errors import InputError, UnitError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.laboratory.draft import CalibrationDraft, InputDraft
from qtrace.laboratory.event import EndKind, EventKind
from qtrace.laboratory.laboratory import Route
from qtrace.ledger.digest import file_digest
from qtrace.uncertainty.inputs import BlockKind, Distribution, Evaluation

BAD = "# <- bad"
GOOD = """\
[calibration]
id = "CAL-1"
device = "SPD-1"
laboratory = "LAB"
performed = 2021-06-01T14:00:00+02:00
state = "as_left"
procedure = "substitution"
validation = "comparison"
source = "a notebook"
flags = ["the date is ours"]

[input.counts]
value = "1000 /s"
u = "12 /s"
type = "A"
n = 10
s = "38 /s"
u_of = "mean"
reading_time = "1 s"
end = "counting"
instrument = "COUNTER"
instrument_kind = "time_base_frequency"

[input.dark]
value = "100 /s"
U = "6 /s"
k = 2
end = "counting"

[input.rate]
result = "CAL-0/photon_rate"

[[correlation]]
names = ["counts", "dark"]
matrix = [[1, 0.25], ["0.25", 1]]
reason = "one counter"

[[result]]
measurand = "system_detection_efficiency"
conditions = { wavelength = "1550.5 nm", polarization = "maximum", bias = 0.5 }
model = "net / rate"

[[result]]
name = "net"
measurand = "count_rate"
model = "counts - dark"
unit = "/s"
drift = { bound = "0.2 %/a", source = "assumed" }
"""
# The bias above has no unit; the good file says volts.
GOOD = GOOD.replace("bias = 0.5 }", 'bias = "0.5 V" }')


def read(text: str) -> CalibrationDraft:
    return read_calibration(text.encode(), name="cal.toml")


def replaced(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, f"{old!r} must stand once in the good file"
    return GOOD.replace(old, new)


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(text)
    return caught.value


def line_of_bad(text: str) -> int:
    return text[: text.index(BAD)].count("\n") + 1


def one_input(body: str) -> InputDraft:
    return input_and_warnings(body)[0]


def input_and_warnings(body: str) -> tuple[InputDraft, tuple[str, ...]]:
    draft = read(
        '[calibration]\nid = "C"\ndevice = "D"\nlaboratory = "L"\nroute = "accredited"\n'
        f"performed = 2021-06-01T12:00:00Z\n[input.x]\n{body}\n"
        '[[result]]\nmeasurand = "count_rate"\nmodel = "x"\n'
    )
    return draft.inputs[0], draft.warnings


def test_a_good_file_is_read_whole_and_without_warnings() -> None:
    draft = read(GOOD)
    event = draft.event
    assert (event.label, event.device_id, event.laboratory_id) == ("CAL-1", "SPD-1", "LAB")
    assert event.performed_at == datetime(2021, 6, 1, 12, tzinfo=UTC)
    assert (event.kind, event.route, event.state) == (
        EventKind.CALIBRATION,
        Route.IN_HOUSE,
        "as_left",
    )
    assert event.flags == ("the date is ours",)
    assert event.document_digest == file_digest(GOOD.encode())
    assert list(event.origins) == ["counts", "dark"]
    assert event.origins["counts"].end is EndKind.COUNTING
    assert event.origins["counts"].instrument == "COUNTER"
    assert draft.warnings == ()
    assert str(draft.field_places["device"]) == "cal.toml, line 3, field calibration.device"


def test_inputs_are_in_si_and_keep_their_text() -> None:
    counts, dark, rate = read(GOOD).inputs
    assert counts.quantity is not None
    assert dark.quantity is not None
    assert (counts.quantity.estimate, counts.quantity.standard_uncertainty) == (1000.0, 12.0)
    assert (counts.quantity.text, counts.quantity.unit) == ("1000 /s", "/s")
    assert (counts.quantity.evaluation, counts.quantity.degrees_of_freedom) == (Evaluation.A, 9.0)
    # U = 6 is printed without decimals: half a digit, rectangular, stays in u.
    assert dark.quantity.standard_uncertainty == pytest.approx(math.hypot(3.0, 0.25 / math.sqrt(3)))
    assert (dark.quantity.evaluation, dark.quantity.degrees_of_freedom) == (Evaluation.B, math.inf)
    assert (rate.quantity, rate.reference) == (None, "CAL-0/photon_rate")
    assert str(rate.place) == "cal.toml, line 31, field input.rate.result"


def test_results_come_in_the_order_in_which_they_can_be_computed() -> None:
    net, efficiency = read(GOOD).results
    assert (net.name, efficiency.name) == ("net", "system_detection_efficiency")
    assert efficiency.measurand.conditions == (
        ("bias", "0.5 V"),
        ("polarization", "maximum"),
        ("wavelength", "1550.5 nm"),
    )
    assert efficiency.expression == "net / rate"
    assert str(efficiency.place) == "cal.toml, line 41, field result[1].model"


def test_a_bound_in_percent_is_a_part_of_the_value_and_another_is_an_amount() -> None:
    year_s = 365.25 * 86400
    relative = read(GOOD).results[0].drift
    assert relative is not None
    assert relative.relative
    assert relative.half_width_per_s == pytest.approx(0.002 / year_s, rel=1e-15)
    absolute = read(replaced('"0.2 %/a"', '"2 s^-1/a"')).results[0].drift
    assert absolute is not None
    assert not absolute.relative
    assert absolute.half_width_per_s == pytest.approx(2 / year_s, rel=1e-15)


def test_a_block_keeps_its_coefficients_and_their_decimals() -> None:
    (block,) = read(GOOD).blocks
    assert block.names == ("counts", "dark")
    assert block.matrix.tolist() == [[1.0, 0.25], [0.25, 1.0]]
    assert (block.decimals, block.kind, block.degrees_of_freedom) == (2, BlockKind.DECLARED, None)


@pytest.mark.parametrize(
    ("body", "u"),
    [
        ('value = "200 /s"\nu_relative = "0.5 %"\nend = "counting"', 1.0),
        (
            'value = "-200 /s"\nU_relative = "1 %"\nU_exact = true\nk = 2\nend = "counting"',
            1.0,
        ),
        (
            'value = "200 /s"\nhalf_width = "3 /s"\ndistribution = "rectangular"\nend = "counting"',
            3 / math.sqrt(3),
        ),
        (
            'value = "2 kHz"\nhalf_width = "3 /s"\ndistribution = "triangular"\nend = "counting"',
            3 / math.sqrt(6),
        ),
        (
            'value = "200 /s"\nhalf_width = "3 /s"\ndistribution = "u_shaped"\nend = "counting"',
            3 / math.sqrt(2),
        ),
        ('value = "200 /s"\ntype = "A"\ns = "4 /s"\nn = 16\nend = "counting"', 1.0),
        ('value = "200 /s"\ntype = "A"\ns = "4 /s"\nn = 16\nu_of = "reading"', 4.0),
        ('value = "7"\ndistribution = "counts"\nend = "counting"', math.sqrt(7.5)),
        ('value = "0"\ndistribution = "counts"\nend = "counting"', math.sqrt(0.5)),
        ('value = "1550.5 nm"\nu = "0 nm"\nend = "counting"', 0.0),
    ],
)
def test_each_way_of_stating_an_uncertainty_gives_u(body: str, u: float) -> None:
    quantity = one_input(body).quantity
    assert quantity is not None
    # One rounding per operation of the conversion.
    assert quantity.standard_uncertainty == pytest.approx(u, rel=1e-15)


def test_unpublished_degrees_of_freedom_are_infinite_and_flagged() -> None:
    quantity = one_input('value = "1"\nu = "0.1"\ntype = "A"\ndof = "not published"').quantity
    assert quantity is not None
    assert quantity.degrees_of_freedom == math.inf
    assert quantity.flags == ("degrees of freedom not published, taken infinite",)


def test_u_of_one_reading_is_flagged() -> None:
    quantity = one_input(
        'value = "1"\nu = "0.1"\ntype = "A"\nn = 4\nu_of = "reading"\nflags = ["x"]'
    ).quantity
    assert quantity is not None
    assert quantity.flags == ("x", "u is that of one reading although the value is the mean of 4")


def test_a_shape_of_monte_carlo_draws_is_kept() -> None:
    quantity = one_input('value = "1"\nu = "0.1"\ndistribution = "rectangular"').quantity
    assert quantity is not None
    assert quantity.distribution is Distribution.RECTANGULAR


def test_a_certificate_is_kept_with_its_availability() -> None:
    origin = one_input(
        'value = "1"\nu = "0.1"\n'
        'certificate = { issuer = "NMI", number = "7", route = "nmi_capability", available = false }'
    ).origin
    assert origin is not None
    assert origin.certificate is not None
    assert (origin.certificate.issuer, origin.certificate.available) == ("NMI", False)
    assert origin.end is None


# Bad input: (what is changed, into what, what the message says, field). The line that must be
# named carries the mark.
REFUSED = [
    ('id = "CAL-1"', f'id = "CAL/1"  {BAD}', "is not an id", "calibration.id"),
    ('device = "SPD-1"', f'devise = "SPD-1"  {BAD}', '"device" is missing', "calibration.devise"),
    ("2021-06-01T14:00:00+02:00", f"2021-06-01T14:00:00  {BAD}", "no time zone", "performed"),
    ("2021-06-01T14:00:00+02:00", f"2021-06-01  {BAD}", "not a point in time", "performed"),
    ("2021-06-01T14:00:00+02:00", f'"local"  {BAD}', "is 'local'", "performed"),
    ('state = "as_left"', f'state = "left"  {BAD}', 'did you mean "as_left"', "calibration.state"),
    ('source = "a notebook"', f'sauce = "x"  {BAD}', 'did you mean "source"', "calibration.sauce"),
    ("[input.counts]", f"[input.2counts]  {BAD}", "not a name for a model", "input.2counts"),
    ("[input.dark]", f"[input.h]  {BAD}", "is a constant", "input.h"),
    ('value = "1000 /s"', f'value = "1000/s"  {BAD}', "decimal number", "input.counts.value"),
    ('value = "1000 /s"', f'value = "nan /s"  {BAD}', "not a decimal number", "counts.value"),
    ('value = "1000 /s"', f"value = nan  {BAD}", "not a decimal number", "input.counts.value"),
    ('value = "1000 /s"', f'value = "1000 /sek"  {BAD}', "unknown unit", "input.counts.value"),
    ('value = "1000 /s"', f'value = "30 dBm"  {BAD}', "is a level", "input.counts.value"),
    ('u = "12 /s"', f'u = "inf /s"  {BAD}', "not a decimal number", "input.counts.u"),
    ('u = "12 /s"', f"u = inf  {BAD}", "not a decimal number", "input.counts.u"),
    ('u = "12 /s"', f'u = "-12 /s"  {BAD}', "negative", "input.counts.u"),
    ('u = "12 /s"', f'u = "12 nm"  {BAD}', "of dimension m; s^-1 is expected", "input.counts.u"),
    ('u = "12 /s"', f'u = "12"  {BAD}', "of dimension 1; s^-1 is expected", "input.counts.u"),
    ('type = "A"', f'type = "C"  {BAD}', "not one of the words", "input.counts.type"),
    ("n = 10", f"n = 1  {BAD}", "1 is below 2", "input.counts.n"),
    ("n = 10", f"dof = 0  {BAD}", "not above zero", "input.counts.dof"),
    ("n = 10", f"dof = nan  {BAD}", "not finite", "input.counts.dof"),
    ("n = 10", f'dof = "unknown"  {BAD}', "\"dof\" is 'unknown'", "input.counts.dof"),
    ('s = "38 /s"', f's = "-38 /s"  {BAD}', "s is negative", "input.counts.s"),
    ('u_of = "mean"', f'u_of = "median"  {BAD}', "not one of", "input.counts.u_of"),
    ('reading_time = "1 s"', f'reading_time = "0 s"  {BAD}', "not above zero", "reading_time"),
    ('reading_time = "1 s"', f'reading_time = "1 m"  {BAD}', "s is expected", "reading_time"),
    ('instrument = "COUNTER"', f'note = "no instrument"  {BAD}', "without an instrument", "kind"),
    ('"time_base_frequency"', f'"time_base"  {BAD}', "unknown kind", "counts.instrument_kind"),
    ('U = "6 /s"', f'U = "6 /s"\nu = "3 /s"  {BAD}', "stated twice", "input.dark.U"),
    ("k = 2", f"k = 0  {BAD}", "not above zero", "input.dark.k"),
    ("k = 2", f"k = 2\nn = 5  {BAD}", "type B", "input.dark.n"),
    ('U = "6 /s"', f'u = "6 /s"  {BAD}', 'belongs to "U"', "input.dark.k"),
    ('"CAL-0/photon_rate"', f'"CAL-0/photon/rate"  {BAD}', "does not name", "input.rate.result"),
    ('"CAL-0/photon_rate"', f'"photon_rate"  {BAD}', "no result", "input.rate.result"),
    ('"CAL-0/photon_rate"', f'"CAL-0/x"\nu = "1 /s"  {BAD}', "already has its", "input.rate.u"),
    ('["counts", "dark"]', f'["counts", "light"]  {BAD}', 'no input "light"', "[1].names"),
    ('["counts", "dark"]', f'["counts", "rate"]  {BAD}', "follow from its chain", "[1].names"),
    ('["counts", "dark"]', f'["counts", "counts"]  {BAD}', "twice", "correlation[1].names"),
    ('["counts", "dark"]', f'["counts"]  {BAD}', "between two", "correlation[1].names"),
    ('[[1, 0.25], ["0.25", 1]]', f"[[1, 0.25]]  {BAD}", "1 rows", "correlation[1].matrix"),
    (
        '[[1, 0.25], ["0.25", 1]]',
        f"[\n[1, 0.25],\n[0.24, 1],  {BAD}\n]",
        "not symmetric: dark, counts is 0.24 below the diagonal and 0.25 above it",
        "correlation[1].matrix[2][1]",
    ),
    (
        '[[1, 0.25], ["0.25", 1]]',
        f"[\n[1, 0.25],\n[0.25, 0.9],  {BAD}\n]",
        "diagonal at dark is 0.9",
        "correlation[1].matrix[2][2]",
    ),
    (
        '[[1, 0.25], ["0.25", 1]]',
        f"[\n[1, 1.25],  {BAD}\n[1.25, 1],\n]",
        "beyond -1 and 1",
        "correlation[1].matrix[1][2]",
    ),
    (
        '[[1, 0.25], ["0.25", 1]]',
        f"[\n[1, nan],  {BAD}\n[nan, 1],\n]",
        "not a decimal number",
        "correlation[1].matrix[1][2]",
    ),
    ('reason = "one counter"', f'kind = "ensemble"  {BAD}', "ensemble without dof", "dof"),
    ('reason = "one counter"', f"dof = -1  {BAD}", "not above zero", "correlation[1].dof"),
    (
        '"system_detection_efficiency"',
        f'"system_detection_eficiency"  {BAD}',
        "unknown kind of quantity",
        "result[1].measurand",
    ),
    ('wavelength = "1550.5 nm"', 'wavelength = "1550.5 ns"', "m is expected", "wavelength"),
    ('wavelength = "1550.5 nm"', 'wavelenght = "1 nm"', 'did you mean "wavelength"', "wavelenght"),
    ('model = "net / rate"', f'modell = "net / rate"  {BAD}', 'neither of "model"', ""),
    ('model = "net / rate"', f'model = "x"\nmetric = "y"  {BAD}', 'both "model" and', ""),
    ('model = "net / rate"', f'metric = "detector.foton"  {BAD}', "no metric", "result[1].metric"),
    ('model = "net / rate"', f'model = "net / rat"  {BAD}', "rat", "result[1].model"),
    ('model = "net / rate"', f'model = "__import__(net)"  {BAD}', "", "result[1].model"),
    ('model = "net / rate"', f'model = "net.real / rate"  {BAD}', "", "result[1].model"),
    ('model = "net / rate"', f'model = "net / ("  {BAD}', "", "result[1].model"),
    ('name = "net"', f'name = "counts"  {BAD}', "used twice; it is also in line 12", "[2].name"),
    ('name = "net"', f'name = "net rate"  {BAD}', "not a name for a model", "result[2].name"),
    ('unit = "/s"', f'unit = "nm"  {BAD}', "but count_rate has s^-1", "result[2].unit"),
    ('unit = "/s"', f'unit = "xx"  {BAD}', "unknown unit", "result[2].unit"),
    ('bound = "0.2 %/a"', 'bound = "0.2 %"', "s^-1 is expected", "drift.bound"),
    ('bound = "0.2 %/a"', 'bound = "0.2 /a"', "s^-2 is expected", "drift.bound"),
    ('bound = "0.2 %/a"', 'bound = "-0.2 %/a"', "negative", "drift.bound"),
    (', source = "assumed" }', " }", '"source" is missing', "drift.source"),
]


@pytest.mark.parametrize(("old", "new", "what", "field"), REFUSED)
def test_bad_input_is_refused_with_file_line_and_field(
    old: str, new: str, what: str, field: str
) -> None:
    text = replaced(old, new)
    error = refusal(text)
    assert what in error.what
    assert error.where.startswith("cal.toml, line ")
    assert f"field {field}" in error.where or field in error.where.partition("field ")[2]
    if BAD in text and field and "stated twice" not in what and "dof" not in field:
        line = int(error.where.split("line ")[1].split(",")[0])
        # A field that is judged against its neighbour stands within a line of the change.
        assert abs(line - line_of_bad(text)) <= 1
    assert error.next_step
    assert error.exit_code == 2


def test_type_a_without_n_or_dof_is_refused_at_its_input() -> None:
    text = replaced("n = 10\n", "").replace('s = "38 /s"\n', "")
    error = refusal(text)
    assert "type A without n or dof" in error.what
    assert error.where == "cal.toml, line 12, field input.counts.dof"
    assert 'dof = "not published"' in error.next_step


def test_a_missing_uncertainty_is_refused() -> None:
    error = refusal(replaced('U = "6 /s"\nk = 2\n', ""))
    assert error.what == "no uncertainty is stated"
    assert error.where == "cal.toml, line 24, field input.dark.u"


def test_a_relative_uncertainty_of_zero_is_refused() -> None:
    error = refusal(
        replaced('value = "100 /s"\nU =', 'value = "0 /s"\nU_relative =').replace('"6 /s"', '"6 %"')
    )
    assert error.what == "a relative uncertainty of the value 0"
    assert error.where == "cal.toml, line 26, field input.dark.U_relative"


def test_a_half_width_wants_a_bounded_distribution() -> None:
    error = refusal(replaced('U = "6 /s"\nk = 2', 'half_width = "6 /s"'))
    assert "half-width does not belong to" in error.what
    assert error.where == "cal.toml, line 26, field input.dark.half_width"


def test_only_whole_numbers_of_events_have_the_distribution_of_counts() -> None:
    error = refusal(replaced('U = "6 /s"\nk = 2', 'distribution = "counts"'))
    assert "number of events, not to 100 /s" in error.what
    assert error.where == "cal.toml, line 25, field input.dark.value"


@pytest.mark.parametrize(
    ("body", "what", "field"),
    [
        ('end = "ratio_on_one_instrument"', "needs a statement", "end"),
        ('end = "own_realisation"', "needs a statement", "end"),
        ('end = "nmi_certificate"', "needs a certificate of the route", "end"),
        ('end = "count"', 'did you mean "counting"', "end"),
        (
            'certificate = { issuer = "L", number = "1", route = "in_house", available = true }',
            "ends no chain",
            "certificate.route",
        ),
        (
            'certificate = { issuer = "L", number = "1", route = "other", available = true }',
            "needs evidence of competence",
            "certificate.evidence_document",
        ),
        (
            'certificate = { issuer = "L", number = "1", route = "other" }',
            '"available" is missing',
            "certificate.available",
        ),
    ],
)
def test_an_origin_that_says_too_little_is_refused(body: str, what: str, field: str) -> None:
    with pytest.raises(InputError) as caught:
        one_input(f'value = "1 /s"\nu = "1 /s"\n{body}')
    assert what in caught.value.what
    assert caught.value.where == f"cal.toml, line 10, field input.x.{field}"


@pytest.mark.parametrize(
    ("models", "cycle"),
    [
        ({"a": "a + x"}, "a -> a"),
        ({"a": "b", "b": "a"}, "a -> b -> a"),
        ({"z": "a", "a": "b", "b": "m + x", "m": "2 * a", "d": "x"}, "a -> b -> m -> a"),
    ],
)
def test_results_in_a_cycle_are_refused_and_the_cycle_is_named(
    models: dict[str, str], cycle: str
) -> None:
    results = "".join(
        f'[[result]]\nname = "{name}"\nmeasurand = "count_rate"\nmodel = "{model}"\n'
        for name, model in models.items()
    )
    start = GOOD.index("[[correlation]]")
    with pytest.raises(InputError) as caught:
        read(GOOD[:start].replace("[input.rate]", "[input.x]") + results)
    assert caught.value.what == f"results depend on each other in a cycle: {cycle}"
    first = GOOD[:start].count("\n") + 4 * (list(models).index(cycle[0]) + 1)
    index = list(models).index(cycle[0]) + 1
    assert caught.value.where == f"cal.toml, line {first}, field result[{index}].model"


def test_an_input_that_names_a_result_of_the_file_counts_in_the_cycle() -> None:
    text = replaced('"CAL-0/photon_rate"', '"system_detection_efficiency"')
    assert "cycle: system_detection_efficiency -> system_detection_efficiency" in refusal(text).what


def test_a_metric_uses_what_bears_the_names_of_its_arguments() -> None:
    text = replaced('model = "net / rate"', 'metric = "detector.system_detection_efficiency"')
    text = text.replace("[input.counts]", "[input.count_rate]").replace('"counts"', '"count_rate"')
    text = text.replace("counts - dark", "count_rate - dark").replace(
        "[input.rate]", "[input.photon_rate]"
    )
    draft = read(text)
    assert [result.name for result in draft.results] == ["system_detection_efficiency", "net"]
    assert draft.warnings == ()


@pytest.mark.parametrize("missing", ["input", "result"])
def test_a_file_without_inputs_or_results_is_refused(missing: str) -> None:
    head, inputs = GOOD[: GOOD.index("[input")], GOOD[GOOD.index("[input") : GOOD.index("[[cor")]
    text = head if missing == "input" else head + inputs
    error = refusal(text)
    assert error.what == f"the file has no {missing}s"
    assert error.where == f"cal.toml, line 1, field {missing}"


def test_a_wrong_unit_stays_a_unit_error() -> None:
    with pytest.raises(UnitError):
        read(replaced('value = "1000 /s"', 'value = "1000 /sek"'))


@pytest.mark.parametrize(
    "cut", [GOOD.index('"a notebook') + 4, GOOD.index("matrix") + 14, GOOD.index("[[result") + 5]
)
def test_a_truncated_file_is_refused_in_its_last_line(cut: int) -> None:
    text = GOOD[:cut]
    error = refusal(text)
    assert f"cal.toml, line {text.count(chr(10)) + 1}" in error.where
