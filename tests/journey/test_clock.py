"""The scheduler alone accepts and pays work that nobody reviews."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from projects.work.models import Annotation
from rlhfhub.devtools.waiting import wait_until
from tests.browser.records import answers_of, without_triggers
from tests.browser.site import Site
from tests.factories import PRICE, make_batch, make_project, make_workspace
from tests.journey import checks
from tests.journey.caller import Caller
from tests.people import make_annotator

SECONDS = 90
pytestmark = pytest.mark.slow


def test_unreviewed_work_is_accepted_by_the_clock_and_paid(site: Site) -> None:
    project = make_project(make_workspace())
    make_batch(project, items=2)
    ada = make_annotator(project, "Ada")
    for _ in range(2):
        lease = ada.lease()
        assert lease
        assert ada.submit(lease).status_code == 201
    due = answers_of(ada)[0]
    # The owner disables the trigger that keeps everybody from changing the end of a window.
    with transaction.atomic(), scopes_disabled(), without_triggers(Annotation):
        past = timezone.now() - timedelta(hours=1)
        Annotation.objects.filter(pk=due.pk).update(decide_by=past)
    caller = Caller(site, ada.secret)
    with caller.http:
        paid = [{"amount_minor": PRICE, "currency": "USD"}]
        wait_until(
            lambda: caller.get("desk/earnings/")["accrued"] == paid, SECONDS, "the clock's verdict"
        )
        pending = caller.get("desk/earnings/")["pending"]
    assert pending == [{"annotations": 1, "amount_minor": PRICE, "currency": "USD"}]
    assert [answer.state for answer in answers_of(ada)] == ["accepted", "submitted"]
    checks.assert_books_balance()
