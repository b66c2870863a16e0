"""Verify a bundle file offline: no database is opened.

Inside: `verify`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.certification.verification import Verification, verify_bundle
from qtrace.errors import InputError
from qtrace.exchange.key_files import read_public_key
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
    return verify_bundle(data, trusted=trusted, functions=functions())
