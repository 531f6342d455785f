"""Models of the work room: slots, leases, cursors, drafts and annotations."""

from projects.work.models.annotation import PASTED_PERCENT, Annotation, AnnotationHistory
from projects.work.models.draft import Draft
from projects.work.models.lease import Cursor, Lease
from projects.work.models.slot import Purpose, Slot

__all__ = [
    "PASTED_PERCENT",
    "Annotation",
    "AnnotationHistory",
    "Cursor",
    "Draft",
    "Lease",
    "Purpose",
    "Slot",
]
