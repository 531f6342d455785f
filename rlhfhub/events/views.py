"""The health of background work."""

from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from rlhfhub.events import watch
from rlhfhub.tenancy.decorators import unscoped
from rlhfhub.tenancy.trouble import trouble_of


def _backlog() -> watch.Backlog:
    was_kept = connection.connection is not None
    try:
        return watch.backlog()
    except OperationalError:
        connection.close()
        # The kept connection may have died in a restart of the server; try once with a new one.
        if was_kept:
            return watch.backlog()
        raise


@unscoped
@require_safe
def work(request: HttpRequest) -> JsonResponse:
    """Respond whether background work is on time. Load balancers must ask `ready` instead."""
    try:
        found = _backlog()
    except Exception as error:  # any failure is reported in the response
        reason = trouble_of(error) or type(error).__name__
        return JsonResponse({"status": "failing", "database": reason}, status=503)
    body = {
        "status": "late" if found.late else "ok",
        "oldest_event_seconds": round(found.oldest_seconds, 1),
        "late_deliveries": found.late_deliveries,
        "dead_deliveries": found.dead_deliveries,
    }
    return JsonResponse(body, status=503 if found.late else 200)
