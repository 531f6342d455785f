"""The demo: made over HTTP on a whole site, made once, worked on by simulated annotators."""

import json
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from rlhfhub.devtools import demo as demo_command
from rlhfhub.devtools import environment
from rlhfhub.devtools.demo_file import DemoFile
from rlhfhub.devtools.rest import ApiError, Rest
from rlhfhub.devtools.seed import ANNOTATORS, Seed
from tests.browser.site import Site
from tests.journey.checks import assert_books_balance

pytestmark = pytest.mark.slow

TABLES = (
    "rlhfhub_tenancy_user",
    "rlhfhub_tenancy_workspace",
    "rlhfhub_tenancy_membership",
    "rlhfhub_tenancy_apikey",
    "projects_plan_project",
    "projects_plan_guidelineversion",
    "projects_items_batch",
    "projects_items_item",
    "projects_work_slot",
    "projects_enrollment_enrollment",
    "projects_enrollment_sample",
    "billing_ledger_journal",
    "projects_review_decision",
    "projects_review_return",
    "projects_review_appeal",
    "projects_review_adjudication",
    "projects_review_bulkanswer",
    "projects_review_sampleanswer",
    "projects_review_source",
)


@pytest.fixture(scope="module", autouse=True)
def _platform() -> Iterator[None]:
    """Let the site and this process have the platform's workspace that the demo has."""
    patch = pytest.MonkeyPatch()
    patch.setenv("RLHFHUB_PLATFORM_WORKSPACE", environment.PLATFORM)
    patch.setattr(settings, "PLATFORM_WORKSPACE", environment.PLATFORM)
    yield
    patch.undo()


