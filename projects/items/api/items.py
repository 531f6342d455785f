"""REST for a batch's items: import them (see `upload_flow`) and list them."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, get_args

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from projects.formats.reading.intake import OnError
from projects.formats.reading.spool import Spooled
from projects.items import imports, upload_flow, uploads
from projects.items.api.shapes import ItemAnswer, ItemBody, Receipt, UploadForm
from projects.items.imports import OnSame
from projects.items.models import Batch, Item
from rlhfhub.api import idempotency
from rlhfhub.api.authentication import ApiKeyAuthentication, caller_of
from rlhfhub.api.pagination import page
from rlhfhub.api.queries import PageQuery, Query
from rlhfhub.api.schema import KEY, paged
from rlhfhub.api.throttles import CostlyWrites
from rlhfhub.api.views import WorkspaceAPIView, at_door, by_id, open_at_door
from rlhfhub.tenancy.decorators import unscoped
from rlhfhub.web import bodies


class ImportQuery(Query):
    """What an import does with wrong rows and with rows of the same content."""

    on_error = serializers.ChoiceField(
        choices=get_args(OnError),
        default="abort",
        help_text="A wrong row makes the whole upload fail (`abort`) or is left out (`skip`).",
    )
    on_same = serializers.ChoiceField(
        choices=get_args(OnSame),
        default="keep",
        help_text="A row that has the same prompt, context and responses (in any order) as another row or item, under "
        "another external id, is imported with a warning (`keep`), left out as a duplicate (`skip`), or treated as a "
        "wrong row (`refuse`).",
    )


class Items(WorkspaceAPIView):
    """Opens its own transactions: the middleware would keep one open while the body arrives."""

    scopes: ClassVar = {"GET": "read", "POST": "write"}
    queries: ClassVar = {"GET": PageQuery, "POST": ImportQuery}
    finds: ClassVar = {"batch": by_id(Batch, "project__form")}
    throttle_classes = (CostlyWrites,)
    throttle_scope = "imports"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # A POST calls begin() itself, in the transaction that checks its headers.
        if request.method != "POST":
            open_at_door(request)
            self.begin(request)

    def begin(self, request: Request) -> None:
        """Check the caller, their rights and their rate limit, and load the batch."""
        super().initial(request, **self.kwargs)

    def batch_of(self, found: Any) -> Batch:
        """Return the batch that an upload to `found`, which the URL names, goes into."""
        batch: Batch = found
        return batch

    def upload_of(self, spooled: Spooled) -> imports.Upload:
        """Return what the query says is to be done with the spooled body."""
        query = self.query
        return imports.Upload(spooled.path, spooled.sha256, query["on_error"], query["on_same"])

    def receipt_of(self, receipt: imports.Receipt) -> dict[str, Any]:
        """Return the receipt as the response shows it."""
        return receipt.as_json()

    def check_throttles(self, request: Request) -> None:
        # Count an upload once: not again in the second call, which brings the body after its headers were checked.
        if not bodies.is_wanted(request._request):
            super().check_throttles(request)

    def handle_exception(self, exc: Exception) -> Response:
        if self.request.method == "POST":
            bodies.drain(self.request._request)
        return super().handle_exception(exc)

    @extend_schema(responses=paged(ItemAnswer))
    def get(self, request: Request, batch: Batch) -> Response:
        """List the batch's items in order."""
        rows = Item.objects.filter(batch=batch)
        return page(request, rows, ItemAnswer, ordering="seq")

    @extend_schema(
        parameters=[KEY],
        request={
            "application/json": ItemBody(many=True),
            "application/x-ndjson": ItemBody,
            uploads.MULTIPART: UploadForm,
        },
        responses={
            201: Receipt,
            400: OpenApiResponse(
                description="Rows that are wrong, each with its number and field."
            ),
            409: OpenApiResponse(description="The batch is funded or closed (`not_draft`)."),
            411: OpenApiResponse(
                description="NDJSON or a form in chunks: without its length nobody can tell whether all of it arrived."
            ),
            413: OpenApiResponse(description="The upload is too large."),
            415: OpenApiResponse(
                description="The body is not JSON, NDJSON or a form, or its encoding is not gzip."
            ),
        },
    )
    def post(self, request: Request, batch: uuid.UUID) -> Response | bodies.Continue:
        """Import items: a JSON array, NDJSON, or a file in a form.

        The body may be gzipped (with Content-Encoding), and so may the file. Either all rows are imported or none,
        unless `on_error=skip`. The receipt also lists warnings about rows that were imported.
        """
        return self.receive(request, "batch", batch)

    def receive(
        self, request: Request, name: str, target_id: uuid.UUID
    ) -> Response | bodies.Continue:
        """Import the body into the batch of the object that `name` in the URL names."""
        sender = _ApiKeySender(self, request, name, target_id)
        wanted = upload_flow.check_headers(sender)
        return upload_flow.import_body(sender) if wanted is None else wanted


class _ApiKeySender:
    """A sender that authenticates by an API key."""

    def __init__(self, view: Items, request: Request, name: str, target_id: uuid.UUID) -> None:
        self.request = request._request
        self._view, self._rest_request = view, request
        self._name, self._target_id = name, target_id

    @contextmanager
    def transaction(self, *, first: bool) -> Iterator[Batch]:
        """Authenticate the key again each time: it may have been revoked while the body arrived."""
        view, request = self._view, self._rest_request
        with at_door(request):
            if first:
                view.begin(request)
                yield view.batch_of(view.kwargs[self._name])
                return
            found = ApiKeyAuthentication().authenticate(request)
            if found is None:
                raise NotAuthenticated
            request.user = found[0]  # type: ignore[assignment]
            view.check_permissions(request)
            yield view.batch_of(view.finds[self._name](self._target_id))

    def is_answered(self) -> bool:
        """Return whether the Idempotency-Key has a stored response. It is then repeated whatever the batch's state."""
        return idempotency.is_answered(self._rest_request)

    def check_headers(self) -> None:
        """Refuse a Content-Type that cannot be imported."""
        uploads.check_kind(self.request)

    def receive(self, folder: Path) -> imports.Upload:
        """Spool the body, or the file in the form."""
        return self._view.upload_of(uploads.receive(self.request, folder))

    def store(self, batch: Batch, upload: imports.Upload) -> Response:
        """Import the upload, or repeat the stored response of the same Idempotency-Key."""
        actor_id = caller_of(self._rest_request).created_by_id

        def load() -> Response:
            receipt = imports.load(batch=batch, upload=upload, actor_id=actor_id)
            return Response(self._view.receipt_of(receipt), status=201)

        body = f"{upload.sha256} {upload.on_error} {upload.on_same}"
        return idempotency.once(self._rest_request, hashlib.sha256(body.encode()).hexdigest(), load)


items = unscoped(Items.as_view())
