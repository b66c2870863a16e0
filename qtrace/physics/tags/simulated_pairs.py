"""What a simulated entangled-pair synchronization is made of: sources, users, the world.

Inside: `PairSource`, `Accidentals`, `UserModel`, `PairWorld`, `pair_spreads`, `SCHEMES`,
channel numbers.

No public time tags of entangled-pair synchronization exist: simulated ones stand in for them.
Channels: at A the local photon of user k (from 1) has 2k - 1, light that comes from user k has 2k;
at a user light from A has 1, the local photon of its own source 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import chain

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_detector import DetectorModel
from qtrace.physics.tags.simulated_path import PathModel
from qtrace.physics.tags.simulated_station import StationModel
from qtrace.physics.tags.simulated_stream import check_blocks, check_tags

ONE_WAY, TWO_WAY, ROUND_TRIP = "one_way", "two_way", "round_trip"
SCHEMES = (ONE_WAY, TWO_WAY, ROUND_TRIP)
RECEIVED, LOCAL = 1, 2  # channels of a user
MOST_USERS = 64
STATION_A = "A"


def local_channel(user: int) -> int:
    """Return the channel of A for the local photons of a user, counted from 0.

    Source: ours, the numbering of this module.
    """
    return 2 * user + 1


def returned_channel(user: int) -> int:
    """Return the channel of A for light that comes from a user, counted from 0.

    Source: ours, the numbering of this module.
    """
    return 2 * user + 2


@dataclass(frozen=True, slots=True)
class PairSource:
    """A source of photon pairs; one photon stays, the other goes out.

    `pair_rate_hz` pairs per second (Poisson); `correlation_ps`, standard deviation of the
    difference of emission; `bandwidth_nm`, that of the wavelength, which is anti-correlated in a
    pair. The photon that stays passes `local_transmittance` and `local_dispersion_ps_per_nm`.
    """

    pair_rate_hz: float = 0.0
    correlation_ps: float = 0.0
    bandwidth_nm: float = 0.0
    local_transmittance: float = 1.0
    local_dispersion_ps_per_nm: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no source."""
        numbers = (self.pair_rate_hz, self.correlation_ps, self.bandwidth_nm)
        if (
            not all(math.isfinite(one) and one >= 0.0 for one in numbers)
            or not 0.0 <= self.local_transmittance <= 1.0
            or not math.isfinite(self.local_dispersion_ps_per_nm)
        ):
            raise InputError(
                "this is no source: rate and widths are not negative, a transmittance lies in 0 "
                "to 1",
                next_step="correct its numbers",
            )


