"""An invitation is mailed with its link, although no table holds the link's token."""

import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from rlhfhub.ground.refusals import Refused
from rlhfhub.members import services
from rlhfhub.notices import sending
from rlhfhub.tenancy import planes
from rlhfhub.tenancy import services as tenancy
from rlhfhub.tenancy.models import Invitation
from tests import people
from tests.factories import Tenant
from tests.notices.told import age, mails

pytestmark = pytest.mark.usefixtures("mailed_at_once")
ADDRESS = "guest@people.example"


def invite(tenant: Tenant, role: str = "reviewer") -> str:
    with planes.in_workspace(tenant.pk):
        return services.invite(
            workspace=tenant.workspace, email=ADDRESS, role=role, by=tenant.owner
        )[1]


def links() -> list[str]:
    """Return the paths of invitations in the sent mails."""
    return [
        path
        for one in mail.outbox
        for path in re.findall(r"https://hub\.example(/invitations/\S+)", str(one.body))
    ]


def test_the_mails_link_is_the_invitations(workspace_a: Tenant) -> None:
    token = invite(workspace_a)
    sending.send_all()
    sending.send_all()
    (one,) = mail.outbox
    assert one.to == [ADDRESS]
    assert one.subject == "You are invited to Alpha"
    assert "as reviewer" in one.body
    assert links() == [f"/invitations/{token}/"]
    assert "List-Unsubscribe" not in one.extra_headers


def test_the_link_makes_a_member(workspace_a: Tenant, client: Any) -> None:
    invite(workspace_a)
    sending.send_all()
    user = people.make_user(email=ADDRESS)
    client.force_login(user)
    (link,) = links()
    assert client.post(link).status_code == 303
    with planes.at_door():
        assert [one.role for one in _memberships(user)] == ["reviewer"]


def _memberships(user: Any) -> Any:
    from rlhfhub.tenancy import selectors

    return selectors.memberships_of(user.pk, after=None, most=9)


def test_no_table_holds_the_token(workspace_a: Tenant) -> None:
    token = invite(workspace_a)
    sending.send_all()
    with connection.cursor() as cursor:
        for table in (*connection.introspection.table_names(cursor),):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{token}%"]
            )
            assert cursor.fetchone() == (0,), table


def test_the_owners_page_mails_it(workspace_a: Tenant, client: Any) -> None:
    client.force_login(workspace_a.owner)
    page = client.post(
        f"/w/{workspace_a.workspace.slug}/members/",
        {"action": "invite", "email": ADDRESS, "role": "viewer"},
    )
    sending.send_all()
    (link,) = links()
    assert f"http://testserver{link}" in page.content.decode()


@pytest.mark.parametrize("end", ["revoked", "accepted", "expired", "replaced"])
def test_an_invitation_that_is_over_is_not_mailed(workspace_a: Tenant, end: str) -> None:
    invite(workspace_a)
    with planes.in_workspace(workspace_a.pk):
        one = Invitation.objects.get()
        if end == "revoked":
            tenancy.revoke_invitation(invitation=one, by=workspace_a.owner)
    if end == "expired":
        _change("expires_at = created_at")
    elif end == "accepted":
        _change("accepted_at = created_at")
    elif end == "replaced":
        invite(workspace_a, "viewer")
    sending.send_all()
    assert len(mail.outbox) == (end == "replaced")
    assert len(mails()) == (end == "replaced")


def _change(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE rlhfhub_tenancy_invitation SET {what}")


def test_a_rotated_key_sends_and_opens_old_invitations(
    workspace_a: Tenant, settings: Any, client: Any
) -> None:
    token = invite(workspace_a)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 10
    sending.send_all()
    assert links() == [f"/invitations/{token}/"]
    assert client.get(links()[0]).status_code == 200


def test_a_lost_key_gives_up_and_says_what_to_do(
    workspace_a: Tenant, settings: Any, client: Any
) -> None:
    token = invite(workspace_a)
    settings.SECRET_KEY = "another-" * 10
    sending.send_all()
    assert mail.outbox == []
    (one,) = mails()
    assert one.given_up_at and "invite this address again" in one.error
    assert client.get(f"/invitations/{token}/").status_code == 200, "its digest still opens it"


def test_nobody_is_mailed_again_and_again(workspace_a: Tenant) -> None:
    for _ in range(services.A_DAY_TO_ONE):
        invite(workspace_a)
    with pytest.raises(Refused, match="of this address within a day"):
        invite(workspace_a)
    _change("created_at = created_at - interval '25 hours'")
    invite(workspace_a)


def test_a_workspace_mails_only_so_many_people(
    workspace_a: Tenant, workspace_b: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "A_DAY", 2)
    invite(workspace_b)
    for number in range(2):
        with planes.in_workspace(workspace_a.pk):
            services.invite(
                workspace=workspace_a.workspace,
                email=f"{number}@people.example",
                role="viewer",
                by=workspace_a.owner,
            )
    with pytest.raises(Refused, match="of this workspace within a day"):
        invite(workspace_a)


def test_an_invitation_rolled_back_is_not_mailed(workspace_a: Tenant) -> None:
    with pytest.raises(ZeroDivisionError):
        _fails(workspace_a)
    age("mail", "next_at", secs=1)
    sending.send_all()
    assert mail.outbox == []


def _fails(tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        services.invite(workspace=tenant.workspace, email=ADDRESS, role="viewer", by=tenant.owner)
        raise ZeroDivisionError
