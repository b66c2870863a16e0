"""Damage of any kind ends in an error with place and next step, or in tags in order; never else.

Memory stays bounded while a file is read by parts.
"""

from __future__ import annotations

import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest

from qtrace.errors import QtraceError
from qtrace.exchange.time_tags.reading import open_tags, read_tags
from qtrace.exchange.time_tags.source import TagOptions
from qtrace.exchange.time_tags.tag_writers import WRITERS, write_tags
from qtrace.laboratory.time_tags import TagFaults, TagHeader, TagStream

TRIES = 60
COUNT = 400


def some_stream(count: int) -> TagStream:
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.integers(0, 10**8, count))
    return TagStream(
        TagHeader("", 1.0), times, rng.integers(1, 5, count).astype(np.int16), TagFaults()
    )


def damaged(data: bytes, rng: np.random.Generator, k: int) -> bytes:
    """Cut, overwrite a few bytes (of the first ones in every other try), or insert some."""
    span = len(data) if k % 2 else min(len(data), 900)
    place = int(rng.integers(0, span))
    if k % 3 == 0:
        return data[:place]
    noise = rng.bytes(int(rng.integers(1, 9)))
    return data[:place] + noise + data[place + (len(noise) if k % 3 == 1 else 0) :]


@pytest.mark.parametrize("name", WRITERS)
def test_damage_never_ends_in_a_fault_of_ours(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(17)
    whole = tmp_path / f"a{WRITERS[name][1] or '.raw'}"
    write_tags(whole, some_stream(COUNT), format=name)
    data = whole.read_bytes()
    refused = 0
    for k in range(TRIES):
        path = tmp_path / f"b{whole.suffix}"
        path.write_bytes(damaged(data, rng, k))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the libraries, about damaged headers
            try:
                stream = read_tags(path, format=name)
            except QtraceError as error:
                refused += bool(error.where and error.next_step)
                continue
        assert (np.diff(stream.times_ps) >= 0).all()
    assert refused or name in {"qcrypto", "sfifteen"}, "records without any redundancy"


def test_memory_is_bounded_by_the_parts(tmp_path: Path) -> None:
    count = 2_000_000
    path = tmp_path / "a.ptu"
    write_tags(path, some_stream(count))
    some = open_tags(path)
    next(iter(some.chunks(1000)))  # compiled before it is measured
    tracemalloc.start()
    tags = sum(one.times_ps.size for one in open_tags(path).chunks(50_000))
    _, by_parts = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tags == count
    # 50 000 tags of 10 bytes, some copies, and 65 536 held back; the whole has 20 MB
    assert by_parts < 6_000_000


def test_the_digest_is_of_the_whole_file_even_if_records_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.ptu"
    write_tags(path, some_stream(COUNT))
    plain = open_tags(path, options=TagOptions(digest=True))
    list(plain.chunks())
    path.write_bytes(path.read_bytes() + b"more")
    more = open_tags(path, options=TagOptions(digest=True))
    parts = list(more.chunks())
    assert sum(one.times_ps.size for one in parts) == COUNT
    assert more.digest not in {"", plain.digest}
    assert any("left out" in note for note in more.header.notes)