@dataclass(frozen=True, slots=True)
class Accidentals:
    """Accidental coincidences that are drawn directly, only near the peak of the delays.

    `rate_hz` of them in all, uniform within `half_width_ps` of the true delay. It stands for
    background singles of high rate, of which nearly all tags would lie far from any coincidence:
    files stay small, and a search beyond the half width sees no background.
    """

    rate_hz: float = 0.0
    half_width_ps: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no background."""
        both = (self.rate_hz, self.half_width_ps)
        if not all(math.isfinite(one) and one >= 0.0 for one in both) or (
            self.rate_hz > 0.0 and self.half_width_ps == 0.0
        ):
            raise InputError(
                "accidental coincidences have a rate and a half width, none negative",
                next_step="correct them, or leave both out",
            )


@dataclass(frozen=True, slots=True)
class UserModel:
    """A user B with its own wavelength channel: its fibre, station and detectors.

    `source` stands at A, `local` is its detector there, `received` the one at B. In the two-way
    scheme `back_source` stands at B with `back_local`; `returned` is the detector at A for light
    from B. In the round trip B sends `return_share` of the light back, unseen.
    """

    name: str
    path: PathModel
    source: PairSource
    station: StationModel = field(default_factory=StationModel)
    local: DetectorModel = field(default_factory=DetectorModel)
    received: DetectorModel = field(default_factory=DetectorModel)
    back_source: PairSource = field(default_factory=PairSource)
    back_local: DetectorModel = field(default_factory=DetectorModel)
    returned: DetectorModel = field(default_factory=DetectorModel)
    return_share: float = 0.0
    accidentals: Accidentals = field(default_factory=Accidentals)
    back_accidentals: Accidentals = field(default_factory=Accidentals)

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0.0 <= self.return_share <= 1.0:
            raise InputError(
                f"a share of {self.return_share:g} of the light cannot be sent back",
                next_step="give 0 to 1",
            )


@dataclass(frozen=True, slots=True)
class PairWorld:
    """A station A and its users, for a time; `block_s` is what memory holds at once."""

    scheme: str
    duration_s: float
    users: tuple[UserModel, ...]
    station: StationModel = field(default_factory=StationModel)
    block_s: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no synchronization."""
        check_blocks(self.duration_s, self.block_s)
        names = [STATION_A, *(one.name for one in self.users)]
        if self.scheme not in SCHEMES:
            raise InputError(
                f"unknown scheme {self.scheme!r}", next_step=f"choose one of {', '.join(SCHEMES)}"
            )
        if not 1 <= len(self.users) <= MOST_USERS or len(set(names)) < len(names):
            raise InputError(
                f"there are 1 to {MOST_USERS} users, each with a name of its own, none is A",
                next_step="correct the users",
            )
        for user in self.users:
            self._check(user)
        check_tags(sum(map(_rate, self.users)) * min(self.block_s, self.duration_s))

    def _check(self, user: UserModel) -> None:
        """Refuse what does not belong to the scheme."""
        if (user.return_share > 0.0) != (self.scheme == ROUND_TRIP):
            raise InputError(
                f"user {user.name} sends back {user.return_share:g} of the light, but the scheme "
                f"is {self.scheme}",
                next_step="the round trip, and no other scheme, has a share above zero",
            )
        if (user.back_source.pair_rate_hz > 0.0) != (self.scheme == TWO_WAY):
            raise InputError(
                f"user {user.name} has a source of {user.back_source.pair_rate_hz:g} pairs/s, but "
                f"the scheme is {self.scheme}",
                next_step="the two-way scheme, and no other, has a source at each user",
            )

    def detectors_at_a(self) -> dict[int, DetectorModel]:
        """Return the channels of A with their detectors."""
        both = (
            ((local_channel(k), one.local), (returned_channel(k), one.returned))
            for k, one in enumerate(self.users)
        )
        back = self.scheme != ONE_WAY
        return {channel: model for channel, model in chain(*both) if back or channel % 2 == 1}

    def detectors_of(self, user: UserModel) -> dict[int, DetectorModel]:
        """Return the channels of a user with their detectors."""
        found = {RECEIVED: user.received}
        return found | {LOCAL: user.back_local} if self.scheme == TWO_WAY else found


def _rate(user: UserModel) -> float:
    """Return an upper limit of the tags per second of a user and its channels at A."""
    detectors = (user.local, user.received, user.back_local, user.returned)
    return (
        2.0 * (user.source.pair_rate_hz + user.back_source.pair_rate_hz)
        + sum(one.dark_rate_hz for one in detectors)
        + 2.0 * (user.accidentals.rate_hz + user.back_accidentals.rate_hz)
    )


def pair_spreads(world: PairWorld, user: UserModel) -> tuple[float, float]:
    """Return the standard deviations of the delay of one pair, forward and back, ps.

    Forward is A to B. Back is B to A in the two-way scheme, A to B to A in the round trip, and 0
    in the one-way scheme. Noise and skew of the clocks are not in it.

    Source: variances of independent parts add; rounding to a step has step^2/12. Dispersion acts
    on a pair as the sum over both arms, since the wavelengths are anti-correlated: Franson,
    Phys. Rev. A 45, 3126 (1992) (from memory).
    """
    fibre, source, back = user.path.dispersion_ps_per_nm, user.source, user.back_source
    step_a, step_b = world.station.tagger.resolution_ps, user.station.tagger.resolution_ps
    own = source.correlation_ps**2 + user.local.jitter_variance
    forward = (
        own
        + user.received.jitter_variance
        + ((fibre + source.local_dispersion_ps_per_nm) * source.bandwidth_nm) ** 2
        + (step_a**2 + step_b**2) / 12.0
    )
    if world.scheme == ONE_WAY:
        return math.sqrt(forward), 0.0
    if world.scheme == ROUND_TRIP:
        backward = (
            own
            + user.returned.jitter_variance
            + ((2.0 * fibre + source.local_dispersion_ps_per_nm) * source.bandwidth_nm) ** 2
            + step_a**2 / 6.0
        )
    else:
        backward = (
            back.correlation_ps**2
            + user.back_local.jitter_variance
            + user.returned.jitter_variance
            + ((fibre + back.local_dispersion_ps_per_nm) * back.bandwidth_nm) ** 2
            + (step_a**2 + step_b**2) / 12.0
        )
    return math.sqrt(forward), math.sqrt(backward)
