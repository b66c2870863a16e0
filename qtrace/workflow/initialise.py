"""Set up: the database, the device classes, signing keys.

Inside: `initialise`, `create_key`, `load_signer`, `load_trusted_key`.
"""

from __future__ import annotations

import os
from pathlib import Path

from qtrace.errors import InputError, SetupError
from qtrace.exchange.device_file import shipped_device_classes
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.signing import DocumentKind, Key, Signer
from qtrace.registry.database import Database
from qtrace.registry.statements import PublicKeyRecord
from qtrace.workflow.workbench import Workbench


def initialise(workbench: Workbench) -> int:
    """Create the database, or bring its schema up to date; record the device classes.

    Returns:
        How many device classes were new.
    """
    Database.open(workbench.database_url, create=True)
    with workbench.read() as session:
        known = {one.class_id for one in session.devices.classes()}
    new = [one for one in shipped_device_classes() if one.class_id not in known]
    if new:
        with workbench.write("initialise", "device classes") as unit:
            for device_class in new:
                unit.devices.add_class(device_class)
    return len(new)


def create_key(workbench: Workbench, name: str, *, person: str, organisation: str) -> Path:
    """Make a key pair: private part in the folder of keys, public part there and on record.

    Returns:
        Path of the public key file, which is what verifiers are given.

    Raises:
        InputError: a key of that name exists.
    """
    if not name.replace("-", "").replace("_", "").isalnum():
        raise InputError(f"a key name holds letters, digits, - and _, not {name!r}")
    private = workbench.keys_folder / f"{name}.pem"
    public = workbench.keys_folder / f"{name}.pub.json"
    if private.exists() or public.exists():
        raise InputError(
            f"a key named {name!r} exists", where=str(private), next_step="choose another name"
        )
    usage = DocumentKind.DECISION_STATEMENT
    signer = Signer.generate(person=person, organisation=organisation, usage=usage)
    key = signer.key
    with workbench.write("create key", name) as unit:
        unit.statements.add_key(
            PublicKeyRecord(
                key.key_id,
                key.person,
                key.organisation,
                key.usage,
                key.public_bytes,
                workbench.clock(),
            )
        )
        workbench.keys_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Created with its final mode: the private part is never readable by others.
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(signer.to_pem())
        public.write_bytes(canonical_bytes(key.to_dict()) + b"\n")
    return public


def load_signer(workbench: Workbench, name: str) -> Signer:
    """Load a private key with its public description by name.

    Raises:
        SetupError: there is no such key.
    """
    private = workbench.keys_folder / f"{name}.pem"
    public = workbench.keys_folder / f"{name}.pub.json"
    if not (private.is_file() and public.is_file()):
        raise SetupError(
            f"there is no signing key {name!r}",
            where=str(private),
            next_step=f"make one: qtrace key create {name} --person NAME --organisation NAME",
        )
    key = load_trusted_key(public)
    signer = Signer.from_pem(
        private.read_bytes(), person=key.person, organisation=key.organisation, usage=key.usage
    )
    if signer.key.key_id != key.key_id:
        raise SetupError("private and public part of the key do not belong together", where=name)
    return signer


def load_trusted_key(path: Path) -> Key:
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
