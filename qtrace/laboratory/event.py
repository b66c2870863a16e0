"""Events: something that happened and was recorded, with the origins of its inputs.

Inside: `EventKind`, `EndKind`, `CertificateReference`, `Origin`, `Event`, `RecordedResult`,
`Withdrawal`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from qtrace.laboratory.laboratory import Route
from qtrace.quantity.measurand import Measurand

# How the provenance of an event's data stands among its flags, where it was not measured for it.
PUBLISHED_DATA = "published data"
SIMULATED_DATA = "simulated data"
FROM_MEMORY = "from memory"  # followed by a colon and the parts that no source confirms
# How an adjustment names the kinds of quantity that it changed, one flag for each.
ADJUSTS = "adjusts"
# An event whose procedure uses later calibrations (closing calibration, bracketing) says so.
LATER_PARENTS = "later_parents_by_procedure"
# One that rests on calibrations as of their own dates (drift fitted to a history) says that.
OF_HISTORY = "calibrations_as_of_their_dates"


class EventKind(StrEnum):
    """What happened."""

    CALIBRATION = "calibration"
    USE = "use"  # a calibrated result brought to a time and conditions of use
    RECOMPUTATION = "recomputation"  # metrics of a run from its counts
    ADJUSTMENT = "adjustment"
    STATEMENT = "statement"  # owns an input shared by several events, or a drift fitted to several


class EndKind(StrEnum):
    """Where a path of the chain ends."""

    OWN_REALISATION = "own_realisation"
    NMI_CERTIFICATE = "nmi_certificate"  # ILAC P10 route 1
    ACCREDITED_CERTIFICATE = "accredited_certificate"  # ILAC P10 route 2
    OTHER_CERTIFICATE = "other_certificate"  # other routes, with an evidence document
    CERTIFIED_REFERENCE_MATERIAL = "certified_reference_material"
    DEFINED_CONSTANT = "defined_constant"
    COUNTING = "counting"
    ASSESSED_BOUND = "assessed_bound"  # a bound on a correction of value zero; source named
    RATIO_ON_ONE_INSTRUMENT = "ratio_on_one_instrument"  # unit one; linearity budget named


@dataclass(frozen=True, slots=True)
class CertificateReference:
    """A certificate that stands behind an input; `available` says whether we hold it.

    `kind` is what it certifies and `issued` its day (YYYY-MM-DD); where they are stated, the
    issuer's competence is asked for that quantity on that day, else for the event's results.
    """

    issuer: str
    number: str
    route: Route
    available: bool
    evidence_document: str = ""
    kind: str = ""
    issued: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an input quantity comes from, for the chain.

    `end` types the end of the path, if it ends here. `instrument` is a device whose own
    calibration (of `instrument_kind`) the reading needs, beside or instead of an end.
    """

    end: EndKind | None = None
    statement: str = ""
    instrument: str = ""
    instrument_kind: str = ""
    certificate: CertificateReference | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `label` is unique; `performed_at` is timezone-aware UTC.

    `event_id` is 0 until it is recorded. `origins` maps input names to their origins.
    """

    event_id: int
    label: str
    kind: EventKind
    device_id: str
    laboratory_id: str
    performed_at: datetime
    state: str = ""
    route: Route = Route.IN_HOUSE
    procedure: str = ""
    validation: str = ""
    run_id: str = ""
    source: str = ""
    flags: tuple[str, ...] = ()
    document_digest: str = ""
    origins: dict[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """What a stored result is about, beside its numbers: event, name, measurand.

    `text` keeps how the value reads in the unit of its kind. `flags` say what a reader must
    know (few counts, clamp, model version). `form` is 'estimate' unless said otherwise. `state` is
    'as_found' or 'as_left' where the results of one event differ in it.
    """

    result_id: int
    event_label: str
    name: str
    measurand: Measurand
    unit: str
    form: str = "estimate"
    interval: tuple[float, float, float] | None = None
    interval_method: str = ""
    flags: tuple[str, ...] = ()
    state: str = ""

    @property
    def label(self) -> str:
        """Return the name under which people refer to the result: EVENT/name."""
        return f"{self.event_label}/{self.name}"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An event that no longer counts, and why."""

    event_label: str
    reason: str
    withdrawn_at: datetime
