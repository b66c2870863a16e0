"""Chains: each break arises exactly when it should, every path ends in a typed end.

Each test builds a chain that is in order, sees it unbroken, spoils one thing, and sees one break.
"""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
from builders import COUNTED, Step, World, day

from qtrace.laboratory.event import CertificateReference, EndKind, EventKind, Origin
from qtrace.laboratory.laboratory import Route
from qtrace.traceability.chain import BreakName, Chain, on_circles
from qtrace.traceability.walk import LATER_PARENTS, build_chain
from qtrace.uncertainty.results import Model, ModelKind


def names(chain: Chain) -> list[BreakName]:
    """Return the names of the breaks, in the order in which they were met."""
    return [one.name for one in chain.breaks]


def chain_of(world: World, label: str, name: str = "transmittance") -> Chain:
    """Return the chain of a result of an event."""
    (result_id,) = (
        r.result_id for r in world.results.values() if (r.event_label, r.name) == (label, name)
    )
    return build_chain(world.dossier(), result_id)


def certificate(
    *,
    issuer: str = "NMI",
    route: Route = Route.NMI_CAPABILITY,
    available: bool = True,
    evidence: str = "",
) -> Origin:
    """Return an origin in a certificate."""
    reference = CertificateReference(issuer, "2020-17", route, available, evidence)
    return Origin(certificate=reference)


def two_steps(
    *, used: float = 30.0, parent_origin: Origin | None = COUNTED, device: str = "METER"
) -> World:
    """Return a meter calibrated on day 0 and a detector calibrated with it, in order."""
    world = World()
    meter = world.calibration("CAL-METER", device=device, origin=parent_origin)
    world.calibration("CAL-DET", meter, device="DET", on=used)
    world.programme("METER", 365)
    return world


# -- in order ----------------------------------------------------------------------------------


def test_a_chain_in_order_has_ends_and_no_breaks() -> None:
    chain = chain_of(two_steps(), "CAL-DET")
    assert chain.unbroken
    assert chain.target == "CAL-DET/transmittance"
    assert [(end.kind, end.subject) for end in chain.ends] == [
        (EndKind.COUNTING, "CAL-DET/reading"),
        (EndKind.COUNTING, "CAL-METER/reading"),
    ]
    assert ("result:CAL-DET/transmittance", "result:CAL-METER/transmittance") in chain.edges
    assert [node.kind for node in chain.nodes] == ["result", "end", "result", "end"]


def test_a_box_shows_value_and_uncertainty_in_the_unit_of_the_result() -> None:
    """The value is stored in SI units and must be converted once, not twice."""
    world = World()
    world.event("CAL-1", device="LASER")
    leaf = world.own_leaf("CAL-1", "reading", 0.0, 2e-12, origin=COUNTED)
    world.result("CAL-1", [leaf], kind="wavelength", unit="nm", value=1550.5e-9)
    node = chain_of(world, "CAL-1", "wavelength").nodes[0]
    assert node.title == "CAL-1/wavelength"
    assert node.lines == (
        "wavelength",
        "1550.5000(20) nm",
        "calibration 2021-06-01",
        "LASER own-lab",
        "in-house step",
    )


def test_the_weakest_step_is_the_one_that_adds_most() -> None:
    world = World()
    meter = world.calibration("CAL-METER", device="METER", u=0.05)
    world.calibration("CAL-DET", meter, device="DET", u=0.01)
    assert chain_of(world, "CAL-DET").weakest_step == "CAL-METER/transmittance"


# -- withdrawn ---------------------------------------------------------------------------------


def test_a_withdrawn_calibration_breaks_every_chain_through_it() -> None:
    world = two_steps()
    assert chain_of(world, "CAL-DET").unbroken
    world.withdraw("CAL-METER", "wrong cable")
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == [BreakName.WITHDRAWN]
    assert (chain.breaks[0].subject, chain.breaks[0].reason) == ("CAL-METER", "wrong cable")
    assert str(chain.breaks[0]) == "CAL-METER: withdrawn"


def test_a_withdrawn_calibration_of_something_else_breaks_nothing() -> None:
    world = two_steps()
    world.calibration("CAL-OTHER")
    world.withdraw("CAL-OTHER")
    assert chain_of(world, "CAL-DET").unbroken


def test_a_withdrawn_statement_breaks_what_uses_its_input() -> None:
    """A wavelength stated once for several calibrations, and then taken back."""
    world = World()
    world.event("STATE-1", kind=EventKind.STATEMENT)
    shared = world.own_leaf("STATE-1", "wavelength", 1.0, 0.1, origin=COUNTED)
    world.event("CAL-1")
    world.result("CAL-1", [shared])
    assert chain_of(world, "CAL-1").unbroken
    world.withdraw("STATE-1")
    assert names(chain_of(world, "CAL-1")) == [BreakName.WITHDRAWN]


