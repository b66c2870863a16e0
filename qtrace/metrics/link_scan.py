"""A figure against distance, block size or width of the declared set, from a protocol's link model.

Inside: `ScanPoint`, `ScanCurve`, `RunPoint`, `Scan`, `LinkScan`, `ASSUMED`, names of axes.

The link model gives expected counts, the metric its figure; nothing is fitted and nothing drawn.
A figure that is a length is divided by the uses of the channel, so that it can stand beside PLOB.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import LinkModel, Protocol, SetParameter, Side
from qtrace.metrics.recompute import COUNT_KINDS
from qtrace.metrics.scan_axis import Axis
from qtrace.metrics.whole_counts import whole_counts
from qtrace.physics.capacity import plob_bits_per_use
from qtrace.quantity.kinds import kind

DISTANCE = "distance_km"
BLOCK = "block"  # counts in the key basis; the uses of the channel follow
HALF_WIDTH = "u_"  # before the name of a declared interval, or of a family: its relative half width
LENGTHS = frozenset({"key_length_finite", "key_length_certified"})
PER_USE = frozenset({"key_per_use", "key_rate_certified"})
# Figures of whole counts: of a length the last digit is that of its counts, a p-value counts wins.
OF_WHOLE_COUNTS = LENGTHS | {"p_value"}
# What a scan takes by kind where nobody says it, as templates do; told with the scan.
_USUAL = {"failure_probability": 1e-10, "error_correction_efficiency": 1.16}
ASSUMED = MappingProxyType({**_USUAL, "setting_bias": 1e-4, "duration": 1000.0})
_BISECTIONS = 60
_CUT_OFF_DIGITS = 1e-6  # of the value, relative


@dataclass(frozen=True, slots=True)
class ScanPoint:
    """A figure at one place: unclamped, in the unit of the metric, and per use of the channel.

    `figure` is None where the metric has no value; `reason` then says why. `limit` is PLOB there.
    """

    x: float
    figure: float | None
    per_use: float | None = None
    limit: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScanCurve:
    """One curve; `cut_offs` are the places where the figure crosses zero, to six digits."""

    label: str
    points: tuple[ScanPoint, ...]
    cut_offs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class RunPoint:
    """A run in the units of the ordinate, each None where not on record.

    `certified` is the least over the declared set, `nominal` that at the calibrated values,
    `interval` (low, high, p) its stability.
    """

    run_id: str
    x: float
    nominal: float | None
    certified: float | None
    interval: tuple[float, float, float] | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """Curves with all that a reader needs: what is plotted, what is held, from which model.

    `ordinate` and `abscissa` are names with units. `is_key`: the ordinate is key, drawn in equal
    ratios with a cut-off where there is none.
    """

    protocol: str
    metric_id: str
    title: str
    axis: str
    abscissa: str
    ordinate: str
    unit: str
    log_abscissa: bool
    is_key: bool
    curves: tuple[ScanCurve, ...]
    held: tuple[tuple[str, float], ...]
    source: str
    notes: tuple[str, ...] = ()
    run: RunPoint | None = None


@dataclass(frozen=True, slots=True)
class LinkScan:
    """A metric of a protocol on the link of its model; `settings` are held over the scan."""

    protocol: Protocol
    metric: Metric
    settings: Mapping[str, float] = field(default_factory=dict)

    @property
    def model(self) -> LinkModel:
        """Return the model of the link."""
        if self.protocol.link_model is None:
            raise InputError(
                f"protocol {self.protocol.name} has no model of a link",
                where=f"protocol {self.protocol.name}",
                next_step="choose another protocol; its counts can still be recomputed",
            )
        return self.protocol.link_model

    @property
    def is_key(self) -> bool:
        """Return whether the figure can stand per use of the channel."""
        return self.metric.result_kind in LENGTHS | PER_USE

    def names(self) -> tuple[str, ...]:
        """Return every name that can be scanned or set."""
        arguments = [one.name for one in self.metric.arguments if not one.name.startswith("u_")]
        widths = [HALF_WIDTH + one.name for one in self._intervals()]
        return tuple(dict.fromkeys((DISTANCE, BLOCK, *self.model.defaults, *arguments, *widths)))

    def assumed(self, scanned: Sequence[str] = ()) -> dict[str, float]:
        """Return what neither the question nor link model nor protocol says, as it is taken."""
        said = {*self.settings, *scanned, *self.model.defaults}
        said.update(one.name for one in self.protocol.parameters if one.default)
        # A leak that is said stands for the efficiency.
        kinds = {k: v for k, v in ASSUMED.items() if "leak" not in said or "efficiency" not in k}
        return {
            one.name: kinds[one.kind]
            for one in self.metric.arguments
            if one.kind in kinds and one.name not in said
        }

    def abscissa(self, name: str) -> str:
        """Return name and unit of what is scanned."""
        if name == DISTANCE:
            return "distance / km"
        if name == BLOCK:
            return "counts in the key basis of a block"
        if name.startswith(HALF_WIDTH):
            stem = name.removeprefix(HALF_WIDTH).replace("_", " ")
            return f"half width of the declared interval of {stem}, relative"
        kinds = {one.name: one.kind for one in self.protocol.parameters}
        kinds.update((one.name, one.kind) for one in self.metric.arguments)
        words = name.replace("_", " ")
        unit = kind(kinds[name]).unit if name in kinds else "1"
        return words if unit in {"", "1"} else f"{words} / {unit}"

    def checked(self, names: Sequence[str]) -> None:
        """Refuse a name that is none of `names`, nor the beginning of several intervals."""
        known = self.names()
        for name in names:
            if name in known or (name.startswith(HALF_WIDTH) and self._widened(name)):
                continue
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
            raise InputError(
                f"{name!r} is nothing that {self.metric.metric_id} depends on here",
                where=f"scan of {self.protocol.name}",
                next_step=f"choose one of: {', '.join(close or known)}",
            )
        if {BLOCK, self.model.uses} <= set(names):
            raise InputError(
                f"{BLOCK} and {self.model.uses} say the same thing twice",
                where=f"scan of {self.protocol.name}",
                next_step=f"leave one of them out: {self.model.uses} follow from {BLOCK}",
            )

    def curve(self, axis: Axis, *, label: str = "") -> ScanCurve:
        """Return one curve, with the places where key ends or begins."""
        points = tuple(self.at(axis.name, x) for x in axis.values)
        cuts = []
        if self.is_key:
            for one, other in pairwise(points):
                if _has_key(one) != _has_key(other):
                    cuts.append(self._crossing(axis, one.x, other.x))
        return ScanCurve(label, points, tuple(cuts))

    def at(self, name: str, x: float) -> ScanPoint:
        """Return the figure at one place; why there is none is said, not raised."""
        settings = {**self.settings, name: x}
        try:
            arguments, uses, transmittance = self._arguments(settings)
        except _NoCountsError as error:
            return ScanPoint(x, None, reason=error.what)
        limit = self._limit(transmittance)
        try:
            # A figure of nothing is 0/0: no value there, and nothing to warn about.
            with np.errstate(all="ignore"):
                figure = _single(self.metric.function(**arguments))
        except InputError as error:
            return ScanPoint(x, None, limit=limit, reason=error.what)
        if not math.isfinite(figure):
            return ScanPoint(x, None, limit=limit, reason="the figure is not finite")
        per_use = None
        if self.is_key:
            per_use = figure / uses if self.metric.result_kind in LENGTHS else figure
        return ScanPoint(x, figure, per_use, limit)

    def _limit(self, transmittance: float) -> float | None:
        """Return PLOB in bits per use and mode, where it is a limit at all.

        Source: `plob_bits_per_use`.
        """
        if not self.is_key or self.model.repeater or not 0.0 < transmittance < 1.0:
            return None
        return float(plob_bits_per_use(transmittance))

    def _arguments(
        self, settings: Mapping[str, float]
    ) -> tuple[dict[str, np.float64], float, float]:
        """Return the arguments of the metric, the uses, and the transmittance of the channel."""
        model = self.model
        if DISTANCE not in settings and DISTANCE not in model.defaults:
            raise InputError(
                "nothing says how long the channel is",
                where=f"scan of {self.protocol.name}",
                next_step=f"add --set {DISTANCE}=50",
            )
        link = {name: settings.get(name, value) for name, value in model.defaults.items()}
        link[DISTANCE] = settings.get(DISTANCE, model.defaults.get(DISTANCE, 0.0))
        if BLOCK in settings:
            link[model.uses] = self._uses(link, settings[BLOCK])
        cells = {name: _single(value) for name, value in model.cells(**link).items()}
        if self.metric.result_kind in OF_WHOLE_COUNTS:
            counted = [one.name for one in self.metric.arguments if one.kind in COUNT_KINDS]
            own = {name: cells[name] for name in counted if name in cells}
            cells = {**cells, **whole_counts(own, link.get(model.uses, 0.0))}
        declared = {one.name: one.default for one in self.protocol.parameters}
        usual = {name: value for name, value in declared.items() if value is not None}
        known = {**usual, **self.assumed(tuple(settings)), **link, **settings, **cells}
        known.update(self._edges(known, settings))
        arguments: dict[str, np.float64] = {}
        missing = []
        for one in self.metric.arguments:
            if one.name in known:
                whole = one.kind in COUNT_KINDS and self.metric.result_kind in OF_WHOLE_COUNTS
                value = known[one.name]
                arguments[one.name] = np.float64(round(value) if whole else value)
            elif one.default is None:
                missing.append(one.name)
        if missing:
            raise InputError(
                f"the link model does not say {', '.join(missing)}",
                where=f"scan of {self.metric.metric_id}",
                next_step=f"add --set {missing[0]}=...",
            )
        return arguments, link.get(model.uses, 1.0), _single(model.transmittance(**link))

    def _uses(self, link: Mapping[str, float], block: float) -> float:
        """Return how many uses give a block; expected counts are proportional to uses."""
        uses = self.model.uses
        if self.protocol.table is None:
            return block
        cells = self.model.cells(**link)
        counted = [name for name in self.protocol.table.names() if name in cells]
        in_key = [name for name in counted if "key" in name.split("_")] or counted
        found = sum(_single(cells[name]) for name in in_key)
        if not found > 0.0:
            raise _NoCountsError("nothing is detected, so no block is ever full")
        return link[uses] * block / found

    def _intervals(self) -> tuple[SetParameter, ...]:
        """Return the declared intervals whose edges the metric takes."""
        taken = {one.name for one in self.metric.arguments}
        return tuple(
            one
            for proof in self.protocol.proofs
            if proof.metric_id == self.metric.metric_id
            for one in proof.set_parameters
            if one.modelled and set(one.arguments()) <= taken
        )

    def _widened(self, name: str) -> list[SetParameter]:
        """Return the intervals that u_NAME is about: that of NAME, or all of NAME_1, NAME_2."""
        stem = name.removeprefix(HALF_WIDTH)
        return [
            one
            for one in self._intervals()
            if one.side is Side.BOTH and (one.name == stem or one.name.startswith(f"{stem}_"))
        ]

    def _edges(self, known: Mapping[str, float], settings: Mapping[str, float]) -> dict[str, float]:
        """Return the edges of the declared set: nominal values, widened where that is asked."""
        width: dict[str, float] = {}
        # A single name is said more exactly than its family, so it comes last.
        for name in sorted((n for n in settings if n.startswith(HALF_WIDTH)), key=len):
            for one in self._widened(name):
                width[one.name] = settings[name]
        edges: dict[str, float] = {}
        for one in self._intervals():
            nominal = known.get(one.name, one.ideal)
            if nominal is None:
                continue
            if one.side is not Side.BOTH:
                edges[one.name] = nominal
                continue
            part = width.get(one.name, 0.0)
            if not 0.0 <= part < 1.0:
                raise InputError(
                    f"a half width of {part:g} of {one.name} is no part between 0 and 1",
                    where=f"scan of {self.metric.metric_id}",
                    next_step="give it as a part of the value: 0.02 is 2 %",
                )
            low, high = one.arguments()
            edges[low], edges[high] = nominal * (1.0 - part), nominal * (1.0 + part)
        return {name: value for name, value in edges.items() if name not in settings}

    def _crossing(self, axis: Axis, one: float, other: float) -> float:
        """Return where key ends between two places, by bisection."""
        here = _has_key(self.at(axis.name, one))
        for _ in range(_BISECTIONS):
            middle = math.sqrt(one * other) if axis.log else (one + other) / 2.0
            if abs(other - one) <= _CUT_OFF_DIGITS * max(abs(one), abs(other)):
                break
            if _has_key(self.at(axis.name, middle)) == here:
                one = middle
            else:
                other = middle
        return (one + other) / 2.0


class _NoCountsError(InputError):
    """Nothing is detected at that place."""


def _single(value: object) -> float:
    return float(np.asarray(value, dtype=np.float64).reshape(-1)[0])


def _has_key(point: ScanPoint) -> bool:
    return point.figure is not None and point.figure > 0.0
