"""URLs. The first part of a path says the plane: /w/ workspace, /work/ and /earnings/ annotator, /admin/ staff."""

from django.contrib import admin
from django.urls import include, path

from projects.work import api as desk
from rlhfhub.web import views as web

handler403 = "rlhfhub.web.views.forbidden"
handler404 = "rlhfhub.web.views.not_found"
handler500 = "rlhfhub.web.views.server_error"

api = [
    path("desk/lease/", desk.Lease.as_view(), name="api_lease"),
    path("desk/leases/<uuid:lease_id>/submit/", desk.Submit.as_view(), name="api_submit"),
    path("desk/leases/<uuid:lease_id>/return/", desk.Return.as_view(), name="api_return"),
    path("desk/leases/<uuid:lease_id>/draft/", desk.Draft.as_view(), name="api_draft"),
]

urlpatterns = [
    path("healthz/live", web.live, name="live"),
    path("healthz/ready", web.ready, name="ready"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
]
