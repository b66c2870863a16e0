"""Certificates of one issuer behind two results: what they share is not stated."""

from __future__ import annotations

from builders import World

from qtrace.certification.shared_sources import undisclosed_shares
from qtrace.laboratory.event import CertificateReference, Origin
from qtrace.laboratory.laboratory import Route


def certified(issuer: str, number: str) -> Origin:
    return Origin(certificate=CertificateReference(issuer, number, Route.ACCREDITED, True))


def test_two_certificates_of_one_issuer_share_something_unknown() -> None:
    world = World()
    first = world.calibration("CAL-1", origin=certified("NMI", "17"))
    second = world.calibration("CAL-2", origin=certified("NMI", "18"))
    other = world.calibration("CAL-3", origin=certified("Elsewhere", "1"))
    dossier = world.dossier()
    assert undisclosed_shares(dossier, first.result_id, second.result_id) == (
        "certificates of NMI stand behind both: what they share is not stated",
    )
    assert undisclosed_shares(dossier, first.result_id, other.result_id) == ()


def test_one_certificate_behind_both_is_known_and_no_certificate_says_nothing() -> None:
    world = World()
    meter = world.calibration("METER", origin=certified("NMI", "17"))
    first, second = world.calibration("CAL-1", meter), world.calibration("CAL-2", meter)
    dossier = world.dossier()
    assert undisclosed_shares(dossier, first.result_id, second.result_id) == ()


def test_a_further_certificate_on_one_side_only_is_not_stated_either() -> None:
    world = World()
    meter = world.calibration("METER", origin=certified("NMI", "17"))
    laser = world.calibration("LASER", origin=certified("NMI", "18"))
    first, second = world.calibration("CAL-1", meter), world.calibration("CAL-2", meter, laser)
    dossier = world.dossier()
    assert len(undisclosed_shares(dossier, first.result_id, second.result_id)) == 1
