"""Which calibrated results of a device in a role enter the metrics of a protocol.

Inside: `CalibratedUse`, `calibrated_uses`, `INTENSITY`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from qtrace.laboratory.link import RoleUse, Run
from qtrace.metrics.capacity_figures import CHANNEL_KIND, CHANNEL_ROLE
from qtrace.metrics.metric import MetricArgument
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.run_inputs import calibrated_arguments

INTENSITY = "intensity"


@dataclass(frozen=True, slots=True)
class CalibratedUse:
    """A kind of a device that is looked for: under which conditions, and what takes it.

    `name` is that of the result in use; `argument` is empty where no metric takes it by itself.
    """

    kind: str
    name: str
    argument: str = ""
    conditions: dict[str, str] = field(default_factory=dict)


def calibrated_uses(
    protocol: Protocol | None, run: Run, role: RoleUse, *, always: Iterable[str] = ()
) -> tuple[CalibratedUse, ...]:
    """Return what of a device in a role enters the metrics, and the kinds that always do.

    Args:
        protocol: That of the run; None where none is declared.
        run: Names its intensities.
        role: The device and its conditions of use.
        always: Kinds that are brought to the time of use whatever the metrics take.
    """
    arguments = calibrated_arguments(protocol).values() if protocol else ()
    found = {}
    for one in arguments:
        if protocol is not None and one.role == role.role:
            extra = _conditions(one, protocol, run)
            name = "_".join((one.kind, *extra.values()))
            found[name] = CalibratedUse(one.kind, name, one.name, {**role.conditions, **extra})
    if role.role == CHANNEL_ROLE:  # its loss enters no figure; a key is judged beside it
        always = (CHANNEL_KIND,)
    for kind in always:
        found.setdefault(kind, CalibratedUse(kind, kind, "", dict(role.conditions)))
    return tuple(found.values())


def _conditions(one: MetricArgument, protocol: Protocol, run: Run) -> dict[str, str]:
    """Return the conditions of an argument in the words of the run: its name of an intensity."""
    extra = dict(one.conditions)
    if INTENSITY in extra:
        source = next((s for s in protocol.sources if s.role == one.role), None)
        key = f"intensity_{source.name if source else ''}{extra[INTENSITY]}"
        extra[INTENSITY] = run.choices.get(key, extra[INTENSITY])
    return extra
