"""CHSH from complete trials, no clicks included: a p-value, and a device-independent key.

Inside: `CHSH_COMPLETE`, `CHSH_COMPLETE_METRICS`.
Every trial that was begun is counted, and no click counts as minus, so that no detection
loophole is left. The cells must add up to the trials declared, or there is no p-value and no
key figure at all. The key comes from trials at key settings of their own.
Source: as the formulas in `qtrace.physics.entangled.chsh`.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.entangled.bbm92_arguments import EFFICIENCY, LEAK
from qtrace.metrics.entangled.chsh import (
    CHOICES,
    P_VALUE_SOURCE,
    P_VALUE_STEPS,
    SETTING_BIAS,
    SETTING_BIAS_FIELD,
    arms,
    whole_fibre,
)
from qtrace.metrics.entangled.chsh_arguments import (
    CLICKED,
    KEY,
    NOT_CLICKED,
    all_cells,
    all_outcomes,
    check_complete,
    counts_metric,
    trial_count,
)
from qtrace.metrics.keyword_function import Given
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import (
    CountTable,
    LinkModel,
    ParameterField,
    Proof,
    Protocol,
    SetParameter,
    Side,
    TableKey,
)
from qtrace.physics.entangled.chsh import (
    PAIRS,
    check_settings,
    chsh_p_value,
    chsh_value,
    holevo_bound,
    wins,
)
from qtrace.physics.entangled.pair_source import werner_trials
from qtrace.physics.entangled.sifted import Cells, error_rate, told_bits

Array = NDArray[np.float64]
Number = float | Array

MOST_COUNTS = 2.0**53  # above it a double no longer holds every whole number
ROWS = (*PAIRS, KEY)


def _value(given: Given) -> Number:
    """Return S, no click counted as minus; not cut at any limit."""
    return chsh_value([all_outcomes(given, row) for row in PAIRS])


def _p_value(given: Given) -> Number:
    """Return the p-value of all trials at the four pairs of settings."""
    check_complete(given)
    pairs = [all_outcomes(given, row) for row in PAIRS]
    if np.ndim(given["setting_bias"]) == 0 and all(np.ndim(one.total) == 0 for one in pairs):
        check_settings(pairs, setting_bias=float(given["setting_bias"]))
    trials: Number = sum(one.total for one in pairs)
    return chsh_p_value(wins(pairs), trials, setting_bias=given["setting_bias"])


def _key_cells(given: Given) -> Cells:
    """Return the key trials as errors and agreements."""
    key = all_outcomes(given, KEY)
    return Cells(key.differing, key.agreeing)


def _error_rate(given: Given) -> Number:
    """Return the part of the key trials whose outcomes differ."""
    return error_rate(*_key_cells(given))


def _clicked(given: Given, *, other: int) -> Number:
    """Return in which part of one side's clicks the other side clicked too."""
    both = sum(given[f"{cell}_{row}"] for row in ROWS for cell in CLICKED)
    alone = ("pn", "mn") if other else ("np", "nm")
    return both / (both + sum(given[f"{cell}_{row}"] for row in ROWS for cell in alone))


def _efficiency_a(given: Given) -> Number:
    """Return Alice's clicks among the trials in which Bob clicked."""
    return _clicked(given, other=0)


def _efficiency_b(given: Given) -> Number:
    """Return Bob's clicks among the trials in which Alice clicked."""
    return _clicked(given, other=1)


def _key_fraction(given: Given) -> Number:
    """Return secret bits per key trial, for an infinitely long key; unclamped."""
    check_complete(given)
    key = _key_cells(given)
    told = told_bits(key, **{name: given[name] for name in (EFFICIENCY.name, LEAK.name)})
    return 1.0 - holevo_bound(_value(given)) - told / key.sifted


def _key_per_use(given: Given) -> Number:
    """Return secret bits per trial, for an infinitely long key; unclamped."""
    return _key_fraction(given) * _key_cells(given).sifted / given["trials"]


CHSH_SOURCE = "Clauser, Horne, Shimony and Holt, PRL 23, 880 (1969); no click counts as minus"
KEY_SOURCE = "Acin et al., PRL 98, 230501 (2007); no click counts as minus"
CELLS = all_cells()
KEY_ARGUMENTS = (*CELLS, trial_count(), EFFICIENCY, LEAK)

