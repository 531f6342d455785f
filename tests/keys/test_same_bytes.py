"""W7: an item leased as data, as gold, as a repeat or for calibration is the same to who answers it.

Gold is drawn by the funding run as for any batch; a repeat is kept for its annotator.

Compared are all bytes that the annotator receives, with ids, keys, times and tokens masked, and all statements sent.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from billing.funding import gold as drawing
from projects.items.models import Item
from projects.items.services import Plan
from projects.plan.models import Project
from projects.work.models import Purpose, Slot
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, import_items, make_batch, make_item, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator, make_user

MASKS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?", "<time>"),
    (r"nonce[=-]\"?[\w+/=-]+", "<nonce>"),
    (r"csrf[^ ]*\"?(value|content|X-CSRFToken)[^ ]*", "<token>"),
    (r"\b[A-Za-z0-9]{64}\b", "<token>"),
    (r"\b[0-9a-f]{24}\b", "<draft>"),
    (r"\b[0-9a-f]{32}\b", "<request>"),
    (r"\bA-[A-Z0-9]{6}\b", "<pseudonym>"),
    (r"(seconds[_-]left|data-seconds(?:-left)?)(\"?[:=] ?\"?)[\d.]+", r"\1\2<seconds>"),
)


def masked(text: str) -> str:
    """The text without what differs between any two leases."""
    for pattern, word in MASKS:
        text = re.sub(pattern, word, text)
    return text


@pytest.fixture(autouse=True)
def _drawn_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every lease draws the same order and keys, so that leases can be compared. Gold stands last in the queue."""
    monkeypatch.setattr(drawing, "positions", lambda items, count, draw: [items] * count)
    monkeypatch.setattr(secrets, "randbits", lambda bits: 7)
    monkeypatch.setattr(secrets, "token_hex", lambda size: "0123456789" * (size // 5))


def leased(tenant: Tenant, purpose: Purpose, queries: Callable[[], Any]) -> dict[str, str]:
    """What is received and sent when somebody answers an item that a slot of this purpose was made for."""
    project = make_project(tenant, name="Which is better?")
    annotator = make_annotator(project, "Ada")
    _make_second(project, purpose, annotator)
    first = annotator.lease()
    assert first and annotator.submit(first).status_code == 201
    return _answered(annotator, browser_of(annotator.user), queries)


def _make_second(project: Project, purpose: Purpose, annotator: Annotator) -> None:
    """A batch whose second item in the queue is there for this purpose, and another that follows it."""
    plan = Plan(1, share_percent=0, reserve_percent=100)
    if purpose is Purpose.DATA:
        make_batch(project, 2, plan=plan)
    elif purpose is Purpose.GOLD:
        _measured(project, purpose)
        make_batch(project, 1, plan=replace(plan, gold_percent=20))
    else:
        batch, item = make_batch(project, 1, plan=plan), _measured(project, purpose)
        kept_for = annotator.enrollment if purpose is Purpose.REPEAT else None
        gold.add_slots(batch, [item], purpose, kept_for)
    make_batch(project, 1, first=3, plan=Plan(1, share_percent=0))


def _measured(project: Project, purpose: Purpose) -> Item:
    """The second item of the other project, in this one's pool."""
    source = make_batch(project, 0, fund=False)
    import_items(source, [make_item(2)])
    with planes.in_workspace(project.workspace_id):
        item = Item.objects.get(batch=source)
    return gold.make_repeat(item) if purpose is Purpose.REPEAT else gold.make_keyed(item)


def _answered(annotator: Annotator, browser: Client, queries: Callable[[], Any]) -> dict[str, str]:
    seen: dict[str, str] = {}

    def note(name: str, act: Callable[[], Any]) -> Any:
        with queries() as statements:
            response = act()
        seen[f"{name}: bytes"] = masked(response.content.decode())
        seen[f"{name}: headers"] = masked(str(sorted(response.headers.items())))
        seen[f"{name}: statements"] = masked("\n".join(statements.texts))
        return response

    client, project = annotator.client, {"project": str(annotator.enrollment.project_id)}
    lease = note("lease", lambda: client.post("/api/v1/desk/lease/", project)).json()
    assert lease["prompt"][0]["content"] == "Question 2?"
    note("again", lambda: client.post("/api/v1/desk/lease/", project))
    note("page", lambda: browser.get(f"/work/{annotator.enrollment.pk}/"))
    draft = f"/api/v1/desk/leases/{lease['id']}/draft/"
    note("draft", lambda: client.put(draft, {"answer": {"reason": "half a thought"}}))
    assert note("submit", lambda: annotator.submit(lease, 1)).status_code == 201
    note("twice", lambda: annotator.submit(lease, 1))
    note("earnings", lambda: client.get("/api/v1/desk/earnings/"))
    note("earnings page", lambda: browser.get("/earnings/"))
    note("home", lambda: browser.get("/work/"))
    after = note("next", lambda: client.post("/api/v1/desk/lease/", project)).json()
    assert annotator.submit(after).status_code == 201
    note("nothing left", lambda: client.post("/api/v1/desk/lease/", project))
    return seen


@pytest.mark.parametrize("purpose", [Purpose.GOLD, Purpose.REPEAT, Purpose.CALIBRATION])
def test_nobody_can_tell_what_a_slot_is_for(
    workspace_a: Tenant, queries: Callable[[], Any], purpose: Purpose
) -> None:
    data = leased(workspace_a, Purpose.DATA, queries)
    other = leased(workspace_a, purpose, queries)
    assert data.keys() == other.keys()
    for name in data:
        assert other[name] == data[name], name


def test_the_queue_tells_nothing_by_ids_and_time(workspace_a: Tenant, project: Project) -> None:
    """Slots of gold are made by the statement that makes the others, in the order of the queue."""
    for number in range(3):
        _keyed(project, number)
    batch = make_batch(project, 30, plan=Plan(2, share_percent=0, gold_percent=10))
    with planes.in_workspace(workspace_a.pk):
        rows = list(Slot.objects.filter(batch=batch).order_by("seq", "pk"))
    assert {row.purpose for row in rows} == {"data", "gold"}
    milliseconds = [row.pk.int >> 80 for row in rows]
    assert milliseconds == sorted(milliseconds), "the order of ids is that of the queue"
    assert milliseconds[-1] - milliseconds[0] < 1000
    same = (
        "price_minor",
        "fee_minor",
        "currency",
        "responses",
        "state",
        "funding_id",
        "kept_for_id",
    )
    assert len({tuple(getattr(row, name) for name in same) for row in rows}) == 1


def _keyed(project: Project, number: int) -> Item:
    source = make_batch(project, 0, fund=False)
    import_items(source, [make_item(7000 + number)])
    with planes.in_workspace(project.workspace_id):
        item = Item.objects.get(batch=source)
    return gold.make_keyed(item)


def test_the_lists_of_work_do_not_tell(workspace_a: Tenant, queries: Callable[[], Any]) -> None:
    """Somebody new sees a project with gold as one without, and one whose only open slot is kept for another not."""
    project = make_project(workspace_a, name="Which is better?")
    ada, newcomer = make_annotator(project, "Ada"), make_user("Newcomer")
    batch = make_batch(project, 1, plan=Plan(1, share_percent=0, reserve_percent=100))
    browser = browser_of(newcomer)
    assert "Which is better?" in browser.get("/work/").content.decode()
    lease = ada.lease()
    assert lease and ada.submit(lease).status_code == 201
    with planes.in_workspace(workspace_a.pk):
        item = Item.objects.select_related("project").get(batch=batch)
    gold.add_slots(batch, [gold.make_repeat(item)], Purpose.REPEAT, ada.enrollment)
    assert "Which is better?" not in browser.get("/work/").content.decode()
    with planes.in_workspace(workspace_a.pk):
        assert Slot.objects.get(state="open").kept_for_id == ada.enrollment.pk
