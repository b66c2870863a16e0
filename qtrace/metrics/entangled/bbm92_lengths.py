"""BBM92 secret lengths by five named bounds, at the nominal values and over a declared set.

Inside: `LENGTHS`, `finite_length_gamma`, `finite_length_tail`.
A certified length is the smallest over the set: the lengths fall with the overlap of the bases,
so it is taken at the largest overlap declared. Nothing is clamped at zero. Without an overlap
among the arguments the bases are taken as complementary.
Source: as the formulas in `qtrace.physics.entangled.bbm92`, `qtrace.physics.entangled.one_basis`
and
`qtrace.physics.entangled.small_block`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qtrace.metrics.entangled.bbm92_arguments import (
    EFFICIENCY,
    EPSILONS,
    LEAK,
    OVERLAP,
    Number,
    cells,
    counts_metric,
)
from qtrace.metrics.keyword_function import Given, keyword_function
from qtrace.metrics.metric import Metric
from qtrace.physics.entangled import bbm92 as physics
from qtrace.physics.entangled.one_basis import leverrier_2017_bits, tomamichel_2012_bits
from qtrace.physics.entangled.sifted import Cells, EpsilonSplit, told_bits
from qtrace.physics.entangled.small_block import small_block_bits

COMPLEMENTARY = 0.5  # overlap of the two bases
EPSILON_NAMES = tuple(one.name for one in EPSILONS)
TELLING = (EFFICIENCY.name, LEAK.name)


def _bases(given: Given) -> tuple[Cells, Cells]:
    return (
        Cells(given["errors_z"], given["agreements_z"]),
        Cells(given["errors_x"], given["agreements_x"]),
    )


def _gamma(given: Given) -> Number:
    """Return the secret length in bits by the gamma bound, both bases; unclamped."""
    z, x = _bases(given)
    return physics.finite_length_gamma(
        z,
        x,
        **{name: given[name] for name in (*EPSILON_NAMES, *TELLING)},
        basis_overlap=given.get(OVERLAP.name, COMPLEMENTARY),
    )


def _tail(given: Given) -> Number:
    """Return the secret length in bits by the exact tail, both bases; unclamped.

    Counts must be whole: the figure steps with them, and an evaluation between them is refused.
    """
    columns = [given[one.name] for one in (*cells(), *EPSILONS)]
    columns += [*(given[name] for name in TELLING), given.get(OVERLAP.name, COMPLEMENTARY)]
    rows = np.broadcast_arrays(*(np.asarray(column, dtype=np.float64) for column in columns))
    # Rows repeat where only a part is drawn: the tail is then inverted once for all of them.
    table, back = np.unique(
        np.stack([row.ravel() for row in rows], axis=1), axis=0, return_inverse=True
    )
    lengths = np.array([_tail_of_row(*row) for row in table.tolist()])
    shape = rows[0].shape
    return lengths[back.ravel()].reshape(shape) if shape else float(lengths[0])


def _tail_of_row(*row: float) -> float:
    errors_z, agreements_z, errors_x, agreements_x, *rest = row
    sampling, correctness, privacy, efficiency, leak, overlap = rest
    return physics.finite_length_tail(
        Cells(errors_z, agreements_z),
        Cells(errors_x, agreements_x),
        split=EpsilonSplit(sampling, correctness, privacy),
        error_correction_efficiency=efficiency,
        leak=leak,
        basis_overlap=overlap,
    )


def _tomamichel_2012(given: Given) -> Number:
    """Return the length of Tomamichel et al. (2012), key from Z, tested in X; unclamped.

    Secrecy gets what is declared for sampling and privacy together.
    """
    z, x = _bases(given)
    return tomamichel_2012_bits(
        z,
        x,
        told=told_bits(z, **{name: given[name] for name in TELLING}),
        epsilon_secrecy=given["epsilon_sampling"] + given["epsilon_privacy"],
        epsilon_correctness=given["epsilon_correctness"],
        basis_overlap=given.get(OVERLAP.name, COMPLEMENTARY),
    )


def _leverrier_2017(given: Given) -> Number:
    """Return the length of Tomamichel and Leverrier (2017), key from Z, tested in X; unclamped."""
    z, x = _bases(given)
    return leverrier_2017_bits(
        z,
        x,
        told=told_bits(z, **{name: given[name] for name in TELLING}),
        **{name: given[name] for name in EPSILON_NAMES},
        basis_overlap=given.get(OVERLAP.name, COMPLEMENTARY),
    )


def _lim_2021(given: Given) -> Number:
    """Return the length of Lim, Xu, Pan and Ekert (2021), key from Z, tested in X; unclamped."""
    z, x = _bases(given)
    return small_block_bits(
        z,
        x,
        told=told_bits(z, **{name: given[name] for name in TELLING}),
        **{name: given[name] for name in EPSILON_NAMES},
        basis_overlap=given.get(OVERLAP.name, COMPLEMENTARY),
    )


STABILITY = "stability under Poisson resampling of the counts (not a security statement)"
ARGUMENTS = (*cells(), EFFICIENCY, LEAK, *EPSILONS)
# Bound, name of the figure at the nominal values, title, figure, source.
BOUNDS: tuple[tuple[str, str, str, Callable[[Given], Number], str], ...] = (
    (
        "gamma",
        "finite_length_gamma",
        "gamma bound of Lim et al. (2014)",
        _gamma,
        "Lim et al., PRA 89, 022307 (2014), below Eq. 5, with 1/eps for 21/eps",
    ),
    (
        "tail",
        "finite_length_tail",
        "exact hypergeometric tail",
        _tail,
        "exact tail; compare Sakakibara and Matsumoto, IEICE ComEx 3, 68 (2014)",
    ),
    (
        "tomamichel_2012",
        "key_length_tomamichel_2012",
        "Tomamichel et al. (2012), key from Z",
        _tomamichel_2012,
        "Tomamichel et al., Nat. Commun. 3, 634 (2012), Eq. 2",
    ),
    (
        "leverrier_2017",
        "key_length_leverrier_2017",
        "Tomamichel and Leverrier (2017), key from Z",
        _leverrier_2017,
        "Tomamichel and Leverrier, Quantum 1, 14 (2017), Eqs. 57 to 59",
    ),
    (
        "lim_2021",
        "key_length_lim_2021",
        "Lim, Xu, Pan and Ekert (2021), key from Z",
        _lim_2021,
        "Lim, Xu, Pan and Ekert, PRL 126, 100501 (2021)",
    ),
)

finite_length_gamma = keyword_function(ARGUMENTS, _gamma)
finite_length_tail = keyword_function(ARGUMENTS, _tail)

LENGTHS: tuple[Metric, ...] = (
    *(
        counts_metric(
            name,
            f"secret length, {title}",
            ("key_length_finite", "bit"),
            arguments=ARGUMENTS,
            function=keyword_function(ARGUMENTS, figure),
            source=source,
            stepped_by=STABILITY if bound == "tail" else "",
        )
        for bound, name, title, figure, source in BOUNDS
    ),
    *(
        counts_metric(
            f"certified_length_{bound}",
            f"smallest secret length over the declared set, {title}",
            ("key_length_certified", "bit"),
            arguments=(*ARGUMENTS, OVERLAP),
            function=keyword_function((*ARGUMENTS, OVERLAP), figure),
            source=source,
            stepped_by=STABILITY,
        )
        for bound, _, title, figure, source in BOUNDS
    ),
)