# -- uncertainty missing -----------------------------------------------------------------------


@pytest.mark.parametrize(("u", "broken"), [(0.0, True), (1e-12, False)])
def test_a_result_without_uncertainty_is_a_break(u: float, *, broken: bool) -> None:
    world = World()
    world.calibration("CAL-1", u=u)
    chain = chain_of(world, "CAL-1")
    assert names(chain) == ([BreakName.UNCERTAINTY_MISSING] if broken else [])
    assert chain.weakest_step == ("" if broken else "CAL-1/transmittance")


def test_a_parent_without_uncertainty_is_a_break_of_its_child() -> None:
    world = World()
    meter = world.calibration("CAL-METER", u=0.0)
    world.calibration("CAL-DET", meter)
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == [BreakName.UNCERTAINTY_MISSING]
    assert chain.breaks[0].subject == "CAL-METER/transmittance"


def exact_world(*ends: EndKind) -> World:
    """Return a result without uncertainty, made of inputs with these ends, through one parent."""
    world = World()
    world.event("SET-1")
    leaves = [
        world.own_leaf("SET-1", f"x{k}", 1.0, 0.0, origin=Origin(end=end))
        for k, end in enumerate(ends)
    ]
    parent = world.result("SET-1", leaves, kind="transmittance")
    world.event("SET-2")
    world.result("SET-2", [parent], kind="efficiency_ratio")
    return world


def test_what_follows_from_constants_alone_is_exact_and_misses_nothing() -> None:
    world = exact_world(EndKind.DEFINED_CONSTANT, EndKind.DEFINED_CONSTANT)
    assert chain_of(world, "SET-2", "efficiency_ratio").unbroken


@pytest.mark.parametrize("ends", [(), (EndKind.DEFINED_CONSTANT, EndKind.COUNTING)])
def test_a_bare_number_or_a_count_is_not_exact(ends: tuple[EndKind, ...]) -> None:
    chain = chain_of(exact_world(*ends), "SET-2", "efficiency_ratio")
    assert names(chain) == [BreakName.UNCERTAINTY_MISSING, BreakName.UNCERTAINTY_MISSING]


def computed(kind: str, value: float, *, nominal: float | None = None) -> World:
    """Return a figure that a metric without slope computed from a count, and from a parent."""
    world = World()
    parents = [] if nominal is None else [world.calibration("CAL-METER", u=nominal)]
    world.event("RUN-1", kind=EventKind.RECOMPUTATION)
    leaf = world.own_leaf("RUN-1", "clicks", 100.0, 10.0, origin=COUNTED)
    step = world.result("RUN-1", [leaf, *parents], kind=kind, value=value)
    result = world.network.results[step.result_id]
    world.network.results[step.result_id] = dataclasses.replace(
        result,
        model=Model(ModelKind.FUNCTION, f"area.{kind}", "1"),
        arguments=tuple(dataclasses.replace(one, sensitivity=0.0) for one in result.arguments),
    )
    return world


@pytest.mark.parametrize(
    ("kind", "value", "broken"),
    [
        ("p_value", 6e-79, False),
        ("particle_number", 8000.0, False),
        ("outcome_count", 12.0, False),
        ("particle_number", 8000.5, True),
        ("transmittance", 1.0, True),
    ],
)
def test_a_statement_on_counts_misses_no_uncertainty(
    kind: str, value: float, *, broken: bool
) -> None:
    chain = chain_of(computed(kind, value), "RUN-1", kind)
    assert names(chain) == ([BreakName.UNCERTAINTY_MISSING] if broken else [])


@pytest.mark.parametrize(
    ("interval", "broken"),
    [((0.9, 0.97, 0.95), False), ((0.95, 0.95, 0.95), True), (None, True)],
)
def test_an_interval_that_a_metric_brings_stands_in_place_of_u(
    interval: tuple[float, float, float] | None, *, broken: bool
) -> None:
    world = computed("transmittance", 0.95)
    (step,) = world.results
    world.results[step] = dataclasses.replace(world.results[step], interval=interval)
    chain = chain_of(world, "RUN-1")
    assert names(chain) == ([BreakName.UNCERTAINTY_MISSING] if broken else [])


@pytest.mark.parametrize("kind", ["p_value", "particle_number"])
def test_a_number_that_somebody_wrote_down_is_no_statement_on_counts(kind: str) -> None:
    world = World()
    world.event("STATE-1", kind=EventKind.STATEMENT)
    leaf = world.own_leaf("STATE-1", "number", 8000.0, 0.0, origin=COUNTED)
    world.result("STATE-1", [leaf], kind=kind)
    assert names(chain_of(world, "STATE-1", kind)) == [BreakName.UNCERTAINTY_MISSING]


