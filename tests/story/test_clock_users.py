"""One server and two users by wavelength channel: one file of A, two links, two runs."""

from __future__ import annotations

import numpy as np
import pytest
from clock_runs import LINK, run_text, write_tags
from stranger import Laboratory

from qtrace.certification.assemble import DETECTABLE, figures_of
from qtrace.certification.codec import decode, encode
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.run_files import RunFile
from qtrace.physics.tags.simulated_clock import ClockModel
from qtrace.physics.tags.simulated_detector import DetectorModel
from qtrace.physics.tags.simulated_pairs import (
    PairSource,
    PairWorld,
    UserModel,
    local_channel,
    returned_channel,
)
from qtrace.physics.tags.simulated_path import PathModel
from qtrace.physics.tags.simulated_run import simulate_pairs
from qtrace.physics.tags.simulated_station import StationModel
from qtrace.registry.dossier import load_dossier
from qtrace.workflow.workbench import open_workbench

SECONDS = 10
DETECTOR = DetectorModel(efficiency=0.8, dark_rate_hz=500.0, jitter_ps=60.0)
# Offset in ps and channel of each user; paths differ so that mixed channels give another delay.
USERS = {"BOB": (3_000_000, 50e6, "C34"), "CAROL": (-1_500_000, 80e6, "C36")}
MOST_SIGMAS = 5.0


def user(name: str) -> UserModel:
    offset, path, _ = USERS[name]
    return UserModel(
        name,
        PathModel(delay_ps=path, transmittance=0.3, backward_transmittance=0.3),
        PairSource(pair_rate_hz=2000.0),
        StationModel(clock=ClockModel(offset_ps=offset)),
        DETECTOR,
        DETECTOR,
        back_source=PairSource(pair_rate_hz=2000.0),
        back_local=DETECTOR,
        returned=DETECTOR,
    )


@pytest.fixture(name="bench", scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Two links and two runs, recorded and recomputed."""
    made = Laboratory(tmp_path_factory.mktemp("users"))
    assert made.qtrace("init").code == 0
    tags = simulate_pairs(
        PairWorld("two_way", float(SECONDS), tuple(user(one) for one in USERS)),
        generator=np.random.default_rng(20),
    )
    write_tags(
        made.folder / "a.npy",
        {number: tags.channel("A", number) for number in range(1, 2 * len(USERS) + 1)},
    )
    for k, name in enumerate(USERS):
        write_tags(
            made.folder / f"{name}.npy", {number: tags.channel(name, number) for number in (1, 2)}
        )
        link = (
            LINK.format(protocol="time_two_way")
            .replace('"LINK"', f'"{name}"')
            .replace('["A", "B"]', f'["A", "{name}"]')
        )
        assert made.qtrace(f"link add {made.write('link.toml', link)}").code == 0
        text = run_text("two_way", run=f"RUN-{name}", seconds=SECONDS, block="1 s").replace(
            '"LINK"', f'"{name}"'
        )
        a = f"local = {local_channel(k)}, received = {returned_channel(k)}"
        text = text.replace("local = 1, received = 2", a)
        text = text.replace('"b.npy"', f'"{name}.npy"')
        text = text.replace("zero =", f'wavelength_channel = "{USERS[name][2]}"\nzero =')
        added = made.qtrace(f"run add {made.write(f'{name}.toml', text)}")
        assert added.code == 0, added.said
        done = made.qtrace(f"recompute RUN-{name}")
        assert done.code == 0, done.said
    return made


def test_the_file_of_the_server_is_kept_once(bench: Laboratory) -> None:
    kept = [one for one in (bench.folder / "qtrace.db.raw").rglob("*") if one.is_file()]
    assert len(kept) == 1 + len(USERS)


@pytest.mark.parametrize("name", USERS)
def test_each_run_finds_its_own_user_in_it(bench: Laboratory, name: str) -> None:
    done = bench.qtrace(f"run sync RUN-{name}")
    assert done.code == 0, done.said
    figure = next(one for one in done.answer["figures"] if one["name"] == "clock_offset")
    value, u = (float(figure["statement"][one]) for one in ("value", "standard_uncertainty"))
    assert figure["statement"]["unit"] == "s"
    assert abs(value * 1e12 - USERS[name][0]) < MOST_SIGMAS * u * 1e12
    assert u < 5e-12
    names = {one["name"] for one in done.answer["figures"]}
    assert {"detectable_asymmetry", "detectable_asymmetry_step"} <= names


@pytest.mark.parametrize("name", USERS)
def test_the_channel_is_shown(bench: Laboratory, name: str) -> None:
    channel = USERS[name][2]
    assert f"wavelength_channel: {channel}" in bench.qtrace(f"run show RUN-{name}", text=True).out
    said = bench.qtrace(f"run sync RUN-{name}", text=True).said
    assert f"wavelength channel {channel}" in said


def test_a_file_that_names_no_channel_keeps_its_old_document() -> None:
    plain = RunFile("tags", "a", "a.npy", "sha256:0", "npy")
    assert "wavelength_channel" not in encode(plain)
    assert decode(RunFile, encode(plain)) == plain
    named = RunFile("tags", "a", "a.npy", "sha256:0", "npy", wavelength_channel="C34")
    assert encode(named)["wavelength_channel"] == "C34"
    assert decode(RunFile, encode(named)) == named


def test_another_name_of_the_channel_makes_no_other_run(bench: Laboratory) -> None:
    text = (bench.folder / "BOB.toml").read_text(encoding="utf-8")
    text = text.replace("RUN-BOB", "RUN-AGAIN").replace("C34", "C35").replace("2026-", "2025-")
    again = bench.qtrace(f"run add {bench.write('again.toml', text)}")
    assert again.code == 2
    assert "raw files are those of another run" in again.err


def test_of_two_tests_against_an_asymmetry_one_is_evidence(bench: Laboratory) -> None:
    """A requirement asks for one figure: that of the test which sees the offset itself."""
    workbench = open_workbench(str(bench.database))
    with workbench.read() as session:
        run = session.links.run("RUN-BOB")
        link = session.links.by_id(run.link_id)
        (event,) = [
            one for one in session.events.of_run(run.run_id) if one.kind is EventKind.RECOMPUTATION
        ]
        named = {one.result_id: one.name for one in session.events.results_of(event.label)}
        dossier = load_dossier(session, list(named))
    figures = figures_of(dossier, run, link)
    (evidence,) = [one for one in figures if one.item == DETECTABLE]
    assert named[evidence.result_id] == "detectable_asymmetry"
    tests = [one for one in figures if one.item.startswith(f"{DETECTABLE}_")]
    assert len(tests) == 2
