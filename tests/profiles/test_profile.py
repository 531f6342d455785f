"""A person's profile and the terms: what is stored, what is refused, and what each says about paid work."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from annotators.profiles import documents, places, rails, selectors, services, tags
from annotators.profiles.models import DOCUMENTS, Acceptance, Profile, Terms
from rlhfhub.notices import selectors as notices
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.factories import Tenant
from tests.pages.conftest import browser_of

TEXTS = {"work": "# Work", "confidentiality": "# Silence", "rights": "# Rights"}
EACH = dict.fromkeys(DOCUMENTS, "on")
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
    page = browser.get(to).content.decode()
    assert "I have read “Confidentiality” and accept it" in page and "badge-accent" not in page
    accept = {"number": "1", "next": "/work/"} | EACH
    assert browser.post("/work/terms/", accept)["Location"] == "/work/"
    assert "people in Portugal can be paid out" in browser.get("/work/profile/").content.decode()
    assert "accepted by you" in browser.get("/terms/").content.decode()


def test_who_lives_where_nobody_can_be_paid_is_told(newcomer: User) -> None:
    page = browser_of(newcomer).post("/work/profile/", FORM | {"country": "KE"}, follow=True)
    assert page.status_code == 200
    assert "We cannot pay people in Kenya yet" in page.content.decode(), "on the page after it"
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
        "/work/terms/", {"number": str(before.terms_number)} | EACH, follow=True
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
        Acceptance.objects.create(user=other, terms=old, **stamps())
    assert constraint_of(refused.value) == "terms_in_force"
    for table in (Terms, Acceptance):
        with (
            pytest.raises(DatabaseError, match="append"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table._meta.db_table}")


def stamps(**changes: Any) -> dict[str, Any]:
    """Times at which the documents are said to be accepted, long ago."""
    return {f"{name}_at": "2001-01-01T00:00Z" for name in DOCUMENTS} | changes


@pytest.mark.parametrize("missing", DOCUMENTS)
def test_each_document_is_accepted_for_itself(newcomer: User, missing: str) -> None:
    browser, number = browser_of(newcomer), str(selectors.terms_in_force().number)
    ticked = {name: "on" for name in DOCUMENTS if name != missing}
    refused = browser.post("/work/terms/", {"number": number} | ticked, follow=True)
    assert f"Accept “{DOCUMENTS[missing]}” too." in refused.content.decode()
    with planes.at_desk(newcomer.pk):
        with pytest.raises(IntegrityError, match=f"{missing}_at"), transaction.atomic():
            Acceptance.objects.create(
                user=newcomer,
                terms=selectors.terms_in_force(),
                **stamps(**{f"{missing}_at": None}),
            )
        assert not Acceptance.objects.exists()
    browser.post("/work/terms/", {"number": number} | EACH)
    with planes.at_desk(newcomer.pk):
        made = Acceptance.objects.get()
    times = {made.accepted_at, made.work_at, made.confidentiality_at, made.rights_at}
    assert len(times) == 1 and made.accepted_at.year > 2001, "the database's time"


def test_the_terms_are_accepted_over_rest(workspace_a: Tenant, newcomer: User) -> None:
    client = people.client_for(people.make_desk_key(workspace_a.workspace, newcomer))
    path = "/api/v1/desk/terms/"
    before = client.get(path).json()
    assert (before["is_accepted"], before["accepted_at"]) == (False, None)
    partly = client.post(path, {"number": before["number"], "work": True, "rights": False})
    assert partly.status_code == 400
    named = {error["field"] for error in partly.json()["errors"]}
    assert named == {"confidentiality", "rights"}
    each = dict.fromkeys(DOCUMENTS, True)
    after = client.post(path, {"number": before["number"]} | each).json()
    assert after["is_accepted"] and after["accepted_at"].keys() == set(DOCUMENTS)
    assert client.post(path, {"number": before["number"]} | each).json() == after


def test_who_accepted_the_version_before_is_told_of_a_new_one(
    workspace_a: Tenant, newcomer: User
) -> None:
    """What has changed is named in the notice and on the page. Who accepted none is not told."""
    old = people.make_user()
    documents.publish({**documents.read(), "rights": "# Rights, anew"})
    with planes.at_door():
        (told,) = notices.notices_of(old.pk, most=9)
        assert notices.notices_of(newcomer.pk, most=9) == []
    assert "What has changed: “Rights in your answers”." in told.words.text
    assert (told.workspace, told.words.path) == ("", "/terms/")
    browser = browser_of(old)
    assert browser.get(f"/notices/{told.id}/")["Location"] == "/terms/"
    page = browser.get("/terms/").content.decode()
    assert page.index('id="rights"') < page.index("badge-accent")
    assert page.count("badge-accent") == 1
    client = people.client_for(people.make_desk_key(workspace_a.workspace, old))
    (row,) = client.get("/api/v1/desk/notices/").json()["results"]
    assert row["id"] == str(told.id) and row["read_at"]
    documents.publish(TEXTS)
    with planes.at_door():
        assert len(notices.notices_of(old.pk, most=9)) == 1, "they have not accepted the last one"


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
    assert places.language_name("pt-BR") == "Portuguese (Brazil)"
    assert "is-IS" not in places.languages(), "spoken in one country: there is nothing to choose"
    names = list(places.languages().values())
    assert names.index("Portuguese") + 1 == names.index("Portuguese (Angola)")
    assert set(rails.RAILS) <= set(places.countries())
