"""The emulator sends real webhooks to the site: signed, doubled, out of order and lost; what is lost is swept."""

import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application

from billing.stripe import processing, sweep
from billing.stripe.calls import accounts, customers, transfers
from billing.stripe.models import InboundEvent
from rlhfhub.tenancy import planes
from tests.stripe.conftest import Handlers
from tests.stripe_emulator.control import Control

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_database")]
DAY = 86_400


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def hooked(emulator: Control, settings: object, as_site: object) -> Iterator[Control]:
    """The emulator sends its events to the three endpoints of the site, which runs in a thread."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), WSGIServer, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
    settings.STRIPE_WEBHOOK_SECRETS = {  # type: ignore[attr-defined]
        "platform": [emulator.endpoint(f"{address}/platform/")],
        "connect": [emulator.endpoint(f"{address}/connect/", "connect")],
        "thin": [emulator.endpoint(f"{address}/thin/", "thin")],
    }
    emulator.post("webhooks", hold=True)
    as_site()  # type: ignore[operator]
    yield emulator
    server.shutdown()
    server.server_close()


def make_customers(count: int) -> None:
    for number in range(count):
        customers.create(
            key=f"customer:{number}", name=f"N{number}", email="h@x.example", metadata={}
        )


def stored(**filters: object) -> list[InboundEvent]:
    with planes.as_system():
        return list(InboundEvent.objects.filter(**filters).order_by("id"))


def test_events_come_twice_and_out_of_order(hooked: Control, handlers: Handlers) -> None:
    handlers.on("customer.created")
    make_customers(4)
    answers = hooked.post("webhooks/deliver", order="reversed", copies=2)
    assert {answer["status"] for answer in answers} == {200}
    assert len(stored(type="customer.created")) == 4
    processing.handle_all()
    assert len(handlers.seen) == 4
    assert {event.object_kind for event in handlers.seen} == {"customer"}


def test_each_kind_of_event_has_its_endpoint(hooked: Control, handlers: Handlers) -> None:
    made = accounts.create(
        key="recipient:1", name="Ada", email="a@x.example", country="US", metadata={}
    )
    hooked.post("accounts", account=made.id, identity="verified", bank="good")
    hooked.fund(5_000)
    transfers.create(
        key="payout:1:1",
        destination=made.id,
        amount_minor=700,
        currency="USD",
        group="run-1",
        metadata={},
    )
    hooked.advance(4 * DAY)
    answers = hooked.post("webhooks/deliver")
    assert {answer["status"] for answer in answers} == {200}
    (transfer,) = stored(type="transfer.created")
    assert (transfer.endpoint, transfer.account) == ("platform", "")
    (payout,) = stored(type="payout.paid")
    assert (payout.endpoint, payout.account, payout.object_kind) == ("connect", made.id, "payout")
    of_account = stored(endpoint="thin", object_id=made.id)
    assert "v2.core.account[requirements].updated" in {event.type for event in of_account}
    processing.handle_all()
    assert {event.state for event in stored()} == {"ignored"}


def test_lost_events_are_swept(hooked: Control, handlers: Handlers) -> None:
    handlers.on("customer.created")
    handlers.on("v2.core.account.created")
    make_customers(3)
    accounts.create(key="recipient:1", name="Ada", email="a@x.example", country="US", metadata={})
    hooked.post("webhooks/deliver", drop=True)
    assert stored() == []
    assert sweep.sweep() >= 4
    assert len(stored(type="customer.created", endpoint="platform")) == 3
    processing.handle_all()
    assert {event.type for event in handlers.seen} == {
        "customer.created",
        "v2.core.account.created",
    }
    assert sweep.sweep() == 0


def test_undelivered_events_are_swept(hooked: Control, handlers: Handlers) -> None:
    make_customers(2)
    sweep.sweep()
    assert len(stored(type="customer.created")) == 2
    answers = hooked.post("webhooks/deliver", types=["customer.created"])
    assert {answer["status"] for answer in answers} == {200}
    assert len(stored(type="customer.created", endpoint="platform")) == 2


def test_while_a_secret_is_rolled_both_sign(hooked: Control, settings: object) -> None:
    make_customers(1)
    endpoint = hooked.get("webhooks")[0]["endpoint"]
    rolled = hooked.post("webhooks/roll", endpoint=endpoint)["secret"]
    secrets = settings.STRIPE_WEBHOOK_SECRETS  # type: ignore[attr-defined]
    secrets["platform"].insert(0, rolled)
    assert {each["status"] for each in hooked.post("webhooks/deliver")} == {200}
    secrets["platform"].pop()
    make_customers(2)
    assert {each["status"] for each in hooked.post("webhooks/deliver")} == {200}
    secrets["platform"][:] = ["whsec_neither"]
    make_customers(3)
    statuses = {
        each["status"] for each in hooked.post("webhooks/deliver", types=["customer.created"])
    }
    assert 400 in statuses
