"""What a path offers: least rate, sums, quadrature, Werner swaps; nothing absent is zero.

Anchors: F1 F2 + (1 - F1)(1 - F2)/3 for a swap of two Werner pairs, worked by hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.metrics.network.choice import best_clock, best_key, best_pair, fewest_trusted
from qtrace.metrics.network.offers import (
    ClockHop,
    KeyHop,
    PairHop,
    PairOffer,
    clock_offer,
    key_offer,
    pair_offer,
)
from qtrace.metrics.network.paths import Edge, LinkType
from qtrace.physics.states.swapping import swap_bell_diagonal

ROUNDING = 1e-12
STEP = 1e-6  # of the numerical derivative


def edge(one: str, other: str, of: LinkType = LinkType.QKD) -> Edge:
    return Edge(f"{one}{other}", (one, other), of)


def key(one: str, other: str, rate: float | None, epsilon: float | None = 1e-10) -> KeyHop:
    return KeyHop(edge(one, other), rate, epsilon)


def clock(
    one: str, other: str, offset: float, u: float | None, result: int | None = None
) -> ClockHop:
    return ClockHop(edge(one, other, LinkType.SYNCHRONIZATION), offset, u, result, {100.0: u or 1})


def pair(one: str, other: str, fidelity: float, u: float | None = 0.01) -> PairHop:
    return PairHop(edge(one, other, LinkType.SWAPPING), fidelity, u)


def offered(nodes: tuple[str, ...], hops: list[PairHop]) -> PairOffer:
    return pair_offer(nodes, hops, u_recorded=no_results)


def no_results(_weights: object) -> float:
    raise AssertionError("no recorded result is on this path")


def test_the_least_rate_stays_epsilons_add_and_nodes_between_are_trusted() -> None:
    found = key_offer(("A", "B", "C"), [key("A", "B", 20e3, 1e-10), key("B", "C", 4e3, 3e-10)])
    assert found.rate_bits_per_s == 4e3
    assert found.epsilon == pytest.approx(4e-10, rel=ROUNDING)
    assert found.limited_by == "BC"
    assert found.trusted_nodes == ("B",)
    assert key_offer(("A", "B"), [key("A", "B", 1.0)]).trusted_nodes == ()


def test_one_hop_without_a_proof_leaves_the_path_not_shown() -> None:
    proven = KeyHop(edge("A", "B"), 5.0, 1e-10, (), (), True)
    assert key_offer(("A", "B"), [proven]).not_shown == ()
    declared = key("B", "C", 9.0)
    mixed = key_offer(("A", "B", "C"), [proven, declared])
    assert mixed.not_shown == ("BC",)
    # A proven path comes before a faster one that nothing bears.
    slow = key_offer(("A", "B"), [proven])
    fast = key_offer(("A", "B"), [key("A", "B", 1e6)])
    assert best_key([fast, slow]) is slow


def test_a_hop_without_figures_leaves_none_for_the_path() -> None:
    found = key_offer(("A", "B", "C"), [key("A", "B", None, None), key("B", "C", 4e3)])
    assert found.rate_bits_per_s is None
    assert found.epsilon is None
    assert found.limited_by == "AB"


def test_offsets_add_with_the_direction_of_travel() -> None:
    hops = [clock("A", "B", 12.3e-9, 3e-12), clock("D", "B", -4.1e-9, 4e-12)]
    found = clock_offer(("A", "B", "D"), hops, u_recorded=no_results)
    assert found.offset_s == pytest.approx(16.4e-9, rel=ROUNDING)
    assert found.standard_uncertainty_s == pytest.approx(5e-12, rel=ROUNDING)
    assert found.deviations == ((100.0, pytest.approx(5e-12, rel=ROUNDING)),)
    assert found.limited_by == "DB"


def test_u_of_recorded_hops_keeps_what_they_share() -> None:
    covariance = {(1, 1): 4.0, (2, 2): 4.0, (1, 2): 3.0, (2, 1): 3.0}

    def u_recorded(weights: dict[int, float]) -> float:
        return math.sqrt(
            sum(a * b * covariance[i, j] for i, a in weights.items() for j, b in weights.items())
        )

    along = [clock("A", "B", 1.0, 2.0, 1), clock("B", "C", 1.0, 2.0, 2)]
    found = clock_offer(("A", "B", "C"), along, u_recorded=u_recorded)  # type: ignore[arg-type]
    assert found.standard_uncertainty_s == pytest.approx(math.sqrt(14.0), rel=ROUNDING)
    assert found.as_independent_s == pytest.approx(math.sqrt(8.0), rel=ROUNDING)
    # Against its direction the shared part cancels.
    turned = [along[0], clock("C", "B", 1.0, 2.0, 2)]
    found = clock_offer(("A", "B", "C"), turned, u_recorded=u_recorded)  # type: ignore[arg-type]
    assert found.standard_uncertainty_s == pytest.approx(math.sqrt(2.0), rel=ROUNDING)


def test_without_u_on_every_hop_there_is_none() -> None:
    hops = [clock("A", "B", 1e-9, 1e-12), clock("B", "C", 1e-9, None)]
    found = clock_offer(("A", "B", "C"), hops, u_recorded=no_results)
    assert found.standard_uncertainty_s is None
    assert found.as_independent_s is None
    assert found.limited_by == "BC"


def test_epochs_that_differ_are_a_doubt() -> None:
    first = clock("A", "B", 1e-9, 1e-12)
    later = ClockHop(edge("B", "C", LinkType.SYNCHRONIZATION), 0.0, 1e-12, None, {}, "later")
    found = clock_offer(("A", "B", "C"), [first, later], u_recorded=no_results)
    assert any("epochs differ" in one for one in found.doubts)
    assert found.deviations == ()


def test_two_werner_pairs() -> None:
    found = offered(("A", "B", "C"), [pair("A", "B", 0.96), pair("B", "C", 0.91)])
    assert found.fidelity == pytest.approx(0.96 * 0.91 + 0.04 * 0.09 / 3.0, rel=ROUNDING)
    assert found.teleported == pytest.approx((2.0 * found.fidelity + 1.0) / 3.0, rel=ROUNDING)
    assert found.limited_by == "BC"
    assert found.swapping_nodes == ("B",)
    assert found.entangled
    assert found.fidelity_at_least == pytest.approx(0.96 * 0.91, rel=ROUNDING)


def test_at_one_half_no_entanglement_is_left() -> None:
    half, above = (offered(("A", "B"), [pair("A", "B", f, 1e-6)]) for f in (0.5, 0.5001))
    assert not half.entangled
    assert not half.entangled_if_werner
    assert above.entangled
    # Without u, or within it, nothing is certain.
    for u in (None, 0.01):
        unsure = offered(("A", "B"), [pair("A", "B", 0.5001, u)])
        assert not unsure.entangled
        assert unsure.entangled_if_werner


def test_errors_of_two_kinds_leave_a_separable_pair_that_werner_calls_entangled() -> None:
    """One link flips the phase, one the bit: 0.7 * 0.7 = 0.49, by their convolution."""
    first, second = [0.7, 0.3, 0.0, 0.0], [0.7, 0.0, 0.3, 0.0]
    assert swap_bell_diagonal(np.array(first), np.array(second))[0] == pytest.approx(0.49)
    found = offered(("A", "B", "C"), [pair("A", "B", 0.7, 1e-6), pair("B", "C", 0.7, 1e-6)])
    assert found.fidelity == pytest.approx(0.52)
    assert found.entangled_if_werner
    assert not found.entangled
    assert found.fidelity_at_least == pytest.approx(0.49)


def test_u_of_recorded_pairs_keeps_what_they_share_and_declared_ones_add_up() -> None:
    """Four links of 0.95(1): 0.0163 if independent, 0.0325 if all of it is shared."""
    nodes = tuple("ABCDE")
    ends = list(pairwise(nodes))

    def u_of(shared: float, ids: tuple[int | None, ...]) -> tuple[float, float]:
        def u_recorded(weights: Mapping[int, float]) -> float:
            every = sum(weights.values()) ** 2 * shared
            own = sum(w * w for w in weights.values()) * (1.0 - shared)
            return 0.01 * math.sqrt(every + own)

        hops = [
            PairHop(edge(*two, LinkType.SWAPPING), 0.95, 0.01, (), of)
            for two, of in zip(ends, ids, strict=True)
        ]
        found = pair_offer(nodes, hops, u_recorded=u_recorded)
        assert found.standard_uncertainty is not None
        assert found.as_independent is not None
        return found.standard_uncertainty, found.as_independent

    apart, alone = u_of(0.0, (1, 2, 3, 4))
    assert apart == pytest.approx(alone) == pytest.approx(0.0163, abs=1e-4)
    assert (
        u_of(1.0, (1, 2, 3, 4))[0] == pytest.approx(2.0 * alone) == pytest.approx(0.0325, abs=1e-4)
    )
    assert u_of(0.0, (1, 1, 1, 1))[0] == pytest.approx(2.0 * alone), "one result four times"
    assert u_of(0.0, (None,) * 4)[0] == pytest.approx(2.0 * alone), "what they share is unknown"


def test_deviations_have_a_value_that_no_shared_noise_exceeds() -> None:
    """Phases of one record added: its deviation doubles, which quadrature does not say."""
    hops = [clock("A", "B", 0.0, 3e-12), clock("B", "C", 0.0, 3e-12)]
    found = clock_offer(("A", "B", "C"), hops, u_recorded=no_results)
    ((_, independent),) = found.deviations
    ((_, most),) = found.deviations_at_most
    assert independent == pytest.approx(math.sqrt(2.0) * 3e-12)
    assert most == pytest.approx(6e-12)


@given(st.lists(st.floats(0.3, 1.0), min_size=1, max_size=4))
def test_u_of_a_swapped_pair_is_that_of_its_derivatives(fidelities: list[float]) -> None:
    nodes = tuple("ABCDE"[: len(fidelities) + 1])

    def offer(values: list[float], u: float | None = 0.01) -> float | None:
        hops = [pair(a, b, f, u) for a, b, f in zip(nodes[:-1], nodes[1:], values, strict=True)]
        found = offered(nodes, hops)
        return found.fidelity if u is None else found.as_independent

    gradient = []
    for k in range(len(fidelities)):
        low = [f - STEP * (i == k) for i, f in enumerate(fidelities)]
        middle = offer(fidelities, None)
        below = offer(low, None)
        assert middle is not None
        assert below is not None
        gradient.append((middle - below) / STEP)
    assert offer(fidelities) == pytest.approx(0.01 * float(np.linalg.norm(gradient)), rel=1e-6)


def test_the_best_path_is_chosen_attribute_by_attribute() -> None:
    fast = key_offer(
        ("A", "B", "C", "D"), [key("A", "B", 9.0), key("B", "C", 5.0), key("C", "D", 9.0)]
    )
    short = key_offer(("A", "B", "D"), [key("A", "B", 9.0), key("B", "D", 1.0)])
    unknown = key_offer(("A", "D"), [key("A", "D", None)])
    assert best_key([short, fast, unknown]) is fast
    assert fewest_trusted([fast, short]) is short
    known = clock_offer(("A", "D"), [clock("A", "D", 0.0, 1e-9)], u_recorded=no_results)
    silent = clock_offer(("A", "D"), [clock("A", "D", 0.0, None)], u_recorded=no_results)
    assert best_clock([silent, known]) is known
    good, bad = (offered(("A", "D"), [pair("A", "D", f)]) for f in (0.9, 0.8))
    assert best_pair([bad, good]) is good