@pytest.mark.parametrize("kind", ["p_value", "particle_number"])
def test_a_missing_uncertainty_behind_counts_still_breaks_their_chain(kind: str) -> None:
    assert names(chain_of(computed(kind, 8000.0, nominal=0.1), "RUN-1", kind)) == []
    chain = chain_of(computed(kind, 8000.0, nominal=0.0), "RUN-1", kind)
    assert names(chain) == [BreakName.UNCERTAINTY_MISSING]
    assert chain.breaks[0].subject == "CAL-METER/transmittance"


@pytest.mark.parametrize("form", ["lower_limit", "interval_only"])
def test_a_limit_carries_its_doubt_in_itself(form: str) -> None:
    world = World()
    step = world.calibration("CAL-1", u=0.0)
    limit = dataclasses.replace(world.results[step.result_id], form=form)
    world.results[step.result_id] = limit
    assert chain_of(world, "CAL-1").unbroken


# -- not competent -----------------------------------------------------------------------------


@pytest.mark.parametrize("route", [Route.IN_HOUSE, Route.OTHER])
@pytest.mark.parametrize(
    ("procedure", "validation", "says"),
    [
        ("", "by comparison", "step without procedure"),
        ("substitution", "", "step without validation"),
        ("", "", "step without procedure and validation"),
    ],
)
def test_a_step_of_ones_own_wants_procedure_and_validation(
    route: Route, procedure: str, validation: str, says: str
) -> None:
    world = World()
    world.calibration("CAL-1", route=route)
    assert chain_of(world, "CAL-1").unbroken
    world.events["CAL-1"] = dataclasses.replace(
        world.events["CAL-1"], procedure=procedure, validation=validation
    )
    chain = chain_of(world, "CAL-1")
    assert names(chain) == [BreakName.NOT_COMPETENT]
    assert says in chain.breaks[0].reason


@pytest.mark.parametrize(
    ("capability", "broken"),
    [
        ({}, False),
        ({"kind": "dead_time"}, True),
        ({"route": Route.NMI_CAPABILITY}, True),
        ({"until": -1.0}, True),
        ({"high": 0.5}, True),
        ({"expanded": 0.021}, True),
    ],
    ids=["covered", "other kind", "other route", "past period", "out of range", "U too small"],
)
def test_a_claimed_route_wants_a_capability_that_covers(
    capability: dict[str, object], *, broken: bool
) -> None:
    world = World()
    world.calibration("CAL-1", route=Route.ACCREDITED, laboratory="LAB-A", u=0.01)
    world.competent("LAB-A", **capability)  # type: ignore[arg-type]
    chain = chain_of(world, "CAL-1")
    assert names(chain) == ([BreakName.NOT_COMPETENT] if broken else [])
    assert all(one.subject == "CAL-1" for one in chain.breaks)


def test_a_use_wants_no_competence_of_its_own() -> None:
    world = World()
    calibrated = world.calibration("CAL-1", device="D1")
    world.use("USE-1", calibrated, on=0.5)
    world.events["USE-1"] = dataclasses.replace(
        world.events["USE-1"], procedure="", validation="", route=Route.ACCREDITED
    )
    assert chain_of(world, "USE-1").unbroken


# -- certificates ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "end"),
    [
        (Route.NMI_CAPABILITY, EndKind.NMI_CERTIFICATE),
        (Route.ACCREDITED, EndKind.ACCREDITED_CERTIFICATE),
    ],
)
def test_a_certificate_of_a_competent_issuer_is_an_end(route: Route, end: EndKind) -> None:
    world = World()
    world.calibration("CERT-1", origin=certificate(route=route), device="METER")
    world.competent("NMI", route=route)
    chain = chain_of(world, "CERT-1")
    assert chain.unbroken
    assert [(one.kind, one.statement) for one in chain.ends] == [(end, "NMI 2020-17")]


def test_a_certificate_that_nobody_holds_is_a_break_and_no_end() -> None:
    world = World()
    origin = dataclasses.replace(certificate(available=False), end=EndKind.NMI_CERTIFICATE)
    world.calibration("CAL-METER", origin=origin, device="METER")
    world.competent("NMI", route=Route.NMI_CAPABILITY)
    chain = chain_of(world, "CAL-METER")
    assert names(chain) == [BreakName.CERTIFICATE_NOT_AVAILABLE]
    assert chain.breaks[0].subject == "METER"
    assert chain.breaks[0].reason == "NMI 2020-17 is referred to but not at hand"
    assert chain.ends == ()


