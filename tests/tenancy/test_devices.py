"""Accounts that used one device are shown to staff, and to nobody else; nothing follows from it by itself."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client

from projects.plan.models import Project
from rlhfhub.celery import app
from rlhfhub.members.tasks import delete_old_device_uses
from rlhfhub.tenancy import devices, planes
from rlhfhub.tenancy.models import DeviceUse, User
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.concurrency.races import at_once
from tests.factories import Tenant, make_project
from tests.pages.conftest import browser_of

LINKED = "/admin/rlhfhub_tenancy/deviceuse/"
ENROLLMENTS = "/admin/projects_enrollment/enrollment/"


@pytest.fixture(autouse=True)
def _uncounted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def person(name: str) -> User:
    """A user who can sign in."""
    user = people.make_user(name, f"{name.lower()}@people.example")
    with planes.at_door():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(user: User, browser: Client) -> Any:
    form = {"login": user.email, "password": people.PASSWORD}
    response = browser.post("/accounts/login/", form)
    assert response.status_code == 302
    browser.post("/accounts/logout/")
    return response


def uses() -> list[DeviceUse]:
    with planes.entered(Plane.STAFF):
        return list(DeviceUse.objects.select_related("user").order_by("pk"))


def age(user: User, days: int) -> None:
    """Move the user's sign-ins into the past."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rlhfhub_tenancy_deviceuse SET first_at = first_at - %(t)s * interval '1 day', "
            "last_at = last_at - %(t)s * interval '1 day' WHERE user_id = %(user)s",
            {"t": days, "user": user.pk},
        )


@pytest.fixture
def staff(database: None) -> Client:
    return browser_of(people.make_user("Staff", is_staff=True))


@pytest.mark.django_db
def test_a_sign_in_marks_the_browser(queries: Callable[[], Any]) -> None:
    ada, browser = person("Ada"), Client()
    cookie = sign_in(ada, browser).cookies["device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/accounts/"
    assert cookie["max-age"] == devices.MAX_AGE_SECONDS
    [use] = uses()
    assert use.user == ada and cookie.value.split(":")[0] not in use.device_sha256
    sign_in(ada, browser)
    [again] = uses()
    assert again.pk == use.pk and again.first_at == use.first_at and again.last_at > use.last_at
    browser.force_login(ada)
    with queries() as sent:
        browser.get("/work/")
    assert "deviceuse" not in str(sent), "a request of somebody who is signed in asks nothing"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forged",
    [
        lambda good: "",
        lambda good: good.split(":")[0],
        lambda good: good.split(":")[0] + ":1vGx0A:made-up",
        lambda good: "x" + good,
    ],
)
def test_only_a_cookie_of_this_site_is_taken(forged: Callable[[str], str]) -> None:
    """Else anybody could make it look as if they shared a device with somebody else."""
    ada, ben, browser = person("Ada"), person("Ben"), Client()
    good = sign_in(ada, browser).cookies["device"].value
    browser.cookies["device"] = forged(good)
    sign_in(ben, browser)
    assert len({use.device_sha256 for use in uses()}) == 2


@pytest.mark.django_db
def test_staff_see_two_accounts_of_one_device_with_times(staff: Client) -> None:
    shared, other = Client(), Client()
    ada, ben, cleo = person("Ada"), person("Ben"), person("Cleo")
    sign_in(ada, shared)
    sign_in(ben, shared)
    sign_in(cleo, other)
    page = staff.get(LINKED).content.decode()
    for user, linked in ((ada, ben), (ben, ada)):
        assert f">{user}<" in page and f"{linked.email}, " in page
    assert "Cleo" not in page
    [use, _, _] = uses()
    detail = staff.get(f"{LINKED}{use.pk}/change/")
    assert detail.status_code == 200 and ben.email in detail.content.decode()
    assert staff.post(f"{LINKED}{use.pk}/change/", {}).status_code == 403
    assert "Ada" in staff.get(LINKED, {"used": "7", "accounts": "2"}).content.decode()
    assert ada.email not in staff.get(LINKED, {"accounts": "3"}).content.decode()
    age(ada, 80)
    assert ada.email in staff.get(LINKED).content.decode()
    assert f">{ada}<" not in staff.get(LINKED, {"used": "30"}).content.decode()
    age(ada, 11)
    assert ada.email not in staff.get(LINKED).content.decode(), "ninety days lie between them"


def test_staff_see_who_shares_a_device_in_a_project(
    workspace_a: Tenant, project: Project, staff: Client
) -> None:
    shared = Client()
    ada, ben, cleo = person("Ada"), person("Ben"), person("Cleo")
    for user in (ada, ben, cleo):
        sign_in(user, shared)
    rows = {user: people.enroll(user, project).pseudonym for user in (ada, ben)}
    elsewhere = people.enroll(cleo, make_project(workspace_a)).pseudonym
    linked = staff.get(ENROLLMENTS, {"linked": "yes"}).content.decode()
    assert all(pseudonym in linked for pseudonym in rows.values()) and elsewhere not in linked
    page = staff.get(ENROLLMENTS).content.decode()
    assert page.count(rows[ben]) == page.count(rows[ada]) > page.count(elsewhere) > 0


@pytest.mark.django_db
def test_the_list_takes_as_many_statements_for_many(
    staff: Client, queries: Callable[[], Any]
) -> None:
    shared, counts = Client(), []
    for number in range(2):
        sign_in(person(f"P{number}"), shared)
    for more in (range(2, 8), range(0)):
        with queries() as sent:
            assert staff.get(LINKED).status_code == 200
        counts.append(len(sent))
        for number in more:
            sign_in(person(f"P{number}"), shared)
    assert counts[0] == counts[1], counts


@pytest.mark.concurrency
def test_two_sign_ins_at_once_are_one_use(own_database: str) -> None:
    ada = person("Ada")
    request = HttpRequest()
    marked = HttpResponse()
    with planes.at_door():
        devices.remember(request, marked, ada)
    request.COOKIES["device"] = marked.cookies["device"].value

    def remember() -> None:
        with planes.at_door():
            devices.remember(request, HttpResponse(), ada)

    at_once(*[partial(remember) for _ in range(4)])
    assert len(uses()) == 1


@pytest.mark.django_db
def test_it_is_told_where_an_account_is_made_and_managed() -> None:
    browser = browser_of(person("Ada"))
    for page in (Client().get("/accounts/signup/"), browser.get("/accounts/email/")):
        assert "a cookie marks this browser for 400 days" in page.content.decode()
        assert "180 days after you last signed in with it" in page.content.decode()


@pytest.mark.django_db
def test_old_uses_are_deleted_after_the_stated_days(settings: Any) -> None:
    ada, ben, cleo = person("Ada"), person("Ben"), person("Cleo")
    for user in (ada, ben, cleo):
        sign_in(user, Client())
    age(ada, 179)
    age(ben, 181)
    assert "members.delete_old_device_uses" in {
        one["task"] for one in app.conf.beat_schedule.values()
    }
    delete_old_device_uses()
    assert {use.user for use in uses()} == {ada, cleo}
    settings.DEVICE_USE_DAYS = 100
    delete_old_device_uses()
    assert {use.user for use in uses()} == {cleo}
