"""Key files: the private part for the one who signs, the public part for verifiers.

Inside: `write_key_pair`, `read_signer`, `read_public_key`.
"""

from __future__ import annotations

import os
from pathlib import Path

from qtrace.errors import InputError, SetupError
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.signing import Key, Signer


def write_key_pair(folder: Path, name: str, signer: Signer) -> Path:
    """Write both parts of a key; return the path of the public part.

    Raises:
        InputError: the name is no plain word, or a key of that name exists.
    """
    if not name.replace("-", "").replace("_", "").isalnum():
        raise InputError(f"a key name holds letters, digits, - and _, not {name!r}")
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.json"
    if private.exists() or public.exists():
        raise InputError(
            f"a key named {name!r} exists", where=str(private), next_step="choose another name"
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Created with its final mode: the private part is never readable by others.
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(signer.to_pem())
        public.write_bytes(canonical_bytes(signer.key.to_dict()) + b"\n")
    except OSError as error:
        raise SetupError(
            f"the key cannot be written: {error.strerror}", where=str(folder)
        ) from None
    return public


def read_signer(folder: Path, name: str) -> Signer:
    """Read a private key with its public description.

    Raises:
        SetupError: there is no such key, or its two parts do not belong together.
        InputError: a part cannot be read as a key.
    """
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.json"
    if not (private.is_file() and public.is_file()):
        raise SetupError(
            f"there is no signing key {name!r}",
            where=str(private),
            next_step=f"make one: qtrace key create {name} --person NAME --organisation NAME",
        )
    key = read_public_key(public)
    signer = Signer.from_pem(
        private.read_bytes(), person=key.person, organisation=key.organisation, usage=key.usage
    )
    if signer.key.key_id != key.key_id:
        raise SetupError("private and public part of the key do not belong together", where=name)
    return signer


def read_public_key(path: Path) -> Key:
    """Read a public key file.

    Raises:
        InputError: the file is missing or is no public key.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the key file cannot be read: {error.strerror}", where=str(path)
        ) from None
    try:
        return Key.from_dict(parse_canonical(data.rstrip(b"\n")))
    except InputError as error:
        raise error.located(str(path)) from None