@pytest.mark.parametrize(
    "end", [EndKind.NMI_CERTIFICATE, EndKind.ACCREDITED_CERTIFICATE, EndKind.OTHER_CERTIFICATE]
)
def test_traceable_to_an_institute_without_a_certificate_is_a_break(end: EndKind) -> None:
    world = World()
    world.calibration("CAL-1", origin=Origin(end=end, statement="traceable to the institute"))
    chain = chain_of(world, "CAL-1")
    assert names(chain) == [BreakName.CERTIFICATE_NOT_AVAILABLE]
    assert chain.ends == ()


@pytest.mark.parametrize(
    ("statement", "bare"),
    [
        ("Traceable to NIST", True),
        ("traceable to the SI", True),
        ("this value is traceable to NIST.", True),
        ("NIST-traceability via PTB", True),
        ("traceable to NIST (USA)", True),
        ("cryogenic radiometer of 2019, report 17", False),
        ("traceable to NIST by certificate 12-345 of 2020-03-01", False),
        ("linearity budget of range 3", False),
    ],
)
@pytest.mark.parametrize("end", [EndKind.OWN_REALISATION, EndKind.ASSESSED_BOUND, None])
def test_traceable_to_somebody_and_no_more_is_a_break(
    statement: str, end: EndKind | None, *, bare: bool
) -> None:
    world = World()
    world.calibration("CAL-1", origin=Origin(end=end, statement=statement))
    chain = chain_of(world, "CAL-1")
    assert names(chain) == ([BreakName.END_MISSING] if bare or end is None else [])
    if names(chain):
        assert statement in chain.breaks[0].reason


@pytest.mark.parametrize(
    "origin",
    [
        certificate(issuer="UNKNOWN"),
        certificate(route=Route.ACCREDITED),
        certificate(route=Route.OTHER),
        certificate(route=Route.IN_HOUSE),
    ],
    ids=["issuer not on record", "out of scope", "no evidence document", "in-house"],
)
def test_a_certificate_of_an_issuer_not_shown_competent_is_a_break(origin: Origin) -> None:
    world = World()
    world.calibration("CERT-1", origin=origin, device="METER")
    world.competent("NMI", route=Route.NMI_CAPABILITY)
    chain = chain_of(world, "CERT-1")
    assert names(chain) == [BreakName.NOT_COMPETENT]
    assert chain.breaks[0].subject == "METER"
    assert chain.ends == ()


def test_another_route_ends_with_an_evidence_document() -> None:
    world = World()
    world.calibration("CERT-1", origin=certificate(route=Route.OTHER, evidence="REPORT-7"))
    chain = chain_of(world, "CERT-1")
    assert chain.unbroken
    assert chain.ends[0].kind is EndKind.OTHER_CERTIFICATE


@pytest.mark.parametrize(("u", "broken"), [(0.01, False), (0.0099, True)])
def test_a_certificate_below_its_issuers_capability_is_not_believed(
    u: float, *, broken: bool
) -> None:
    world = World()
    world.calibration("CERT-1", origin=certificate(), u=u)
    world.competent("NMI", route=Route.NMI_CAPABILITY, expanded=0.02)
    assert names(chain_of(world, "CERT-1")) == ([BreakName.NOT_COMPETENT] if broken else [])


def test_an_issuer_is_asked_only_for_what_is_made_of_its_value() -> None:
    """A second result of the event, of another kind, stands on an input of its own."""
    world = World()
    world.calibration("CERT-1", origin=certificate(), device="METER")
    dark = world.own_leaf("CERT-1", "dark", 5.0, 1.0, origin=COUNTED)
    world.result("CERT-1", [dark], kind="dark_count_rate", unit="/s")
    world.competent("NMI", route=Route.NMI_CAPABILITY)
    assert chain_of(world, "CERT-1").unbroken
    assert chain_of(world, "CERT-1", "dark_count_rate").unbroken


@pytest.mark.parametrize(("until", "broken"), [(1000.0, False), (-1.0, True)])
def test_a_certified_value_shared_by_a_statement_wants_some_capability_that_day(
    until: float, *, broken: bool
) -> None:
    world = World()
    world.event("STATE-1", kind=EventKind.STATEMENT)
    shared = world.own_leaf("STATE-1", "wavelength", 1.0, 0.1, origin=certificate())
    world.event("CAL-1")
    world.result("CAL-1", [shared])
    world.competent("NMI", kind="wavelength", route=Route.NMI_CAPABILITY, until=until)
    assert names(chain_of(world, "CAL-1")) == ([BreakName.NOT_COMPETENT] if broken else [])


# -- no calibration ----------------------------------------------------------------------------


def instrument_world(*, on: float = 0.0, used: float = 0.5, kind: str = "transmittance") -> World:
    """Return a reading taken with a counter that was calibrated."""
    world = World()
    counter = world.calibration("CAL-COUNTER", device="COUNTER", on=on, kind=kind)
    world.instrument("COUNTER", counter)
    reading = Origin(instrument="COUNTER", instrument_kind="transmittance")
    world.calibration("CAL-DET", on=used, origin=reading)
    return world


