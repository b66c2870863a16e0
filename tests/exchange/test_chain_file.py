"""Chain and storage files: what is refused, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtrace.errors import QtraceError
from qtrace.exchange.chain_file import read_chain_file
from qtrace.exchange.storage_file import read_storage_file

FOLDER = Path(__file__).parents[2] / "data" / "examples" / "entanglement_chain"
CHAIN = (FOLDER / "satellite_and_fibre.toml").read_text(encoding="utf-8")
MEMORY = (FOLDER / "memory.toml").read_text(encoding="utf-8")


def test_the_example_is_read() -> None:
    chain = read_chain_file(CHAIN.encode(), name="c.toml")
    assert [one.link_id for one in chain.links] == ["SATELLITE", "FIBRE-1", "FIBRE-2"]
    assert chain.links[1].weights == (0.96, 0.028, 0.006, 0.006)
    assert chain.links[2].depolarising_time_s == 200.0
    assert chain.attempts_per_s == 1e6


@pytest.mark.parametrize(
    ("old", "new", "says", "field"),
    [
        ("fidelity = 0.878", "fidelity = 1.2", "outside of 0 to 1", "fidelity"),
        ("fidelity = 0.878", "fidelity = -0.1", "outside of 0 to 1", "fidelity"),
        ("fidelity = 0.878 ", "", "neither fidelity nor weights", "link"),
        ("phi_minus = 0.028", "phi_minus = 0.03", "sum to 1.002", "weights"),
        ("phi_minus = 0.028", "phi_minus = -0.028", "outside of 0 to 1", "phi_minus"),
        ('dephasing_time = "30 s"', 'dephasing_time = "-30 s"', "not above zero", "dephasing"),
        ('dephasing_time = "30 s"', 'dephasing_time = "30 m"', "of dimension", "dephasing"),
        ("stored_qubits = 2", 'stored_qubits = 2\nwait = "-1 s"', "negative", "wait"),
        ("stored_qubits = 2", "stored_qubits = 3", "two qubits", "stored_qubits"),
        ("efficiency = 0.3", "efficiency = 0.6", "limit", "efficiency"),
        ("error = 0.01 ", "error = 0.9 ", "outside of 0 to 0.75", "error"),
        ("success = 1.1e-6", "success = 0.0", "never succeeds", "success"),
        ("success = 1.1e-6", "success = 1e-320", "below 1e-30", "success"),
        ('attempts = "1 MHz"', 'attempts = "1e-320 Hz"', "outside of 1e-09 to", "attempts"),
        ('attempts = "1 MHz"', 'attempts = "1e300 Hz"', "outside of 1e-09 to", "attempts"),
        ("u_shared = 0.004", "u_shared = 0.1", "part of u", "u_shared"),
        ('id = "FIBRE-2"', 'id = "FIBRE-1"', "FIBRE-1", "id"),
        ('[[node]]\nid = "CITY"', '[[other]]\nid = "CITY"', "not by 1", "node"),
        ('provenance = "simulated"', 'provenance = "guessed"', "guessed", "provenance"),
    ],
)
def test_a_wrong_chain_is_refused_at_its_field(old: str, new: str, says: str, field: str) -> None:
    assert old in CHAIN
    with pytest.raises(QtraceError) as caught:
        read_chain_file(CHAIN.replace(old, new, 1).encode(), name="c.toml")
    assert says in caught.value.what
    assert field in f"{caught.value.where} {caught.value.what}"
    assert "c.toml" in caught.value.where
    if field in {"success", "attempts", "wait"}:
        assert caught.value.next_step


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('time = "5 s"', 'time = "-5 s"', "negative"),
        ('time = "5 s"', 'time = "5"', "of dimension"),
        ("agreements = 961", f"agreements = {2**53 + 1}", "beyond 2^53"),
        ('decay = "exponential"', 'decay = "linear"', "linear"),
        ("agreements = ", "agreements = -", "least"),
    ],
)
def test_a_wrong_series_is_refused(old: str, new: str, says: str) -> None:
    assert old in MEMORY
    with pytest.raises(QtraceError) as caught:
        read_storage_file(MEMORY.replace(old, new, 1).encode(), name="m.toml")
    assert "m.toml" in caught.value.where
    assert says in caught.value.what or says == "least"


def test_two_times_are_too_few() -> None:
    parts = MEMORY.split("[[point]]")
    with pytest.raises(QtraceError, match="2 times of storage are too few"):
        read_storage_file("[[point]]".join(parts[:3]).encode(), name="m.toml")
    with pytest.raises(QtraceError, match="0 times of storage are too few"):
        read_storage_file(parts[0].encode(), name="m.toml")
