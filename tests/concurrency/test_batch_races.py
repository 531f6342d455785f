"""A batch's items and steps, sent and taken several times at the same moment."""

import json
from functools import partial
from typing import Any

import pytest

from billing.funding import services as funding
from projects.items import imports
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.work.models import Slot
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import factories
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once, meeting

pytestmark = pytest.mark.concurrency
MANY = 3000


def upload(race: Race, batch: Batch, first: int, **headers: str) -> Any:
    path = f"/api/v1/batches/{batch.pk}/items/"
    items = json.dumps(factories.make_items(30, first))
    return race.tenant.client.generic("POST", path, items, "application/json", **headers)


def test_one_upload_sent_twice(race: Race, site: None) -> None:
    """With an Idempotency-Key the twin gets the first one's receipt; without one it finds only duplicates."""
    batch = factories.make_batch(race.project, 0)
    key = {"HTTP_IDEMPOTENCY_KEY": "once"}
    answers = at_once(*[partial(upload, race, batch, 1, **key)] * 3)
    assert [answer.status_code for answer in answers] == [201] * 3
    receipts = [answer.json() for answer in answers]
    assert receipts == [receipts[0]] * 3
    plain = at_once(*[partial(upload, race, batch, 101)] * 2)
    assert sorted(answer.json()["created"] for answer in plain) == [0, 30]
    assert sorted(answer.json()["duplicates"] for answer in plain) == [0, 30]


def test_two_uploads_with_other_content_under_the_same_ids(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same item into two batches of a project: one import succeeds, the other is refused with the row's number."""
    monkeypatch.setattr(imports, "copy_items", meeting(imports.copy_items))  # type: ignore[attr-defined]

    def sent(words: str, *, backwards: bool = False) -> Any:
        batch = factories.make_batch(race.project, 0)
        items = [
            item | {"prompt": f"{words} {n}"} for n, item in enumerate(factories.make_items(MANY))
        ]
        # In another order each would wait for what the other has inserted.
        body = json.dumps(items[::-1] if backwards else items)
        path = f"/api/v1/batches/{batch.pk}/items/"
        return race.tenant.client.generic("POST", path, body, "application/json")

    answers = at_once(partial(sent, "Why"), partial(sent, "How", backwards=True))
    taken, refused = sorted(answers, key=lambda answer: answer.status_code)
    assert (taken.status_code, taken.json()["created"]) == (201, MANY)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "external_id")
    assert f"({MANY:,} in all)" in refused.json()["detail"]
    with planes.in_workspace(race.tenant.pk):
        prompts = {item.prompt[0]["content"][:3] for item in Item.objects.all()}
    assert len(prompts) == 1


def test_uploads_into_one_batch_keep_their_order(race: Race, site: None) -> None:
    batch = factories.make_batch(race.project, 0)
    answers = at_once(*[partial(upload, race, batch, 1000 * n) for n in (1, 2, 3)])
    assert [answer.json()["created"] for answer in answers] == [30, 30, 30]
    with planes.in_workspace(race.tenant.pk):
        places = sorted(Item.objects.filter(batch=batch).values_list("seq", flat=True))
    assert places == list(range(1, 91))


def test_importing_while_funding(race: Race, site: None) -> None:
    """Items imported before funding get slots, later imports are refused: no item of a funded batch lacks slots."""
    batch = race.batch(3, fund=False)
    answer, run = at_once(partial(upload, race, batch, 5000), lambda: race.fund(batch))
    assert answer.status_code in (201, 409)
    with planes.in_workspace(race.tenant.pk):
        items = Item.objects.filter(batch=batch).count()
        assert items == (33 if answer.status_code == 201 else 3)
        assert (run.items, Slot.objects.filter(batch=batch).count()) == (items, items * 2)


def test_one_batch_opened_and_closed_by_several(race: Race, site: None, as_owner: Any) -> None:
    batch = race.batch(2, open=False)

    def act(verb: Any) -> Any:
        with planes.in_workspace(race.tenant.pk):
            return verb(batch=batch, actor_id=None).status

    outcomes = at_once(
        *[partial(act, batches.open_batch)] * 2, *[partial(act, batches.close_batch)] * 2
    )
    assert all(o in ("open", "closed") or isinstance(o, Refused) for o in outcomes), outcomes
    with planes.in_workspace(race.tenant.pk):
        while funding.release_unused(batch_id=batch.pk):
            pass
    closed = as_owner("SELECT count(*) FROM rlhfhub_events_event WHERE kind = 'items.batch_closed'")
    assert closed == [(1,)]


def test_one_idempotency_key_at_once(race: Race, site: None, as_owner: Any) -> None:
    """The unique index serialises twins: one project, the same answer for all."""
    body = {"name": "Once", "template": "pairwise"}
    post = partial(race.tenant.client.post, "/api/v1/projects/", body, HTTP_IDEMPOTENCY_KEY="k")
    answers = at_once(*[post] * 4)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert as_owner("SELECT count(*) FROM projects_plan_project WHERE name = 'Once'") == [(1,)]
