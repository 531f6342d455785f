"""Pages of no room: errors and health."""

from typing import Any

from celery import current_app
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from structlog.contextvars import get_contextvars

from rlhfhub.api import errors
from rlhfhub.tenancy.decorators import unscoped


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for what is missing and what is somebody else's."""
    if _is_api(request):
        return errors.response(404, "not_found", "Not found.")
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return render(request, "403.html", status=403)


def too_large(request: HttpRequest) -> HttpResponse:
    """413 for a body beyond what is kept in memory; imports have caps of their own."""
    if _is_api(request):
        return errors.response(413, "too_large", "The body is larger than 4 MiB.")
    return render(request, "413.html", status=413)


def length_required(request: HttpRequest) -> HttpResponse:
    """411: whether all of a body in chunks has come, the server cannot tell."""
    if _is_api(request):
        return errors.response(411, "length_required", "Send the body with Content-Length.")
    return HttpResponse(status=411)


def too_many(request: HttpRequest) -> HttpResponse:
    """429 for a form that was sent too often from one address; its limits count minutes."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500, with the request's id and nothing else."""
    if _is_api(request):
        return errors.response(500, "server_error", "Something went wrong on our side.")
    known = get_contextvars().get("request_id")
    return render(request, "500.html", {"request_id": known}, status=500)


def busy(request: HttpRequest) -> HttpResponse:
    """503: nothing was changed, for a lock or the time ran out; the same request may be sent again."""
    words = "Something else is at work on this; nothing was changed. Try again in a moment."
    response = (
        errors.response(503, "busy", words)
        if _is_api(request)
        else render(request, "503.html", status=503)
    )
    response["Retry-After"] = "5"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open too long or came from elsewhere."""
    words = "This form was open too long. Go back, reload and send it again."
    return render(request, "403.html", {"reason": words}, status=403)


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
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # any failure is the answer here
        return type(error).__name__
    return "ok"


def _broker_answers() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:  # any failure is the answer here
        return type(error).__name__
    return "ok"
