"""Arguments that the metrics of CHSH runs share, and how counts become outcomes.

Inside: `COUNTS_ONLY`, `CLICKED`, `NOT_CLICKED`, `clicks`, `all_cells`, `trial_count`,
`clicked_outcomes`, `all_outcomes`, `check_complete`, `counts_metric`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import LINEAR, Given, OwnInterval, keyword_metric
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.whole_counts import adds_up
from qtrace.physics.entangled.chsh import PAIRS, Outcomes, with_no_clicks

Number = float | NDArray[np.float64]

COUNTS_ONLY = "none: counts in, bits out"
CLICKED = ("pp", "pm", "mp", "mm")  # p is plus, m is minus, Alice first
NOT_CLICKED = ("pn", "mn", "np", "nm", "nn")  # n is no click
KEY = "key"
DRAWN = 0.3  # of the root of the trials: rows that scatter more are draws


def _cells(cells: tuple[str, ...], rows: tuple[str, ...]) -> tuple[MetricArgument, ...]:
    return tuple(
        MetricArgument(f"{cell}_{row}", "outcome_count", ArgumentSource.COUNTS)
        for row in rows
        for cell in cells
    )


def clicks() -> tuple[MetricArgument, ...]:
    """Return the coincidences of the four pairs of settings."""
    return _cells(CLICKED, PAIRS)


def all_cells(rows: tuple[str, ...] = (*PAIRS, KEY)) -> tuple[MetricArgument, ...]:
    """Return all trials of some settings, those without a click included."""
    return _cells((*CLICKED, *NOT_CLICKED), rows)


def trial_count() -> MetricArgument:
    """Return the number of trials that were begun."""
    return MetricArgument("trials", "pulse_count", ArgumentSource.PARAMETER)


def clicked_outcomes(given: Given, row: str) -> Outcomes:
    """Return the coincidences at one pair of settings."""
    return Outcomes(*(given[f"{cell}_{row}"] for cell in CLICKED))


def all_outcomes(given: Given, row: str) -> Outcomes:
    """Return all trials at one pair of settings, no click counted as minus."""
    pn, mn, np_, nm, nn = (given[f"{cell}_{row}"] for cell in NOT_CLICKED)
    return with_no_clicks(clicked_outcomes(given, row), pn=pn, mn=mn, np_=np_, nm=nm, nn=nn)


def check_complete(given: Given) -> None:
    """Refuse counts that are not all trials that were begun.

    Of several rows the first must be complete: the steps of a derivative start from it. Draws
    around counts, which scatter by about the root of the trials, pass: the counts they are
    drawn around are checked when the figure itself is computed.

    Raises:
        InputError: the cells do not add up to the number of trials.

    Source: scatter of a sum of Poisson counts; steps of a derivative are a tenth of it at most.
    """
    counted = sum(
        np.asarray(given[f"{cell}_{row}"], dtype=np.float64)
        for row in (*PAIRS, KEY)
        for cell in (*CLICKED, *NOT_CLICKED)
    )
    trials = np.asarray(given["trials"], dtype=np.float64)
    missing = np.ravel(trials - counted)
    scatter = float(np.median(np.abs(missing - missing[0])))
    drawn = scatter > DRAWN * math.sqrt(max(float(np.max(trials)), 0.0))
    begun = float(np.ravel(trials)[0])
    if not adds_up(begun - float(missing[0]), begun) and not drawn:
        raise InputError(
            f"{np.ravel(counted)[0]:.0f} trials are counted of {begun:.0f} begun: "
            "a fair-sampling witness, no DI key and no p-value of all trials",
            where="trials",
            next_step="count every trial, those without a click too",
        )


def counts_metric(
    metric_id: str,
    title: str,
    kind_and_unit: tuple[str, str],
    *,
    arguments: tuple[MetricArgument, ...],
    figure: Callable[[Given], Number],
    source: str,
    stepped_by: str = "",
) -> Metric:
    """Return a metric that no calibration can influence.

    `stepped_by` is empty, or says by which route a figure without derivative gets an interval.
    """
    return keyword_metric(
        f"qkd.{metric_id}",
        (title, *kind_and_unit),
        arguments=arguments,
        compute=figure,
        influenced_by=COUNTS_ONLY,
        source=source,
        own=OwnInterval(stepped_by, differentiable=False) if stepped_by else LINEAR,
    )
