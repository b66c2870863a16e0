"""Verify a bundle file offline: no database is opened.

Inside: `verify`, `shipped_rules`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.certification.case import AppliedStandard
from qtrace.certification.shipped import ShippedRules
from qtrace.certification.verification import Verification, verify_bundle
from qtrace.errors import InputError
from qtrace.exchange.key_files import read_public_key
from qtrace.exchange.pack_files import load_packs, load_schemes
from qtrace.metrics.catalogue import functions

MAX_BUNDLE_BYTES = 64 * 1024 * 1024


def verify(path: Path, *, key: Path | None = None) -> Verification:
    """Verify a bundle, with or without a public key that the verifier trusts.

    Raises:
        InputError: the file is missing, too large, or does not parse.
        IntegrityError: it parses and something in it is wrong.
    """
    try:
        if path.stat().st_size > MAX_BUNDLE_BYTES:
            raise InputError("the file is too large for a bundle", where=str(path))
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"the bundle cannot be read: {error.strerror}", where=str(path)) from None
    trusted = None if key is None else read_public_key(key)
    return verify_bundle(data, trusted=trusted, functions=functions(), shipped=shipped_rules())


def shipped_rules() -> ShippedRules:
    """Return all shipped requirements and schemes, to compare those of a document with."""
    standards = tuple(
        AppliedStandard(
            one.pack.standard_id,
            one.pack.title,
            one.pack.edition,
            one.digest,
            one.pack.requirements,
            notice=one.pack.notice,
        )
        for one in load_packs()
    )
    return ShippedRules(standards, load_schemes())
