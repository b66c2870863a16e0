"""The parts of a file of simulated time tags: light, detector, tagger, clock, fibre, source.

Inside: `amount`, `whole_ps`, `refuse_as`, `light_model`, `detector_model`, `station_model`,
`path_model`, `pair_source`, `SHARE`.

Every part but light, source and fibre may be left out: it is then ideal. A field that is left out
is zero, an efficiency or transmittance one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from qtrace.errors import InputError
from qtrace.exchange.quantity_fields import quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.physics.tags.simulated_clock import NOISES, ClockModel, ClockNoise
from qtrace.physics.tags.simulated_detector import AfterPulse, DetectorModel
from qtrace.physics.tags.simulated_pairs import PairSource
from qtrace.physics.tags.simulated_path import DelayAttack, PathModel, Temperature
from qtrace.physics.tags.simulated_station import StationModel, TaggerModel
from qtrace.physics.tags.simulated_stream import LightModel
from qtrace.quantity.units import parse_unit

SHARE = 1.0
PS = 1e12
NM = 1e9
PS_PER_NM = 1e3  # s/m in ps/nm
LIGHT_SPEED = 299_792_458.0  # m/s, exact: SI Brochure, 9th edition, table 1
USUAL_NOISE_INTERVAL_S = 1.0
USUAL_PERIOD_S = 86_400.0
NEAR_WHOLE = 1e-6  # a decimal fraction of a second is not exact in binary


@contextmanager
def refuse_as(table: TomlTable) -> Iterator[None]:
    """Give what a world refuses the place of its table; a field's own error has a place."""
    try:
        yield
    except InputError as error:
        if error.where:
            raise
        raise table.error("", error.what, next_step=error.next_step) from None


def amount(
    table: TomlTable,
    key: str,
    *,
    unit: str,
    usual: float = 0.0,
    needed: bool = False,
    signed: bool = False,
    above_zero: bool = False,
    most: float = math.inf,
) -> float:
    """Read a quantity as a number in SI.

    Args:
        table: The table with the field.
        key: Name of the field.
        unit: A unit of its dimension.
        usual: What holds where the field is missing.
        needed: Whether it must be there.
        signed: Whether it may be negative.
        above_zero: Whether zero is refused as well.
        most: The largest value.

    Raises:
        InputError: missing, malformed, of another dimension, out of its range.
    """
    if not needed and not table.has(key):
        return usual
    read = quantity(table, key, dimension=parse_unit(unit).dimension, like=f'"1 {unit}"')
    if (read.si < 0.0 and not signed) or (above_zero and read.si <= 0.0):
        what = "not above zero" if above_zero else "negative"
        raise table.error(key, f'"{key}" is {read.text}, {what}', next_step="correct the number")
    if read.si > most:
        raise table.error(
            key, f'"{key}" is {read.text}, above {most:g}', next_step="correct the number"
        )
    return read.si


def whole_ps(
    table: TomlTable, key: str, *, usual: int = 0, signed: bool = False, above_zero: bool = False
) -> int:
    """Read a time that is a whole number of picoseconds."""
    found = amount(table, key, unit="s", usual=usual / PS, signed=signed, above_zero=above_zero)
    whole = round(found * PS)
    if abs(found * PS - whole) > NEAR_WHOLE * max(1.0, abs(whole) * 1e-6) or (
        above_zero and whole < 1
    ):
        raise table.error(
            key,
            f'"{key}" is {table.entered(key)}, not a whole number of ps',
            next_step="tags are whole picoseconds: give whole ones",
        )
    return whole


def light_model(table: TomlTable) -> LightModel:
    """Read [light]: constant with `rate`, or pulsed with `pulse_rate` and `mean_photons`."""
    pulsed = table.has("pulse_rate")
    if pulsed == table.has("rate"):
        raise table.error(
            "rate",
            'light has either "rate" or "pulse_rate"',
            next_step='give one of the two; rate = "0 1/s" for a dark detector',
        )
    if not pulsed:
        model = LightModel(amount(table, "rate", unit="1/s"))
    else:
        single = table.boolean("single_photons", default=False)
        model = LightModel(
            pulse_rate_hz=amount(table, "pulse_rate", unit="1/s", above_zero=True),
            mean_photons=amount(
                table, "mean_photons", unit="1", needed=True, most=SHARE if single else math.inf
            ),
            pulse_ps=amount(table, "pulse_width", unit="s") * PS,
            single_photons=single,
            sync_divider=table.integer("sync_divider", least=0) if table.has("sync_divider") else 0,
        )
    table.finish()
    return model


def detector_model(
    outer: TomlTable, key: str, *, needed: bool, nothing: bool = False
) -> DetectorModel:
    """Read a detector; an ideal one where it is missing, or where `nothing` is to be read."""
    if nothing or (not needed and not outer.has(key)):
        return DetectorModel()
    table = outer.table(key)
    traps = []
    for one in table.tables("after_pulse"):
        traps.append(
            AfterPulse(
                amount(one, "probability", unit="1", needed=True, most=SHARE),
                amount(one, "lifetime", unit="s", needed=True, above_zero=True) * PS,
            )
        )
        one.finish()
    with refuse_as(table):
        model = DetectorModel(
            efficiency=amount(table, "efficiency", unit="1", usual=1.0, most=SHARE),
            dark_rate_hz=amount(table, "dark_rate", unit="1/s"),
            dead_time_ps=amount(table, "dead_time", unit="s") * PS,
            recovery_ps=amount(table, "recovery_time", unit="s") * PS,
            paralysable=table.boolean("paralysable", default=False),
            after_pulses=tuple(traps),
            jitter_ps=amount(table, "jitter", unit="s") * PS,
            tail_ps=amount(table, "jitter_tail", unit="s") * PS,
            tail_share=amount(table, "jitter_tail_share", unit="1", usual=1.0, most=SHARE),
            delay_ps=amount(table, "delay", unit="s") * PS,
        )
    table.finish()
    return model


