"""The case file: everything that a judgement rests on, in one record.

Inside: `DeviceInRole`, `Figure`, `DocumentEvidence`, `AppliedStandard`, `CaseFile`.

A case file is what a signed statement carries and what `conclude` reads, so that a stranger
can draw the same conclusions again from the document alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.certification.scheme import Scheme
from qtrace.laboratory.device import Device
from qtrace.laboratory.link import Link, Run
from qtrace.standards.requirement import Requirement
from qtrace.traceability.chain import Dossier

# How figures are judged; pinned in each case, so that old documents are concluded as they were.
FIRST_JUDGEMENT = ""  # risks from value and u, joint conformity by its bound
CHAIN_JUDGEMENT = "chain_1"  # risks from stored distributions, joint conformity from the chain
JUDGEMENTS = frozenset({FIRST_JUDGEMENT, CHAIN_JUDGEMENT})


@dataclass(frozen=True, slots=True)
class DeviceInRole:
    """A role with the registered device in it, or with what is known of the one that was."""

    role: str
    device: Device | None
    described_as: str = ""

    @property
    def title(self) -> str:
        """Return how the role reads: device id and serial, or 'not on record'."""
        if self.device is None:
            return f"{self.described_as or 'device'} (not on record)"
        return f"{self.device.device_id} (serial {self.device.serial})"


@dataclass(frozen=True, slots=True)
class Figure:
    """A stored result offered as evidence for an item about a subject (role, pair or link)."""

    item: str
    subject: str
    result_id: int


@dataclass(frozen=True, slots=True)
class DocumentEvidence:
    """A document offered for an item; `attestation` names who signed on its content."""

    item: str
    subject: str
    document: str
    attestation: str = ""


@dataclass(frozen=True, slots=True)
class AppliedStandard:
    """The requirements of one standard as they were applied, with the digest of their file."""

    standard_id: str
    title: str
    edition: str
    digest: str
    requirements: tuple[Requirement, ...]
    edition_warning: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Link, run, devices, records, requirements and scheme behind one judgement.

    `dossier` holds the network of every result that `figures` cite, with all records that
    bear on their chains. `from_memory` repeats the run's parts that no source confirms.
    `judgement` pins how figures are judged.
    """

    link: Link
    run: Run
    devices: tuple[DeviceInRole, ...]
    dossier: Dossier
    figures: tuple[Figure, ...]
    documents: tuple[DocumentEvidence, ...]
    standards: tuple[AppliedStandard, ...]
    scheme: Scheme
    coverage_probability: float = 0.95
    judgement: str = FIRST_JUDGEMENT
