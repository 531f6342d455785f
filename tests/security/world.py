"""Two workspaces with rows in every table. Each text of theirs holds a mark, so that a leak is recognized."""

import uuid
from dataclasses import dataclass
from typing import Any

from billing.readings import services as readings
from projects.enrollment.models import Enrollment
from projects.exports import engine
from projects.exports import services as exports
from projects.exports.models import Export
from projects.items import metadata, pools
from projects.items.keys import services as keys
from projects.items.models import Batch, Item, Key
from projects.items.services import Plan
from projects.plan import services as plan
from projects.plan.models import Project
from projects.quality import annotators, stale
from projects.quality import services as quality
from projects.quality.pay import measuring
from projects.review.record import counting
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import ApiKey, User
from rlhfhub.tenancy.roles import Role
from tests import factories, people
from tests.calibration import made as calibration
from tests.linked import share_a_device
from tests.security import (
    booked,
    compared,
    given,
    listed,
    notified,
    paid_in,
    queued,
    refused,
    stopped,
    watched,
)
from tests.security.side import Side
from tests.security.told_by_stripe import make_events

# The desk must never show stored answers, decisions or models.
READING = 40
MODELS = ("qzmodel-one", "qzmodel-two")


def make_side(mark: str) -> Side:
    """Create a workspace with members, money, a project that is being annotated, and rows in every table."""
    tenant = factories.make_workspace(f"{mark} workspace")
    _rename(tenant.owner, f"{mark} owner")
    viewer = people.make_member(
        tenant.workspace,
        Role.VIEWER,
        people.make_user(f"{mark} viewer", f"{mark}-viewer@x.example"),
    )
    project = factories.make_project(
        tenant, name=f"{mark} project", publish=False, overlap=2, lease_minutes=1440
    )
    factories.publish_guidelines(project, f"# {mark} guidelines", reading_minor=READING)
    project = _fresh(project)
    side = Side(
        mark=mark,
        tenant=tenant,
        viewer=viewer,
        project=project,
        unpaid=factories.make_project(tenant, name=f"{mark} unpaid", access="members"),
        batch=_batch(project, mark, 1, 8),
        draft_batch=_batch(project, mark, 101, 1, fund=False),
        funded_batch=_batch(project, mark, 201, 1, open=False),
    )
    _set_aside(project)
    _draft_guidelines(side)
    _declare_key(side)
    _key(side)
    listed.make_listing(side)
    _tenancy(side)
    _people(side)
    _work(side)
    _results(side)
    return side


def _fresh(project: Project) -> Project:
    with planes.in_workspace(project.workspace_id):
        return Project.objects.get(pk=project.pk)


def _set_aside(project: Project) -> None:
    """Set money aside for whoever reads the guidelines."""
    with planes.in_workspace(project.workspace_id):
        readings.set_aside(project=project, readers=40, actor_id=None)


def _rename(user: User, name: str) -> None:
    with planes.at_door():
        User.objects.filter(pk=user.pk).update(
            name=name, email=f"{uuid.uuid4().hex[:6]}-{name.replace(' ', '.')}@x.example"
        )
        user.refresh_from_db()


def _batch(project: Project, mark: str, first: int, items: int, **fields: Any) -> Batch:
    fund, opened = fields.pop("fund", True), fields.pop("open", True)
    plan = Plan(project.overlap, share_percent=0, reserve_percent=50)
    batch = factories.make_batch(
        project, 0, plan=plan, name=f"{mark} batch {first}", model_tag=f"{mark} tag"
    )
    factories.import_items(batch, [_item(mark, number) for number in range(first, first + items)])
    with planes.in_workspace(project.workspace_id):
        batch.refresh_from_db()
    if fund:
        factories.fund_batch(batch)
    if fund and opened:
        with planes.in_workspace(project.workspace_id):
            factories.batches.open_batch(batch=batch, actor_id=None)
    with planes.in_workspace(project.workspace_id):
        return Batch.objects.get(pk=batch.pk)


def _item(mark: str, number: int) -> dict[str, Any]:
    return {
        "external_id": f"{mark} item {number}",
        "prompt": f"{mark} question {number}?",
        "responses": [
            {"text": f"{mark} first answer {number}", "model": MODELS[0]},
            {"text": f"{mark} second answer {number}", "model": MODELS[1]},
        ],
        "context": {"note": f"{mark} context"},
        "metadata": {"secret": f"{mark} qzmetadata"},
    }


def _draft_guidelines(side: Side) -> None:
    with planes.in_workspace(side.pk):
        plan.draft_guideline(
            project=side.project,
            text=f"{side.mark} qzunpublished",
            change="minor",
            created_by_id=side.tenant.owner.pk,
        )


def _declare_key(side: Side) -> None:
    with planes.in_workspace(side.pk):
        metadata.declare_keys(project=side.project, keys=["secret"], actor_id=side.tenant.owner.pk)


def _key(side: Side) -> None:
    """A keyed item: one that waits in the draft, with its right answer; and a repeat of an item."""
    with planes.in_workspace(side.pk):
        pool = pools.pool_of(side.project)
        again = Item.objects.filter(batch=side.batch).latest("seq")
        pools.copied(item=again, pool=pool, external_id=f"{side.mark} repeat", is_repeat=True)
        item = Item.objects.get(batch=side.draft_batch)
        side.keyed_item = keys.pick(
            item=item,
            answer={"preference": {"choice": "0"}},
            by=f"{side.mark} expert",
            note=f"{side.mark} qzkey",
            actor_id=side.tenant.owner.pk,
        ).pk
        side.key = Key.objects.get(item=side.keyed_item).pk


