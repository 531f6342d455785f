"""Slots, leases, drafts, cursors and annotations."""

from projects.work.models.annotation import Annotation
from projects.work.models.lease import Cursor, Draft, Lease
from projects.work.models.slot import Slot

__all__ = ["Annotation", "Cursor", "Draft", "Lease", "Slot"]
