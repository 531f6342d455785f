"""The webhook endpoints, to which Stripe sends events. They have no session and no form token: the signature counts."""

import logging
from contextlib import ExitStack

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.stripe import inbound
from billing.stripe.events import ENDPOINTS
from rlhfhub.ground import json_out
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import unscoped
from rlhfhub.web import bodies
from rlhfhub.web.scope import open_at_the_door

log = logging.getLogger(__name__)


@csrf_exempt
@unscoped
@require_POST
def webhook(request: HttpRequest, endpoint: str) -> HttpResponse:
    """Check and store an event, and respond at once: a worker handles it."""
    if endpoint not in ENDPOINTS:
        raise Http404
    try:
        body = _body(request)
        signature = request.headers.get("Stripe-Signature", "")
        event = inbound.checked(endpoint=endpoint, body=body, signature=signature)
    except Refused as refused:
        return _refusal(endpoint, refused)
    with ExitStack() as stack:
        open_at_the_door(stack)
        new = inbound.store(events=[event])
    return _json({"status": "stored" if new else "known"}, 200)


def _body(request: HttpRequest) -> bytes:
    """Return the whole body. Raises: Refused for one that is too large, of unknown length, or broken off."""
    if bodies.is_unmeasured(request):
        bodies.drain(request)
        raise Refused("length_required", "Send the body with Content-Length.", status=411)
    if bodies.is_announced(request) or _length(request) > inbound.MOST_BYTES:
        bodies.drain(request)
        words = f"The body is larger than {inbound.MOST_BYTES} bytes."
        raise Refused("too_large", words, status=413)
    try:
        return request.body
    except UnreadablePostError as error:
        raise Refused("interrupted", "The body broke off.") from error


def _length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _refusal(endpoint: str, refused: Refused) -> HttpResponse:
    log.warning("a webhook was refused at %s", endpoint, extra={"code": refused.code})
    return _json({"code": refused.code, "detail": refused.detail, "errors": []}, refused.status)


def _json(content: dict[str, object], status: int) -> HttpResponse:
    return HttpResponse(json_out.dumps(content), status=status, content_type="application/json")
