"""SHA-256 digests that cannot be mistaken for digests of another kind of thing.

Inside: `digest_hex`, `file_digest`, `digest_of_chunks`, `is_digest`.

Source: FIPS 180-4 (SHA-256); domain separation as in RFC 9162 section 2.1.1, with names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_DOMAIN = re.compile(r"[a-z][a-z0-9-]*(?:/[a-z0-9-]+)*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def digest_hex(domain: str, data: bytes) -> str:
    r"""Digest bytes as one kind of thing: an entry, a key, the rows of a table.

    Args:
        domain: The kind, lower case ASCII. It stands in front of the data, ended by a zero
            byte that it cannot contain, so that no two kinds share a digest.
        data: The bytes.

    Returns:
        SHA-256 of `qtrace/` + domain + a zero byte + data, 64 lower case hexadecimal digits.

    Raises:
        ValueError: A domain outside its grammar, which is a fault of the program.

    >>> digest_hex("entry", b"")[:16]
    '1ce8d308eaac9e9b'
    """
    if not _DOMAIN.fullmatch(domain):
        message = f"{domain!r} is no digest domain"
        raise ValueError(message)
    return hashlib.sha256(b"qtrace/" + domain.encode("ascii") + b"\0" + data).hexdigest()


def file_digest(data: bytes) -> str:
    """Digest the bytes of a file as every other tool does.

    Args:
        data: All bytes of the file.

    Returns:
        Plain SHA-256, 64 lower case hexadecimal digits, equal to what `sha256sum` prints.
    """
    return hashlib.sha256(data).hexdigest()


def digest_of_chunks(chunks: Iterable[bytes]) -> str:
    """Digest a long file part by part; equal to `file_digest` of all its bytes together."""
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def is_digest(text: str) -> bool:
    """Tell whether a text has the form of a digest: 64 lower case hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None
