"""Entanglement swapping: what joining pairs by Bell-state measurements leaves of their fidelity.

Inside: `PHI_PLUS`, `PHI_MINUS`, `PSI_PLUS`, `PSI_MINUS`, `IDEAL_MEASUREMENT`, `werner_weights`,
`werner_parameter`, `swap_werner`, `swap_werner_gradient`, `swap_bell_diagonal`,
`convolve`, `measurement_error`, `swap_chain`, `swap_chain_gradient`, `teleported_fidelity`.
States are Bell-diagonal: four weights in the order phi+, phi-, psi+, psi-. Numbers are bits of
(parity, phase), so that a swap adds them modulo 2. A real pair need not be Bell-diagonal; twirling
makes it so and keeps its fidelity, and what a chain of other states gives is not computed here.
Source: Bennett et al., PRA 54, 3824 (1996), for the Bell basis, twirling and Werner states;
Briegel et al., PRL 81, 5932 (1998), Eq. 3, for the chain of Werner states [from memory; rederived:
both forms are compared in tests]; Horodecki et al., PRA 60, 1888 (1999), for teleportation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.states.fidelity import average_from_process

Array = NDArray[np.float64]
Number = float | Array

PHI_PLUS, PHI_MINUS, PSI_PLUS, PSI_MINUS = range(4)
IDEAL_MEASUREMENT: Array = np.array([1.0, 0.0, 0.0, 0.0])
ROUNDING = 1e-9  # how far weights written in decimals may miss the sum 1


def _fidelity(value: ArrayLike, where: str) -> Array:
    given = np.asarray(value, dtype=np.float64)
    if not np.all((given >= 0.0) & (given <= 1.0)):
        raise InputError(
            f"a fidelity of {given.tolist()} is outside of 0 to 1",
            where=where,
            next_step="give the overlap with the Bell state, 0.95 and not 95",
        )
    return given


def _weights(value: ArrayLike, where: str) -> Array:
    given = np.asarray(value, dtype=np.float64)
    if given.ndim == 0 or given.shape[-1] != 4:
        raise InputError(
            f"{given.shape} is not four weights",
            where=where,
            next_step="give the weights of phi+, phi-, psi+, psi-",
        )
    if not np.all(given >= 0.0) or not np.all(np.abs(given.sum(axis=-1) - 1.0) <= ROUNDING):
        raise InputError(
            f"weights {given.tolist()} are negative or do not sum to 1",
            where=where,
            next_step="give four parts of one whole: phi+, phi-, psi+, psi-",
        )
    return given


def werner_weights(fidelity: float) -> Array:
    """Return the Bell weights of a Werner state, (4,): F, and (1 - F) / 3 thrice.

    Args:
        fidelity: In [0, 1]. Below 1/4 it is a state still, with less of phi+ than white noise.

    Raises:
        InputError: A fidelity outside of 0 to 1.

    Source: Werner, PRA 40, 4277 (1989); Bennett et al. (1996).
    """
    value = float(_fidelity(fidelity, "fidelity"))
    rest = (1.0 - value) / 3.0
    return np.array([value, rest, rest, rest])


def werner_parameter(fidelity: Number) -> Number:
    """Return p of a Werner state, (4 F - 1) / 3: the visibility, -1/3 at F = 0.

    Raises:
        InputError: A fidelity outside of 0 to 1.

    Source: F = (1 + 3 p) / 4, p |phi+><phi+| + (1 - p) I / 4.
    """
    p: Number = (4.0 * _fidelity(fidelity, "fidelity") - 1.0) / 3.0
    return p


def swap_werner(fidelities: Sequence[Number]) -> Number:
    """Return the fidelity after ideal swaps along links in Werner states.

    Args:
        fidelities: One for each link, in [0, 1], at least one; numbers or arrays of one shape.

    Returns:
        (1 + 3 prod p) / 4 with p = (4 F - 1) / 3 of each link.

    Raises:
        InputError: No link, or a fidelity outside of 0 to 1.

    Source: Briegel et al., PRL 81, 5932 (1998), Eq. 3 at ideal operations [from memory]; for two
        links F1 F2 + (1 - F1)(1 - F2) / 3.
    """
    if len(fidelities) == 0:
        raise InputError("there is no link", where="fidelities", next_step="give one or more")
    product = np.asarray(1.0)
    for one in fidelities:
        product = product * werner_parameter(one)
    found: Number = (1.0 + 3.0 * product)[()] / 4.0
    return found


def swap_werner_gradient(fidelities: Sequence[float]) -> Array:
    """Return the partial derivatives of `swap_werner`, (n,): the product of all other p.

    Source: dF/dF_i = 3/4 * 4/3 * prod_{j != i} p_j.
    """
    p = np.array([float(werner_parameter(one)) for one in fidelities])
    return np.array([np.prod(np.delete(p, k)) for k in range(p.size)])


def swap_bell_diagonal(first: ArrayLike, second: ArrayLike) -> Array:
    """Return the Bell weights after an ideal swap of two Bell-diagonal pairs.

    Args:
        first: Weights of phi+, phi-, psi+, psi- of one pair, (4,) or (..., 4).
        second: Those of the other, of a shape that broadcasts.

    Returns:
        Weights of the joined pair, (4,), after the correction that the measurement announces.

    Raises:
        InputError: Not four weights, a negative one, or a sum that is not 1.

    Source: swapping Bell states adds their Pauli operators: w_k = sum_i u_i v_(i xor k), the
        convolution on Z2 x Z2.
    """
    return convolve(_weights(first, "first"), _weights(second, "second"))


def convolve(first: Array, second: Array) -> Array:
    """Return the convolution on Z2 x Z2 of any two vectors, such as a derivative of weights.

    Source: as `swap_bell_diagonal`; nothing is checked.
    """
    order = np.arange(4)
    return np.asarray(
        np.stack([np.sum(first * second[..., order ^ k], axis=-1) for k in range(4)], axis=-1),
        dtype=np.float64,
    )


def measurement_error(error: float) -> Array:
    """Return the weights of a Bell-state measurement that names a wrong state in a part of cases.

    Args:
        error: Part of the announced results that are wrong, in [0, 3/4]; wrong ones fall on the
            three other Bell states alike. 3/4 tells nothing.

    Raises:
        InputError: An error outside of 0 to 3/4.

    Source: a wrong result leaves a Pauli error in the pair: a convolution with these weights.
    """
    if not 0.0 <= error <= 0.75:
        raise InputError(
            f"a part of {error} wrong results is outside of 0 to 3/4",
            where="measurement error",
            next_step="3/4 tells nothing at all; above it the results would be mislabelled",
        )
    return np.array([1.0 - error, error / 3.0, error / 3.0, error / 3.0])


def swap_chain(links: Sequence[ArrayLike], measurements: Sequence[ArrayLike] = ()) -> Array:
    """Return the Bell weights after swaps along links, with Bell-state measurements that err.

    Args:
        links: Bell weights of each link in order, (4,) each, at least one.
        measurements: Weights of what each measurement adds, one fewer than links, as
            `measurement_error` gives; none where all are ideal.

    Returns:
        Weights of the pair from end to end, (4,); the order of links does not matter.

    Raises:
        InputError: No link, weights that are none, or a number of measurements that does not fit.

    Source: `swap_bell_diagonal`, repeated.
    """
    if len(links) == 0:
        raise InputError("there is no link", where="links", next_step="give one or more")
    if measurements and len(measurements) != len(links) - 1:
        raise InputError(
            f"{len(links)} links are joined by {len(links) - 1} measurements, "
            f"not by {len(measurements)}",
            where="measurements",
            next_step="give one for each node between two links",
        )
    whole = _weights(links[0], "link 1")
    for one in (*links[1:], *measurements):
        whole = swap_bell_diagonal(whole, one)
    return whole


def swap_chain_gradient(
    links: Sequence[ArrayLike], measurements: Sequence[ArrayLike] = ()
) -> Array:
    """Return d(end-to-end fidelity) / d(weight k of link i), (n, 4).

    The weights of a link are taken one by one: a caller keeps their sum.

    Source: the chain is linear in each link; the coefficient of weight k is weight k of the rest.
    """
    rows = []
    for k in range(len(links)):
        rest = IDEAL_MEASUREMENT
        for one in (*links[:k], *links[k + 1 :], *measurements):
            rest = swap_bell_diagonal(rest, one)
        rows.append(rest)
    return np.array(rows)


def teleported_fidelity(pair_fidelity: Number) -> Number:
    """Return the mean fidelity of teleporting qubits over a pair, (2 F + 1) / 3.

    Args:
        pair_fidelity: Fidelity of the pair with its Bell state, in [0, 1].

    Returns:
        Average over all pure qubits, ideal measurement and correction; it exceeds 2/3 where the
        pair's fidelity exceeds 1/2.

    Raises:
        InputError: A fidelity outside of 0 to 1.

    Source: Horodecki et al., PRA 60, 1888 (1999), (d F + 1) / (d + 1) with d = 2.
    """
    return average_from_process(_fidelity(pair_fidelity, "pair fidelity")[()])
