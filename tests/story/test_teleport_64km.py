"""From counts of six states to a certified link: fidelity, rates apart, document, audit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLE = data_folder() / "examples" / "teleport_64km"
DRAWN_FROM = 0.906
WITHIN = 3.0  # standard uncertainties between a figure and what it was drawn from
ADDED = (
    "laboratory add register.toml",
    "calibration add counter.toml",
    "calibration add source.toml",
    "calibration add pairs.toml",
    "link add link.toml",
    "run add run.toml",
    "recompute RUN-TELEPORT",
)


@pytest.fixture(scope="module")
def received(walked: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """The walked laboratory with the example recomputed; nobody may write into it."""
    made = walked.copy(tmp_path_factory.mktemp("received"))
    for path in EXAMPLE.glob("*.toml"):
        made.write(path.name, path.read_bytes())
    for command in ADDED:
        done = made.qtrace(command)
        assert done.code == 0, f"{command}: {done.said}"
    return made


@pytest.fixture
def mine(received: Laboratory, tmp_path: Path) -> Laboratory:
    shutil.copytree(received.folder, tmp_path / "mine")
    return Laboratory(tmp_path / "mine", received.answers)


def test_the_figures(mine: Laboratory) -> None:
    answer = mine.qtrace("recompute RUN-TELEPORT").answer
    found = {one["label"].rpartition("/")[2]: one for one in answer["results"]}
    average = found["average_fidelity"]
    low, high, p = (float(one) for one in average["interval"])
    assert low < DRAWN_FROM < high
    assert p == pytest.approx(0.95)
    assert float(found["threefold_rate"]["value"]) == pytest.approx(7.0975, rel=1e-6)
    assert float(found["herald_rate"]["value"]) == pytest.approx(22.307, rel=1e-6)
    assert float(found["p_value_classical"]["value"]) < 1e-300


def test_chains_of_the_rates_are_unbroken(received: Laboratory) -> None:
    for name in ("herald_rate", "threefold_rate"):
        traced = received.qtrace(f"trace RUN-TELEPORT/recomputation/{name}", text=True)
        assert traced.code == 0, traced.said
        assert "unbroken" in traced.said
        assert "TP-CAL-COUNTER/time_base_frequency" in traced.said


def test_intervals_are_recomputed_by_the_audit(received: Laboratory) -> None:
    audited = received.qtrace("audit --all")
    assert audited.code == 0, audited.out


def test_it_is_assessed_certified_verified_and_audited(mine: Laboratory) -> None:
    assessed = mine.qtrace("assess TELEPORT-64KM --scheme transfer-check", text=True)
    assert assessed.code == 0, assessed.said
    for number in ("01", "02", "03", "04", "05", "06", "09", "10"):
        assert f" MET TEL-{number}" in f" {assessed.said}", number
    assert "NOT EVALUABLE TEL-07" in assessed.said, "nobody attested the document"
    sealed = mine.qtrace(
        "certify TELEPORT-64KM --scheme transfer-check --key lab --bundle bundles/tp.json",
        text=True,
    )
    assert sealed.code == 0, sealed.said
    assert "DEMONSTRATED [SYNTHETIC] DEMONSTRATION" in sealed.said
    checked = mine.qtrace("certificate verify bundles/tp.json --key keys/lab.pub.json", text=True)
    assert checked.code == 0, checked.said
    assert "CONSISTENT" in checked.said
    assert mine.qtrace("audit --all").code == 0


def test_such_counts_without_photon_statistics_or_pairs_are_refused(
    mine: Laboratory,
) -> None:
    """A plain fibre, or weak pulses, give counts too; they have no calibrated source to name."""
    for name in ("link", "run"):
        text = (mine.folder / f"{name}.toml").read_text(encoding="utf-8")
        for device in ("TP-SOURCE", "TP-PAIRS"):
            text = text.replace(f'device = "{device}"', 'described_as = "a laser"')
        text = text.replace("TELEPORT-64KM", "PLAIN").replace("RUN-TELEPORT", "RUN-PLAIN")
        text = text.replace("2285, 184", "2286, 183")  # the same counts twice are refused
        mine.write(f"plain_{name}.toml", text.encode())
        assert mine.qtrace(f"{name} add plain_{name}.toml").code == 0
    done = mine.qtrace("recompute RUN-PLAIN")
    assert done.code == 0, done.said
    names = {one["label"].rpartition("/")[2] for one in done.answer["results"]}
    assert "margin_classical" in names
    assert not {"single_photon_margin", "pair_margin"} & names
    assessed = mine.qtrace("assess PLAIN --scheme transfer-check", text=True)
    assert "MET TEL-01" in assessed.said
    for number in ("09", "10"):
        assert f"NO EVIDENCE TEL-{number}" in assessed.said
    sealed = mine.qtrace(
        "certify PLAIN --scheme transfer-check --key lab --bundle bundles/plain.json", text=True
    )
    assert sealed.said.startswith("REFUSED"), sealed.said


def test_a_missing_state_is_named(mine: Laboratory) -> None:
    text = (mine.folder / "run.toml").read_text(encoding="utf-8")
    short = text.replace('  ["l", 2109, 262],\n', "").replace("RUN-TELEPORT", "RUN-FIVE")
    mine.write("five.toml", short.encode())
    refused = mine.qtrace("run add five.toml", text=True)
    assert refused.code == 2
    assert "there is no row for state l" in refused.said


def test_a_template_reads_as_it_stands(mine: Laboratory) -> None:
    for name in ("teleport_six_state", "teleport_two_bases", "teleport_poles_equator"):
        template = mine.qtrace(f"run template {name}", text=True)
        assert template.code == 0
        link = (mine.folder / "link.toml").read_text(encoding="utf-8")
        for device in ("TP-COUNTER", "TP-SOURCE", "TP-PAIRS"):
            link = link.replace(f'device = "{device}"', 'described_as = "a device"')
        mine.write(
            "other.toml",
            link.replace("TELEPORT-64KM", name).replace("teleport_six_state", name).encode(),
        )
        assert mine.qtrace("link add other.toml").code == 0
        run = template.out.replace("RUN-1", f"RUN-{name}").replace("LINK-1", name)
        mine.write("template.toml", run.encode())
        added = mine.qtrace("run add template.toml")
        assert added.code == 0, added.said
        done = mine.qtrace(f"recompute RUN-{name}", text=True)
        assert done.code == 0, done.said
        assert "process_fidelity_assumed" not in done.said, "nothing was assumed"


def test_every_file_of_the_example_says_that_it_is_made_up() -> None:
    for path in EXAMPLE.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "SYNTHETIC" in text or "ade up" in text, path.name
