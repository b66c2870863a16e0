"""CHSH from coincidences: a witness that takes fair sampling for granted, and no key.

Inside: `CHSH`, `CHSH_METRICS`.
S with its u, a p-value valid under memory and setting bias, and what a Werner state of that S
would show. Trials without a click are not counted here, so nothing device-independent can be
said; `qtrace.metrics.entangled.chsh_complete` counts them.
Source: as the formulas in `qtrace.physics.entangled.chsh` and `qtrace.physics.entangled.werner`.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.entangled.chsh_arguments import CLICKED, clicked_outcomes, clicks, counts_metric
from qtrace.metrics.keyword_function import Given
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.protocol import CountTable, LinkModel, ParameterField, Protocol, TableKey
from qtrace.physics.entangled.chsh import PAIRS, check_settings, chsh_p_value, chsh_value, wins
from qtrace.physics.entangled.pair_source import fibre_transmittance, werner_trials
from qtrace.physics.entangled.werner import (
    error_rate_of_visibility,
    fidelity_of_visibility,
    visibility_of_chsh,
)

Array = NDArray[np.float64]
Number = float | Array

NO_KEY = "fair-sampling witness, no DI key: trials without a click are not counted"
P_VALUE_SOURCE = "Elkouss and Wehner, npj Quantum Inf. 2, 16026 (2016), arXiv:1510.07233"
P_VALUE_STEPS = "none: a p-value is itself the statement on scatter"
CHOICES = MappingProxyType(
    {
        "locality": ("space_like_separated", "shielded", "open"),
        "setting_choice": ("random_each_trial", "scanned"),
    }
)
SETTING_BIAS = MetricArgument("setting_bias", "setting_bias", ArgumentSource.PARAMETER)
SETTING_BIAS_FIELD = ParameterField(
    "setting_bias",
    "setting_bias",
    0.0,
    0.5,
    "largest deviation of a setting's probability from 1/2",
)


def _value(given: Given) -> Number:
    """Return S of the coincidences, not cut at any limit."""
    return chsh_value([clicked_outcomes(given, row) for row in PAIRS])


def _p_value(given: Given) -> Number:
    """Return the p-value of the coincidences, as if those lost were like those found."""
    pairs = [clicked_outcomes(given, row) for row in PAIRS]
    if np.ndim(given["setting_bias"]) == 0 and all(np.ndim(one.total) == 0 for one in pairs):
        check_settings(pairs, setting_bias=float(given["setting_bias"]))
    trials: Number = sum(one.total for one in pairs)
    return chsh_p_value(wins(pairs), trials, setting_bias=given["setting_bias"])


def _visibility(given: Given) -> Number:
    """Return the visibility of a Werner state with that S."""
    return visibility_of_chsh(_value(given))


def _fidelity(given: Given) -> Number:
    """Return the fidelity of a Werner state with that S."""
    return fidelity_of_visibility(_visibility(given))


def _error_rate(given: Given) -> Number:
    """Return the error rate at equal settings of a Werner state with that S."""
    return error_rate_of_visibility(_visibility(given))


WERNER_SOURCE = "Werner, PRA 40, 4277 (1989); S = 2 sqrt 2 V at the best settings"

CHSH_METRICS: tuple[Metric, ...] = (
    counts_metric(
        "chsh.chsh_value",
        "CHSH value of the coincidences; fair sampling is assumed",
        ("chsh_value", "1"),
        arguments=clicks(),
        figure=_value,
        source="Clauser, Horne, Shimony and Holt, PRL 23, 880 (1969)",
    ),
    counts_metric(
        "chsh.p_value_fair_sampling",
        "p-value against local models; any memory, fair sampling is assumed",
        ("p_value", "1"),
        arguments=(*clicks(), SETTING_BIAS),
        figure=_p_value,
        source=P_VALUE_SOURCE,
        stepped_by=P_VALUE_STEPS,
    ),
    counts_metric(
        "chsh.visibility_werner",
        "visibility of a Werner state with the same CHSH value",
        ("visibility", "1"),
        arguments=clicks(),
        figure=_visibility,
        source=WERNER_SOURCE,
    ),
    counts_metric(
        "chsh.fidelity_werner",
        "fidelity of a Werner state with the same CHSH value",
        ("state_fidelity", "1"),
        arguments=clicks(),
        figure=_fidelity,
        source=WERNER_SOURCE,
    ),
    counts_metric(
        "chsh.error_rate_werner",
        "error rate of a Werner state with the same CHSH value",
        ("disagreement_rate", "1"),
        arguments=clicks(),
        figure=_error_rate,
        source=WERNER_SOURCE,
    ),
)

# The visibility is that of S = 2.37, Yin et al., Science 356, 1140 (2017); the rest is ours.
DEFAULTS = MappingProxyType(
    {
        "trials": 1e9,
        "visibility": 0.838,
        "detector_efficiency_a": 0.5,
        "detector_efficiency_b": 0.5,
        "attenuation_db_per_km": 0.2,
        "share_a": 0.5,
    }
)


def arms(distance_km: Number, fields: Given) -> dict[str, Number]:
    """Return the transmittances of both sides, channel and detector together.

    Source: a part `share_a` of the fibre lies between the source and Alice.
    """
    found: dict[str, Number] = {}
    for side, share in (("a", fields["share_a"]), ("b", 1.0 - fields["share_a"])):
        fibre = fibre_transmittance(
            np.asarray(distance_km, dtype=np.float64) * share,
            attenuation_db_per_km=fields["attenuation_db_per_km"],
        )
        found[f"transmittance_{side}"] = fields[f"detector_efficiency_{side}"] * fibre
    return found


def whole_fibre(*, distance_km: Number, attenuation_db_per_km: Number, **_: Number) -> Array:
    """Return the transmittance of the whole fibre, both arms together."""
    return np.asarray(fibre_transmittance(distance_km, attenuation_db_per_km=attenuation_db_per_km))


def _link_cells(*, distance_km: Number, **fields: Number) -> dict[str, Array]:
    """Return expected coincidences of a Werner state at the best settings."""
    trials = werner_trials(
        fields["trials"] / len(PAIRS), visibility=fields["visibility"], **arms(distance_km, fields)
    )
    return {f"{cell}_{row}": trials[f"{cell}_{row}"] for row in PAIRS for cell in CLICKED}


CHSH = Protocol(
    name="chsh",
    title="CHSH from coincidences (fair sampling assumed)",
    metrics=CHSH_METRICS,
    table=CountTable((TableKey("settings", PAIRS),), CLICKED),
    parameters=(SETTING_BIAS_FIELD,),
    link_model=LinkModel(
        defaults=DEFAULTS,
        cells=_link_cells,
        transmittance=whole_fibre,
        uses="trials",
        source="Werner state of S = 2.37, Yin et al., Science 356, 1140 (2017); loss alone",
        repeater=True,  # the source stands between both sides
    ),
    no_security_outcome=NO_KEY,
    choices=CHOICES,
)
