"""Set up: the database, the device classes, signing keys.

Inside: `initialise`, `create_key`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.exchange.device_file import shipped_device_classes
from qtrace.exchange.key_files import write_key_pair
from qtrace.ledger.signing import DocumentKind, Signer
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
        # Inside the unit: a key that could not be written is not on record.
        return write_key_pair(workbench.keys_folder, name, signer)
