"""Procedures of quantum links: what they give, and what they refuse."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.exchange.reference_files import load_reference_documents
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.link_scan import LinkScan
from qtrace.physics.continuous.gg02 import moments_of_link
from qtrace.validation.case import Basis
from qtrace.validation.given import CaseFileError, Given
from qtrace.validation.links import (
    end_of_key,
    metric_at,
    network_links,
    repeaterless_bound,
)
from qtrace.validation.sampling import Sampling

NONE = Sampling(0, 0)
LINKS = next(one for one in load_reference_documents() if one.document_id == "quantum-links")


def given(**data: object) -> Given:
    return Given(data, lambda path: path, "inputs")


def test_a_metric_at_its_arguments() -> None:
    found = metric_at(
        given(metric="qkd.bbm92.qber_of_basis", arguments={"errors": 1.0, "agreements": 3.0}), NONE
    )
    assert found["value"].value == 0.25


def test_a_metric_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="no metric"):
        metric_at(given(metric="qkd.bbm92.qbar", arguments={}), NONE)
    with pytest.raises(CaseFileError, match='unknown field "weather"'):
        metric_at(
            given(
                metric="qkd.bbm92.qber_of_basis",
                arguments={"errors": 1.0, "agreements": 3.0},
                weather=1.0,
            ),
            NONE,
        )


def test_a_key_ends_where_its_metric_is_zero() -> None:
    name, figure = "bb84_asymptotic", "qkd.bb84_asymptotic.key_per_use"
    settings = {"error_correction_efficiency": 1.22}
    case = {"protocol": name, "metric": figure, "settings": settings, "from_km": 100.0}
    found = end_of_key(given(**case, to_km=160.0), NONE)["distance"].value
    scan = LinkScan(protocol(name), metric(figure), settings)
    near = [scan.at("distance_km", found + step).figure for step in (-0.01, 0.01)]
    assert near[0] is not None
    assert near[1] is not None
    assert near[0] > 0.0 > near[1]
    with pytest.raises(InputError, match="does not end"):
        end_of_key(given(**case, to_km=120.0), NONE)


def test_the_bound_by_transmittance_or_by_loss() -> None:
    half = repeaterless_bound(given(transmittance=0.5), NONE)
    assert half["bits_per_use"].value == 1.0
    assert set(half) == {"bits_per_use"}
    by_loss = repeaterless_bound(
        given(loss_db=10.0 * math.log10(2.0), uses_per_second=1e6, key=1e3), NONE
    )
    assert by_loss["bits_per_second"].value == pytest.approx(1e6)
    assert by_loss["ratio"].value == pytest.approx(1e-3)


def test_links_of_a_network() -> None:
    found = network_links(given(users=4, fidelity=1.0), NONE)
    assert (found["links"].value, found["capacity"].value) == (6.0, 2.0)


def test_what_was_not_read_is_not_called_so() -> None:
    kept = {case.case_id: case for case in LINKS.cases}
    assert kept["zhang-2022-loss"].inputs_basis is Basis.READ
    assert kept["neumann-2022-total"].inputs_basis is Basis.READ
    for name in ("liao-2017-pass", "boaron-2018-plob", "qi-2021-network", "smart-grid-rekeying"):
        assert kept[name].inputs_basis is Basis.MEMORY
        assert all(one.basis is not Basis.READ for one in kept[name].printed)


def test_the_moments_of_the_example_are_those_of_the_link_in_its_note() -> None:
    covariance, variance = moments_of_link(
        18.0,
        0.3,
        excess_noise_at_input=0.005,
        receiver_efficiency=0.606,
        electronic_noise=0.041,
        heterodyne=False,
    )
    case = next(one for one in LINKS.cases if one.case_id == "gg02-homodyne-25km")
    written = case.given.table("arguments")
    assert written.number("covariance") == pytest.approx(float(covariance), rel=1e-15)
    assert written.number("bob_variance") == pytest.approx(float(variance), rel=1e-15)
