"""The staff's site: who gets in, what is noted, and what can be done: a deposit, a delivery tried again or given up."""

import uuid

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from billing.ledger.models import Account, Journal, Posting
from projects.work.models import Annotation
from rlhfhub.events.dispatch import MAX_ATTEMPTS
from rlhfhub.events.models import Delivery
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import ApiKey, AuditEntry, User
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.staff import site
from tests import people
from tests.factories import Tenant, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator

DEPOSIT = "/admin/billing_ledger/journal/deposit/"


@pytest.fixture
def staff(database: None) -> Client:
    """The browser of a staff user who has no other role."""
    user = people.make_user("Staff")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return browser_of(User.objects.get(pk=user.pk))


def entries() -> list[AuditEntry]:
    """What staff did, oldest first."""
    with planes.entered(Plane.STAFF):
        return list(AuditEntry.objects.filter(plane="staff").order_by("at"))


@pytest.mark.django_db
def test_only_staff_come_in() -> None:
    nobody, member = browser_of(), browser_of(people.make_user())
    assert nobody.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    assert member.get("/admin/", follow=True).status_code == 403
    assert member.get("/admin/rlhfhub_tenancy/user/", follow=True).status_code == 403


def test_the_lists_have_plurals() -> None:
    names = {str(model._meta.verbose_name_plural) for model in site._registry}
    assert {"API keys", "batches", "audit entries", "appeals"} <= names


@pytest.mark.slow
def test_every_list_and_detail_opens_and_is_noted(
    staff: Client, annotators: list[Annotator], workspace_a: Tenant, batch: object
) -> None:
    lease = annotators[0].lease()
    assert lease
    annotators[0].submit(lease, "tie")
    for model in site._registry:
        root = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert staff.get(root).status_code == 200, root
        assert staff.get(root, {"q": "a"}).status_code == 200, root
        with planes.entered(Plane.STAFF):
            row = model._default_manager.first()
        if row is not None:
            detail = staff.get(f"{root}{row.pk}/change/")
            assert detail.status_code == 200, root
            assert entries()[-1].subject == f"{root}{row.pk}/change/"
        assert staff.get(f"{root}add/").status_code == 403, root
    assert {entry.verb for entry in entries()} == {"staff.look"}


def test_secrets_and_answers_are_not_shown(
    staff: Client, annotators: list[Annotator], workspace_a: Tenant, batch: object
) -> None:
    lease = annotators[0].lease()
    assert lease
    annotators[0].submit(lease, "tie", reason="a very private reason")
    with planes.entered(Plane.STAFF):
        key, annotation = ApiKey.objects.first(), Annotation.objects.first()
    assert key
    assert annotation
    shown = staff.get(f"/admin/rlhfhub_tenancy/apikey/{key.pk}/change/").content.decode()
    assert key.secret_sha256 not in shown
    shown = staff.get(f"/admin/projects_work/annotation/{annotation.pk}/change/").content.decode()
    assert "private reason" not in shown


def test_rows_cannot_be_edited(staff: Client, workspace_a: Tenant) -> None:
    with planes.entered(Plane.STAFF):
        account, posting = Account.objects.first(), Posting.objects.first()
    assert account
    assert posting
    for path in (
        f"/admin/billing_ledger/account/{account.pk}/",
        f"/admin/billing_ledger/posting/{posting.pk}/",
        f"/admin/rlhfhub_tenancy/workspace/{workspace_a.pk}/",
    ):
        assert staff.post(f"{path}change/", {"balance_minor": "1"}).status_code == 403
        assert staff.post(f"{path}delete/", {"post": "yes"}).status_code == 403