def station_model(outer: TomlTable, *, nothing: bool = False) -> StationModel:
    """Read the tables [tagger] and [clock] of a station; ideal ones where they are missing."""
    if nothing:
        return StationModel()
    tagger, clock = TaggerModel(), ClockModel()
    if outer.has("tagger"):
        table = outer.table("tagger")
        with refuse_as(table):
            tagger = TaggerModel(
                resolution_ps=whole_ps(table, "resolution", usual=1, above_zero=True),
                dead_time_ps=whole_ps(table, "dead_time"),
                buffer_tags=table.integer("buffer", least=1) if table.has("buffer") else 0,
                drain_rate_hz=amount(table, "drain_rate", unit="1/s", above_zero=True),
            )
        table.finish()
    if outer.has("clock"):
        clock = _clock(outer.table("clock"))
    return StationModel(clock, tagger)


def _clock(table: TomlTable) -> ClockModel:
    """Read a clock with its noises."""
    noises = []
    for one in table.tables("noise"):
        alpha = NOISES[one.one_of("type", tuple(NOISES))]
        noises.append(ClockNoise(alpha, amount(one, "allan_deviation", unit="1", needed=True)))
        one.finish()
    with refuse_as(table):
        model = ClockModel(
            offset_ps=whole_ps(table, "offset", signed=True),
            frequency=amount(table, "frequency", unit="1", signed=True),
            drift_per_s=amount(table, "drift", unit="1/s", signed=True),
            noises=tuple(noises),
            interval_s=amount(
                table, "noise_interval", unit="s", usual=USUAL_NOISE_INTERVAL_S, above_zero=True
            ),
        )
    table.finish()
    return model


def path_model(user: TomlTable) -> PathModel:
    """Read [user.fibre], [user.temperature] and [user.attack]."""
    table = user.table("fibre")
    temperature, attack = Temperature(), DelayAttack()
    if user.has("temperature"):
        inner = user.table("temperature")
        temperature = Temperature(
            amount(inner, "amplitude", unit="K"),
            amount(inner, "period", unit="s", usual=USUAL_PERIOD_S, above_zero=True),
            amount(inner, "phase", unit="rad", signed=True),
            amount(inner, "drift", unit="K/s", signed=True),
        )
        inner.finish()
    if user.has("attack"):
        inner = user.table("attack")
        attack = DelayAttack(
            amount(inner, "start", unit="s", needed=True),
            amount(inner, "forward", unit="s", signed=True) * PS,
            amount(inner, "backward", unit="s", signed=True) * PS,
        )
        inner.finish()
    with refuse_as(table):
        model = PathModel(
            _delay(table),
            transmittance=_transmittance(table, "transmittance", "loss"),
            backward_transmittance=_transmittance(table, "back_transmittance", "back_loss"),
            dispersion_ps_per_nm=amount(table, "dispersion", unit="ps/nm", signed=True) * PS_PER_NM,
            wavelength_step_nm=amount(table, "wavelength_step", unit="m", signed=True) * NM,
            asymmetry_ps=amount(table, "asymmetry", unit="s", signed=True) * PS,
            delay_ps_per_k=amount(table, "delay_per_temperature", unit="s/K", signed=True) * PS,
            temperature=temperature,
            attack=attack,
        )
    table.finish()
    return model


def _delay(table: TomlTable) -> float:
    """Read the forward delay, ps: itself, or a length with a group index."""
    if table.has("delay") == table.has("length"):
        raise table.error(
            "delay",
            'a fibre has either "delay" or "length"',
            next_step="give one of the two; a length with its group_index",
        )
    if table.has("delay"):
        return amount(table, "delay", unit="s") * PS
    index = amount(table, "group_index", unit="1", needed=True, above_zero=True)
    return amount(table, "length", unit="m") * index / LIGHT_SPEED * PS


def _transmittance(table: TomlTable, key: str, in_decibel: str) -> float:
    """Read a transmittance, or a loss in dB; one where both are missing.

    Source: transmittance 10^(-loss / 10 dB), IEC 60050-702 (from memory).
    """
    if not table.has(in_decibel):
        return amount(table, key, unit="1", usual=1.0, most=SHARE)
    if table.has(key):
        raise table.error(
            key, f'both "{key}" and "{in_decibel}" are given', next_step="keep one of the two"
        )
    return float(10.0 ** (-amount(table, in_decibel, unit="dB") / 10.0))


def pair_source(user: TomlTable, key: str, *, needed: bool) -> PairSource:
    """Read a source of pairs."""
    if not needed and not user.has(key):
        return PairSource()
    table = user.table(key)
    model = PairSource(
        amount(table, "pair_rate", unit="1/s", needed=True, above_zero=True),
        amount(table, "correlation_time", unit="s") * PS,
        amount(table, "bandwidth", unit="m") * NM,
        _transmittance(table, "local_transmittance", "local_loss"),
        amount(table, "local_dispersion", unit="ps/nm", signed=True) * PS_PER_NM,
    )
    table.finish()
    return model
