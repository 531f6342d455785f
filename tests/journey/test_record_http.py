"""An integrator's whole way over HTTP with API keys, through real processes, to a dataset that loads."""

import gzip
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from rlhfhub.devtools.waiting import wait_until
from tests.browser.site import Site
from tests.factories import MONEY, PRICE, Tenant, make_items, make_workspace
from tests.journey import checks
from tests.journey.caller import Caller
from tests.journey.verdicts import PAIRS, VERDICTS
from tests.people import make_desk_key, make_user

ITEMS = 6
OVERLAP = 3
SECONDS = 60
pytestmark = pytest.mark.slow
FEE = PRICE // 5
SHARED = ("annotator_payable", "platform_revenue")


class Journey:
    """The objects that the steps share."""

    def __init__(self, site: Site, tenant: Tenant, stack: ExitStack) -> None:
        self.site, self.tenant, self.stack = site, tenant, stack
        self.owner = self.caller(tenant.secret)
        self.people: list[Caller] = []
        self.project = ""
        self.batch = ""
        # The site's other tests have had their part.
        self.before = {kind: checks.total(kind) for kind in SHARED}

    def caller(self, secret: str) -> Caller:
        caller = Caller(self.site, secret)
        self.stack.enter_context(caller.http)
        return caller


@pytest.fixture
def journey(site: Site) -> Iterator[Journey]:
    with ExitStack() as stack:
        yield Journey(site, make_workspace("Integrators"), stack)


def test_from_import_to_a_loaded_dataset(journey: Journey, tmp_path: Path) -> None:
    for step in (plan, bring_items_in, fund, open_it, join, judge, see_agreement, accept, earn):
        step(journey)
        checks.assert_books_balance()
    export_and_load(journey, tmp_path)
    close(journey)
    checks.assert_books_balance()


def plan(journey: Journey) -> None:
    owner = journey.owner
    body = {
        "name": "Answers",
        "template": "pairwise",
        "access": "market",
        "price_minor": PRICE,
        "overlap": OVERLAP,
        "programs": True,
    }
    project = owner.post("projects/", body, status=201)
    journey.project = project["id"]
    assert [question["kind"] for question in project["form"]["questions"]] == ["preference", "text"]
    version = owner.post(
        f"projects/{journey.project}/guidelines/", {"text": "# Be fair"}, status=201
    )
    owner.post(f"projects/{journey.project}/guidelines/{version['number']}/publish/")
    assert owner.get(f"projects/{journey.project}/")["guideline_version"] == version["number"]


