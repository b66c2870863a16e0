"""However a file is damaged, the answer is a refusal with its name, never a traceback."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.exchange.calibration_file import read_calibration
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.register_file import read_register_file
from qtrace.exchange.run_file import read_run_file

EXAMPLES = data_folder() / "examples"
SAMPLES: tuple[tuple[Callable[..., object], bytes], ...] = (
    (read_calibration, (EXAMPLES / "nist_2022" / "d1.toml").read_bytes()),
    (read_calibration, (EXAMPLES / "nist_2022" / "comparison" / "d1_matrix.toml").read_bytes()),
    (read_register_file, (EXAMPLES / "nist_2022" / "register.toml").read_bytes()),
    (read_register_file, (EXAMPLES / "synthetic_link" / "link.toml").read_bytes()),
    (read_run_file, (EXAMPLES / "yin_2020" / "run.toml").read_bytes()),
)
# What stands in for a value: each TOML type, and texts that are nearly right.
STRANGE = [
    "1", "-1", "0", "1e400", "nan", "-inf", "true", '""', '" "', '"x"', '"1"', '"-1 /s"', '"0 nm"',
    '"1 dB"', '"nan"', '"1e999 /s"', "[]", "[[]]", "[1]", '["a", "a"]', "{}", "{ a = 1 }", "[{}]",
    "2021-06-01", "12:00:00", "2021-06-01T00:00:00", "0001-01-01T00:00:00+23:59", "9" * 5000,
    "0x1f", "[[[[1]]]]", '"\\u202e"', '"\\u0000"', '"a/b/c"', '"counts + "', '"("',
]  # fmt: skip


def refusal_of(read: Callable[..., object], data: bytes) -> InputError | None:
    try:
        read(data, name="damaged.toml")
    except InputError as error:
        return error
    return None


def assert_read_or_refused(read: Callable[..., object], data: bytes) -> None:
    refusal = refusal_of(read, data)
    if refusal is not None:
        assert refusal.where.startswith("damaged.toml")
        assert refusal.what
        assert refusal.next_step


@pytest.mark.parametrize("sample", range(len(SAMPLES)))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_byte_may_be_changed(sample: int, data: st.DataObject) -> None:
    read, good = SAMPLES[sample]
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255))
    assert_read_or_refused(read, good[:at] + bytes([byte]) + good[at + 1 :])


@pytest.mark.parametrize("sample", range(len(SAMPLES)))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_value_may_be_replaced_by_something_strange(sample: int, data: st.DataObject) -> None:
    read, good = SAMPLES[sample]
    lines = good.decode().split("\n")
    pairs = [k for k, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    at = data.draw(st.sampled_from(pairs))
    key = lines[at].partition(" = ")[0]
    lines[at] = f"{key} = {data.draw(st.sampled_from(STRANGE))}"
    assert_read_or_refused(read, "\n".join(lines).encode())


@pytest.mark.parametrize("sample", range(len(SAMPLES)))
def test_any_line_may_be_missing_doubled_or_the_last(sample: int) -> None:
    read, good = SAMPLES[sample]
    lines = good.decode().split("\n")
    for k in range(len(lines)):
        assert_read_or_refused(read, "\n".join([*lines[:k], *lines[k + 1 :]]).encode())
        assert_read_or_refused(read, "\n".join([*lines[:k], lines[k], *lines[k:]]).encode())
        assert_read_or_refused(read, "\n".join(lines[:k]).encode())


def test_the_samples_themselves_are_read() -> None:
    for read, good in SAMPLES:
        assert read(good, name="good.toml") is not None
