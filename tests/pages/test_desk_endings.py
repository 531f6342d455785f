"""The message for an answer to a lease that has ended is true, on pages and over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from projects.plan.models import Project
from tests.factories import publish_guidelines
from tests.pages.conftest import HTMX, keys_of, lease_of
from tests.people import Annotator, age


def test_another_answer_than_the_stored_one_is_not_called_saved(browser: Client, desk: str) -> None:
    page = browser.get(desk).content.decode()
    submit, keys = f"{desk}leases/{lease_of(page)}/submit/", keys_of(page)
    browser.post(submit, {"preference": keys[0]}, **HTMX)
    for form in (
        {"preference": keys[1]},
        {"preference": keys[0], "reason": "a reason more"},
        {"preference": ""},
    ):
        for headers in ({}, HTMX):
            refused = browser.post(submit, form, **headers)
            assert refused.status_code == 409
            text = refused.content.decode()
            assert "Another answer to this item is already saved" in text
            assert "was not saved" in text
            assert form.get("reason", "") in text
    again = browser.post(submit, {"preference": keys[0], "reason": "  "}, **HTMX)
    assert "This answer is already saved" in again.content.decode()


def test_rest_tells_the_same_answer_from_another(ada: Annotator) -> None:
    lease = ada.lease()
    assert lease
    assert ada.submit(lease, 0).status_code == 201
    same, other = ada.submit(lease, 0), ada.submit(lease, 1)
    assert (same.status_code, other.status_code) == (409, 409)
    assert same.json()["detail"] == "This answer was submitted already."
    assert other.json()["detail"].endswith("This one was not saved.")


def test_what_ran_out_is_not_paid_and_says_so(
    browser: Client, desk: str, ada: Annotator, settings: Any
) -> None:
    lease = lease_of(browser.get(desk).content.decode())
    age({"id": lease})
    late = browser.post(f"{desk}leases/{lease}/submit/", {"preference": "tie"}).content.decode()
    assert "so it is not paid" in late
    assert "pay is not affected" not in late


def test_what_was_returned_did_not_run_out(browser: Client, desk: str) -> None:
    lease = lease_of(browser.get(desk).content.decode())
    browser.post(f"{desk}leases/{lease}/return/", {"reason": "unclear"}, **HTMX)
    late = browser.post(f"{desk}leases/{lease}/submit/", {"preference": "tie"}).content.decode()
    assert "You returned this item" in late
    assert "The time for this item is over" not in late
    draft = browser.post(f"{desk}leases/{lease}/draft/", {"reason": "late"})
    assert draft.status_code == 409
    assert draft.content.decode().startswith("You returned this item.")


def test_a_lease_past_its_time_is_not_shown_again(browser: Client, desk: str) -> None:
    """Not even within the grace, which is for answers on their way."""
    lease = lease_of(browser.get(desk).content.decode())
    age({"id": lease}, minutes=30)
    assert lease_of(browser.get(desk).content.decode()) != lease


@pytest.fixture
def drawer(browser: Client, desk: str) -> Callable[..., str]:
    """The drawer of the desk's whole page."""

    def read(**headers: str) -> str:
        page = browser.get(desk, **headers).content.decode()
        return page[page.index('id="desk-guideline"') :] if 'id="desk-guideline"' in page else ""

    return read


def test_the_drawer_is_of_the_lease(
    drawer: Callable[..., str], browser: Client, desk: str, ada: Annotator, project: Project
) -> None:
    assert "version 1" in drawer()
    publish_guidelines(project, "# Be fair\n\nRead all.", "major")
    assert "version 1" in drawer()
    assert "Version 2 applies from your next item on." in drawer()


def test_the_drawer_is_replaced_where_the_page_shows_another_version(
    drawer: Callable[..., str], browser: Client, desk: str, ada: Annotator, project: Project
) -> None:
    browser.post(
        f"{desk}leases/{lease_of(browser.get(desk).content.decode())}/submit/",
        {"preference": "tie"},
        **HTMX,
    )
    lease = lease_of(browser.get(desk).content.decode())
    publish_guidelines(project, "# Be fair\n\nRead both twice.", "minor")
    assert drawer(**HTMX, HTTP_X_GUIDELINE="1") == ""
    submit = f"{desk}leases/{lease}/submit/"
    part = browser.post(
        submit, {"preference": "tie"}, **HTMX, HTTP_X_GUIDELINE="1"
    ).content.decode()
    assert 'hx-swap-oob="true"' in part
    assert "judge this item by version 2" in part
    assert "What changed since version 1" in part
    assert drawer(**HTMX, HTTP_X_GUIDELINE="2") == ""
    assert "judge this item by version 2" in browser.get(desk).content.decode()
