"""The demo: two workspaces, their people and projects, made once, and continued after an interruption.

The site's own services make people, keys and the deposit; everything after that goes over REST, as for a customer. The
file `demo.json` keeps what later scripts need.
"""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings

from projects.plan.models import Project
from rlhfhub.devtools.demo_data import ITEMS
from rlhfhub.devtools.demo_file import DemoFile
from rlhfhub.devtools.rest import Rest
from rlhfhub.devtools.seed import measured, people, work
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.roles import Role

ANNOTATORS = ("Ada", "Ben", "Chloe", "Dan", "Elif", "Femi", "Gus", "Hana")
COLLEAGUES = (("Mara", Role.MANAGER), ("Rui", Role.REVIEWER))
DOMAIN = "demo.example"
SAMPLES = 2
PRIVATE_ITEMS = 30
RATED_ITEMS = 40
NEIGHBOR_ITEMS = 12
PRICE_MINOR = 25
#: Pays others for the answers that are rejected.
RESERVE_PERCENT = 2

Say = Callable[[str], None]


class Seed:
    """Makes the demo on the site at `url`; `run` may be repeated."""

    def __init__(self, *, url: str, file: DemoFile, say: Say) -> None:
        self.url = url.rstrip("/")
        self.file = file
        self.say = say

    def run(self) -> None:
        """Make everything, in the order of dependencies."""
        self.file.keep(url=self.url, database_url=settings.DATABASE_URL)
        self.say("people: an owner, a member of staff, annotators")
        self._people()
        self.say("workspaces, members, money")
        self._workspaces()
        self._platform()
        self.say(
            f"the paid project: {_count(ITEMS.read_bytes())} real pairs over REST, funded, opened"
        )
        self._market_project()
        self.say("a paid project in which each response is rated")
        self._rated_project()
        self.say("a paid project with a calibration round and keyed items")
        self._measured_project()
        self.say("an unpaid project for the owner's own members")
        self._private_project()
        self.say("a project of the other workspace")
        self._neighbor_project()
        self.say(f"{len(ANNOTATORS)} annotators join and accept the guidelines")
        self._join()
        self._decider()

    # --- people ---

    def _people(self) -> None:
        data = self.file.data
        owner = self._login(data.get("owner"), "owner", "Olivia Owner")
        people.choose_side(owner, User.Side.GIVE)
        self.file.keep(owner=owner)
        staff = self._login(data.get("staff"), "staff", "Stella Staff", staff=True)
        self.file.keep(
            staff=staff, newcomer=self._login(data.get("newcomer"), "newcomer", "Nico New")
        )
        self.file.keep(members=[self._listed("members", n) for n, _ in COLLEAGUES])
        more = data.get("annotators", [])[len(ANNOTATORS) :]
        self.file.keep(
            annotators=[*(self._listed("annotators", name) for name in ANNOTATORS), *more]
        )
        neighbor = data.get("neighbor", {})
        for role, name in (("owner", "Noah Neighbor"), ("annotator", "Ned Next-door")):
            email = "neighbor" if role == "owner" else "neighbors-annotator"
            neighbor = {**neighbor, role: self._login(neighbor.get(role), email, name)}
        self.file.keep(neighbor=neighbor)

    def _login(self, known: Any, address: str, name: str, *, staff: bool = False) -> people.Login:
        return people.ensure_user(known or {}, email=f"{address}@{DOMAIN}", name=name, staff=staff)

    def _listed(self, group: str, name: str) -> people.Login:
        email = f"{name.lower()}@{DOMAIN}"
        known = next((p for p in self.file.data.get(group, []) if p["email"] == email), None)
        return self._login(known, name.lower(), name)

    # --- workspaces ---

    def _workspaces(self) -> None:
        data = self.file.data
        main = people.ensure_workspace(data["owner"], name="Harbour Lab", slug="harbour-lab")
        people.ensure_deposit(main, staff=data["staff"])
        for login, (_, role) in zip(data["members"], COLLEAGUES, strict=True):
            people.ensure_member(main, login, owner=data["owner"], role=role)
        self.file.keep(
            workspace=str(main.pk),
            workspace_slug=main.slug,
            api_key=people.ensure_key(
                main.pk, data.get("api_key", ""), name="Demo", by=data["owner"]
            ),
        )
        neighbor = data["neighbor"]
        other = people.ensure_workspace(neighbor["owner"], name="Next Door", slug="next-door")
        people.ensure_deposit(other, staff=data["staff"])
        key = people.ensure_key(
            other.pk, neighbor.get("api_key", ""), name="Demo", by=neighbor["owner"]
        )
        known = {
            **neighbor,
            "workspace": str(other.pk),
            "workspace_slug": other.slug,
            "api_key": key,
        }
        self.file.keep(neighbor=known)

    def _platform(self) -> None:
        """Make the workspace in which annotators decide appeals, unless this site leaves all appeals to its staff."""
        if not settings.PLATFORM_WORKSPACE:
            self.say("no workspace of the platform: staff decide appeals")
            return
        self.say("the platform's workspace, in which appeals are decided")
        platform = people.ensure_platform()
        people.ensure_deposit(platform, staff=self.file.data["staff"])
        with planes.in_workspace(platform.pk):
            appeals = Project.objects.get(purpose=Project.Purpose.APPEAL)
        self.file.keep(platform={"workspace": str(platform.pk), "project": str(appeals.pk)})

    # --- projects ---

    def _market_project(self) -> None:
        with Rest(self.url, self.file.data["api_key"]) as rest:
            project = work.ensure_project(
                rest,
                name="Which answer helps more?",
                access="market",
                price_minor=PRICE_MINOR,
                overlap=3,
                programs=True,
                taste_questions=[],  # In each pair of LLMBar one response is right.
            )
            batch = work.ensure_batch(
                rest,
                project,
                name="First pairs",
                items=ITEMS.read_bytes(),
                reserve_percent=RESERVE_PERCENT,
            )
            work.ensure_samples(rest, project, _first(SAMPLES))
        self.file.keep(project=project, batch=batch)

    def _rated_project(self) -> None:
        """Make a project with one answer for each item and three for a tenth of them, the default overlap plan."""
        with Rest(self.url, self.file.data["api_key"]) as rest:
            project = work.ensure_project(
                rest,
                name="How good is each answer?",
                template="ratings",
                access="market",
                price_minor=PRICE_MINOR,
                overlap=1,
                programs=True,
            )
            batch = work.ensure_batch(
                rest, project, name="First ratings", items=_first(RATED_ITEMS)
            )
        self.file.keep(rated_project=project, rated_batch=batch)

    def _measured_project(self) -> None:
        with Rest(self.url, self.file.data["api_key"]) as rest:
            project, batch = measured.ensure(rest)
        self.file.keep(measured_project=project, measured_batch=batch)

    def _private_project(self) -> None:
        with Rest(self.url, self.file.data["api_key"]) as rest:
            project = work.ensure_project(rest, name="Our own review", access="members", overlap=2)
            batch = work.ensure_batch(rest, project, name="In house", items=_first(PRIVATE_ITEMS))
        self.file.keep(private_project=project, private_batch=batch)

    def _neighbor_project(self) -> None:
        neighbor = self.file.data["neighbor"]
        with Rest(self.url, neighbor["api_key"]) as rest:
            project = work.ensure_project(
                rest,
                name="Next door's pairs",
                access="market",
                price_minor=PRICE_MINOR,
                overlap=2,
                programs=True,
            )
            batch = work.ensure_batch(
                rest, project, name="First pairs", items=_first(NEIGHBOR_ITEMS)
            )
        self.file.keep(neighbor={**neighbor, "project": project, "batch": batch})

    # --- annotators ---

    def annotators(self, count: int) -> list[people.Login]:
        """Return the first `count` annotators of the market projects with their tokens; missing ones are made."""
        known: list[people.Login] = self.file.data["annotators"]
        for number in range(len(known) + 1, count + 1):
            name = f"Annotator {number}"
            login = self._login({}, f"annotator-{number}", name)
            known = [*known, self._in_the_market(login)]
            self.file.keep(annotators=known)
        return known[:count]

    def _join(self) -> None:
        data = self.file.data
        here = [self._in_the_market(one) for one in data["annotators"]]
        members = [self._at_desk(data, data["private_project"], one) for one in data["members"]]
        neighbor = data["neighbor"]
        people.ensure_may_be_paid(neighbor["annotator"])
        theirs = self._at_desk(neighbor, neighbor["project"], neighbor["annotator"])
        self.file.keep(annotators=here, members=members, neighbor={**neighbor, "annotator": theirs})

    def _decider(self) -> None:
        """Let somebody who works for nobody else here join the project of appeals."""
        if platform := self.file.data.get("platform"):
            login = self._login(self.file.data.get("decider"), "decider", "Dora Decider")
            people.ensure_may_be_paid(login)
            self.file.keep(decider=self._at_desk(platform, platform["project"], login))

    def _in_the_market(self, login: people.Login) -> people.Login:
        """Enroll an annotator in the market projects, with one desk key for all."""
        data = self.file.data
        people.ensure_may_be_paid(login)
        for project in (data["project"], data["rated_project"], data["measured_project"]):
            login = self._at_desk(data, project, login)
        return login

    def _at_desk(self, side: dict[str, Any], project: str, login: people.Login) -> people.Login:
        """Make a desk key in the project's workspace and use it to join the project."""
        token = people.ensure_key(
            uuid.UUID(side["workspace"]),
            login.get("token", ""),
            name="Demo desk",
            by=login,
            annotator=login,
        )
        with Rest(self.url, token) as rest:
            work.ensure_enrolled(rest, project)
        return {**login, "token": token}


def _first(count: int) -> bytes:
    with ITEMS.open("rb") as file:
        return b"".join(line for _, line in zip(range(count), file, strict=False))


def _count(lines: bytes) -> int:
    return sum(1 for line in lines.splitlines() if line.strip())