def test_a_deposit_is_booked_once(staff: Client, database: None) -> None:
    tenant = make_workspace("Poor", money=0)
    form = {
        "workspace": tenant.workspace.slug,
        "amount": "12.50",
        "reference": "bank-1",
        "note": "Q1",
    }
    assert staff.get(DEPOSIT).status_code == 200
    done = staff.post(DEPOSIT, form, follow=True)
    assert "Booked 12.50 USD for Poor." in done.content.decode()
    twice = staff.post(DEPOSIT, form)
    assert twice.status_code == 422
    assert "booked before" in twice.content.decode()
    with planes.entered(Plane.STAFF):
        account = Account.objects.get(workspace_id=tenant.pk, kind="workspace_available")
        assert Journal.objects.filter(cause="deposit:bank-1").count() == 1
    assert account.balance_minor == 1250
    assert [entry.subject for entry in entries() if entry.verb == "staff.act"] == [DEPOSIT]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("workspace", "no-such-workspace"),
        ("workspace", ""),
        ("amount", "12.505"),
        ("amount", "-5"),
        ("amount", "0.00"),
        ("amount", "1e9"),
        ("reference", ""),
    ],
)
def test_a_wrong_deposit_is_refused(
    field: str, value: str, staff: Client, workspace_a: Tenant
) -> None:
    form = {"workspace": workspace_a.workspace.slug, "amount": "5", "reference": "r", field: value}
    assert staff.post(DEPOSIT, form).status_code == 422
    with planes.entered(Plane.STAFF):
        assert not Journal.objects.filter(cause="deposit:r").exists()


@pytest.mark.django_db
def test_the_command_makes_staff(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_staff", email="Boss@People.Example", generate=True)
    password = capsys.readouterr().out.rpartition(": ")[2].strip()
    browser = browser_of()
    browser.post("/accounts/login/", {"login": "boss@people.example", "password": password})
    assert browser.get("/admin/").status_code == 200
    member = people.make_user("M", "member@people.example")
    call_command("create_staff", email=member.email)
    assert "is staff now" in capsys.readouterr().out
    assert User.objects.get(pk=member.pk).is_staff
    with pytest.raises(CommandError, match="not an email"):
        call_command("create_staff", email="nobody")


def test_staff_retry_a_dead_delivery_or_give_it_up(staff: Client, workspace_a: Tenant) -> None:
    page = "/admin/rlhfhub_events/delivery/"
    with planes.as_system():
        dead = Delivery.objects.create(
            workspace_id=workspace_a.pk,
            event_id=uuid.uuid4(),
            event_created_at=clock.now(),
            handler="some.handler",
            attempts=MAX_ATTEMPTS,
            error="RuntimeError: not now",
        )

    def act(action: str) -> None:
        sent = {"action": action, "_selected_action": [str(dead.pk)]}
        assert staff.post(page, sent).status_code == 302
        with planes.as_system():
            dead.refresh_from_db()

    assert "dead" in staff.get(page).content.decode()
    act("retry")
    assert (dead.attempts, dead.done_at, bool(dead.next_at)) == (0, None, True)
    act("give_up")
    assert dead.done_at is None, "it is being tried"
    with planes.as_system():
        Delivery.objects.update(attempts=MAX_ATTEMPTS)
    act("give_up")
    assert dead.done_at
    assert "given up" in staff.get(page).content.decode()
    assert {"delivery.retry", "delivery.give_up"} <= {entry.verb for entry in entries()}
    act("retry")
    assert dead.done_at, "what is done is left"


def test_staff_sign_out_at_the_door(staff: Client) -> None:
    """Sessions and passwords are no other plane's to write."""
    staff_policy = staff.get("/admin/")["Content-Security-Policy"]
    changed = staff.get("/admin/password_change/")
    assert (changed.status_code, changed["Location"]) == (302, "/accounts/password/change/")
    gone = staff.post("/admin/logout/")
    assert gone.status_code == 200
    assert gone["Content-Security-Policy"] == staff_policy, "the theme's scripts run here too"
    assert staff.get("/admin/")["Location"].startswith("/admin/login/")


def test_hostile_addresses_of_lists_and_rows_are_no_faults(staff: Client) -> None:
    users = "/admin/rlhfhub_tenancy/user/"
    for path in (f"{users}%00/change/", "/admin/%00/"):
        assert staff.get(path).status_code == 404, path
    for query in ("password__startswith=a", "is_staff__exact=%00", "date_joined__year=99999"):
        assert staff.get(f"{users}?{query}").status_code == 400, query
    assert staff.get(f"{users}?is_staff__exact=1").status_code == 200
    sent = {"action": "retry", "_selected_action": "x"}
    assert staff.post("/admin/rlhfhub_events/delivery/", sent).status_code == 404
