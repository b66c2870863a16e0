"""The catalogue of protocols and metrics: one visible line per mechanism.

Inside: `PROTOCOLS`, `METRICS`, `protocol`, `metric`, `functions`, `describe`.
"""

from __future__ import annotations

import difflib

from qtrace.errors import InputError
from qtrace.metrics.continuous.gg02_protocols import GG02_HETERODYNE, GG02_HOMODYNE
from qtrace.metrics.decoy.bb84_asymptotic import BB84_ASYMPTOTIC
from qtrace.metrics.decoy.bb84_one_decoy import BB84_ONE_DECOY
from qtrace.metrics.decoy.bb84_two_decoy import BB84_TWO_DECOY
from qtrace.metrics.detector import DETECTOR_METRICS
from qtrace.metrics.direct.qsdc import QSDC_DL04, QSDC_DL04_DECOY, QSDC_NETWORK, QSDC_TWO_STEP
from qtrace.metrics.entangled.bbm92 import BBM92
from qtrace.metrics.entangled.chsh import CHSH
from qtrace.metrics.entangled.chsh_complete import CHSH_COMPLETE
from qtrace.metrics.metric import Metric, MetricFunction
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.relay.mdi import MDI
from qtrace.metrics.relay.tf_cal import TF_CAL
from qtrace.metrics.relay.tf_sns import TF_SNS
from qtrace.metrics.sensing.probe_sharing import PROBE_SHARING
from qtrace.metrics.sensing.sensor_network import SENSOR_NETWORK
from qtrace.metrics.sensing.spin_squeezing import SPIN_SQUEEZING
from qtrace.metrics.teleportation.decoy import TELEPORT_DECOY
from qtrace.metrics.teleportation.dip import HOM_VISIBILITY
from qtrace.metrics.teleportation.swapping import ENTANGLEMENT_SWAPPING
from qtrace.metrics.teleportation.tomography import STATE_TOMOGRAPHY
from qtrace.metrics.teleportation.tone import CALIBRATION_TONE
from qtrace.metrics.teleportation.transfer import (
    TELEPORT_POLES_EQUATOR,
    TELEPORT_SIX_STATE,
    TELEPORT_TWO_BASES,
)
from qtrace.metrics.timing.clock_links import CLOCK_LINKS
from qtrace.metrics.timing.corrections import PATH_METRICS
from qtrace.metrics.timing.stability_metrics import STABILITY_METRICS

PROTOCOLS: tuple[Protocol, ...] = (
    BBM92,
    BB84_ASYMPTOTIC,
    BB84_TWO_DECOY,
    BB84_ONE_DECOY,
    CHSH,
    CHSH_COMPLETE,
    MDI,
    TF_CAL,
    TF_SNS,
    GG02_HOMODYNE,
    GG02_HETERODYNE,
    QSDC_DL04,
    QSDC_DL04_DECOY,
    QSDC_TWO_STEP,
    QSDC_NETWORK,
    ENTANGLEMENT_SWAPPING,
    TELEPORT_DECOY,
    CALIBRATION_TONE,
    HOM_VISIBILITY,
    TELEPORT_SIX_STATE,
    TELEPORT_TWO_BASES,
    TELEPORT_POLES_EQUATOR,
    SPIN_SQUEEZING,
    SENSOR_NETWORK,
    PROBE_SHARING,
    STATE_TOMOGRAPHY,
    *CLOCK_LINKS,
)

METRICS: tuple[Metric, ...] = (
    *DETECTOR_METRICS,
    *STABILITY_METRICS,
    *PATH_METRICS,
    *(one for mechanism in PROTOCOLS for one in mechanism.metrics),
)


def protocol(name: str) -> Protocol:
    """Return the protocol of that name.

    Raises:
        InputError: there is none; the message lists the closest ones.
    """
    for one in PROTOCOLS:
        if one.name == name:
            return one
    known = [one.name for one in PROTOCOLS]
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    raise InputError(
        f"there is no protocol {name!r}",
        where="protocol",
        next_step=f"did you mean: {', '.join(close)}? all: qtrace metric list"
        if close
        else f"choose one of: {', '.join(known)}",
    )


def metric(metric_id: str) -> Metric:
    """Return the metric of that id.

    Raises:
        InputError: there is none; the message lists the closest ones.
    """
    for one in METRICS:
        if one.metric_id == metric_id:
            return one
    known = [one.metric_id for one in METRICS]
    close = difflib.get_close_matches(metric_id, known, n=3, cutoff=0.5)
    raise InputError(
        f"there is no metric {metric_id!r}",
        where="metric id",
        next_step=f"did you mean: {', '.join(close)}?" if close else "see qtrace metric list",
    )


def functions() -> dict[str, MetricFunction]:
    """Return all functions under id@version, as stored models name them."""
    return {one.key: one.function for one in METRICS}


def describe(one: Metric) -> dict[str, object]:
    """Return a metric whole, as plain values."""
    return {
        "metric_id": one.metric_id,
        "version": one.version,
        "title": one.title,
        "kind": one.result_kind,
        "unit": one.unit,
        "influenced_by": one.influenced_by,
        "differentiable": one.differentiable,
        "source": one.source,
        "arguments": [
            {"name": a.name, "kind": a.kind, "source": a.source.value, "role": a.role}
            for a in one.arguments
        ],
    }
