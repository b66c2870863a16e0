from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.laboratory.device import Device, DeviceClass

if TYPE_CHECKING:
    from tests.registry.conftest import World


def test_devices_and_classes_come_back(full_world: World) -> None:
    with full_world.database.read() as reader:
        assert reader.devices.classes() == (
            DeviceClass("snspd", "detector", ("efficiency",), ("receiver",)),
        )
        devices = reader.devices.all()
        assert [device.device_id for device in devices] == ["D1", "D2", "METER"]
        assert reader.devices.by_id("D1") == devices[0]
    assert devices[0] == Device("D1", "snspd", "maker", "m1", "SN-D1", "1.0", "new")


@pytest.mark.parametrize(
    ("device", "message"),
    [
        (
            Device("D1", "snspd", "maker", "m", "SN-9"),
            r"device D1 is already recorded as device D1",
        ),
        (
            Device("D9", "snspd", "maker", "m", "SN-D1"),
            r"serial number SN-D1 of maker is already recorded as device D1",
        ),
        (Device("D9", "snpsd", "maker", "m", "SN-9"), r"no device class called 'snpsd'"),
        (Device("", "snspd", "maker", "m", "SN-9"), r"needs an id and a serial number"),
        (Device("D9", "snspd", "maker", "m", ""), r"needs an id and a serial number"),
    ],
)
def test_a_wrong_device_is_refused_and_nothing_is_written(
    full_world: World, device: Device, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught, full_world.writes() as unit:
        unit.devices.add(device)
    assert caught.value.next_step
    with full_world.database.read() as reader:
        assert len(reader.devices.all()) == 3
        assert len(reader.ledger.entries()) == 5


def test_the_same_serial_number_of_another_maker_is_another_device(full_world: World) -> None:
    with full_world.writes() as unit:
        unit.devices.add(Device("D9", "snspd", "other maker", "m", "SN-D1"))
    with full_world.database.read() as reader:
        assert reader.devices.by_id("D9").manufacturer == "other maker"


def test_a_class_is_recorded_once(full_world: World) -> None:
    with (
        pytest.raises(InputError, match="device class snspd is already recorded as detector"),
        full_world.writes() as unit,
    ):
        unit.devices.add_class(DeviceClass("snspd", "other", ()))


def test_a_retired_device_stays_and_says_so(full_world: World) -> None:
    with full_world.database.read() as reader:
        status = reader.devices.status("D2")
        assert reader.devices.status("D1") is None
        assert reader.devices.by_id("D2").serial == "SN-D2"
    assert (status.status, status.reason) == ("retired", "broken")
    assert status.effective_at == full_world.performed
    with full_world.database.read(as_of=4) as reader:
        assert reader.devices.status("D2") is None


@pytest.mark.parametrize(
    ("device_id", "message"),
    [("D2", "retirement of D2 is already recorded"), ("D7", "no device called 'D7'")],
)
def test_a_device_is_retired_once(full_world: World, device_id: str, message: str) -> None:
    with pytest.raises(InputError, match=message), full_world.writes() as unit:
        unit.devices.retire(device_id, "again", effective_at=full_world.performed)


def test_an_unknown_device_comes_with_close_ones(full_world: World) -> None:
    with full_world.database.read() as reader:
        with pytest.raises(InputError) as caught:
            reader.devices.by_id("METRE")
        assert "did you mean METER" in caught.value.next_step
        with pytest.raises(InputError) as caught:
            reader.devices.by_id("oscilloscope")
        assert caught.value.next_step == "list: `qtrace device list`"
        with pytest.raises(InputError, match="no device class"):
            reader.devices.class_by_id("spad")
