"""Listings of what is on record and of what is shipped.

Inside: `stored`, `metrics`, `standards`, `schemes`; `Listing` from `registry`.
"""

from __future__ import annotations

from qtrace.certification.codec import encode
from qtrace.exchange.pack_files import load_packs, load_schemes
from qtrace.metrics.catalogue import METRICS, describe
from qtrace.registry.listings import STORED, Listing
from qtrace.workflow.workbench import Workbench

__all__ = ["Listing", "metrics", "schemes", "standards", "stored"]


def stored(workbench: Workbench, what: str) -> Listing:
    """Return the listing of one kind of record, as it was known at the workbench's time."""
    with workbench.read() as session:
        return STORED[what](session)


def metrics() -> Listing:
    """Return the catalogue of metrics with the calibrations that can influence each."""
    rows = tuple((one.metric_id, one.unit, one.influenced_by) for one in METRICS)
    return Listing(
        ("metric", "unit", "calibrations that can influence it"),
        rows,
        [describe(one) for one in METRICS],
    )


def standards() -> Listing:
    """Return the shipped packs of requirements."""
    found = load_packs()
    rows = tuple(
        (one.pack.standard_id, str(len(one.pack.requirements)), one.pack.title) for one in found
    )
    records = [encode(one.pack) for one in found]
    return Listing(("standard", "requirements", "title"), rows, records)


def schemes() -> Listing:
    """Return the shipped schemes."""
    found = load_schemes()
    rows = tuple(
        (one.scheme_id, one.attestation_kind.value, one.rule.describe(), one.title) for one in found
    )
    return Listing(("scheme", "kind", "rule", "title"), rows, [encode(one) for one in found])
