"""Clock offsets from delays: one way, two way, round trip, with their variances.

Inside: `indicated_two_way`, `indicated_round_trip`, `path_of_both_ways`, `one_way_offset`,
`corrected_offset`, `corrected_round_trip`, `time_base_excess`, `two_way_offset`,
`round_trip_offset`, `one_way_variance`, `two_way_variance`, `round_trip_variance`.
Signs: an offset is clock B minus clock A. A delay is the reading at the receiver's clock minus that
at the sender's. Asymmetry is the path delay from A to B minus that from B to A. The local delay
difference is the delay of the equipment at B minus that at A. All in s, or all in another unit of
time; numbers or arrays.
Source: ITU-R TF.1153-4 (2015), calculation of clock differences (clause from memory), for the
two-way difference; Lee et al., APL 114, 101102 (2019), for photon pairs. With these signs
d_AB = offset + path_AB + local and d_BA = -offset + path_BA - local; all below follows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]

# Rounding may bring a covariance this much (relative) beyond what two variances allow.
_ROUNDING = 1e-9


def indicated_two_way(*, delay_ab: Number, delay_ba: Number) -> Number:
    """Return what both directions indicate, half the difference of both delays, uncorrected.

    Args:
        delay_ab: Reading at B of arrival minus reading at A of departure.
        delay_ba: Reading at A of arrival minus reading at B of departure.

    Source: (d_AB - d_BA)/2 = offset + asymmetry/2 + local, from the definitions (module).
    """
    return 0.5 * (delay_ab - delay_ba)


def indicated_round_trip(*, delay_ab: Number, round_trip_delay: Number) -> Number:
    """Return what one direction and the round trip indicate, uncorrected.

    Args:
        delay_ab: Reading at B of arrival minus reading at A of departure.
        round_trip_delay: Reading at A of the return minus that of departure.

    Source: d_AB - RTT/2 = offset + asymmetry/2 + local, from the definitions (module).
    """
    return delay_ab - 0.5 * round_trip_delay


def path_of_both_ways(*, delay_ab: Number, delay_ba: Number) -> Number:
    """Return the sum of both paths, in which offset and local delays of the stations cancel.

    Args:
        delay_ab: Reading at B of arrival minus reading at A of departure.
        delay_ba: Reading at A of arrival minus reading at B of departure.

    Source: d_AB + d_BA = path_AB + path_BA, from the definitions (module).
    """
    return delay_ab + delay_ba


def one_way_offset(
    *, delay_ab: Number, path_delay_ab: Number, local_delay_difference: Number = 0.0
) -> Number:
    """Return clock B minus clock A from one direction and a known path.

    Args:
        delay_ab: Reading at B of arrival minus reading at A of departure.
        path_delay_ab: Delay of the path from A to B, Sagnac delay included.
        local_delay_difference: Delay of the equipment at B minus that at A.

    Source: d_AB - path - local, from the definitions (module).
    """
    return delay_ab - path_delay_ab - local_delay_difference


def corrected_offset(
    indicated_offset: Number,
    *,
    asymmetry: Number = 0.0,
    local_delay_difference: Number = 0.0,
) -> Number:
    """Return clock B minus clock A from what two ways or a round trip indicate.

    Args:
        indicated_offset: As of `indicated_two_way` or `indicated_round_trip`.
        asymmetry: Path delay from A to B minus that from B to A.
        local_delay_difference: Delay of the equipment at B minus that at A.

    Source: indicated - asymmetry/2 - local, from the definitions (module).
    """
    return indicated_offset - 0.5 * asymmetry - local_delay_difference


def time_base_excess(interval: Number, *, time_base_frequency: Number) -> Number:
    """Return by how much an interval is shown too long by a tagger that is fast by y.

    Args:
        interval: As indicated.
        time_base_frequency: y, (actual - nominal) / nominal of its time base; 1.

    Source: indicated = true (1 + y), so indicated - true = indicated y/(1 + y).
    """
    return interval * time_base_frequency / (1.0 + time_base_frequency)


def corrected_round_trip(
    indicated_offset: Number,
    *,
    round_trip_delay: Number,
    asymmetry: Number = 0.0,
    local_delay_difference: Number = 0.0,
    time_base_frequency: Number = 0.0,
) -> Number:
    """Return clock B minus clock A from what one direction and the round trip indicate.

    Args:
        indicated_offset: As of `indicated_round_trip`.
        round_trip_delay: As indicated by the tagger of A.
        asymmetry: Path delay from A to B minus that from B to A.
        local_delay_difference: Delay of the equipment at B minus that at A.
        time_base_frequency: Of the tagger of A: half of the round trip was taken off too long.

    Source: as `corrected_offset`, with RTT = indicated RTT/(1 + y), from the definitions (module).
    """
    excess = time_base_excess(round_trip_delay, time_base_frequency=time_base_frequency)
    return corrected_offset(
        indicated_offset + 0.5 * excess,
        asymmetry=asymmetry,
        local_delay_difference=local_delay_difference,
    )


def two_way_offset(
    *,
    delay_ab: Number,
    delay_ba: Number,
    asymmetry: Number = 0.0,
    local_delay_difference: Number = 0.0,
) -> Number:
    """Return clock B minus clock A from both directions.

    Args:
        delay_ab: Reading at B of arrival minus reading at A of departure.
        delay_ba: Reading at A of arrival minus reading at B of departure.
        asymmetry: Path delay from A to B minus that from B to A.
        local_delay_difference: Delay of the equipment at B minus that at A.

    Source: (d_AB - d_BA)/2 - asymmetry/2 - local, from the definitions (module).
    """
    return corrected_offset(
        indicated_two_way(delay_ab=delay_ab, delay_ba=delay_ba),
        asymmetry=asymmetry,
        local_delay_difference=local_delay_difference,
    )


def round_trip_offset(
    *,
    delay_ab: Number,
    round_trip_delay: Number,
    asymmetry: Number = 0.0,
    local_delay_difference: Number = 0.0,
    time_base_frequency: Number = 0.0,
) -> Number:
    """Return clock B minus clock A from one direction and the round trip seen at A.

    Args:
        delay_ab: Reading at B of arrival minus reading at A of departure.
        round_trip_delay: Reading at A of the return minus that of departure, its own local delays
            taken off; at B the light is turned round without delay.
        asymmetry: Path delay from A to B minus that from B to A.
        local_delay_difference: Delay of the equipment at B minus that at A.
        time_base_frequency: Of the tagger of A, see `corrected_round_trip`.

    Source: d_AB - RTT/2 - asymmetry/2 - local, RTT = path_AB + path_BA (module).
    """
    return corrected_round_trip(
        indicated_round_trip(delay_ab=delay_ab, round_trip_delay=round_trip_delay),
        round_trip_delay=round_trip_delay,
        asymmetry=asymmetry,
        local_delay_difference=local_delay_difference,
        time_base_frequency=time_base_frequency,
    )


def one_way_variance(
    *,
    variance_ab: Number,
    variance_path: Number = 0.0,
    variance_local: Number = 0.0,
    covariance: Number = 0.0,
) -> Number:
    """Return the variance of `one_way_offset`.

    Args:
        variance_ab: Variance of the delay.
        variance_path: Variance of the path delay.
        variance_local: Variance of the local delay difference.
        covariance: Covariance of delay and path delay, where one measurement made both.

    Raises:
        InputError: a variance is negative, or the covariance more than the variances allow.

    Source: JCGM 100:2008, Eq. 13.
    """
    _check(variance_ab, variance_path, covariance=covariance)
    _check_variance(variance_local)
    return variance_ab + variance_path - 2.0 * covariance + variance_local


def two_way_variance(
    *,
    variance_ab: Number,
    variance_ba: Number,
    variance_asymmetry: Number = 0.0,
    variance_local: Number = 0.0,
    covariance: Number = 0.0,
) -> Number:
    """Return the variance of `two_way_offset`.

    Args:
        variance_ab: Variance of the delay from A to B.
        variance_ba: Variance of the delay from B to A.
        variance_asymmetry: Variance of the asymmetry.
        variance_local: Variance of the local delay difference.
        covariance: Covariance of the two delays; a shared jitter or time base makes it positive
            and the offset better.

    Raises:
        InputError: a variance is negative, or the covariance more than the variances allow.

    Source: JCGM 100:2008, Eq. 13.
    """
    _check(variance_ab, variance_ba, covariance=covariance)
    _check_variance(variance_asymmetry)
    _check_variance(variance_local)
    delays = variance_ab + variance_ba - 2.0 * covariance
    return 0.25 * delays + 0.25 * variance_asymmetry + variance_local


def round_trip_variance(
    *,
    variance_ab: Number,
    variance_round_trip: Number,
    variance_asymmetry: Number = 0.0,
    variance_local: Number = 0.0,
    covariance: Number = 0.0,
) -> Number:
    """Return the variance of `round_trip_offset`.

    Args:
        variance_ab: Variance of the delay from A to B.
        variance_round_trip: Variance of the round-trip delay.
        variance_asymmetry: Variance of the asymmetry.
        variance_local: Variance of the local delay difference.
        covariance: Covariance of delay and round-trip delay: tags of the heralding detector at A
            that stand in both make it positive.

    Raises:
        InputError: a variance is negative, or the covariance more than the variances allow.

    Source: JCGM 100:2008, Eq. 13.
    """
    _check(variance_ab, variance_round_trip, covariance=covariance)
    _check_variance(variance_asymmetry)
    _check_variance(variance_local)
    delays = variance_ab + 0.25 * variance_round_trip - covariance
    return delays + 0.25 * variance_asymmetry + variance_local


def _check_variance(variance: Number) -> None:
    if not np.all(np.asarray(variance) >= 0.0):
        raise InputError(
            f"the variance {variance} is negative or no number",
            next_step="give the square of the standard uncertainty",
        )


def _check(first: Number, second: Number, *, covariance: Number) -> None:
    _check_variance(first)
    _check_variance(second)
    most = np.sqrt(np.asarray(first) * np.asarray(second))
    if not np.all(np.abs(covariance) <= most * (1.0 + _ROUNDING)):
        raise InputError(
            f"the covariance {covariance} is beyond {most}, the root of the product of variances",
            next_step="give the covariance in the square of the unit of the delays",
        )
