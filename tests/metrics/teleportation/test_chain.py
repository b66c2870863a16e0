"""A chain of links: shares, u with shared calibrations, waits, refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from qtrace.errors import InputError
from qtrace.metrics.teleportation.chain import follow_chain
from qtrace.metrics.teleportation.chain_records import Chain, ChainLink, ChainNode
from qtrace.physics.states.swapping import swap_werner, werner_weights
from qtrace.physics.states.swapping_chain import BellMeasurement


def link(name: str, fidelity: float, u: float | None = 0.01, **more: object) -> ChainLink:
    a, b, c, d = (float(one) for one in werner_weights(fidelity))
    return ChainLink(name, (a, b, c, d), u, **more)  # type: ignore[arg-type]


def chain(*links: ChainLink, error: float = 0.0, efficiency: float | None = 0.5) -> Chain:
    nodes = tuple(
        ChainNode(f"N{k}", BellMeasurement.LINEAR_OPTICS, error, efficiency)
        for k in range(1, len(links))
    )
    return Chain("C", "", "simulated", "made up", links, nodes)


def test_ideal_swaps_give_the_product() -> None:
    done = follow_chain(chain(link("A", 0.95), link("B", 0.9), link("C", 0.98)))
    fidelity = float(swap_werner([0.95, 0.9, 0.98]))
    assert done.fidelity.value == pytest.approx(fidelity)
    assert done.visibility.value == pytest.approx((4.0 * fidelity - 1.0) / 3.0)
    assert done.error_rate.value == pytest.approx((1.0 - done.visibility.value) / 2.0)
    assert done.chsh.value == pytest.approx(2.0 * math.sqrt(2.0) * done.visibility.value)
    assert done.teleported.value == pytest.approx((2.0 * fidelity + 1.0) / 3.0)
    assert done.limiting == "B"
    without = float(swap_werner([0.95, 0.98]))
    assert done.links[1].loss == pytest.approx(without - fidelity)
    assert done.links[2].so_far == pytest.approx(fidelity)
    assert done.entangled


def test_u_follows_differences_and_shared_parts_add() -> None:
    links = (link("A", 0.95), link("B", 0.9))
    done = follow_chain(chain(*links))
    step = 1e-6
    slopes = [
        (swap_werner([0.95 + step, 0.9]) - swap_werner([0.95, 0.9])) / step,
        (swap_werner([0.95, 0.9 + step]) - swap_werner([0.95, 0.9])) / step,
    ]
    assert done.fidelity.u == pytest.approx(0.01 * math.hypot(*slopes), rel=1e-5)
    shared = tuple(replace(one, calibration="CAL", u_shared=0.01) for one in links)
    both = follow_chain(chain(*shared))
    assert both.fidelity.u == pytest.approx(0.01 * sum(slopes), rel=1e-5)
    assert both.u_independent == pytest.approx(done.fidelity.u)
    other = replace(shared[1], calibration="OTHER")
    assert follow_chain(chain(shared[0], other)).fidelity.u == pytest.approx(done.fidelity.u)
    assert done.chsh.u == pytest.approx(
        2.0 * math.sqrt(2.0) * 4.0 / 3.0 * float(done.fidelity.u or 0.0)
    )


def test_an_absent_u_is_never_zero() -> None:
    done = follow_chain(chain(link("A", 0.95), link("B", 0.9, None)))
    assert done.fidelity.u is None
    assert done.chsh.u is None
    assert any("none is stated for B" in one for one in done.notes)


def test_memory_takes_coherence_while_a_link_waits() -> None:
    stored = link("A", 1.0, wait_s=1.0, stored_qubits=1, dephasing_time_s=2.0)
    done = follow_chain(chain(stored, link("B", 1.0)))
    kept = math.exp(-0.5)
    assert done.fidelity.value == pytest.approx((1.0 + kept) / 2.0)
    assert done.visibilities == pytest.approx((kept, kept, 1.0))
    twice = follow_chain(chain(replace(stored, stored_qubits=2), link("B", 1.0)))
    assert twice.visibilities[0] == pytest.approx(kept**2)


def test_a_wait_is_stated_or_follows_from_the_rates() -> None:
    stored = link("A", 0.98, stored_qubits=1, dephasing_time_s=2.0, success=0.01)
    other = link("B", 0.98, success=0.001)
    with pytest.raises(InputError, match="how long it waits"):
        follow_chain(chain(stored, other))
    done = follow_chain(replace(chain(stored, other), attempts_per_s=1000.0))
    assert done.rates is not None
    assert done.links[0].wait_s == pytest.approx(done.rates.mean_waits_s[0])
    assert done.links[0].wait_s == pytest.approx(0.9, abs=0.02)  # 1/p of the rarer less its own
    assert done.rates.without_memory == pytest.approx(1000.0 * 1e-5 * 0.5)


def test_measurements_that_err_cost_fidelity() -> None:
    done = follow_chain(chain(link("A", 0.95), link("B", 0.9), error=0.03))
    assert done.fidelity.value == pytest.approx(float(swap_werner([0.95, 0.9, 0.97])))
    assert done.nodes[0].loss == pytest.approx(
        float(swap_werner([0.95, 0.9])) - done.fidelity.value
    )


def test_what_does_not_fit_is_refused() -> None:
    whole = chain(link("A", 0.95), link("B", 0.9))
    with pytest.raises(InputError, match="not by 0"):
        follow_chain(replace(whole, nodes=()))
    with pytest.raises(InputError, match="no link"):
        follow_chain(replace(whole, links=(), nodes=()))
    with pytest.raises(InputError, match="limit"):
        follow_chain(chain(link("A", 0.95), link("B", 0.9), efficiency=0.6))


def test_noise_is_not_called_entangled() -> None:
    done = follow_chain(chain(link("A", 0.5), link("B", 0.9)))
    assert not done.entangled
    rotated = ChainLink("A", (0.0, 0.9, 0.05, 0.05), 0.01)
    assert any("local rotation" in one for one in follow_chain(chain(rotated)).notes)
