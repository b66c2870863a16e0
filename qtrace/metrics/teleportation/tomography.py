"""State tomography of pairs as a protocol: nine settings, a Bell state as target.

Inside: `STATE_TOMOGRAPHY`, `TARGETS`, `DRAWS`, `SEED`.
`fidelity_ml` comes from the state of largest likelihood, which is biased at the boundary of the
states and whose bootstrap interval need not cover; `fidelity_direct` from three correlations, with
an interval that covers. They are never mixed.
Source: as the formulas in `qtrace.physics.states`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import product
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number, OwnInterval, keyword_metric
from qtrace.metrics.metric import ArgumentSource, IntervalFunction, Metric, MetricArgument
from qtrace.metrics.protocol import CountTable, Protocol, TableKey
from qtrace.physics.proportions import Interval
from qtrace.physics.states.density import BELL_STATES, concurrence, pure_fidelity, purity
from qtrace.physics.states.pair_fidelity import PAIR_INTERVAL
from qtrace.physics.states.tomography import fit_counts
from qtrace.physics.states.tomography_bootstrap import Bootstrap, bootstrap, figure_of
from qtrace.physics.states.tomography_frame import OUTCOMES, Frame, pauli_frame
from qtrace.physics.states.witness import (
    Parity,
    parities,
    witness_fidelity,
    witness_interval,
    witness_p_value,
)

Array = NDArray[np.float64]
Matrix = NDArray[np.complex128]
OfState = Callable[[Matrix, Matrix], Array]

TARGETS = tuple(BELL_STATES)
SETTINGS = tuple("".join(one) for one in product("xyz", repeat=2))
DRAWS = 300  # the audit draws them again
SEED = 20_010_052
NO_SECURITY = (
    "a state estimated by tomography is no statement on an eavesdropper: bases and devices are "
    "trusted, pairs are taken to be alike and fairly sampled"
)
BOOTSTRAP = (
    f"parametric bootstrap, {DRAWS} draws, seed fixed, hull of percentiles and "
    "reflected ones; at the boundary of the states it is not sure to cover, see fidelity_direct"
)
NAMED_BY = ("target",)  # a fidelity means nothing without it
TARGET = MetricArgument("target", "target_place", ArgumentSource.PARAMETER)


def _counts(settings: tuple[str, ...]) -> tuple[MetricArgument, ...]:
    return tuple(
        MetricArgument(f"{cell}_{row}", "outcome_count", ArgumentSource.COUNTS)
        for row in settings
        for cell in OUTCOMES[2]
    )


_ALL, _WITNESS = _counts(SETTINGS), _counts(("xx", "yy", "zz"))


def _frame() -> Frame:
    return pauli_frame(2, SETTINGS)


def _target(given: Given) -> str:
    place = float(np.ravel(np.asarray(given["target"]))[0])
    if place not in range(len(TARGETS)):
        raise InputError(
            f"{place:g} is the place of no target",
            where="target",
            next_step="0 to 3 stand for " + ", ".join(TARGETS),
        )
    return TARGETS[int(place)]


def _stacked(given: Given) -> tuple[Array, bool]:
    """Return the counts, (draws, 36), and whether single numbers were given."""
    cells = np.broadcast_arrays(*(np.asarray(given[one.name], dtype=float) for one in _ALL))
    table = np.stack([np.ravel(one) for one in cells], axis=-1)
    return table, cells[0].ndim == 0


def _of_state(figure: OfState, *, takes_target: bool) -> Callable[[Given], Number]:
    def compute(given: Given) -> Number:
        table, single = _stacked(given)
        target = BELL_STATES[_target(given)] if takes_target else BELL_STATES[TARGETS[0]]
        found = figure(fit_counts(_frame(), table).matrices, target)
        return float(found[0]) if single else found

    return compute


@lru_cache(maxsize=16)
def _drawn(counts: tuple[float, ...]) -> Bootstrap:
    """Return the bootstrap of these counts: all figures and probabilities take one set of draws."""
    generator = np.random.default_rng(SEED)
    return bootstrap(_frame(), np.array([counts]), draws=DRAWS, generator=generator)


def _interval(figure: OfState, *, takes_target: bool) -> IntervalFunction:
    def interval(given: Mapping[str, float], probability: float) -> Interval:
        table, _ = _stacked(given)
        target = BELL_STATES[_target(given)] if takes_target else BELL_STATES[TARGETS[0]]
        found = _drawn(tuple(table[0].tolist()))
        return figure_of(found, lambda one: figure(one, target), probability=probability).interval

    return interval


def _ml(
    name: str, of: tuple[str, str, str], figure: OfState, *, takes_target: bool = False
) -> Metric:
    """Return a metric of the fitted state; `of` is its title, kind and source."""
    title, kind, source = of
    arguments = (*_ALL, TARGET) if takes_target else _ALL
    return keyword_metric(
        f"teleportation.state_tomography.{name}",
        (title, kind, "1"),
        arguments=arguments,
        compute=_of_state(figure, takes_target=takes_target),
        influenced_by="none: counts in, a state out; bases are taken as declared",
        source=source,
        own=OwnInterval(
            BOOTSTRAP, _interval(figure, takes_target=takes_target), differentiable=False
        ),
        named_by=NAMED_BY if takes_target else (),
    )


def _parities(given: Given) -> tuple[Parity, ...]:
    rows = {s: [given[f"{cell}_{s}"] for cell in OUTCOMES[2]] for s in ("xx", "yy", "zz")}
    return parities(_target(given), rows)


def _direct(given: Given) -> Number:
    """Return the fidelity from three correlations, not cut at any limit."""
    return witness_fidelity(_parities(given))


def _direct_interval(given: Mapping[str, float], probability: float) -> Interval:
    return witness_interval(_parities(given), probability=probability)


def _p_value(given: Given) -> Number:
    """Return the p-value against all separable states."""
    cells = np.broadcast_arrays(*(np.asarray(given[one.name], dtype=float) for one in _WITNESS))
    table = np.stack([np.ravel(one) for one in cells], axis=-1)
    names = [one.name for one in _WITNESS]
    found = [
        witness_p_value(
            _parities({**dict(zip(names, row, strict=True)), "target": given["target"]})
        )
        for row in table.tolist()
    ]
    return found[0] if cells[0].ndim == 0 else np.array(found).reshape(cells[0].shape)


_ML_SOURCE = "Hradil, PRA 55, R1561 (1997); James et al., PRA 64, 052312 (2001)"
_WITNESS_SOURCE = "Guehne and Toth, Phys. Rep. 474, 1 (2009)"
_DIRECT_ARGUMENTS = (*_WITNESS, TARGET)

STATE_TOMOGRAPHY = Protocol(
    name="state_tomography",
    title="state tomography of pairs of qubits, nine settings",
    area="teleportation",
    metrics=(
        keyword_metric(
            "teleportation.state_tomography.fidelity_direct",
            ("fidelity with the target from three correlations, unbiased", "pair_fidelity", "1"),
            arguments=_DIRECT_ARGUMENTS,
            compute=_direct,
            named_by=NAMED_BY,
            influenced_by="none: counts in, a fidelity out; bases are taken as declared",
            source=_WITNESS_SOURCE,
            own=OwnInterval(PAIR_INTERVAL, _direct_interval),
        ),
        keyword_metric(
            "teleportation.state_tomography.entanglement_p_value",
            ("p-value against separable states; pairs are taken to be alike", "p_value", "1"),
            arguments=_DIRECT_ARGUMENTS,
            compute=_p_value,
            named_by=NAMED_BY,
            influenced_by="none: counts in; bases are taken as declared",
            source=_WITNESS_SOURCE,
            own=OwnInterval(
                "none: a p-value is itself the statement on scatter", differentiable=False
            ),
        ),
        _ml(
            "fidelity_ml",
            (
                "fidelity with the target of the state of largest likelihood",
                "state_fidelity",
                _ML_SOURCE,
            ),
            pure_fidelity,
            takes_target=True,
        ),
        _ml(
            "purity",
            ("purity of the state of largest likelihood", "purity", _ML_SOURCE),
            lambda rho, _: purity(rho),
        ),
        _ml(
            "concurrence",
            (
                "concurrence of the state of largest likelihood",
                "concurrence",
                "Wootters, PRL 80, 2245 (1998)",
            ),
            lambda rho, _: concurrence(rho),
        ),
    ),
    table=CountTable((TableKey("settings", SETTINGS),), OUTCOMES[2]),
    no_security_outcome=NO_SECURITY,
    choices=MappingProxyType({"target": TARGETS}),
)
