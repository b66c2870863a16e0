"""Raw files: kept once by their digest, whole or not at all, and checked when they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtrace.errors import InputError, IntegrityError, SetupError
from qtrace.ledger.digest import digest_of_chunks, file_digest
from qtrace.registry.raw_files import RawFiles, digest_of_file, raw_files_of

DATA = bytes(range(256)) * 5000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tags.npy"
    path.write_bytes(DATA)
    return path


def test_a_file_is_kept_once_under_its_digest(tmp_path: Path, source: Path) -> None:
    raw = RawFiles(tmp_path / "raw")
    digest = digest_of_file(source)
    assert digest == file_digest(DATA) == digest_of_chunks([DATA[:7], DATA[7:]])
    kept = raw.keep(source, digest)
    assert kept.read_bytes() == DATA
    before = kept.stat().st_mtime_ns
    assert raw.keep(source, digest).stat().st_mtime_ns == before
    assert raw.checked(digest, "tags.npy") == kept
    assert [one.name for one in kept.parent.iterdir()] == [digest]


def test_the_folder_stands_beside_the_database(tmp_path: Path) -> None:
    raw = raw_files_of(f"sqlite:///{tmp_path / 'lab.db'}")
    assert raw.folder == tmp_path / "lab.db.raw"


def test_a_file_that_changed_meanwhile_is_refused_and_leaves_nothing(
    tmp_path: Path, source: Path
) -> None:
    raw = RawFiles(tmp_path / "raw")
    digest = digest_of_file(source)
    source.write_bytes(DATA[1:])
    with pytest.raises(InputError, match="changed while it was read"):
        raw.keep(source, digest)
    assert not list((tmp_path / "raw").rglob("*.*"))
    assert not raw.path_of(digest).exists()


def test_a_missing_and_a_changed_file_are_told_apart(tmp_path: Path, source: Path) -> None:
    raw = RawFiles(tmp_path / "raw")
    digest = digest_of_file(source)
    with pytest.raises(SetupError, match=r"tags\.npy of the run is missing"):
        raw.checked(digest, "tags.npy")
    kept = raw.keep(source, digest)
    kept.chmod(0o644)
    kept.write_bytes(DATA + b"x")
    with pytest.raises(IntegrityError, match="not the one that was recorded"):
        raw.checked(digest, "tags.npy")


def test_a_folder_that_takes_no_file_is_said(tmp_path: Path, source: Path) -> None:
    (tmp_path / "raw").write_text("a file in the way")
    with pytest.raises(SetupError, match="cannot be kept"):
        RawFiles(tmp_path / "raw").keep(source, digest_of_file(source))