def bring_items_in(journey: Journey) -> None:
    owner = journey.owner
    batch = owner.post(
        f"projects/{journey.project}/batches/", {"model_tag": "step-100"}, status=201
    )
    journey.batch = batch["id"]
    lines = "".join(json.dumps(item) + "\n" for item in make_items(ITEMS)).encode()
    headers = {
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
        "Idempotency-Key": "import-1",
    }
    path = f"batches/{journey.batch}/items/"
    first = owner.http.post(path, content=gzip.compress(lines), headers=headers)
    assert first.status_code == 201, first.text
    expected = {"received": ITEMS, "created": ITEMS, "duplicates": 0, "rejected": []}
    assert first.json().items() >= expected.items()
    again = owner.http.post(path, content=gzip.compress(lines), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(owner.get(path)["results"]) == ITEMS


def fund(journey: Journey) -> None:
    path = f"batches/{journey.batch}/fund/"
    cost = ITEMS * OVERLAP * (PRICE + FEE)
    assert journey.owner.post(path, status=202)["cost_minor"] == cost
    wait_until(lambda: journey.owner.get(path)["state"] == "funded", SECONDS, "funding")
    assert checks.total("batch_budget", workspace_id=journey.tenant.pk) == cost
    assert checks.total("workspace_available", workspace_id=journey.tenant.pk) == MONEY - cost


def open_it(journey: Journey) -> None:
    assert journey.owner.post(f"batches/{journey.batch}/open/")["status"] == "open"


def join(journey: Journey) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        person = journey.caller(make_desk_key(journey.tenant.workspace, make_user(name)))
        place = person.post("desk/enrollments/", {"project": journey.project}, status=201)
        assert not place["cleared"]
        refused = person.http.post("desk/lease/", json={"project": journey.project})
        assert refused.status_code in (403, 409), refused.text
        guideline = person.get(f"desk/enrollments/{place['id']}/guideline/")
        accepted = {"guideline_version": guideline["number"], "attested": guideline["must_attest"]}
        assert person.post(f"desk/enrollments/{place['id']}/accept-guideline/", accepted)["cleared"]
        journey.people.append(person)


def judge(journey: Journey) -> None:
    """The annotators work one after another; each requests every lease twice, as after a lost answer."""
    for number, person in enumerate(journey.people):
        done = 0
        while lease := person.http.post("desk/lease/", json={"project": journey.project}):
            assert lease.status_code in (200, 204), lease.text
            if lease.status_code == 204:
                break
            assert (
                person.post("desk/lease/", {"project": journey.project})["id"] == lease.json()["id"]
            )
            _answer(person, lease.json(), number)
            done += 1
        assert done == ITEMS
        pending = person.get("desk/earnings/")["pending"]
        assert pending == [{"annotations": ITEMS, "amount_minor": ITEMS * PRICE, "currency": "USD"}]


def _answer(person: Caller, lease: dict[str, Any], number: int) -> None:
    item = int(lease["prompt"][0]["content"].removeprefix("Question ").removesuffix("?"))
    verdict = VERDICTS[item][number]
    shown = {
        each["messages"][-1]["content"].split()[0].lower(): each["key"]
        for each in lease["responses"]
    }
    answer = {"preference": {"choice": shown.get(verdict, "tie")}, "reason": f"It is {verdict}."}
    path = f"desk/leases/{lease['id']}/submit/"
    assert person.post(path, {"answer": answer}, status=201)["state"] == "submitted"
    again = person.http.post(path, json={"answer": answer})
    assert again.status_code in (200, 201, 409), again.text


def see_agreement(journey: Journey) -> None:
    path = f"projects/{journey.project}/agreement/"

    def complete() -> bool:
        project = journey.owner.get(path)["project"]
        return bool(project) and project["annotations"] == ITEMS * OVERLAP

    wait_until(complete, SECONDS, "agreement")
    seen = journey.owner.get(path)
    assert seen["project"]["items"] == ITEMS
    assert seen["project"]["low"] <= seen["project"]["alpha"] <= seen["project"]["high"]
    assert 0 < seen["project"]["alpha"] < 1
    consensus = journey.owner.get(f"batches/{journey.batch}/consensus/")["results"]
    votes = {row["external_id"]: row["facets"][0]["votes"] for row in consensus}
    assert votes == {
        f"item-{item}": [verdicts.count(name) for name in ("first", "tie", "second")]
        for item, verdicts in VERDICTS.items()
    }


def accept(journey: Journey) -> None:
    rows = journey.owner.get(f"projects/{journey.project}/annotations/", state="submitted")[
        "results"
    ]
    assert len(rows) == ITEMS * OVERLAP
    ids = [row["id"] for row in rows]
    assert journey.owner.post("annotations/accept/", {"ids": ids})["accepted"] == len(ids)
    assert journey.owner.post("annotations/accept/", {"ids": ids})["accepted"] == 0


def earn(journey: Journey) -> None:
    expected = [{"amount_minor": ITEMS * PRICE, "currency": "USD"}]
    for person in journey.people:
        wait_until(
            lambda who=person: who.get("desk/earnings/")["accrued"] == expected, SECONDS, "accrual"
        )
        earnings = person.get("desk/earnings/")
        assert earnings["pending"] == []
        assert len(earnings["lines"]["results"]) == ITEMS
    booked = {kind: checks.total(kind) - before for kind, before in journey.before.items()}
    assert booked == {
        "annotator_payable": ITEMS * OVERLAP * PRICE,
        "platform_revenue": ITEMS * OVERLAP * FEE,
    }
    assert checks.total("batch_budget", workspace_id=journey.tenant.pk) == 0


def export_and_load(journey: Journey, tmp_path: Path) -> None:
    owner = journey.owner
    export = owner.post(f"projects/{journey.project}/exports/", {"dataset": "dpo"}, status=202)
    path = f"exports/{export['id']}/"
    wait_until(lambda: owner.get(path)["state"] == "finished", SECONDS, "export")
    done = owner.get(path)
    archive = owner.http.get(f"{path}download/")
    assert archive.headers["content-disposition"].startswith("attachment")
    rows = checks.rows_as_promised(
        checks.unpack(archive.content, tmp_path / "out"), tmp_path / "cache"
    )
    lines = owner.http.get(f"{path}download/", params={"file": "train.jsonl"}).text.splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert len(rows) == done["rows"] == done["rows_written"] == done["manifest"]["rows"]
    chosen = {row["prompt"][0]["content"]: row["chosen"][0]["content"] for row in rows}
    assert chosen == PAIRS
    assert (
        owner.http.get(f"{path}download/", params={"file": "../../secret_key"}).status_code == 400
    )


def close(journey: Journey) -> None:
    assert journey.owner.post(f"batches/{journey.batch}/close/")["status"] == "closed"
    assert journey.people[0].http.post(
        "desk/lease/", json={"project": journey.project}
    ).status_code in (204, 404)