def test_an_instrument_with_a_calibration_is_followed_to_its_ends() -> None:
    chain = chain_of(instrument_world(), "CAL-DET")
    assert chain.unbroken
    assert ("result:CAL-DET/transmittance", "result:CAL-COUNTER/transmittance") in chain.edges
    assert [end.subject for end in chain.ends] == ["CAL-COUNTER/reading"]


def test_an_instrument_without_any_calibration_is_a_break() -> None:
    world = World()
    origin = Origin(instrument="COUNTER", instrument_kind="time_base_frequency")
    world.calibration("CAL-DET", origin=origin)
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == [BreakName.NO_CALIBRATION]
    assert chain.breaks[0].subject == "COUNTER"
    assert chain.breaks[0].reason == "no calibration of time base frequency on record"


def test_a_counting_end_does_not_excuse_an_uncalibrated_instrument() -> None:
    world = World()
    world.calibration("CAL-DET", origin=Origin(end=EndKind.COUNTING, instrument="COUNTER"))
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == [BreakName.NO_CALIBRATION]
    assert [end.kind for end in chain.ends] == [EndKind.COUNTING]


@pytest.mark.parametrize("spoil", ["other kind", "later", "withdrawn", "as found"])
def test_a_calibration_that_does_not_apply_is_none(spoil: str) -> None:
    world = instrument_world(
        on=40.0 if spoil == "later" else 0.0,
        kind="dead_time" if spoil == "other kind" else "transmittance",
    )
    if spoil == "withdrawn":
        world.withdraw("CAL-COUNTER")
    if spoil == "as found":
        found = dataclasses.replace(world.events["CAL-COUNTER"], state="as_found")
        world.events["CAL-COUNTER"] = found
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == [BreakName.NO_CALIBRATION]
    assert chain.breaks[0].subject == "COUNTER"


def test_the_latest_calibration_of_an_instrument_counts() -> None:
    """An old one with a break of its own does no harm once a newer one is in order."""
    world = World()
    old = world.calibration("CAL-OLD", device="COUNTER", on=-100, origin=None)
    new = world.calibration("CAL-NEW", device="COUNTER", on=0)
    world.instrument("COUNTER", old, new)
    world.calibration("CAL-DET", on=0.5, origin=Origin(instrument="COUNTER"))
    assert chain_of(world, "CAL-DET").unbroken
    world.withdraw("CAL-NEW")
    world.programme("COUNTER", 365)
    assert names(chain_of(world, "CAL-DET")) == [BreakName.END_MISSING]


def test_an_instrument_whose_own_chain_was_not_loaded_does_not_pass() -> None:
    world = instrument_world()
    whole = world.dossier()
    results = {i: r for i, r in whole.network.results.items() if i != 1}
    part = dataclasses.replace(whole, network=dataclasses.replace(whole.network, results=results))
    chain = build_chain(part, 2)
    assert names(chain) == [BreakName.END_MISSING]
    assert chain.breaks[0].subject == "CAL-COUNTER/transmittance"
    assert [node.kind for node in chain.nodes] == ["result", "instrument", "break"]


@pytest.mark.parametrize(("procedure_allows", "broken"), [(False, True), (True, False)])
def test_a_parent_calibrated_after_its_use_needs_a_procedure_that_says_so(
    *, procedure_allows: bool, broken: bool
) -> None:
    world = World()
    meter = world.calibration("CAL-METER", device="METER", on=60.0)
    world.calibration("CAL-DET", meter, on=30.0)
    if procedure_allows:
        closing = dataclasses.replace(world.events["CAL-DET"], flags=(LATER_PARENTS,))
        world.events["CAL-DET"] = closing
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == ([BreakName.NO_CALIBRATION] if broken else [])
    if broken:
        assert "before it existed" in chain.breaks[0].reason


# -- validity ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("used", "broken"), [(364.0, False), (365.0, False), (366.0, True)])
def test_a_parent_used_after_its_interval_is_expired_at_use(used: float, *, broken: bool) -> None:
    chain = chain_of(two_steps(used=used), "CAL-DET")
    assert names(chain) == ([BreakName.EXPIRED_AT_USE] if broken else [])
    if broken:
        assert chain.breaks[0].subject == "CAL-METER/transmittance"
        assert "due 2022-06-01" in chain.breaks[0].reason


@pytest.mark.parametrize(("used", "broken"), [(0.9, False), (1.1, True)])
def test_a_parent_used_later_without_a_programme_is_a_break(used: float, *, broken: bool) -> None:
    world = two_steps(used=used)
    world.programmes.clear()
    assert names(chain_of(world, "CAL-DET")) == ([BreakName.NO_PROGRAMME] if broken else [])


