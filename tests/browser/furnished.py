"""A workspace in use for screenshots: real items, half of them judged, rows in every list; and an empty project."""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects.items import services as batches
from projects.items.keys import services as keys
from projects.items.models import Batch, Item, Key
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.services import accepting as reviews
from projects.work.models import Annotation, Lease
from rlhfhub.devtools import demo_data
from rlhfhub.devtools.waiting import wait_until
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.roles import Role
from tests.adjudications import adjudicate, prefers
from tests.browser import noticed, paid_in, sampled
from tests.browser.account_links import AccountLinks, make_account_links
from tests.browser.calibrated import Calibrated, calibrated_project
from tests.browser.hard_texts import HARD_TEXT, LONG, make_hard_annotator
from tests.browser.measured import measured_projects
from tests.browser.paid import recipients
from tests.browser.refused import archived, refused_of
from tests.browser.site import Site
from tests.browser.tokens import make_token, make_tokens
from tests.browser.unready import unready_annotator
from tests.factories import (
    Tenant,
    fund_batch,
    import_items,
    make_batch,
    make_project,
    make_workspace,
    publish_guidelines,
    set_aside_for_readers,
)
from tests.identities import (
    ANNOTATOR,
    ANONYMOUS,
    HARD,
    NEWCOMER,
    OUTSIDER,
    OWNER,
    PASSWORDLESS,
    UNREADY,
)
from tests.journey.caller import Caller
from tests.people import Annotator, make_annotator, make_key, make_member
from tests.row import Look, Row
from tests.urls import parameters, path_of

SECONDS = 60
DATA = Path(demo_data.__file__).parent
GUIDELINES = (DATA.parent / "seed" / "guidelines.md").read_text()


@dataclass
class Furnished:
    """The objects whose pages are opened."""

    tenant: Tenant
    project: Project
    batches: dict[str, Batch]
    people: list[Annotator]
    newcomer: Annotator
    unready: Annotator
    hard: Annotator
    empty: Project
    answers: dict[str, Any]
    measured: dict[str, Any]
    calibrated: Calibrated
    invitation: str
    links: AccountLinks

    @property
    def base(self) -> str:
        return f"/w/{self.tenant.workspace.slug}"

    def address(self, row: Row, look: Look) -> str:
        """Return the path of the row's page with the ids of this look."""
        ids = self.ids()
        if look.who in self.workers:
            ids["enrollment_id"] = self.workers[look.who].enrollment.pk
        texts = {name: look.ids.get(name, name) for name in parameters(row.name)}
        return path_of(row.name, {name: ids.get(text, text) for name, text in texts.items()})

    def ids(self) -> dict[str, Any]:
        """Return the ids in URLs, by the names that rows and looks use."""
        return {
            "slug": self.tenant.workspace.slug,
            "project_id": self.project.pk,
            "empty": self.empty.pk,
            "portuguese": self.unready.enrollment.project_id,
            "hard_project": self.hard.enrollment.project_id,
            "token": self.invitation,
            "signed": noticed.signed_link(self.people[0]),
            "pseudonym": self.people[0].enrollment.pseudonym,
            **{name: batch.pk for name, batch in self.batches.items()},
            **self.answers,
            **self.links.ids(),
            **self.measured,
            **self.calibrated.ids,
        }

    @property
    def workers(self) -> dict[str, Annotator]:
        """The annotators among the identities."""
        known = {ANNOTATOR: self.people[0], HARD: self.hard}
        return known | {NEWCOMER: self.newcomer, UNREADY: self.unready} | self.calibrated.workers

    def user(self, who: str) -> User | None:
        """Return the user of an identity; None for an anonymous visitor."""
        if who in self.workers:
            return self.workers[who].user
        return {
            OWNER: self.tenant.owner,
            OUTSIDER: self.tenant.owner,
            PASSWORDLESS: self.links.passwordless,
            ANONYMOUS: None,
        }[who]


def furnish(site: Site) -> Furnished:
    """Create everything through the services, and through the site where a background worker must act."""
    tenant = make_workspace("Careful Lab")
    project = make_project(tenant, name="Which answer helps more?", publish=False)
    publish_guidelines(project, GUIDELINES)
    publish_guidelines(project, GUIDELINES + "\n\nOne more remark.", "minor")
    set_aside_for_readers(project)
    found = _batches(project)
    people = [make_annotator(project, name) for name in ("Ada", "Ben", "Cleo", "Dora")]
    _judge(people)
    _give_back(people[3])
    refused = refused_of(tenant, people[0]) | paid_in.deposits_of(tenant)
    _accept_half(tenant)
    make_tokens(people[0])
    noticed.tell(people[0])
    archived(tenant, people[0])
    _export(site, tenant, project)
    _keep_draft(people[0], "The first one names its sources; the second")
    hard = make_hard_annotator(tenant)
    make_token(hard, LONG)
    _keep_draft(hard, HARD_TEXT[:3000])
    return Furnished(
        tenant=tenant,
        project=project,
        batches=found,
        people=people,
        newcomer=make_annotator(make_project(tenant, name="Nothing to do here"), "Emil"),
        unready=unready_annotator(tenant),
        hard=hard,
        empty=make_project(tenant, name="Empty so far", access="members", publish=False),
        answers=_answers(project, hard.enrollment.project_id, found["imported"])
        | {"item_adjudicated": _adjudicated(tenant)}
        | {"link_id": recipients(people[0], hard)}
        | refused
        | sampled.ask(tenant, project, found["open"]),
        measured=measured_projects(tenant),
        calibrated=calibrated_project(tenant),
        invitation=_staff(tenant),
        links=make_account_links(),
    )


