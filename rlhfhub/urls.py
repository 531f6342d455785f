"""URLs. The first part of a path decides the plane: /w/ workspace, /work/ and /earnings/ annotator, /admin/ staff.

Stripe sends events to /webhooks/, in the door plane.
"""

from django.urls import include, path

from billing.stripe import urls as stripe
from rlhfhub.events import views as events
from rlhfhub.tenancy.signin import AskAgainView, SignInView
from rlhfhub.web import views as web

handler400 = "rlhfhub.web.views.bad_request"
handler403 = "rlhfhub.web.views.forbidden"
handler404 = "rlhfhub.web.views.not_found"
handler429 = "rlhfhub.web.views.too_many_forms"
handler500 = "rlhfhub.web.views.server_error"

urlpatterns = [
    path("healthz/live", web.live, name="live"),
    path("healthz/ready", web.ready, name="ready"),
    path("healthz/work", events.work, name="work_health"),
    path("accounts/login/", SignInView.as_view(), name="account_login"),
    path("accounts/reauthenticate/", AskAgainView.as_view(), name="account_reauthenticate"),
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include("rlhfhub.urls_api")),
    *stripe.urlpatterns,
    path("", include("rlhfhub.urls_pages")),
]
