"""A language that a project asks for, with a country or without, and who meets it."""

import pytest

from projects.items.models import Batch
from tests.enrollment.test_eligibility import asks, lacks, tells
from tests.enrollment.test_eligibility_guards import write
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.review.own import page_of


@pytest.fixture
def ada(annotators: list[Annotator], batch: Batch) -> Annotator:
    return annotators[0]


@pytest.mark.parametrize(
    ("own", "wanted", "need", "is_met"),
    [
        (["pt"], ["pt"], "all", True),
        (["pt-BR"], ["pt"], "all", True),
        (["pt-BR"], ["pt-BR"], "all", True),
        (["pt"], ["pt-BR"], "all", False),
        (["pt-PT"], ["pt-BR"], "all", False),
        (["pt-BR", "en"], ["en", "pt"], "all", True),
        (["pt-BR", "en"], ["en-GB", "pt"], "all", False),
        (["pt-BR", "en"], ["en-GB", "pt"], "any", True),
        (["pt-BR", "en"], ["en-GB", "pt-PT"], "any", False),
        (["fil"], ["fi"], "all", False),
    ],
)
def test_a_language_is_met_by_that_of_any_country_and_one_of_a_country_only_by_itself(
    ada: Annotator, own: list[str], wanted: list[str], need: str, is_met: bool
) -> None:
    """Both where Python words what is missing, and where the database refuses to store that nothing is."""
    tells(ada, languages=own)
    asks(ada.enrollment.project, languages=wanted, languages_need=need)
    assert lacks(ada) == ([] if is_met else ["languages"])
    eligible = write(ada)
    assert eligible == ("" if is_met else "eligibility_met")


def test_the_pages_offer_a_language_with_its_countries_and_say_the_rule(
    ada: Annotator, workspace_a: Tenant
) -> None:
    profile = browser_of(ada.user)
    assert "Portuguese (Brazil)" in page_of(profile.get("/work/profile/"))
    form = {"is_adult": "on", "country": "DE", "languages": ["en", "pt-BR"]}
    assert profile.post("/work/profile/", form).status_code == 303
    path = f"/w/{workspace_a.workspace.slug}/projects/{ada.enrollment.project_id}/listing/"
    owner = browser_of(workspace_a.owner)
    assert "Portuguese (Brazil) by no other" in page_of(owner.get(path))
    wish = {"action": "asks", "languages": ["pt-PT"], "languages_need": "all"}
    assert owner.post(path, wish | {"domains_need": "all"}).status_code == 303
    refused = ada.client.post("/api/v1/desk/lease/", {}).json()
    assert (
        "asks for Portuguese (Portugal); your profile has English, Portuguese (Brazil)"
        in (refused["detail"])
    )
