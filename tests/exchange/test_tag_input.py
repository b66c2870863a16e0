"""Inputs of a calibration from tag files: values, origins, flags, and every refusal."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest
from detector_world import NS, renewal_tags

from qtrace.errors import InputError
from qtrace.exchange import tag_files
from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.tag_reduction import REDUCTIONS
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.laboratory.event import SIMULATED_DATA, EndKind
from qtrace.laboratory.figure_flags import FREE_RUNNING, LOST_TAGS
from qtrace.laboratory.time_tags import TagFaults, TagHeader, TagStream
from qtrace.quantity.units import parse_unit
from qtrace.uncertainty.inputs import Distribution, Evaluation

HEAD = """\
[calibration]
id = "CAL-T"
device = "APD-1"
laboratory = "LAB-A"
performed = 2026-04-01T12:00:00Z
procedure = "tags"
validation = "simulation"

"""
LOCK = '[tags]\ntagger = "TAGGER-1"\nlock = "locked to REF-1"\nlock_evidence = "log, page 3"\n\n'
COUNTED = '[input.x]\ntags = "a.npy"\nreduction = "counts"\nchannel = 1\n'
RESULT = '\n[[result]]\nmeasurand = "count_rate"\nmodel = "x"\n'
FIELDS = [("time_ps", "<i8"), ("channel", "<i2")]


def save(path: Path, *channels: np.ndarray) -> None:
    times = np.concatenate(channels)
    numbers = np.concatenate([np.full(len(one), k + 1) for k, one in enumerate(channels)])
    order = np.argsort(times, kind="stable")
    rows = np.zeros(times.size, dtype=FIELDS)
    rows["time_ps"], rows["channel"] = times[order], numbers[order]
    np.save(path, rows)


def read(folder: Path, text: str) -> CalibrationDraft:
    path = folder / "cal.toml"
    path.write_text(text, encoding="utf-8")
    return read_calibration(path)


def asked(reduction: str, *lines: str, name: str = "x", file: str = "a.npy") -> str:
    return "\n".join(
        (f"[input.{name}]", f'tags = "{file}"', f'reduction = "{reduction}"', *lines, "")
    )


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    save(tmp_path / "a.npy", np.arange(50) * 10**10, np.arange(7) * 10**9)
    return tmp_path


def test_counts_become_a_count_that_ends_in_counting(folder: Path) -> None:
    draft = read(folder, HEAD + LOCK + COUNTED + RESULT)
    (one,) = draft.inputs
    assert one.quantity is not None
    assert (one.quantity.estimate, one.quantity.distribution) == (50.0, Distribution.COUNTS)
    assert one.quantity.standard_uncertainty == pytest.approx(math.sqrt(50.5))
    assert one.quantity.evaluation is Evaluation.A
    assert one.origin is not None
    assert (one.origin.end, one.origin.instrument) == (EndKind.COUNTING, "")
    digest = hashlib.sha256((folder / "a.npy").read_bytes()).hexdigest()
    assert draft.event.flags[0] == f"tags a.npy, SHA-256 {digest}"
    assert draft.event.flags[1] == "tagger TAGGER-1, locked to REF-1 (log, page 3)"
    assert digest in one.origin.statement


def test_a_rate_is_a_gamma_and_needs_the_clock_of_the_tagger(folder: Path) -> None:
    text = HEAD + LOCK + asked("count_rate", "channel = 1", 'duration = "2 s"') + RESULT
    (one,) = read(folder, text).inputs
    assert one.quantity is not None
    assert one.quantity.estimate == pytest.approx(50.5 / 2.0)
    assert one.quantity.parameters == (50.5, 2.0)
    assert one.origin is not None
    assert (one.origin.end, one.origin.instrument) == (EndKind.COUNTING, "TAGGER-1")
    assert one.origin.instrument_kind == "time_base_frequency"
    assumed = read(folder, HEAD + LOCK + asked("count_rate", "channel = 1") + RESULT)
    assert any("live time assumed" in line for line in assumed.warnings)
    with pytest.raises(InputError, match="more than the duration"):
        read(folder, text.replace("2 s", "0.1 s"))


def test_a_dead_time_is_in_seconds_of_the_tagger(tmp_path: Path) -> None:
    generator = np.random.default_rng(71)
    save(tmp_path / "a.npy", renewal_tags(generator, events=20_000, rate=2e6, dead_ps=50 * NS))
    text = HEAD + LOCK.replace("\n\n", '\ndead_time = "49.9 ns"\n\n')
    text += asked("dead_time", "channel = 1") + RESULT.replace("count_rate", "dead_time")
    (one,) = read(tmp_path, text).inputs
    assert one.quantity is not None
    assert abs(one.quantity.estimate - 5e-8) < 4.0 * one.quantity.standard_uncertainty
    assert one.quantity.unit == "s"
    assert any("dead time of the tagger" in flag for flag in one.quantity.flags)
    assert one.origin is not None
    assert (one.origin.end, one.origin.instrument) == (None, "TAGGER-1")


def test_every_reduction_reads_its_options(tmp_path: Path) -> None:
    generator = np.random.default_rng(72)
    sync = np.arange(200_000, dtype=np.int64) * 12_500
    hit = generator.random(sync.size) < 0.2
    light = sync[hit] + 3_000 + np.rint(generator.normal(0, 80, hit.sum())).astype(np.int64)
    other = sync[generator.random(sync.size) < 0.2] + 3_000
    slow = renewal_tags(generator, events=30_000, rate=1e6, dead_ps=20 * NS, reset_ps=30 * NS)
    save(tmp_path / "a.npy", sync, np.unique(light), other, slow)
    cell = ("first = 2", "second = 3", 'window = ["-1 ns", "1 ns"]', 'shift = "12.5 ns"')
    peak = ("first = 2", "second = 3", 'period = "12.5 ns"', 'peak_width = "6 ns"')
    jitter = ("channel = 2", "sync = 1", 'window = ["2 ns", "4 ns"]')
    options = {
        "counts": ("channel = 2",),
        "count_rate": ("channel = 2",),
        "dead_time": ("channel = 4", 'tail = "2 us"'),
        **dict.fromkeys(
            ("dead_time_of_recovery", "reset_time", "recovery_time"),
            ("channel = 4", 'horizon = "4 us"'),
        ),
        "afterpulse_probability": ("channel = 4", 'window = ["200 ns", "300 ns"]'),
        **dict.fromkeys(("jitter_fwhm", "jitter_tenth", "jitter_variance"), jitter),
        "jitter_hundredth": (*jitter, 'bin = "20 ps"'),
        **dict.fromkeys(("coincidences", "only_first", "only_second", "accidentals"), cell),
        **dict.fromkeys(("g2_pulsed", "centre_pairs", "side_pairs"), peak),
        "g2_continuous": ("first = 2", "second = 3", 'bin = "12.5 ns"'),
        "g2_heralded": (
            "herald = 1",
            "first = 2",
            "second = 3",
            'first_window = ["2 ns", "4 ns"]',
            'second_window = ["2 ns", "4 ns"]',
        ),
    }
    assert set(options) == set(REDUCTIONS)
    inputs = [asked(name, *lines, name=f"x{k}") for k, (name, lines) in enumerate(options.items())]
    draft = read(tmp_path, HEAD + LOCK + "\n".join(inputs) + RESULT.replace('"x"', '"x1"'))
    found = {
        name: one.quantity for name, one in zip(options, draft.inputs, strict=True) if one.quantity
    }
    assert set(found) == set(REDUCTIONS)
    for name, one in found.items():
        assert one.unit == parse_unit(REDUCTIONS[name].unit).code, name
        assert one.standard_uncertainty > 0.0, name
    truth = {
        "reset_time": 30e-9 * math.log(10),
        "recovery_time": 20e-9 + 30e-9 * math.log(10),
        "jitter_fwhm": 2.3548 * 80e-12,
        "jitter_variance": 6.4e-21,
        "g2_pulsed": 1.0,
        "g2_heralded": 1.0,
    }
    for name, value in truth.items():
        assert abs(found[name].estimate - value) < 5.0 * found[name].standard_uncertainty, name
    both, one_only = found["coincidences"].estimate, found["only_first"].estimate
    assert both + one_only == np.unique(light).size
    pairs = asked(
        "afterpulse_probability",
        "channel = 4",
        'window = ["200 ns", "300 ns"]',
        'method = "pairs"',
        'order = "all"',
        'background = ["1 us", "2 us"]',
    )
    (one,) = read(tmp_path, HEAD + LOCK + pairs + RESULT).inputs
    assert one.quantity is not None
    assert one.quantity.degrees_of_freedom == 49.0


def test_lost_tags_and_a_free_clock_are_flagged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, form: str) -> TagStream:
        del path, form
        header = TagHeader("ptu", 4.0, simulated=True)
        times = np.arange(9, dtype=np.int64)
        return TagStream(
            header, times, np.ones(9, dtype=np.int16), TagFaults(2, 5, 3, truncated_bytes=1)
        )

    monkeypatch.setattr(tag_files, "read_tag_file", broken)
    free = '[tags]\ntagger = "TAGGER-1"\nlock = "free running"\n\n'
    draft = read(folder, HEAD + free + COUNTED + RESULT)
    (one,) = draft.inputs
    assert one.quantity is not None
    assert f"{LOST_TAGS}: 2 overflows, 5 missed, 1 bytes left over at the end" in one.quantity.flags
    assert "3 steps back in time, put in order" in one.quantity.flags
    assert any(flag.startswith(FREE_RUNNING) for flag in one.quantity.flags)
    assert SIMULATED_DATA in draft.event.flags
    assert any(LOST_TAGS in line for line in draft.warnings)


@pytest.mark.parametrize(
    ("text", "what", "step"),
    [
        (COUNTED, "nothing says which tagger", 'tagger = "DEVICE"'),
        ('[tags]\ntagger = "T"\n\n' + COUNTED, "nothing says what the clock", 'lock = "locked to'),
        ('[tags]\ntagger = "T"\nlock = "yes"\n\n' + COUNTED, "'yes' says no lock", "free running"),
        (
            '[tags]\ntagger = "T"\nlock = "locked to R"\n\n' + COUNTED,
            "a lock without evidence",
            "lock_evidence",
        ),
        (LOCK + COUNTED.replace("a.npy", "b.npy"), "cannot be read", "beside the one"),
        (LOCK + COUNTED.replace("a.npy", "../a.npy"), "not the name of a file", "folder"),
        (LOCK + COUNTED.replace("channel = 1", "channel = 9"), "channel 9 has no tag", "1, 2"),
        (LOCK + COUNTED + 'value = "3"\n', '"value" beside "tags"', "keep one"),
        (LOCK + COUNTED.replace("counts", "count"), "count", "counts"),
        (LOCK + COUNTED + 'windw = "3 ns"\n', 'unknown field "windw"', "fields known here"),
        (LOCK + asked("dead_time", "channel = 1"), "tail needs 50", "record for longer"),
        (
            LOCK + asked("afterpulse_probability", "channel = 1", 'window = ["2 us"]'),
            "two times, from and to",
            "50 ns",
        ),
        (
            LOCK + asked("afterpulse_probability", "channel = 1", 'window = ["2 V", "3 V"]'),
            "is no time",
            "50 ns",
        ),
    ],
)
def test_bad_input_is_refused_with_its_place(folder: Path, text: str, what: str, step: str) -> None:
    with pytest.raises(InputError) as refused:
        read(folder, HEAD + text + RESULT)
    error = refused.value
    assert what in error.what
    assert step in error.what + error.next_step
    assert "cal.toml, line" in error.where


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"not numpy", "mislabelled"),
        (np.arange(5), "an array of shape"),
        (np.zeros(3, dtype=[("time_ps", "<f8"), ("channel", "<i2")]), "numbers of type float64"),
    ],
)
def test_a_mislabelled_file_is_refused(
    folder: Path, content: bytes | np.ndarray, what: str
) -> None:
    if isinstance(content, bytes):
        (folder / "a.npy").write_bytes(content)
    else:
        np.save(folder / "a.npy", content)
    with pytest.raises(InputError, match=what):
        read(folder, HEAD + LOCK + COUNTED + RESULT)


def test_tags_belong_to_a_file_on_disk(folder: Path) -> None:
    del folder
    with pytest.raises(InputError, match="not the name of a file beside"):
        read_calibration((HEAD + LOCK + COUNTED + RESULT).encode())
