"""What a transfer of states must show beside its fidelity: single photons, and pairs shared.

Inside: `single_photon_metric`, `pair_metric`, `SENT_FIELD`, `MULTI_PHOTON`, `SHARED_PAIR`.
A bound of 2/3 is that of single qubits. Whoever measures only pulses of more photons, and hides the
others in the loss, passes it without entanglement; so every pulse of more photons is counted here
as received, and received as sent, for such a rival. Both figures take a calibration: without it
they are not there, and nothing nominal stands in.
Source: tagged pulses as in Gottesman, Lo, Luetkenhaus and Preskill, QIC 4, 325 (2004) [from
memory], with a fidelity of 1 for what is tagged; the form for a mean over states is ours.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import ParameterField
from qtrace.metrics.teleportation.count_metrics import state_metric
from qtrace.metrics.teleportation.state_sets import average_of, cells, received
from qtrace.physics.states.classical_bounds import StateSet, classical_bound

FIGURE, PAIR_FIGURE = "single_photon_margin", "pair_margin"
SENT = "states_sent"
MULTI_PHOTON = MetricArgument(
    "multi_photon_probability", "multi_photon_probability", ArgumentSource.CALIBRATION, "source"
)
SHARED_PAIR = MetricArgument(
    "shared_pair_fidelity", "pair_fidelity", ArgumentSource.CALIBRATION, "source_pairs"
)
SEPARABLE = 0.5  # overlap with a maximally entangled state that no separable state exceeds
SENT_FIELD = ParameterField(
    SENT, "pulse_count", 0.0, 2.0**53,
    "pulses sent, as many in each state, received or not; 0: not stated", default=0.0, whole=True,
)  # fmt: skip
_SENT = MetricArgument(SENT, "pulse_count", ArgumentSource.PARAMETER)
TAGGED = "tagged pulses: Gottesman et al., QIC 4, 325 (2004) [from memory]; mean over states ours"


def _single_photons(given: Given, *, of: StateSet) -> Number:
    """Return the average fidelity above the most of a rival who gets all pulses of more photons.

    Source: F_i <= (1 - m_i) F1_i + m_i, with m_i at most the pulses of more photons that were sent
        over those received in state i; so the mean is at most (1 - m) bound + m, m the largest m_i.
    """
    sent = np.asarray(given[SENT], dtype=np.float64)
    every = [np.asarray(received(given, states=(one,)), dtype=np.float64) for one in of.states]
    if not np.all(sent >= sum(every)) or not np.all(sent > 0.0):
        raise InputError(
            "the pulses sent are not stated, or fewer than were received",
            where=SENT,
            next_step="count every pulse sent: of what share may hold more photons hangs on it",
        )
    least = np.minimum.reduce(np.broadcast_arrays(*every))
    average = average_of(given, of=of)  # refuses a state without counts
    tagged = given[MULTI_PHOTON.name] * sent / len(of.states) / least
    bound = classical_bound(of.name)
    found: Number = (average - bound - np.minimum(tagged, 1.0) * (1.0 - bound))[()]
    return found


def single_photon_metric(name: str, of: StateSet) -> Metric:
    """Return the margin above the classical bound that single photons alone show.

    Args:
        name: Protocol.
        of: The states that were sent.
    """
    return state_metric(
        f"{name}.{FIGURE}",
        f"average above the bound {classical_bound(of.name):.4f}, pulses of more photons "
        "counted for a rival",
        ("fidelity_margin", "1"),
        arguments=(*cells(of.states), _SENT, MULTI_PHOTON),
        figure=partial(_single_photons, of=of),
        influenced_by="multi-photon probability of the source",
        source=TAGGED,
    )


def _pairs(given: Given) -> Number:
    """Return the fidelity of the pairs above that of separable ones."""
    return given[SHARED_PAIR.name] - SEPARABLE


def pair_metric(name: str) -> Metric:
    """Return how far the fidelity of the pairs that are shared lies above 1/2, as calibrated."""
    return state_metric(
        f"{name}.{PAIR_FIGURE}",
        "fidelity of the shared pairs above 1/2, the most without entanglement",
        ("fidelity_margin", "1"),
        arguments=(SHARED_PAIR,),
        figure=_pairs,
        influenced_by="fidelity of the pairs that the pair source gives",
        source="overlap of a separable state with a maximally entangled one is at most 1/2: "
        "Horodecki et al., PRA 60, 1888 (1999)",
    )