def test_an_instrument_is_held_to_its_programme_too() -> None:
    world = instrument_world(used=30.0)
    assert names(chain_of(world, "CAL-DET")) == [BreakName.NO_PROGRAMME]
    world.programme("COUNTER", 20)
    assert names(chain_of(world, "CAL-DET")) == [BreakName.EXPIRED_AT_USE]
    world.programme("COUNTER", 40)
    assert chain_of(world, "CAL-DET").unbroken


def test_a_change_of_programme_does_not_rewrite_past_chains() -> None:
    world = two_steps(used=300.0)
    before = chain_of(world, "CAL-DET")
    world.programme("METER", 90, since=400.0)
    assert chain_of(world, "CAL-DET") == before
    meter = Step(1)
    world.calibration("CAL-LATER", meter, on=450.0)
    assert names(chain_of(world, "CAL-LATER")) == [BreakName.EXPIRED_AT_USE]


def test_the_time_of_use_counts_and_not_the_time_of_asking() -> None:
    """The detector was calibrated in time; that the meter expired since changes nothing."""
    world = two_steps(used=360.0)
    world.programme("DET", 3650)
    detector = Step(2)
    world.use("USE-1", detector, on=700.0)
    assert chain_of(world, "USE-1").unbroken


# -- conditions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "broken"),
    [
        ({"wavelength": "1550.5 nm", "photon_rate": "2e5 /s"}, False),
        ({"wavelength": "810 nm", "photon_rate": "2e5 /s"}, True),
        ({"wavelength": "1550.5 nm", "photon_rate": "2e6 /s"}, True),
        ({"wavelength": "1550.5 nm"}, True),
    ],
    ids=["inside", "other wavelength", "outside the range", "not stated"],
)
def test_a_use_outside_the_calibrated_conditions_is_a_break(
    used: dict[str, str], *, broken: bool
) -> None:
    world = World()
    calibrated = world.calibration(
        "CAL-1",
        device="D1",
        conditions={"wavelength": "1550.5 nm", "photon_rate": "1e5 /s .. 3e5 /s"},
    )
    world.programme("D1", 365)
    world.use("USE-1", calibrated, on=30.0, conditions=used)
    chain = chain_of(world, "USE-1")
    assert names(chain) == ([BreakName.OUTSIDE_CONDITIONS] if broken else [])
    assert all(one.subject == "CAL-1/transmittance" for one in chain.breaks)


@pytest.mark.parametrize(
    ("stated", "broken"),
    [("50 uW", False), ("200 uW", True), ("", False)],
    ids=["inside", "outside", "not stated"],
)
def test_a_calibration_outside_the_range_of_its_standard_is_a_break(
    stated: str, *, broken: bool
) -> None:
    world = World()
    meter = world.calibration(
        "CAL-METER", conditions={"power": "1 uW .. 100 uW", "wavelength": "1550 nm"}
    )
    conditions = {"wavelength": "1550.5 nm"} | ({"power": stated} if stated else {})
    world.calibration("CAL-DET", meter, conditions=conditions)
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == ([BreakName.OUTSIDE_CONDITIONS] if broken else [])
    if broken:
        assert "power: calibrated at 1 uW .. 100 uW, used at 200 uW" in chain.breaks[0].reason


# -- adjustment --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("adjusted", "device", "broken"),
    [
        (10.0, "METER", [BreakName.ADJUSTMENT_WITHOUT_AS_LEFT]),
        (-10.0, "METER", []),
        (40.0, "METER", [BreakName.ADJUSTMENT_WITHOUT_AS_FOUND]),
        (10.0, "OTHER", []),
    ],
    ids=["between", "before the calibration", "after the use", "another device"],
)
def test_an_adjustment_between_calibration_and_use_is_a_break(
    adjusted: float, device: str, *, broken: list[BreakName]
) -> None:
    world = two_steps(used=30.0)
    world.adjust("ADJ-1", device, on=adjusted)
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == broken
    assert all(one.subject == "METER" for one in chain.breaks)


@pytest.mark.parametrize(
    ("looked", "whole"),
    [(35.0, True), (40.0, True), (20.0, False), (45.0, False)],
    ids=["before it", "in the same event", "before the use", "after it"],
)
def test_who_looked_before_adjusting_knows_how_the_device_was(
    looked: float, *, whole: bool
) -> None:
    """As left without as found breaks the interval before the adjustment (not the next one)."""
    world = two_steps(used=30.0)
    world.adjust("ADJ-1", "METER", on=40.0)
    world.look("CAL-FOUND", "METER", on=looked)
    assert chain_of(world, "CAL-DET").unbroken is whole


