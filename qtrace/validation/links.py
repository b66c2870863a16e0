"""Procedures for quantum links: any metric, where a key ends, the repeaterless bound, networks.

Inside: `metric_at`, `end_of_key`, `repeaterless_bound`, `network_links`.
Source: as the metrics and formulas say that are called.
"""

from __future__ import annotations

from qtrace.errors import InputError
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.link_scan import LinkScan
from qtrace.metrics.recompute import evaluate
from qtrace.metrics.scan_axis import Axis
from qtrace.physics.capacity import plob_bits_per_use
from qtrace.physics.qsdc import dense_coding_capacity, pairs_of_users
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling


def metric_at(given: Given, _sampling: Sampling) -> Figures:
    """Return `value` of the metric named, at the arguments given, in its unit."""
    one = metric(given.text("metric"))
    table = given.table("arguments")
    arguments = {name: table.number(name) for name in table.keys}
    given.finish()
    value, _ = evaluate(one, arguments, {})
    return {"value": Figure(value)}


def end_of_key(given: Given, _sampling: Sampling) -> Figures:
    """Return `distance`, in km: where a key ends on the link of its protocol's model.

    `protocol`, `metric`, `from_km` with key and `to_km` without; `settings` of the link.

    Raises:
        CaseFileError: a field that is missing or unknown.
        InputError: no such protocol or metric, or not exactly one end between both distances.
    """
    scan_of, figure = protocol(given.text("protocol")), metric(given.text("metric"))
    table = given.table("settings")
    settings = {name: table.number(name) for name in table.keys}
    ends = given.number("from_km"), given.number("to_km")
    given.finish()
    scan = LinkScan(scan_of, figure, settings)
    scan.checked(tuple(settings))
    found = scan.curve(Axis("distance_km", ends)).cut_offs
    if len(found) != 1:
        raise InputError(
            f"key does not end between {ends[0]:g} km and {ends[1]:g} km",
            next_step="give one distance with key and a larger one without",
        )
    return {"distance": Figure(found[0])}


def repeaterless_bound(given: Given, _sampling: Sampling) -> Figures:
    """Return what no link without a repeater exceeds, and a claimed key beside it.

    Figures: `bits_per_use`; with `uses_per_second` also `bits_per_second`, and with `key` in
    bit/s the `ratio` of key to bound. The channel is given as `transmittance` or `loss_db`.
    """
    if given.has("loss_db"):
        transmittance = 10.0 ** (-given.number("loss_db") / 10.0)
    else:
        transmittance = given.number("transmittance")
    rate = given.number("uses_per_second") if given.has("uses_per_second") else 0.0
    key = given.number("key") if given.has("key") else None
    given.finish()
    bound = float(plob_bits_per_use(transmittance))
    figures = {"bits_per_use": Figure(bound)}
    if rate:
        figures["bits_per_second"] = Figure(bound * rate)
        if key is not None:
            figures["ratio"] = Figure(key / (bound * rate))
    return figures


def network_links(given: Given, _sampling: Sampling) -> Figures:
    """Return `links` of a network in which all reach all, `capacity` of pairs of a fidelity."""
    users, fidelity = given.integer("users"), given.number("fidelity")
    given.finish()
    return {
        "links": Figure(float(pairs_of_users(users))),
        "capacity": Figure(float(dense_coding_capacity(fidelity))),
    }
