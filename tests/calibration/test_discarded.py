"""A draft round that is discarded leaves nothing behind: no batch to fund, no gate, no settings, no items used."""

from django.test import Client

from projects.calibration.pool import pool_of
from projects.calibration.services import rounds
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.calibration import made
from tests.calibration.reading import newest, text_of


def test_a_discarded_round_says_so_and_claims_nothing(
    owner: Client, root: str, asking: Project
) -> None:
    draft = made.make_round(asking)
    page = f"{root}rounds/{draft.pk}/"
    assert "Discard this round? Nobody has begun it." in text_of(owner.get(page))
    after = text_of(owner.post(f"{page}close/", follow=True))
    assert "The round is discarded. Its items can be drawn again." in after
    assert "The money" not in after and "wait" not in after.split("round-title")[1]
    assert "This round was discarded before it was opened." in after


def test_its_batches_are_not_listed_and_cannot_be_funded(
    owner: Client, root: str, asking: Project
) -> None:
    draft = made.make_round(asking)
    batch = f"{root}batches/{draft.batch_id}/"
    assert "It is funded together with its round." in text_of(owner.get(batch))
    assert batch in text_of(owner.get(f"{root}projects/{asking.pk}/"))
    owner.post(f"{root}rounds/{draft.pk}/close/")
    page = text_of(owner.get(batch))
    assert "The batch was closed before it was funded" in page and "Fund with" not in page
    assert f"{batch}fund/" not in page
    assert batch not in text_of(owner.get(f"{root}projects/{asking.pk}/"))


def test_its_items_are_unused_and_its_settings_are_not_proposed(
    owner: Client, root: str, asking: Project
) -> None:
    new = f"{root}projects/{asking.pk}/calibration/new/"
    draft = made.make_round(asking, seats=9)
    unused = "in no round and asked of nobody yet</dt> <dd> {} </dd>"
    drawn = text_of(owner.get(new))
    assert unused.format(0) in drawn and 'value="9"' in drawn
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=draft, actor_id=None)
        pool = pool_of(Project.objects.select_related("form").get(pk=asking.pk), "preference")
    assert {keyed.exposures for keyed in pool.items} == {0}
    again = text_of(owner.get(new))
    assert unused.format(2 * made.ITEMS) in again and 'value="9"' not in again
    assert newest(asking).is_discarded