def test_an_adjustment_breaks_only_what_it_changed() -> None:
    world = two_steps(used=30.0)
    world.adjust("ADJ-1", "METER", on=10.0)
    (adjustment,) = world.adjustments
    world.adjustments[0] = replace(adjustment, flags=("adjusts wavelength",))
    assert chain_of(world, "CAL-DET").unbroken
    world.adjustments[0] = replace(adjustment, flags=("adjusts transmittance",))
    assert names(chain_of(world, "CAL-DET")) == [BreakName.ADJUSTMENT_WITHOUT_AS_LEFT]


def test_a_calibration_after_the_adjustment_mends_it() -> None:
    world = World()
    world.calibration("CAL-FOUND", device="METER", state="as_found")
    world.adjust("ADJ-1", "METER", on=0.1)
    left = world.calibration("CAL-LEFT", device="METER", on=0.2, state="as_left")
    world.calibration("CAL-DET", left, on=0.3)
    assert chain_of(world, "CAL-DET").unbroken


def test_a_withdrawn_adjustment_did_not_happen() -> None:
    world = two_steps(used=30.0)
    world.adjust("ADJ-1", "METER", on=10.0)
    world.withdraw("ADJ-1")
    assert chain_of(world, "CAL-DET").unbroken


# -- end missing -------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [None, Origin(), Origin(statement="by experience")])
def test_an_input_that_comes_from_nowhere_is_a_break(origin: Origin | None) -> None:
    world = World()
    world.calibration("CAL-1", origin=origin)
    chain = chain_of(world, "CAL-1")
    assert names(chain) == [BreakName.END_MISSING]
    assert chain.breaks[0].subject == "CAL-1/reading"
    assert chain.ends == ()


@pytest.mark.parametrize(
    "end",
    [EndKind.RATIO_ON_ONE_INSTRUMENT, EndKind.ASSESSED_BOUND, EndKind.OWN_REALISATION],
)
@pytest.mark.parametrize(("statement", "broken"), [("", True), ("linearity report 4", False)])
def test_some_ends_must_name_what_they_rest_on(
    end: EndKind, statement: str, *, broken: bool
) -> None:
    world = World()
    world.calibration("CAL-1", origin=Origin(end=end, statement=statement))
    chain = chain_of(world, "CAL-1")
    assert names(chain) == ([BreakName.END_MISSING] if broken else [])
    assert [one.kind for one in chain.ends] == ([] if broken else [end])


@pytest.mark.parametrize("end", [EndKind.COUNTING, EndKind.DEFINED_CONSTANT])
def test_other_ends_speak_for_themselves(end: EndKind) -> None:
    world = World()
    world.calibration("CAL-1", origin=Origin(end=end))
    assert chain_of(world, "CAL-1").unbroken


def test_two_instruments_that_vouch_for_each_other_reach_no_end() -> None:
    world = World()
    one = world.calibration("CAL-A", device="A", origin=Origin(instrument="B"))
    other = world.calibration("CAL-B", device="B", on=0.1, origin=Origin(instrument="A"))
    world.instrument("A", one)
    world.instrument("B", other)
    chain = chain_of(world, "CAL-B")
    assert names(chain) == [BreakName.END_MISSING]
    assert "runs in a circle" in chain.breaks[0].reason
    assert "CAL-A/transmittance, CAL-B/transmittance" in chain.breaks[0].reason


def test_a_circle_is_found_even_where_other_inputs_end_well() -> None:
    world = World()
    one = world.calibration("CAL-A", device="A", origin=Origin(EndKind.COUNTING, instrument="B"))
    other = world.calibration("CAL-B", device="B", origin=Origin(EndKind.COUNTING, instrument="A"))
    world.instrument("A", one)
    world.instrument("B", other)
    child = world.calibration("CAL-C", one)
    assert child.result_id == 3
    chain = chain_of(world, "CAL-C")
    assert names(chain) == [BreakName.END_MISSING]
    assert chain.breaks[0].subject == "CAL-A/transmittance"


def test_instruments_calibrated_in_turn_are_no_circle() -> None:
    """A, then B with A, then A again with B: each rests on an older one."""
    world = World()
    first = world.calibration("CAL-A1", device="A", on=-5.0)
    second = world.calibration("CAL-B", first, device="B", on=-2.0)
    world.calibration("CAL-A2", second, device="A", on=0.0)
    world.programme("A", 30)
    world.programme("B", 30)
    assert chain_of(world, "CAL-A2").unbroken


def test_circles_of_edges() -> None:
    line = [("result:a", "result:b"), ("result:b", "result:c"), ("result:a", "result:c")]
    assert on_circles(line) == []
    assert on_circles([*line, ("result:c", "result:b")]) == ["result:b", "result:c"]
    tails = [("result:c", "result:b"), ("result:c", "result:d"), ("result:d", "result:e")]
    assert on_circles([*line, *tails]) == ["result:b", "result:c"]
    assert on_circles([("result:a", "result:a")]) == ["result:a"]
    assert on_circles([("result:a", "end:counting")]) == []
    assert on_circles([]) == []


