"""Files that say what is true of simulated time tags: a detector, or a synchronization.

Inside: `TagSimulation`, `read_tag_simulation`, `KINDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtrace.exchange.tag_simulation_parts import (
    SHARE,
    amount,
    detector_model,
    light_model,
    pair_source,
    path_model,
    refuse_as,
    station_model,
)
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.physics.tags.simulated_pairs import (
    ONE_WAY,
    ROUND_TRIP,
    SCHEMES,
    TWO_WAY,
    Accidentals,
    PairSource,
    PairWorld,
    UserModel,
)
from qtrace.physics.tags.simulated_stream import DetectorWorld

KINDS = ("detector", "pairs")
USUAL_BLOCK_S = 1.0


@dataclass(frozen=True, slots=True)
class TagSimulation:
    """A file as read: its id names the files that are written, `digest` is its SHA-256."""

    simulation_id: str
    world: DetectorWorld | PairWorld
    digest: str

    @property
    def kind(self) -> str:
        """Return "detector" or "pairs"."""
        return KINDS[isinstance(self.world, PairWorld)]


def read_tag_simulation(source: Path | bytes, *, name: str = "") -> TagSimulation:
    """Read a file of `qtrace tags simulate`.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: anything wrong, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("simulation")
    identity, kind = table.identifier("id"), table.one_of("kind", KINDS)
    duration = amount(table, "duration", unit="s", needed=True, above_zero=True)
    block = amount(table, "block", unit="s", usual=USUAL_BLOCK_S, above_zero=True)
    world: DetectorWorld | PairWorld
    if kind == "detector":
        light = light_model(root.table("light"))
        detector = detector_model(root, "detector", needed=True)
        station = station_model(root)
        with refuse_as(table):
            world = DetectorWorld(duration, light, detector, station, block)
    else:
        scheme = table.one_of("scheme", SCHEMES)
        users = tuple(_user(one, scheme) for one in root.tables("user"))
        if not users:
            raise root.error(
                "user", "there is no user", next_step="write [[user]] with its fibre and source"
            )
        if root.has("station"):
            inner = root.table("station")
            station = station_model(inner)
            inner.finish()
        else:
            station = station_model(root, nothing=True)
        with refuse_as(table):
            world = PairWorld(scheme, duration, users, station, block)
    table.finish()
    root.finish()
    return TagSimulation(identity, world, file.digest)


def _user(table: TomlTable, scheme: str) -> UserModel:
    """Read a user; what the scheme does not know is refused as an unknown field."""
    source = pair_source(table, "source", needed=True)
    back, returned = PairSource(), detector_model(table, "returned", needed=False, nothing=True)
    back_local, share = returned, 0.0
    accidentals = _accidentals(table, "accidentals")
    back_accidentals = Accidentals()
    if scheme != ONE_WAY:
        returned = detector_model(table, "returned", needed=False)
        back_accidentals = _accidentals(table, "back_accidentals")
    if scheme == TWO_WAY:
        back = pair_source(table, "back_source", needed=True)
        back_local = detector_model(table, "back_local", needed=False)
    if scheme == ROUND_TRIP:
        share = amount(table, "return_share", unit="1", needed=True, above_zero=True, most=SHARE)
    name = table.identifier("name")
    path, station = path_model(table), station_model(table)
    local = detector_model(table, "local", needed=False)
    received = detector_model(table, "received", needed=False)
    with refuse_as(table):
        user = UserModel(
            name,
            path,
            source,
            station=station,
            local=local,
            received=received,
            back_source=back,
            back_local=back_local,
            returned=returned,
            return_share=share,
            accidentals=accidentals,
            back_accidentals=back_accidentals,
        )
    table.finish()
    return user


def _accidentals(table: TomlTable, key: str) -> Accidentals:
    """Read accidental coincidences that are drawn around the peak only."""
    if not table.has(key):
        return Accidentals()
    inner = table.table(key)
    found = Accidentals(
        amount(inner, "rate", unit="1/s", needed=True),
        amount(inner, "half_width", unit="s", needed=True, above_zero=True) * 1e12,
    )
    inner.finish()
    return found
