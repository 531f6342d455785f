"""Celery task about accounts: delete who used which device, some time after they last did."""

from rlhfhub.queues import LONG
from rlhfhub.tenancy import devices, planes


@LONG.task("members.delete_old_device_uses")
def delete_old_device_uses() -> None:
    """Delete the uses of devices that nobody repeated for the time that the accounts' pages state."""
    with planes.as_system():
        devices.delete_old_uses()