CHSH_COMPLETE_METRICS: tuple[Metric, ...] = (
    counts_metric(
        "chsh_complete.chsh_value",
        "CHSH value, no click counted as minus",
        ("chsh_value", "1"),
        arguments=all_cells(PAIRS),
        figure=_value,
        source=CHSH_SOURCE,
    ),
    counts_metric(
        "chsh_complete.p_value",
        "p-value against local models; any memory, all trials",
        ("p_value", "1"),
        arguments=(*CELLS, trial_count(), SETTING_BIAS),
        figure=_p_value,
        source=P_VALUE_SOURCE,
        stepped_by=P_VALUE_STEPS,
    ),
    counts_metric(
        "chsh_complete.key_error_rate",
        "part of the key trials whose outcomes differ",
        ("disagreement_rate", "1"),
        arguments=all_cells((KEY,)),
        figure=_error_rate,
        source="differing over all key trials; no click counts as minus",
    ),
    *(
        counts_metric(
            f"chsh_complete.detection_efficiency_{side}",
            f"{name} clicks among the trials in which the other side clicked",
            ("heralding_efficiency", "1"),
            arguments=CELLS,
            figure=figure,
            source="Klyshko, Sov. J. Quantum Electron. 10, 1112 (1980); raw counts",
        )
        for side, name, figure in (("a", "Alice's", _efficiency_a), ("b", "Bob's", _efficiency_b))
    ),
    counts_metric(
        "chsh_complete.key_fraction",
        "device-independent secret bits per key trial, infinitely long key",
        ("key_fraction_asymptotic", "1"),
        arguments=KEY_ARGUMENTS,
        figure=_key_fraction,
        source=KEY_SOURCE,
    ),
    counts_metric(
        "chsh_complete.key_per_use",
        "device-independent secret bits per trial, infinitely long key",
        ("key_per_use", "bit"),
        arguments=KEY_ARGUMENTS,
        figure=_key_per_use,
        source=KEY_SOURCE,
    ),
    counts_metric(
        "chsh_complete.certified_key_per_use",
        "device-independent secret bits per trial, every trial counted",
        ("key_rate_certified", "bit"),
        arguments=KEY_ARGUMENTS,
        figure=_key_per_use,
        source=KEY_SOURCE,
        stepped_by="none of its own: read that of key_per_use",
    ),
)

PROOF = Proof(
    bound="acin_2007",
    title="device-independent rate of Acin et al. (2007)",
    metric_id="qkd.chsh_complete.certified_key_per_use",
    estimate_id="qkd.chsh_complete.key_per_use",
    source="Acin et al., PRL 98, 230501 (2007); Pironio et al., New J. Phys. 11, 045021 (2009) "
    "[form read in second hand]",
    adversary="collective attacks: the same in every trial, independent of the others",
    regime="asymptotic",
    set_parameters=(
        SetParameter(
            "settings_known_beforehand",
            "setting_bias",
            "what the devices can know of the settings before a trial",
            "the settings are chosen freely; Acin et al. (2007)",
            ideal=0.0,
            side=Side.UPPER,
            modelled=False,
        ),
        SetParameter(
            "signalling",
            "probability",
            "the probability of a signal between the devices, or out of a laboratory",
            "locality loophole: separation or shielding; Pironio et al. (2009)",
            ideal=0.0,
            side=Side.UPPER,
            modelled=False,
        ),
    ),
    not_covered=(
        "finite size: S and the error rate stand as if counted for ever",
        "memory of the devices in the key (the p-value holds with it, the rate does not)",
        "both sides must flip outcomes together at random, so that they are uniform",
        "devices used again: old key may leave with later messages",
        "authentication of the public channel",
    ),
    corrections=(
        "entropy accumulation, Arnon-Friedman et al., Nat. Commun. 9, 459 (2018), finite size "
        "with memory: not included",
    ),
)

# Visibility of S = 2.677, Nadlinger et al., Nature 607, 682 (2022) [from memory].
DEFAULTS = MappingProxyType(
    {
        "trials": 1e6,
        "key_share": 0.5,
        "visibility": 0.946,
        "detector_efficiency_a": 1.0,
        "detector_efficiency_b": 1.0,
        "attenuation_db_per_km": 0.2,
        "share_a": 0.5,
    }
)


def _link_cells(*, distance_km: Number, **fields: Number) -> dict[str, Array]:
    """Return expected outcomes of trials with one pair each, loss and no clicks included."""
    trials, key = fields["trials"], fields["key_share"]
    return werner_trials(
        trials * (1.0 - key) / len(PAIRS),
        visibility=fields["visibility"],
        key_trials=trials * key,
        **arms(distance_km, fields),
    )


CHSH_COMPLETE = Protocol(
    name="chsh_complete",
    title="CHSH from complete trials, device-independent",
    metrics=CHSH_COMPLETE_METRICS,
    proofs=(PROOF,),
    table=CountTable((TableKey("settings", ROWS),), (*CLICKED, *NOT_CLICKED)),
    parameters=(
        ParameterField(
            "trials",
            "pulse_count",
            0.0,
            MOST_COUNTS,
            "trials that were begun",
            low_allowed=False,
            whole=True,
        ),
        SETTING_BIAS_FIELD,
        ParameterField(
            "error_correction_efficiency",
            "error_correction_efficiency",
            1.0,
            10.0,
            "leak over its Shannon limit",
        ),
        ParameterField(
            "leak",
            "leak",
            0.0,
            MOST_COUNTS,
            "bits told in error correction of the key trials",
            low_allowed=False,
        ),
    ),
    one_of=(("leak", "error_correction_efficiency"),),
    link_model=LinkModel(
        defaults=DEFAULTS,
        cells=_link_cells,
        transmittance=whole_fibre,
        uses="trials",
        source="Werner state of S = 2.677, Nadlinger et al., Nature 607, 682 (2022) [from memory]; "
        "one pair in every trial, loss alone",
        repeater=True,  # the source stands between both sides
    ),
    choices=CHOICES,
)
