"""docs/files.md shows files that are read without a warning, and names every field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from clock_runs import PairTruth, two_stations, write_tags

from qtrace.exchange.assigned_table import SHAPE_KEYS
from qtrace.exchange.baseline_file import read_baseline_file
from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.cggtts_signal import Ionosphere
from qtrace.exchange.chain_file import read_chain_file
from qtrace.exchange.circular_t_file import ROW_KEYS
from qtrace.exchange.claim_file import read_claim_file
from qtrace.exchange.csv_file import ENCODINGS, SEPARATORS
from qtrace.exchange.curve_table import CORRELATIONS, INTERPOLANT_NAMES
from qtrace.exchange.device_file import read_device_class, shipped_device_classes
from qtrace.exchange.fit_table import METHODS as METHODS_OF_FITS
from qtrace.exchange.form_fields import FORM_KEYS, FORMS, LIMIT_METHODS
from qtrace.exchange.network_file import read_network_file
from qtrace.exchange.occurrence_files import read_adjustment, read_statement
from qtrace.exchange.plan_file import read_plan_file
from qtrace.exchange.quantity_fields import CONDITION_KINDS
from qtrace.exchange.readings_table import METHODS, MOST_READINGS, READING_KEYS
from qtrace.exchange.register_file import read_register_file
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_tags import CHANNELS
from qtrace.exchange.scaling_file import read_scaling_file
from qtrace.exchange.simulation_file import read_simulation_file
from qtrace.exchange.stated_table import WAYS
from qtrace.exchange.storage_file import read_storage_file
from qtrace.exchange.supply_file import read_supply_file
from qtrace.exchange.tag_simulation_file import read_tag_simulation
from qtrace.exchange.time_transfer_input import CGGTTS_KEYS, CIRCULAR_T_KEYS, PARTS, VIEWS
from qtrace.laboratory.event import EndKind
from qtrace.laboratory.laboratory import Route
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.supply.key_use import Authentication, Cipher, Direction, UseKind
from qtrace.quantity.level_kinds import LEVEL_ROWS
from qtrace.standards.mask import JudgedOn, Over
from qtrace.standards.pack import pack_from_dict
from qtrace.standards.requirement import Comparison, CriterionKind, Figure, OriginKind, Scope
from qtrace.uncertainty.expression_tokens import LEVEL_OF_RATIO, RATIO_OF_LEVEL
from qtrace.uncertainty.inputs import BlockKind, Distribution
from qtrace.uncertainty.type_a import Serial, Subject

TEXT = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")


def read_standard(data: bytes, *, name: str) -> object:
    return pack_from_dict(tomllib.loads(data.decode()), where=lambda field: f"{name}, {field}")


READERS: dict[str, Callable[..., object]] = {
    "Calibration": read_calibration,
    "Adjustment": read_adjustment,
    "Statement": read_statement,
    "Register": read_register_file,
    "Run": read_run_file,
    "Simulation": read_simulation_file,
    "Tag simulation": read_tag_simulation,
    "Plan": read_plan_file,
    "Device class": read_device_class,
    "Standard": read_standard,
    "Key supply": read_supply_file,
    "Claims": read_claim_file,
    "Baseline": read_baseline_file,
    "Scaling": read_scaling_file,
    "Network": read_network_file,
    "Entanglement chain": read_chain_file,
    "Storage series": read_storage_file,
}


def examples() -> list[tuple[str, str]]:
    """Return (heading, example) for each example of the document."""
    parts = re.split(r"^## (.+)$", TEXT, flags=re.MULTILINE)[1:]
    return [
        (heading, block)
        for heading, part in zip(parts[::2], parts[1::2], strict=True)
        for block in re.findall(r"```toml\n(.*?)```", part, flags=re.DOTALL)
    ]


@pytest.mark.parametrize(("heading", "example"), examples(), ids=lambda text: text[:12])
def test_each_example_is_read(heading: str, example: str) -> None:
    assert READERS[heading](example.encode(), name="files.md") is not None


def test_the_example_of_two_clocks_is_read_with_its_files_beside_it(tmp_path: Path) -> None:
    (part,) = re.findall(
        r"^### Run of two clocks$(.*?)(?=^##|\Z)", TEXT, flags=re.MULTILINE | re.DOTALL
    )
    tags, series = re.findall(r"```text\n(.*?)```", part, flags=re.DOTALL)
    a, b = two_stations("two_way", PairTruth(pairs_per_s=20.0, singles_per_s=20.0), seed=1)
    write_tags(tmp_path / "a.npy", a)
    write_tags(tmp_path / "b.npy", b)
    (tmp_path / "offsets.csv").write_text("time_s,offset_ns\n0,1\n37,2\n74,1\n")
    path = tmp_path / "run.toml"
    path.write_text(tags)
    run = read_run_file(path).run
    assert run.choices["selection"] == "every tenth second, fixed before the run"
    assert run.parameters["window"] == 1e-9
    head = tags[: tags.index("[tags]")].replace("time_two_way", "time_series")
    path.write_text(re.sub(r"ended = \S+", "ended = 2026-12-31T00:00:00Z", head) + series)
    assert read_run_file(path).run.parameters == {"block": 37.0}
    for one in (*CHANNELS, "series"):
        assert f"`time_{one}`" in part


def test_each_kind_of_file_has_an_example() -> None:
    assert {heading for heading, _ in examples()} == set(READERS)


def test_no_calibration_example_raises_a_warning() -> None:
    shown = [example for heading, example in examples() if heading == "Calibration"]
    assert len(shown) >= 8
    assert not any(read_calibration(example.encode()).warnings for example in shown)


def test_each_calibration_states_what_its_device_can_have() -> None:
    """By the classes that the document names: a reader who types an example is not refused."""
    named = dict(re.findall(r"`([A-Z]+-1)`\s+(?:is )?of (?:class )?`([a-z_]+)`", TEXT))
    kinds = {one.class_id: one.kinds for one in shipped_device_classes()}
    drafts = [read_calibration(text.encode()) for head, text in examples() if head == "Calibration"]
    assert {draft.event.device_id for draft in drafts} == set(named)
    for draft in drafts:
        stated = {one.measurand.kind for one in (*draft.results, *draft.curves, *draft.fits)}
        assert stated <= set(kinds[named[draft.event.device_id]]), draft.event.label


def test_every_word_of_the_tables_is_documented() -> None:
    parameters = [one.name for one in protocol("bbm92").parameters]
    words = [*EndKind, *Route, *CONDITION_KINDS, *parameters, *Distribution, *BlockKind]
    fields = [*SHAPE_KEYS, *WAYS, "k", "dof", "reliability", "U_exact", *READING_KEYS, "u_of"]
    assert [word for word in words if word not in TEXT] == []
    assert [field for field in fields if f"`{field}" not in TEXT] == []


def test_the_fields_of_time_transfer_are_those_that_are_read() -> None:
    words = [*CGGTTS_KEYS, *CIRCULAR_T_KEYS, *PARTS, *VIEWS, *Ionosphere]
    assert [word for word in words if f"`{word}`" not in TEXT] == []
    assert [key for key in ROW_KEYS if f"    {key} = " not in TEXT] == []


def test_forms_and_kinds_of_levels_are_documented() -> None:
    words = [
        *FORM_KEYS,
        *FORMS,
        *LEVEL_OF_RATIO,
        *RATIO_OF_LEVEL,
        *(row.name for row in LEVEL_ROWS),
    ]
    assert [word for word in words if f"`{word}" not in TEXT] == []
    assert [word for word in LIMIT_METHODS if f'"{word}"' not in TEXT] == []


def test_the_words_about_curves_and_fits_are_those_that_are_read() -> None:
    words = [*INTERPOLANT_NAMES, *CORRELATIONS, *ENCODINGS, *SEPARATORS, *METHODS_OF_FITS]
    assert [word for word in words if f"`{word}`" not in TEXT and f'"{word}"' not in TEXT] == []


def test_the_words_about_uses_of_key_are_those_that_are_read() -> None:
    (part,) = re.findall(r"^## Key supply$(.*?)(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL)
    words = [*UseKind, *Cipher, *Authentication, *Direction]
    assert [word for word in words if f"`{word}`" not in part and f'"{word}"' not in part] == []


def test_the_words_about_standards_are_those_that_are_read() -> None:
    (part,) = re.findall(r"^## Standard$(.*?)(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL)
    words = [*CriterionKind, *Figure, *Comparison, *Over, *JudgedOn, *Scope, *OriginKind]
    said = set(re.findall(r"[a-z_]+", part))
    # A range is always "within"; nobody writes it.
    assert [word for word in words if word not in said - {"within"}] == ["within"]


def test_the_words_about_readings_are_those_that_are_read() -> None:
    words = [*METHODS, *Serial, *Subject]
    assert [word for word in words if f"`{word}`: " not in TEXT] == []
    assert f"at most {MOST_READINGS:_}".replace("_", " ") in TEXT


def test_the_example_of_readings_gives_their_means() -> None:
    (example,) = (text for _, text in examples() if "[input.signal]" in text)
    by_name = {one.name: one.quantity for one in read_calibration(example.encode()).inputs}
    signal, reference = by_name["signal"], by_name["reference"]
    assert signal is not None
    assert reference is not None
    # s of 41, 38, 43, 40, 39 is sqrt(3.7); over sqrt(5). The pooled u is 0.02 / sqrt(2).
    assert signal.estimate == pytest.approx(2.402e-3, rel=1e-12)
    assert signal.standard_uncertainty == pytest.approx((3.7 / 5) ** 0.5 * 1e-5, rel=1e-9)
    assert reference.standard_uncertainty == pytest.approx(0.02e-3 / 2**0.5, rel=1e-12)
    assert (signal.degrees_of_freedom, reference.degrees_of_freedom) == (4.0, 40.0)
