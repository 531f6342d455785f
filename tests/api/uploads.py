"""Sends uploads of items over REST."""

import json

from tests.factories import make_item

NDJSON = "application/x-ndjson"
JSON = "application/json"


GOOD = make_item(1)


def lines(*items):
    """Return the items as NDJSON."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def send(client, batch, body, kind=NDJSON, query="", **headers):
    """Upload `body` into the batch. Returns the response."""
    return client.post(
        f"/api/v1/batches/{batch.pk}/items/{query}", body, content_type=kind, **headers
    )