def _answers(project: Project, hard_project: Any, imported: Batch) -> dict[str, Any]:
    """Return the ids of the items and answers whose pages are opened."""
    with planes.in_workspace(project.workspace_id):
        return {
            "item": Item.objects.get(project=project, batch__name="First week", seq=1).pk,
            "item_returned": Lease.objects.get(project=project, ended_as="returned").item_id,
            "item_hard": Item.objects.filter(project_id=hard_project).earliest("seq").pk,
            "item_imported": Item.objects.filter(batch=imported).earliest("seq").pk,
            "keyed_item": _keyed(Item.objects.filter(batch=imported).earliest("seq")),
            "answer": Annotation.objects.filter(lease__item__batch__name="First week").last().pk,
            "answer_hard": Annotation.objects.get(lease__item__project_id=hard_project).pk,
        }


def _adjudicated(tenant: Tenant) -> Any:
    """The id of an item whose final answer was changed once."""
    with planes.in_workspace(tenant.pk):
        answered = Annotation.objects.filter(lease__item__batch__name="First week")
        item_id = answered.exclude(lease__item__seq=1).earliest("pk").item_id
    adjudicate(tenant, item_id, prefers("tie"), note="Both miss the question.")
    adjudicate(tenant, item_id, prefers(1), seen=1, note="B answers it, by rule R1.")
    return item_id


def _keyed(item: Item) -> Any:
    """The id of the item's keyed copy: two people agree, and a third one's answer was retired."""
    for by, choice in (("Ann", "0"), ("Bo", "0"), ("Cy", "tie")):
        answer = {"preference": {"choice": choice}}
        keyed = keys.pick(item=item, answer=answer, by=by, rule="R1", actor_id=None)
    keys.retire(key=Key.objects.get(item=keyed, by="Cy"), because="It is no tie.", actor_id=None)
    return keyed.pk


def real_items(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Return items of the demo's data."""
    with (DATA / "items.ndjson").open() as lines:
        return [json.loads(line) for line in itertools.islice(lines, first, first + count)]


def _batches(project: Project) -> dict[str, Batch]:
    opened = make_batch(
        project,
        items=0,
        name="First week",
        model_tag="policy-step-100",
        plan=Plan(project.overlap, share_percent=0, reserve_percent=10),
    )
    import_items(opened, real_items(14))
    fund_batch(opened)
    made = {"open": opened}
    with planes.in_workspace(project.workspace_id):
        batches.open_batch(batch=opened, actor_id=None)
    made["closed"] = make_batch(project, items=3, first=100, model_tag="policy-step-50")
    with planes.in_workspace(project.workspace_id):
        batches.close_batch(batch=made["closed"], actor_id=None)
    made["funded"] = make_batch(project, items=3, first=200, open=False)
    plan = Plan(project.overlap, share_percent=0, reserve_percent=10)
    made["imported"] = make_batch(project, items=3, first=300, fund=False, plan=plan)
    made["draft"] = make_batch(project, items=0)
    return made


def _judge(people: list[Annotator]) -> None:
    """Three people answer ten items each: mostly the shorter response, some ties, some with reasons."""
    for number, person in enumerate(people[:3]):
        for turn in range(10):
            lease = person.lease()
            assert lease
            lengths = [len(shown["messages"][-1]["content"]) for shown in lease["responses"]]
            short = lengths.index(min(lengths))
            choice: int | str = "tie" if (turn + number) % 7 == 6 else short
            if turn == 3 + number:
                choice = 1 - short
            reason = "It answers what was asked, and no more." if turn % 3 == 0 else ""
            assert person.submit(lease, choice, reason).status_code == 201


def _give_back(person: Annotator) -> None:
    """The annotator returns an item without an answer."""
    lease = person.lease()
    assert lease
    body = {"reason": "technical", "note": "The second answer is cut off in its third sentence."}
    returned = person.client.post(f"/api/v1/desk/leases/{lease['id']}/return/", body)
    assert returned.status_code == 204


def _keep_draft(person: Annotator, words: str) -> None:
    """The annotator begins an answer and leaves it as a draft."""
    lease = person.lease()
    assert lease
    path = f"/api/v1/desk/leases/{lease['id']}/draft/"
    assert person.client.put(path, {"answer": {"reason": words}}).status_code == 204


def _accept_half(tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        ids = list(Annotation.objects.order_by("submitted_at").values_list("id", flat=True))
        reviews.accept(annotation_ids=ids[: len(ids) // 2], reviewer_id=tenant.owner.pk)


def _export(site: Site, tenant: Tenant, project: Project) -> None:
    caller = Caller(site, tenant.secret)
    with caller.http:
        made = caller.post(f"projects/{project.pk}/exports/", {"dataset": "dpo"}, status=202)
        path = f"exports/{made['id']}/"
        wait_until(lambda: caller.get(path)["state"] == "finished", SECONDS, "export")
        path = f"projects/{project.pk}/agreement/"
        wait_until(lambda: bool(caller.get(path)["project"]), SECONDS, "agreement")


def _staff(tenant: Tenant) -> str:
    """Create members of every role, a revoked key and an open invitation. Returns the invitation's token."""
    for role in Role.values:
        make_member(tenant.workspace, role)
    make_key(tenant.workspace, tenant.owner, "read")
    with planes.in_workspace(tenant.pk):
        old, _secret = services.create_key(
            workspace_id=tenant.pk, name="old <key>", scopes=["read"], by_id=tenant.owner.pk
        )
        services.revoke_key(key=old, by=tenant.owner)
        _invitation, token = services.invite(
            workspace=tenant.workspace,
            email="someone@people.example",
            role=Role.REVIEWER,
            by=tenant.owner,
        )
    return token