# -- once --------------------------------------------------------------------------------------


def test_a_break_is_told_once_however_many_paths_meet_it() -> None:
    world = World()
    meter = world.calibration("CAL-METER", device="METER", origin=certificate(available=False))
    arms = [world.calibration(f"CAL-{k}", meter) for k in "ABC"]
    world.calibration("CAL-DET", *arms)
    chain = chain_of(world, "CAL-DET")
    assert names(chain) == [BreakName.CERTIFICATE_NOT_AVAILABLE]
    assert [node.kind for node in chain.nodes].count("break") == 1
    assert len(chain.edges) == len(set(chain.edges))
    assert len([node for node in chain.nodes if node.key == "result:CAL-METER/transmittance"]) == 1


def test_one_instrument_behind_several_readings_is_one_break_and_two_are_two() -> None:
    world = World()
    world.event("CAL-1")
    counter, laser = Origin(instrument="COUNTER"), Origin(instrument="LASER")
    leaves = [
        world.own_leaf("CAL-1", name, 1.0, 0.1, origin=origin)
        for name, origin in (("counts", counter), ("dark", counter), ("wavelength", laser))
    ]
    world.result("CAL-1", leaves)
    chain = chain_of(world, "CAL-1")
    assert [str(one) for one in chain.breaks] == [
        "COUNTER: no calibration",
        "LASER: no calibration",
    ]


def test_one_instrument_behind_several_calibrations_is_one_break() -> None:
    world = World()
    counter = Origin(instrument="COUNTER")
    arms = [world.calibration(f"CAL-{k}", origin=counter) for k in "AB"]
    world.calibration("CAL-1", *arms)
    chain = chain_of(world, "CAL-1")
    assert [str(one) for one in chain.breaks] == ["COUNTER: no calibration"]
    # Drawn once, and reached from both.
    to_break = [edge for edge in chain.edges if edge[1] == "break:no calibration:COUNTER"]
    assert len(to_break) == 2


def test_several_faults_of_one_step_are_all_told() -> None:
    world = two_steps(used=400.0, parent_origin=None)
    world.withdraw("CAL-METER")
    world.adjust("ADJ-1", "METER", on=10.0)
    assert set(names(chain_of(world, "CAL-DET"))) == {
        BreakName.WITHDRAWN,
        BreakName.EXPIRED_AT_USE,
        BreakName.ADJUSTMENT_WITHOUT_AS_LEFT,
        BreakName.END_MISSING,
    }


def test_results_of_one_event_need_no_validity_among_themselves() -> None:
    world = World()
    world.event("CAL-1", device="D1")
    leaf = world.own_leaf("CAL-1", "reading", 1.0, 0.1, origin=COUNTED)
    first = world.result("CAL-1", [leaf], kind="transmittance")
    world.result("CAL-1", [first], kind="efficiency_ratio")
    assert chain_of(world, "CAL-1", "efficiency_ratio").unbroken


def test_the_demo_shape_has_exactly_its_three_breaks() -> None:
    """Meter without its certificate, counter and laser without calibration; ratios end."""
    world = World()
    meter = world.calibration(
        "CAL-METER", device="METER", origin=certificate(available=False), kind="indication_ratio"
    )
    ratio = Origin(EndKind.RATIO_ON_ONE_INSTRUMENT, "linearity budget of the monitor meter")
    factor = world.calibration("CAL-RANGE", device="MONITOR", origin=ratio, kind="range_factor")
    arms = [
        world.calibration(f"CAL-ATT{k}", factor, device=f"ATT{k}", origin=ratio) for k in (1, 2, 3)
    ]
    world.event("CAL-D1", device="D1")
    counter = Origin(EndKind.COUNTING, instrument="COUNTER", instrument_kind="time_base_frequency")
    laser = Origin(instrument="LASER", instrument_kind="wavelength")
    own = [
        world.own_leaf("CAL-D1", "counts", 1.0, 0.1, origin=counter),
        world.own_leaf("CAL-D1", "dark", 1.0, 0.1, origin=counter),
        world.own_leaf("CAL-D1", "wavelength", 1.0, 0.0, origin=laser),
    ]
    world.result("CAL-D1", [*own, meter, *arms], kind="system_detection_efficiency")
    chain = chain_of(world, "CAL-D1", "system_detection_efficiency")
    assert sorted(str(one) for one in chain.breaks) == [
        "COUNTER: no calibration",
        "LASER: no calibration",
        "METER: certificate not available",
    ]
    assert {end.kind for end in chain.ends} == {EndKind.COUNTING, EndKind.RATIO_ON_ONE_INSTRUMENT}
    assert world.dossier().event_of(1).performed_at == day(0)
