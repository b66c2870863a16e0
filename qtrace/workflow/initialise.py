"""Set up: the database, the device classes, signing keys.

Inside: `initialise`, `add_device_class`, `create_key`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.errors import QtraceError
from qtrace.exchange.device_file import read_device_class, shipped_device_classes
from qtrace.exchange.key_files import write_key_pair
from qtrace.laboratory.device import DeviceClass
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


def add_device_class(workbench: Workbench, path: Path, *, dry_run: bool = False) -> DeviceClass:
    """Record one family of devices from its file.

    Raises:
        InputError: anything wrong in the file, a kind that is not known, or a class of that name.
    """
    device_class = read_device_class(path)
    session = workbench.rehearse if dry_run else workbench.write
    with session("add device class", device_class.class_id) as unit:
        try:
            unit.devices.add_class(device_class)
        except QtraceError as error:
            raise error.located(str(path)) from None
    return device_class


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
