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
        # A kept connection died with the server, which may be back.
        if was_kept:
            return watch.backlog()
        raise


@unscoped
@require_safe
def work(request: HttpRequest) -> JsonResponse:
    """Whether background work is done in time. No reason to take a web server out of rotation: that is `ready`."""
    try:
        found = _backlog()
    except Exception as error:  # any failure is the answer here
        reason = trouble_of(error) or type(error).__name__
        return JsonResponse({"status": "failing", "database": reason}, status=503)
    body = {
        "status": "late" if found.late else "ok",
        "oldest_event_seconds": round(found.oldest_seconds, 1),
        "late_deliveries": found.late_deliveries,
        "dead_deliveries": found.dead_deliveries,
    }
    return JsonResponse(body, status=503 if found.late else 200)
