"""Idempotency keys, lists and errors."""

import pytest
import stripe

from tests.contract.conftest import Side


def test_a_key_repeats_its_result(side: Side) -> None:
    key = side.unique("key")
    first = side.client.v1.customers.create({"name": "Ada"}, {"idempotency_key": key})
    again = side.client.v1.customers.create({"name": "Ada"}, {"idempotency_key": key})
    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"


def test_a_key_with_other_parameters_is_refused(side: Side) -> None:
    key = side.unique("key")
    side.client.v1.customers.create({"name": "Ada"}, {"idempotency_key": key})
    with pytest.raises(stripe.IdempotencyError):
        side.client.v1.customers.create({"name": "Ben"}, {"idempotency_key": key})


def test_a_key_repeats_an_error_of_execution(side: Side) -> None:
    key = side.unique("key")
    fields = {"amount": 99_999_999, "currency": "usd", "destination": side.recipient()}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            side.client.v1.transfers.create(fields, {"idempotency_key": key})
        assert refused.value.code == "balance_insufficient"
    assert refused.value.headers["idempotent-replayed"] == "true"


def test_a_list_is_read_in_pages(side: Side) -> None:
    email = f"{side.unique('list')}@example.org"
    made = [side.client.v1.customers.create({"email": email}).id for _ in range(3)]
    first = side.client.v1.customers.list({"email": email, "limit": 2})
    assert ([each.id for each in first.data], first.has_more) == (made[:0:-1], True)
    assert [each.id for each in first.auto_paging_iter()] == made[::-1]


def test_metadata_is_merged(side: Side) -> None:
    customer = side.client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    changed = side.client.v1.customers.update(customer.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def test_an_unknown_parameter_is_refused(side: Side) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        side.client.v1.customers.create({"bogus": "1"})
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "bogus")


def test_types_of_payment_methods_are_no_longer_listed(side: Side) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        side.paid(payment_method_types=["card"])
    assert refused.value.code == "payment_method_types_no_longer_supported"


def test_a_missing_object_is_a_404(side: Side) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        side.client.v1.customers.retrieve("cus_nobody")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


def test_events_tell_of_a_change(side: Side) -> None:
    customer = side.client.v1.customers.create({"name": "Ada"})
    side.client.v1.customers.update(customer.id, {"name": "Ben"})

    def told() -> dict[str, object]:
        events = side.client.v1.events.list(
            {"types": ["customer.created", "customer.updated"], "limit": 100}
        ).data
        return {each.type: each for each in events if each.data.object["id"] == customer.id}

    events = side.eventually(lambda: told() if len(told()) == 2 else None)
    assert events["customer.updated"].data.previous_attributes["name"] == "Ada"
    assert events["customer.created"].api_version == stripe.api_version