def seed(site: Site, path: Path) -> dict[str, Any]:
    Seed(url=site.url, file=DemoFile(path), say=lambda line: None).run()
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def logins(demo: dict[str, Any]) -> list[dict[str, Any]]:
    neighbor = demo["neighbor"]
    people = [*demo["annotators"], *demo["members"], neighbor["owner"], neighbor["annotator"]]
    return [*people, demo["owner"], demo["staff"], demo["newcomer"], demo["decider"]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "demo.json"


def test_first_run(site: Site, path: Path) -> None:
    demo = seed(site, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(demo["annotators"]) == len(ANNOTATORS)
    passwords = [login["password"] for login in logins(demo)]
    assert len(set(passwords)) == len(passwords) and min(map(len, passwords)) >= 16
    with Rest(site.url, demo["api_key"]) as rest:
        batch = rest.get(f"batches/{demo['batch']}/")
        assert (batch["status"], batch["funding"], batch["items_count"]) == ("open", "funded", 300)
        assert len(rest.get(f"projects/{demo['project']}/samples/")) == 2
        rated = rest.get(f"batches/{demo['rated_batch']}/")
        assert (rated["status"], rated["overlap"], rated["share_percent"]) == ("open", 1, 10)
        assert rest.get(f"projects/{demo['private_project']}/")["price"]["amount_minor"] == 0
    with Rest(site.url, demo["annotators"][0]["token"]) as desk:
        assert desk.post("desk/lease/", {"project": demo["project"]})["responses"]
    assert_books_balance()


def test_second_run_makes_nothing_twice(site: Site, path: Path) -> None:
    before, demo = counts(), json.loads(path.read_text())
    assert seed(site, path) == demo
    assert counts() == before


def test_a_lost_file_is_made_anew(site: Site, path: Path, tmp_path: Path) -> None:
    """Keys and passwords are new, because the old ones are lost; everything else is unchanged."""
    before, demo = counts(), json.loads(path.read_text())
    again = seed(site, tmp_path / "demo.json")
    for name in ("workspace", "project", "batch", "private_project"):
        assert again[name] == demo[name]
    assert again["owner"]["password"] != demo["owner"]["password"]
    assert {**counts(), "rlhfhub_tenancy_apikey": 0} == {**before, "rlhfhub_tenancy_apikey": 0}
    with Rest(site.url, again["annotators"][0]["token"]) as desk:
        assert desk.post("desk/lease/", {"project": demo["project"]})


def test_the_neighbor_sees_nothing_of_it(site: Site, path: Path) -> None:
    demo = json.loads(path.read_text())
    with Rest(site.url, demo["neighbor"]["api_key"]) as neighbor:
        assert [row["id"] for row in neighbor.every("projects/")] == [demo["neighbor"]["project"]]
        for foreign in (f"projects/{demo['project']}/", f"batches/{demo['batch']}/"):
            with pytest.raises(ApiError) as refused:
                neighbor.get(foreign)
            assert refused.value.status == 404


def simulate(path: Path, **options: Any) -> str:
    said = StringIO()
    call_command("simulate", file=path, speed=0, stdout=said, **options)
    return said.getvalue()


def test_simulated_annotators_bring_the_demo_to_an_export(site: Site, path: Path) -> None:
    demo = json.loads(path.read_text())
    said = simulate(path, demo=True)
    assert "0 errors" in said
    with Rest(site.url, demo["api_key"]) as rest:
        rows = list(rest.every(f"projects/{demo['project']}/annotations/", page_size=500))
        (export,) = rest.every(f"projects/{demo['project']}/exports/")
        (rated,) = rest.every(f"projects/{demo['rated_project']}/exports/")
        (measured,) = rest.every(f"projects/{demo['measured_project']}/exports/")
        (calibrated,) = rest.every(f"projects/{demo['measured_project']}/rounds/")
        attempts = rest.get(f"rounds/{calibrated['id']}/attempts/")["results"]
    # A lease that the tests before left live may be among them.
    assert len(rows) == 540, said
    # One more by its appeal.
    assert sum(row["state"] == "accepted" for row in rows) == 432 + 1
    assert export["state"] == "finished" and export["rows"] > 50
    assert (rated["dataset"], rated["state"]) == ("ratings", "finished")
    assert rated["rows"] > 20
    assert measured["state"] == "finished" and measured["rows"] > 50
    states = [attempt["state"] for attempt in attempts]
    assert len(states) == len(ANNOTATORS) and states.count("passed") >= 3 and "failed" in states
    assert_books_balance()


def test_answers_are_reviewed(site: Site, path: Path) -> None:
    """The pages of the demo's second list show an answer of each fate."""
    demo = json.loads(path.read_text())
    made, here = demo["reviews"], f"projects/{demo['project']}/"
    with Rest(site.url, demo["api_key"]) as rest:
        (returned,) = rest.every(f"{here}annotations/", state="returned")
        ends = {row["annotation"]: row["outcome"] for row in rest.every(f"{here}rejections/")}
        (bulk,) = rest.every(f"{here}bulk-accepts/")
        check = rest.get(f"sample-checks/{made['sample_check']['id']}/")
        (final,) = rest.every(f"{here}adjudications/")
        reviewed = list(rest.every(f"projects/{made['paid_review']['project']}/annotations/"))
    assert returned["id"] == made["returned"]["annotation"]
    assert ends == {
        made["rejected"]["annotation"]: "appealable",
        made["appealed"]["annotation"]: "overturned",
    }
    assert (bulk["answers"], bulk["done_at"], bulk["cancelled_at"]) == (20, None, None)
    assert check["total"]["waiting"] > 20 and check["rest"] > 0
    assert final["item"] == made["final_answer"]["item"]
    assert len(reviewed) == 4
    lines = demo_command.reviews(f"{site.url}/", demo)
    assert sum(line.startswith(f"    {site.url}/") for line in lines) >= 8
    appellant = next(p for p in demo["annotators"] if p["email"] == made["appealed"]["email"])
    with Rest(site.url, appellant["token"]) as desk:
        decided = {row["annotation"]: row for row in desk.every("desk/decisions/")}
    found = decided[made["appealed"]["annotation"]]
    assert (found["state"], found["pay"]) == ("overturned", "earned")


def test_a_simulated_demo_is_left_as_it_is(site: Site, path: Path) -> None:
    before = counts()
    said = simulate(path, demo=True)
    assert (
        said.count("all wanted answers exist already") == 2 and "measured project is done" in said
    )
    assert counts() == before


def test_more_annotators_are_made_and_kept(site: Site, path: Path) -> None:
    many = len(ANNOTATORS) + 2
    said = simulate(path, annotators=many, answers=30)
    assert "30 answers in" in said and "0 errors" in said
    assert len(json.loads(path.read_text())["annotators"]) == many
    assert len(seed(site, path)["annotators"]) == many
