"""A key beside the most that its channel can give: PLOB from the loss of a run.

Inside: `CHANNEL_ROLE`, `CHANNEL_FIELDS`, `ChannelLoss`, `PlobFigure`, `declared_loss`,
`beside_plob_of`.
The loss is that of a calibrated result (kind transmittance) of the device in the role "channel",
which the caller brings, or what the run declares as `channel_transmittance`. Detectors are no part
of the channel.
Source: as `qtrace.physics.capacity`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.laboratory.link import Run
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import ParameterField, Protocol
from qtrace.physics.capacity import PlobComparison, beside_plob

CHANNEL_ROLE = "channel"  # of the fibre or free-space path of a run
CHANNEL_KIND = "transmittance"  # of the calibrated result of the device in that role
DECLARED, DECLARED_U = "channel_transmittance", "channel_transmittance_u"
CHANNEL_FIELDS = (
    ParameterField(
        DECLARED,
        CHANNEL_KIND,
        0.0,
        1.0,
        "transmittance of the channel end to end, detectors left out; for PLOB",
        low_allowed=False,
        high_allowed=True,
    ),
    ParameterField(
        DECLARED_U, CHANNEL_KIND, 0.0, 1.0, "standard uncertainty of channel_transmittance"
    ),
)
LENGTHS = frozenset({"key_length_finite", "key_length_certified"})
PER_USE = frozenset({"key_per_use", "key_rate_certified"})
TWO_SIGMA, NORMAL_AT_TWO = 2.0, 0.9545  # k, and what it covers of a normal distribution


@dataclass(frozen=True, slots=True)
class ChannelLoss:
    """The transmittance of a channel with u, both of unit one; `source` says from where."""

    transmittance: float
    standard_uncertainty: float
    source: str


@dataclass(frozen=True, slots=True)
class PlobFigure:
    """One figure of key beside PLOB. Where `comparison` is None, `reason` says why.

    `key_per_use` is the figure over the uses of the channel; None where these are not known.
    """

    metric_id: str
    key_per_use: float | None
    uses: float | None
    loss: ChannelLoss | None
    comparison: PlobComparison | None
    reason: str = ""


def declared_loss(run: Run) -> ChannelLoss | None:
    """Return the loss that a run declares of its channel, or None."""
    if DECLARED not in run.parameters:
        return None
    u = run.parameters.get(DECLARED_U, 0.0)
    note = "" if DECLARED_U in run.parameters else ", taken as exact"
    return ChannelLoss(run.parameters[DECLARED], u, f"declared with the run{note}")


def beside_plob_of(
    protocol: Protocol,
    run: Run,
    *,
    metric: Metric,
    value: float,
    calibrated: ChannelLoss | None = None,
    uses: float | None = None,
    modes_per_use: float = 1.0,
) -> PlobFigure:
    """Compare a figure of key with PLOB of the run's channel, at k = 2.

    Args:
        protocol: Protocol of the run; its link model names the uses, and a node in the middle.
        run: The run.
        metric: The metric of the figure: a length, or key per use.
        value: The figure, in bits; a length is divided by the uses.
        calibrated: Loss in use of the channel, if it has one; else that declared with the run.
        uses: Uses of the channel, where the run has no parameter that counts them.
        modes_per_use: Optical modes of one use; 1 is the strictest.

    Source: `beside_plob`. A figure below zero is no key and lies below any bound.
    """
    loss = calibrated or declared_loss(run)
    model = protocol.link_model
    counted = uses if uses is not None or model is None else run.parameters.get(model.uses)
    key = None
    if metric.result_kind in PER_USE:
        key = value
    elif metric.result_kind in LENGTHS and counted:
        key = value / counted

    def without(reason: str) -> PlobFigure:
        return PlobFigure(metric.metric_id, key, counted, loss, None, reason)

    if metric.result_kind not in LENGTHS | PER_USE:
        return without("the figure is no key")
    if model is None:
        return without(f"whether {protocol.name} has a node in the middle is not known")
    if loss is None:
        return without(
            f"the loss of the channel is not on record: declare {DECLARED} with the run, or give "
            f'it a calibrated device in the role "{CHANNEL_ROLE}"'
        )
    if key is None:
        return without(f"the run does not say how many uses of the channel it had ({model.uses})")
    compared = beside_plob(
        key,
        loss.transmittance,
        loss.standard_uncertainty,
        coverage_factor=TWO_SIGMA,
        probability=NORMAL_AT_TWO,
        modes_per_use=modes_per_use,
        repeater=model.repeater,
    )
    return PlobFigure(metric.metric_id, key, counted, loss, compared)
