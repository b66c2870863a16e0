"""Simulation files: a decoy BB84 link as it truly is, and what a run of it would declare.

Inside: `Simulation`, `read_simulation_file`.

What is declared ([[intensity]], [parameters], [assumption.NAME], [net], [[role]]) stands as in a
run file and goes into the run; [true_device] goes into the truth file alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.link_file import read_roles
from qtrace.exchange.run_settings import Settings, read_settings
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.laboratory.link import RoleUse
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.protocol import Protocol
from qtrace.physics.decoy.decoy_link_truth import Level, TrueDevice

PROTOCOLS = ("bb84_two_decoy", "bb84_one_decoy")
KEY_DISPOSITIONS = ("never_used", "discarded")  # a simulated key is never live
MOST_PULSES = 2**53
MOST_PHOTONS_ON_AVERAGE = 2.0  # above it the simulator's largest photon number is not rare


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulation file as read."""

    run_id: str
    link_id: str
    protocol: Protocol
    started: datetime
    ended: datetime
    pulses: int
    key_disposition: str
    settings: Settings
    roles: tuple[RoleUse, ...]
    device: TrueDevice
    digest: str


def read_simulation_file(source: Path | bytes, *, name: str = "") -> Simulation:
    """Read a simulation file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: anything wrong, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("simulation")
    form = protocol(table.one_of("protocol", PROTOCOLS))
    started, ended = table.moment("started"), table.moment("ended")
    if ended <= started:
        raise table.error(
            "ended", '"ended" is not after "started"', next_step="correct one of the two times"
        )
    pulses = table.integer("pulses", least=1)
    if pulses > MOST_PULSES:
        raise table.error("pulses", f"{pulses} pulses are beyond 2^53", next_step="give fewer")
    settings = read_settings(root, table, form)
    shares = tuple(
        settings.parameters[name] for one in form.sources for name in one.arguments("probability")
    )
    found = Simulation(
        run_id=table.identifier("id"),
        link_id=table.identifier("link"),
        protocol=form,
        started=started,
        ended=ended,
        pulses=pulses,
        key_disposition=table.one_of("key_disposition", KEY_DISPOSITIONS, KEY_DISPOSITIONS[0]),
        settings=settings,
        roles=read_roles(root)[0],
        device=_device(root.table("true_device"), shares),
        digest=file.digest,
    )
    table.finish()
    root.finish()
    return found


def _device(table: TomlTable, shares: tuple[float, ...]) -> TrueDevice:
    """Read the device; the intensities are chosen as often as is declared."""
    count = len(shares)
    means = _numbers(table, "mean_photon_numbers", count=count)
    levels = tuple(_level(one, count) for one in table.tables("level"))
    if not levels:
        raise table.error(
            "level",
            "no level says how efficient the detectors are",
            next_step="write [[true_device.level]] with share = 1.0 and efficiencies = [0.2, 0.2]",
        )
    pattern = table.number("pattern_effect") if table.has("pattern_effect") else 0.0
    if pattern <= -1.0:
        raise table.error("pattern_effect", "a pulse would have less than no light")
    brightest = max(
        m * f for one in levels for m, f in zip(means, one.intensity_factors, strict=True)
    )
    if brightest * max(1.0, 1.0 + pattern) > MOST_PHOTONS_ON_AVERAGE:
        raise table.error(
            "mean_photon_numbers",
            f"pulses with {brightest:g} photons on average cannot be simulated",
            next_step=f"stay at or below {MOST_PHOTONS_ON_AVERAGE:g}, factors of levels included",
        )
    dark = _numbers(table, "dark_probabilities", count=2)
    after = "after_pulse_probability"
    given = {
        "key_share": table.number("key_share"),
        "test_share": table.number("test_share"),
        "transmittances": _numbers(table, "transmittances"),
        "misalignments": _numbers(table, "misalignments"),
        "dark_probabilities": (dark[0], dark[1]),
        after: table.number(after) if table.has(after) else 0.0,
    }
    table.finish()
    try:
        return TrueDevice(means, shares, levels, pattern_effect=pattern, **given)  # type: ignore[arg-type]
    except InputError as error:
        raise table.error("", error.what, next_step=error.next_step) from None


def _level(table: TomlTable, count: int) -> Level:
    factors = (1.0,) * count
    if table.has("intensity_factors"):
        factors = _numbers(table, "intensity_factors", count=count)
    first, second = _numbers(table, "efficiencies", count=2)
    level = Level(table.number("share"), factors, (first, second))
    if not 0.0 < level.share <= 1.0:
        raise table.error("share", f"a share of {level.share:g} of the rounds cannot be")
    table.finish()
    return level


def _numbers(table: TomlTable, key: str, *, count: int = 0) -> tuple[float, ...]:
    """Return a list of numbers that are not negative, `count` of them where that is given."""
    try:
        numbers = tuple(float(text) for text in table.cells(key))
    except ValueError:
        numbers = ()
    if not numbers or not all(math.isfinite(one) and one >= 0.0 for one in numbers):
        raise table.error(
            key,
            f'"{key}" is no list of numbers, or one is negative',
            next_step=f"write {key} = [...]",
        )
    if count and len(numbers) != count:
        raise table.error(
            key, f"{len(numbers)} numbers, {count} are needed", next_step="give one for each"
        )
    return numbers
