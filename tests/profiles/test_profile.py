"""A person's profile and the terms: what is stored, what is refused, and what each says about paid work."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from annotators.profiles import documents, places, rails, selectors, services, tags
from annotators.profiles.models import Acceptance, Profile, Terms
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.pages.conftest import browser_of

TEXTS = {"work": "# Work", "confidentiality": "# Silence", "rights": "# Rights"}
FORM = {
    "is_adult": "on",
    "country": "PT",
    "languages": ["pt", "", "de"],
    "domains": "Medicine,  Roman LAW, medicine",
    "avoids": ["hate"],
}


@pytest.fixture
def newcomer(database: None) -> User:
    """Somebody who has told nothing."""
    return people.make_user(may_be_paid=False)


def person(user: User) -> selectors.Person:
    with planes.at_desk(user.pk):
        return selectors.person(user.pk)


def test_from_the_profile_through_the_terms_to_the_market(newcomer: User) -> None:
    browser = browser_of(newcomer)
    page = browser.get("/work/profile/").content.decode()
    assert "Paid work is not open to you yet" in page
    to = browser.post("/work/profile/", FORM | {"next": "/work/?x"})["Location"]
    assert to == "/terms/?next=%2Fwork%2F%3Fx"
    told = person(newcomer)
    assert (told.is_adult, told.country, told.has_rail) == (True, "PT", True)
    assert (told.languages, told.domains) == (["pt", "de"], ["medicine", "roman-law"])
    assert told.avoids == ["hate"]
    assert "I have read these three" in browser.get(to).content.decode()
    assert browser.post("/work/terms/", {"number": "1", "next": "/work/"})["Location"] == "/work/"
    assert "people in Portugal can be paid out" in browser.get("/work/profile/").content.decode()
    assert "accepted by you" in browser.get("/terms/").content.decode()


def test_who_lives_where_nobody_can_be_paid_is_told(newcomer: User) -> None:
    page = browser_of(newcomer).post("/work/profile/", FORM | {"country": "KE"}, follow=True)
    assert page.status_code == 200
    page = browser_of(newcomer).get("/work/profile/").content.decode()
    assert "We cannot pay people in Kenya yet" in page and rails.AS_OF in page


@pytest.mark.parametrize(
    "wrong",
    [{"country": "XX"}, {"languages": ["klingon"]}, {"avoids": ["spoilers"]}],
    ids=["country", "language", "content"],
)
def test_what_nobody_knows_is_refused(newcomer: User, wrong: dict[str, Any]) -> None:
    assert browser_of(newcomer).post("/work/profile/", FORM | wrong).status_code == 422
    assert person(newcomer).country == ""


def test_adulthood_is_stamped_once_and_by_the_database(newcomer: User) -> None:
    with planes.at_desk(newcomer.pk):
        first = services.save_profile(person_id=newcomer.pk, is_adult=True)
        again = services.save_profile(person_id=newcomer.pk, is_adult=True, country="PT")
        assert again.adult_at is not None
        Profile.objects.filter(pk=first.pk).update(adult_at="2001-01-01T00:00Z")
        assert Profile.objects.get(pk=first.pk).adult_at.year > 2001  # type: ignore[union-attr]
        taken_back = services.save_profile(person_id=newcomer.pk, is_adult=False)
        assert taken_back.adult_at is None


def test_a_new_version_of_the_terms_is_not_accepted_yet(newcomer: User) -> None:
    people.allow_pay(newcomer)
    before = person(newcomer)
    assert documents.publish(documents.read()).number == before.terms_number, "the same texts"
    newest = documents.publish(TEXTS)
    after = person(newcomer)
    assert before.acceptance_id and after.acceptance_id is None
    assert after.terms_number == newest.number == before.terms_number + 1
    old = browser_of(newcomer).post(
        "/work/terms/", {"number": str(before.terms_number)}, follow=True
    )
    assert "Another version of the terms is in force" in old.content.decode()
    assert person(newcomer).acceptance_id is None


def test_the_database_takes_no_acceptance_of_old_terms_and_changes_neither(newcomer: User) -> None:
    old = selectors.terms_in_force()
    people.allow_pay(newcomer)
    documents.publish(TEXTS)
    other = people.make_user(may_be_paid=False)
    with (
        planes.at_desk(other.pk),
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
    ):
        Acceptance.objects.create(user=other, terms=old)
    assert constraint_of(refused.value) == "terms_in_force"
    for table in (Terms, Acceptance):
        with (
            pytest.raises(DatabaseError, match="append"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table._meta.db_table}")


def test_a_profile_is_its_own_persons(newcomer: User) -> None:
    other = people.make_user()
    with planes.at_desk(newcomer.pk):
        assert not Profile.objects.exists() and not Acceptance.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            Profile.objects.create(user=other)


def test_domains_are_compared_in_one_form() -> None:
    assert tags.domains("C++,  Roman law ;roman-LAW\n.NET, ,C#") == [
        "c++",
        "roman-law",
        "net",
        "c#",
    ]


def test_names_are_those_of_the_library_and_every_rail_is_a_country() -> None:
    assert places.countries()["CI"] == "Côte d’Ivoire" and "EU" not in places.countries()
    assert places.languages()["pt"] == "Portuguese" and "yue" in places.languages()
    assert set(rails.RAILS) <= set(places.countries())
