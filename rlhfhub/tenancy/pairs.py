"""What staff decide about two accounts that signed in with one device: one person's, or two people's."""

import uuid

from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit, clock
from rlhfhub.tenancy.models import AccountPair

NOTE_CHARS = 2000


def decide(*, pair_id: uuid.UUID, linked: bool, note: str, staff_id: uuid.UUID) -> AccountPair:
    """Link two accounts as one person's, or dismiss the pair. Staff may decide anew. Staff plane.

    Linked accounts never get the same item from now on, and neither reviews the other's work. Nothing else follows.

    Raises: Refused for a note that says nothing, and (404) for an unknown pair.
    """
    words = written("note", note, most=NOTE_CHARS, least=10)
    pair = AccountPair.objects.select_for_update().filter(pk=pair_id).first()
    if pair is None:
        raise Refused("not_found", "Not found.", status=404)
    pair.state = AccountPair.State.LINKED if linked else AccountPair.State.DISMISSED
    pair.note, pair.decided_by_id, pair.decided_at = words, staff_id, clock.now()
    pair.save(update_fields=["state", "note", "decided_by_id", "decided_at"])
    audit.note(f"accounts.{pair.state}", pair.pk, actor_id=staff_id, data={"note": words[:200]})
    return pair
