"""Error pages and health checks."""

import sys
from typing import Any

from celery import current_app
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe
from structlog.contextvars import get_contextvars

from rlhfhub.ground import json_out
from rlhfhub.tenancy.decorators import unscoped
from rlhfhub.tenancy.trouble import Trouble, described, trouble_of


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _json(status: int, code: str, detail: str) -> HttpResponse:
    body = json_out.error(code, detail)
    return HttpResponse(body, status=status, content_type="application/json")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for something missing and for something that belongs to somebody else."""
    if _is_api(request):
        return _json(404, "not_found", "Not found.")
    return render(request, "404.html", status=404)


def unknown_query(request: HttpRequest, names: list[str]) -> HttpResponse:
    """404 for query parameters that the page does not take, with a link to the page without them."""
    rest = request.GET.copy()
    for name in names:
        del rest[name]
    listed = ", ".join(name[:60] or "=" for name in names[:5])
    context = {
        "reason": f"This page cannot use these parameters of its address: {listed}.",
        "instead": request.path + (f"?{rest.urlencode()}" if rest else ""),
    }
    return render(request, "404.html", context, status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400 for a request that Django refuses to read, for example with too many fields."""
    if _is_api(request):
        return _json(400, "bad_request", "This request cannot be read.")
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return render(request, "403.html", status=403)


def too_large(request: HttpRequest) -> HttpResponse:
    """413 for a body larger than may be kept in memory. Imports have their own limits."""
    if _is_api(request):
        return _json(413, "too_large", "The body is larger than 4 MiB.")
    return render(request, "413.html", status=413)


def length_required(request: HttpRequest) -> HttpResponse:
    """411 for a chunked body, because the server cannot tell whether all of it has arrived."""
    if _is_api(request):
        return _json(411, "length_required", "Send the body with Content-Length.")
    return HttpResponse(status=411)


def too_many_forms(request: HttpRequest) -> HttpResponse:
    """429 for a form that was sent too often from one address. The limits are per minute."""
    words = "Your last request was not carried out. Wait a minute, then send the form again."
    return _too_many(request, "This form was sent too often", words, 60)


def too_many_writes(request: HttpRequest, seconds: int) -> HttpResponse:
    """429 for a costly write that the workspace has made too often."""
    words = (
        "Your workspace has reached its limit on imports, funding and exports, by pages and API keys together. "
        f"Nothing was changed. Go back and try again in {seconds} seconds."
    )
    return _too_many(request, "Too often in a short time", words, seconds)


def _too_many(request: HttpRequest, title: str, words: str, seconds: int) -> HttpResponse:
    response = render(request, "429.html", {"title": title, "words": words}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with only the request's id; 503 when a temporary failure stopped a middleware."""
    stopped = trouble(request, sys.exception())
    if stopped is not None:
        return stopped
    if _is_api(request):
        return _json(500, "server_error", "Something went wrong on our side.")
    known = get_contextvars().get("request_id")
    return render(request, "500.html", {"request_id": known}, status=500)


_TROUBLES = {
    Trouble.BUSY: (
        "Something else is at work on this",
        "Another step, such as a large import, is changing the same data. Nothing was changed.",
        5,
    ),
    # The connection may have been lost after the commit.
    Trouble.DATABASE: (
        "The site cannot reach its database",
        "Everything that was shown as saved is safe. If you have just sent something, check whether it arrived "
        "before you send it again.",
        10,
    ),
    Trouble.NO_ROOM: (
        "The site has no room left",
        "What you sent could not be stored; nothing was changed. Everything that was shown as saved is safe.",
        60,
    ),
}


def trouble(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """503 with Retry-After when `error` comes from a temporary failure, else None. Needs no database."""
    found = trouble_of(error)
    if found is None or error is None:
        return None
    title, words, seconds = _TROUBLES[found]
    response = (
        _json(503, found, f"{title}. {words}")
        if _is_api(request)
        else render(request, "503.html", {"title": title, "words": words}, status=503)
    )
    response["Retry-After"] = str(seconds)
    response.log_reason = described(error, found)  # type: ignore[attr-defined]  # for RequestLogMiddleware
    return response


def unsupported_charset(request: HttpRequest) -> HttpResponse:
    """415 for a body in another charset than UTF-8."""
    if _is_api(request):
        words = "Send text as UTF-8; leave the charset out of Content-Type, or say utf-8."
        return _json(415, "unsupported_media_type", words)
    return render(request, "415.html", status=415)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form with an old token or from another site, with a link back to the form."""
    words = (
        "Nothing was changed. You signed in or out in another tab after this form was opened, or it was open for very "
        "long. Open it again and send it; go back first to copy what you typed."
    )
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        came_from, {request.get_host()}, require_https=request.is_secure()
    )
    context = {"reason": words, "form_address": came_from if ours else request.path}
    return render(request, "403.html", context, status=403)


@unscoped
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@unscoped
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The database and the broker answer."""
    parts: dict[str, Any] = {"database": _database_answers(), "broker": _broker_answers()}
    ok = all(value == "ok" for value in parts.values())
    return JsonResponse({"status": "ok" if ok else "failing", **parts}, status=200 if ok else 503)


def _database_answers() -> str:
    was_kept = connection.connection is not None
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # any failure is the answer here
        connection.close()
        # A kept connection died with the server, which may be back.
        return _database_answers() if was_kept else trouble_of(error) or type(error).__name__
    return "ok"


def _broker_answers() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:  # any failure is the answer here
        return type(error).__name__
    return "ok"
