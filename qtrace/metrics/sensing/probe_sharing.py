"""Probes shared between parties as a protocol: checks in two bases, which share is as it should be.

Inside: `PROBE_SHARING`.
Source: as `qtrace.physics.sensing.secure_share`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, IntervalFunction, Metric, MetricArgument
from qtrace.metrics.protocol import CountTable, ParameterField, Protocol, TableKey
from qtrace.metrics.sensing.gain_metrics import LINEAR, MOST_SHOTS, sensing_metric
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.sensing.secure_share import ProbeCheck, probes_left, secure_share_interval

NO_SECURITY = (
    "a share of probes that passed checks is no composable statement of security: probes are "
    "taken as alike and as checked at random, and what an estimate gives away is not bounded"
)
BASES = ("x", "z")
EXACT = "Clopper-Pearson, exact binomial"
SOURCE = (
    "union bound 1 - e_x - e_z, Lo and Chau, Science 283, 2050 (1999); Moore and Dunningham, PRA "
    "111, 012616 (2025), arXiv:2406.19285"
)
COUNTS_ONLY = "none: checks that passed and failed"


def _counts(*bases: str) -> tuple[MetricArgument, ...]:
    return tuple(
        MetricArgument(f"{cell}_{basis}", kind, ArgumentSource.COUNTS)
        for basis in bases
        for cell, kind in (("errors", "error_count"), ("agreements", "agreement_count"))
    )


SHARED = MetricArgument("probes_shared", "particle_number", ArgumentSource.PARAMETER)


def _failures(given: Given, *, basis: str) -> Number:
    """Return the part of the checks in one basis that failed."""
    failed = given[f"errors_{basis}"]
    checked = np.asarray(failed + given[f"agreements_{basis}"], dtype=np.float64)
    if not np.all(checked > 0.0):
        raise _unchecked(basis)
    return (failed / checked)[()]


def _unchecked(basis: str) -> InputError:
    return InputError(
        f"no probe was checked in basis {basis}",
        next_step="check some in each of both bases: in one alone an eavesdropper stays unseen",
    )


def _check_counts(counts: Mapping[str, int], parameters: Mapping[str, float]) -> None:
    """Refuse a basis without checks, and more checks than probes.

    Raises:
        InputError: `where` is the parameter, or nothing.
    """
    checks = [_check(counts, basis) for basis in BASES]
    for one, basis in zip(checks, BASES, strict=True):
        if not sum(one):
            raise _unchecked(basis)
    if "probes_shared" in parameters:
        probes_left(parameters["probes_shared"], *checks)


def _share(given: Given) -> Number:
    """Return what share of the probes is at least as it should be, not cut at zero."""
    return 1.0 - _failures(given, basis="x") - _failures(given, basis="z")


def _check(given: Mapping[str, float], basis: str) -> ProbeCheck:
    return ProbeCheck(round(given[f"errors_{basis}"]), round(given[f"agreements_{basis}"]))


def _share_interval(given: Mapping[str, float], probability: float) -> Interval:
    """Return the interval of the share that covers at least the probability."""
    return secure_share_interval(
        *(_check(given, basis) for basis in BASES), probability=probability
    )


def _failure_interval(given: Mapping[str, float], probability: float, *, basis: str) -> Interval:
    """Return the exact interval of a failure rate."""
    one = _check(given, basis)
    return clopper_pearson(one.failed, sum(one), probability=probability)


def _left(given: Given) -> Number:
    """Return the probes that were not checked: they alone sense."""
    if all(np.ndim(value) == 0 for value in given.values()):
        plain = {name: float(value) for name, value in given.items()}
        return probes_left(plain["probes_shared"], *(_check(plain, basis) for basis in BASES))
    return given["probes_shared"] - sum(given[one.name] for one in _counts(*BASES))


def _metric(
    figure: str,
    kind: str,
    title: str,
    compute: Callable[[Given], Number],
    *,
    arguments: tuple[MetricArgument, ...],
    interval: IntervalFunction | None = None,
    by: str = LINEAR,
    differentiable: bool = True,
) -> Metric:
    made = sensing_metric(
        f"probe_sharing.{figure}",
        of=(title, kind, "1"),
        arguments=arguments,
        compute=compute,
        source=SOURCE,
        influenced_by=COUNTS_ONLY,
        interval=interval,
        interval_by=by,
    )
    return replace(made, differentiable=differentiable)


PROBE_SHARING = Protocol(
    name="probe_sharing",
    title="probes shared between parties, some of them checked",
    metrics=(
        _metric(
            "secure_probe_share",
            "secure_probe_share",
            "share of the probes that is as it should be, at least: 1 - e_x - e_z",
            _share,
            arguments=_counts(*BASES),
            interval=_share_interval,
            by="two exact binomial intervals, together by Bonferroni",
        ),
        *(
            _metric(
                f"check_failure_{basis}",
                "disagreement_rate",
                f"part of the checks in basis {basis} that failed",
                partial(_failures, basis=basis),
                arguments=_counts(basis),
                interval=partial(_failure_interval, basis=basis),
                by=EXACT,
            )
            for basis in BASES
        ),
        _metric(
            "sensing_probes",
            "particle_number",
            "probes that sense: shared, less those that a check used up",
            _left,
            arguments=(SHARED, *_counts(*BASES)),
            by="exact: each is counted",
            differentiable=False,
        ),
    ),
    table=CountTable((TableKey("basis", BASES),)),
    parameters=(
        ParameterField(
            "probes_shared", "particle_number", 1.0, MOST_SHOTS,
            "probes shared, checked ones among them", whole=True,
        ),
    ),
    no_security_outcome=NO_SECURITY,
    area="sensing",
    check_counts=_check_counts,
)  # fmt: skip
