"""The staff's pages on which one person asks to reverse a journal and another one decides."""

import pytest

from billing.ledger.models import Correction, Journal
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.books import totals
from tests.factories import MONEY, Tenant
from tests.pages.conftest import browser_of
from tests.people import make_user

REASON = {"reason": "Booked for another workspace"}


@pytest.fixture
def path(workspace_a: Tenant) -> str:
    """The page of a correction that Olga asked for."""
    olga = browser_of(make_user("Olga", is_staff=True))
    with planes.as_system():
        journal = Journal.objects.get(kind="deposit")
    ask = f"/admin/billing_ledger/journal/{journal.pk}/reverse/"
    assert "Free balance of a workspace" in olga.get(ask).content.decode()
    assert olga.post(ask, {"reason": " "}).status_code == 422
    assert olga.post(ask, REASON).status_code == 302
    again = olga.post(ask, REASON)
    assert (again.status_code, "already reversed" in again.content.decode()) == (422, True)
    with planes.entered(Plane.STAFF):
        found = f"/admin/billing_ledger/correction/{Correction.objects.get().pk}/decide/"
    alone = olga.post(found, {"approve": "1"})
    assert (alone.status_code, "Somebody else" in alone.content.decode()) == (422, True)
    return found


def free() -> int:
    with planes.as_system():
        return totals()["workspace_available"]


def test_another_member_of_staff_reverses_it_once(path: str) -> None:
    pia = browser_of(make_user("Pia", is_staff=True))
    assert [need.path for need in pia.get("/admin/queue/").context["needs"]] == [path]
    assert REASON["reason"] in pia.get(path).content.decode()
    assert "Decided." in pia.post(path, {"approve": "1"}, follow=True).content.decode()
    assert free() == 0
    twice = pia.post(path, {"refuse": "1"}, follow=True)
    assert "It was decided before" in twice.content.decode()
    assert "Approved on" in pia.get(path).content.decode()
    assert pia.get("/admin/queue/").context["needs"] == []


def test_it_is_refused_only_if_somebody_says_so(path: str) -> None:
    pia = browser_of(make_user("Pia", is_staff=True))
    for unclear in ({}, {"approve": "1", "refuse": "1"}):
        assert pia.post(path, unclear).status_code == 422
    with planes.entered(Plane.STAFF):
        assert Correction.objects.get().approved is None
    assert pia.post(path, {"refuse": "1"}).status_code == 302
    assert free() == MONEY


def test_what_is_not_there_is_missing(path: str) -> None:
    pia = browser_of(make_user("Pia", is_staff=True))
    for wrong in ("no-id", "01a21e2a-58f1-70f5-b1fd-dbf9cc11a9af"):
        assert pia.get(f"/admin/billing_ledger/correction/{wrong}/decide/").status_code == 404
        assert pia.get(f"/admin/billing_ledger/journal/{wrong}/reverse/").status_code == 404
