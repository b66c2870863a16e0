"""Procedures of time transfer and of counting: bounds, Sagnac delay, points, dead time.

Inside: `peak_bound`, `sagnac`, `white_points`, `dead_time_counts`.
Source: as the functions say that are called.
"""

from __future__ import annotations

import math

import numpy as np

from qtrace.physics.tags.rates import variance_of_counts, without_dead_time
from qtrace.physics.tags.reduced import Reduced
from qtrace.physics.tags.simulated_offsets import agreeing_point_s, white_phase_tdev
from qtrace.physics.timing.peak_likelihood import expected_information, grid_edges
from qtrace.physics.timing.peak_shape import GAUSSIAN
from qtrace.physics.timing.relativity import sagnac_path_delay_s
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling

WINDOW_SIGMAS = 20.0
PS, NS = 1e12, 1e9


def peak_bound(given: Given, _sampling: Sampling) -> Figures:
    """Return the least u of the delay of a Gaussian peak over flat background, in ps.

    `sigma` in ps, `pairs` in the peak, `background` per ps. Figures: `bound` (Fisher), and
    `without_background`, sigma over the root of the pairs.
    """
    sigma, pairs = given.number("sigma"), given.number("pairs")
    background = given.number("background")
    given.finish()
    parameters = np.array([WINDOW_SIGMAS * sigma, sigma, pairs, background])
    edges = grid_edges(parameters, 2.0 * WINDOW_SIGMAS * sigma, offset=math.nan)
    information = expected_information(GAUSSIAN, parameters, edges, np.ones(4, dtype=np.bool_))
    return {
        "bound": Figure(float(np.sqrt(np.linalg.inv(information)[0, 0]))),
        "without_background": Figure(sigma / math.sqrt(pairs)),
    }


def sagnac(given: Given, _sampling: Sampling) -> Figures:
    """Return `delay` in ns of a signal along a parallel, `points` straight pieces.

    `latitude`, longitudes `start` and `end` in degrees; eastward is positive.
    """
    latitude = math.radians(given.number("latitude"))
    ends = math.radians(given.number("start")), math.radians(given.number("end"))
    points = given.integer("points", 2)
    given.finish()
    longitudes = np.linspace(*ends, points)
    delay = sagnac_path_delay_s(np.full_like(longitudes, latitude), longitudes)
    return {"delay": Figure(delay * NS)}


def white_points(given: Given, _sampling: Sampling) -> Figures:
    """Return the length of points for which their u and a TDEV agree under white phase noise.

    `u_point` and `tdev` in one unit, `tau` in s. Figures: `seconds`; with `point` in s also `tdev`
    as it follows from u_point.
    """
    u_point, tdev, tau = given.number("u_point"), given.number("tdev"), given.number("tau")
    point = given.number("point") if given.has("point") else None
    given.finish()
    figures = {"seconds": Figure(agreeing_point_s(u_point, tdev=tdev, tau_s=tau))}
    if point is not None:
        figures["tdev"] = Figure(white_phase_tdev(u_point, point_s=point, tau_s=tau))
    return figures


def dead_time_counts(given: Given, _sampling: Sampling) -> Figures:
    """Return what a dead time does to a rate, and back.

    `counted` and `true` rates per s, `dead_time` and `time` in s. Figures: `non_paralysable` and
    `paralysable`, true rates of the counted one; `deviation`, the standard deviation of the counts
    of the true rate in the time, and `of_poisson`, that over the root of their mean.
    """
    counted, true = given.number("counted"), given.number("true")
    dead_time, time = given.number("dead_time"), given.number("time")
    given.finish()
    rate = Reduced(counted, 0.0, math.inf)
    found = {
        name: without_dead_time(
            rate, dead_time_s=dead_time, u_dead_time_s=0.0, paralysable=name == "paralysable"
        ).value
        for name in ("non_paralysable", "paralysable")
    }
    variance = variance_of_counts(true, time_s=time, dead_time_s=dead_time)
    mean = true * time / (1.0 + true * dead_time)
    found |= {"deviation": math.sqrt(variance), "of_poisson": math.sqrt(variance / mean)}
    return {name: Figure(value) for name, value in found.items()}