def _tenancy(side: Side) -> None:
    owner, workspace = side.tenant.owner, side.tenant.workspace
    side.reader_secret = people.make_key(workspace, owner, "read")
    with planes.in_workspace(side.pk):
        _, side.invitation = services.invite(
            workspace=workspace, email=f"{side.mark}-invited@x.example", role="viewer", by=owner
        )
        key, side.revoked_secret = services.create_key(
            workspace_id=side.pk, name=f"{side.mark} old key", scopes=["read"], by_id=owner.pk
        )
        services.revoke_key(key=ApiKey.objects.get(pk=key.pk), by=owner)
    share_a_device(owner, side.viewer)
    answer = side.tenant.client.post(
        "/api/v1/projects/", {"name": f"{side.mark} by key"}, HTTP_IDEMPOTENCY_KEY=f"{side.mark}-1"
    )
    assert answer.status_code == 201, answer.content


def _people(side: Side) -> None:
    for number in range(3):
        name = f"{side.mark} annotator {number}"
        user = people.make_user(name, f"{name.replace(' ', '-')}@x.example")
        listed.tell(user, side)
        side.annotators.append(people.make_annotator(side.project, user=user))


def _work(side: Side) -> None:
    """Each annotator answers two items, then holds a lease with a draft. The second returned an item before that."""
    for _ in range(2):
        for annotator in side.annotators:
            lease = annotator.lease()
            assert lease
            texts = [shown["messages"][0]["content"] for shown in lease["responses"]]
            better = next(at for at, text in enumerate(texts) if "first" in text)
            reason = f"{side.mark} qzreason of {annotator.user.name}"
            done = annotator.submit(lease, better, reason)
            assert done.status_code == 201, done.content
    _return_one(side)
    refused.answer_more(side)
    for annotator in side.annotators:
        lease = annotator.lease()
        assert lease
        side.leases.append(lease)
        answer = {"reason": f"{side.mark} qzdraft of {annotator.user.name}"}
        path = f"/api/v1/desk/leases/{lease['id']}/draft/"
        assert annotator.client.put(path, {"answer": answer}).status_code == 204


def _return_one(side: Side) -> None:
    second = side.annotators[1]
    lease = second.lease()
    assert lease
    body = {"reason": "unclear", "note": f"{side.mark} qznote"}
    answer = second.client.post(f"/api/v1/desk/leases/{lease['id']}/return/", body)
    assert answer.status_code == 204, answer.content


def _results(side: Side) -> None:
    with planes.in_workspace(side.pk):
        made = list(Annotation.objects.order_by("pk"))
        review.accept(annotation_ids=[a.pk for a in made[:3]], reviewer_id=side.tenant.owner.pk)
        side.accepted, side.waiting = made[:3], made[3:6]
    dispatch.drain()
    with planes.in_workspace(side.pk):
        quality.refresh_agreement(project_id=side.project.pk)
        annotators.refresh_annotators(project_id=side.project.pk)
        stale.mark_stale(project_ids=[side.project.pk])
        export = exports.request(project=side.project, actor_id=side.tenant.owner.pk)
    watched.make_alert(side)
    engine.run(workspace_id=side.pk, export_id=export.pk)
    with planes.in_workspace(side.pk):
        side.export = Export.objects.get(pk=export.pk)
        assert side.export.state == "finished", side.export.error
        exports.request(project=side.project, batch=side.batch, actor_id=None)
        side.waiting = list(Annotation.objects.filter(pk__in=[a.pk for a in side.waiting]))
    refused.revise_one(side)
    refused.decide(side)
    queued.ask(side)
    watched.make_judged(side)
    queued.fail_a_delivery(side)
    _calibration(side)
    stopped.pause_one(side)
    given.give(side)
    counting.count_due()
    measuring.measure_due()
    notified.make_notices(side)
    paid_in.pay_in(side)


def _calibration(side: Side) -> None:
    """A project that asks for calibration: a round in which somebody answers, and one that is a draft."""
    project = calibration.make_asking_project(side.tenant, name=f"{side.mark} asking")
    calibration.make_pool(project, 2 * calibration.ITEMS, mark=f" {side.mark}")
    side.asking = project.pk
    side.round = calibration.open_round(project, seats=2).pk
    side.draft_round = calibration.make_round(project, seats=2).pk
    user = people.make_user(f"{side.mark} calibrator", f"{side.mark}-calibrator@x.example")
    annotator = people.make_annotator(project, user=user)
    calibration.answer(annotator, calibration.right, most=3)
    dispatch.drain()
    side.attempt = calibration.attempt_of(annotator).pk


@dataclass
class World:
    """Tests send requests as people of A, who must see nothing of B."""

    a: Side
    b: Side
    stranger: User
    staff: User

    def enrollment_of(self, user: User, side: Side) -> Enrollment:
        with planes.in_workspace(side.pk):
            return Enrollment.objects.get(annotator_id=user.pk)


def make_world() -> World:
    """Create both sides. An annotator of A also works in B: a plane must not mix up the two enrollments."""
    a, b = make_side("qzalpha"), make_side("qzbeta")
    compared.compare()
    make_events()
    both = people.enroll(a.annotators[2].user, b.project)
    assert both.workspace_id == b.pk
    staff = people.make_user("qzstaff", "qzstaff@x.example", is_staff=True)
    booked.ask_to_reverse(a, staff)
    booked.close_a_day()
    return World(
        a=a, b=b, stranger=people.make_user("qzstranger", "qzstranger@x.example"), staff=staff
    )
