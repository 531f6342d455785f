"""The pages under the site's real login, which owns nothing: what the planes do not grant would fail here."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from projects.items.models import Batch
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant
from tests.pages.conftest import HTMX, browser_of, lease_of
from tests.people import Annotator


def signed_in(user: User) -> Client:
    """A browser that signed in by the form, with an address that was confirmed."""
    browser = browser_of()
    with planes.at_door():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    form = {"login": user.email, "password": people.PASSWORD}
    assert browser.post("/accounts/login/", form)["Location"] == "/"
    return browser


@pytest.mark.slow
def test_a_member_an_annotator_and_staff_walk_through(
    own_database: str,
    workspace_a: Tenant,
    batch: Batch,
    annotators: list[Annotator],
    addresses: dict[str, str],
    as_site: Callable[[], None],
) -> None:
    staff = people.make_user("Staff", is_staff=True)
    as_site()
    owner = signed_in(workspace_a.owner)
    seen = {name: owner.get(path, **HTMX).status_code for name, path in addresses.items()}
    assert seen == dict.fromkeys(addresses, 200)
    assert owner.post("/workspaces/new/", {"name": "N", "slug": "n-1"}).status_code == 303
    assert owner.post(addresses["project"], {"name": "More"}).status_code == 303
    invite = {"action": "invite", "email": "x@y.example", "role": "viewer"}
    assert owner.post(addresses["members"], invite).status_code == 200
    ada = signed_in(annotators[0].user)
    desk = f"/work/{annotators[0].enrollment.pk}/"
    lease = lease_of(ada.get(desk).content.decode())
    assert ada.post(f"{desk}leases/{lease}/draft/", {"reason": "x"}).status_code == 204
    assert ada.post(f"{desk}leases/{lease}/submit/", {"preference": "tie"}).status_code == 303
    assert [ada.get(path).status_code for path in ("/", "/work/", "/earnings/")] == [200] * 3
    booker = signed_in(staff)
    deposit = {"workspace": workspace_a.workspace.slug, "amount": "5", "reference": "site-1"}
    assert booker.post("/admin/billing_funding/funding/deposit/", deposit).status_code == 302
    assert booker.get("/admin/billing_ledger/journal/").status_code == 200
    owner.post("/accounts/logout/")
    assert owner.get(addresses["workspace"]).status_code == 302
