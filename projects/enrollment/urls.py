"""/work/: read about a project, join it, accept its guidelines; tokens for REST. /w/<slug>/: a project's listing."""

from django.urls import path

from projects.enrollment import listing_views, member_views, token_views, views

member_urlpatterns = [
    path(
        "projects/<uuid:project_id>/listing/",
        member_views.project_listing,
        name="project_listing",
    ),
]

urlpatterns = [
    path("tokens/", token_views.tokens, name="tokens"),
    path("join/<uuid:project_id>/", views.join, name="join"),
    path("market/<uuid:project_id>/", listing_views.listing, name="listing"),
    path("<uuid:enrollment_id>/before/", listing_views.before_work, name="before_work"),
    path("<uuid:enrollment_id>/guideline/", views.guideline, name="guideline"),
]
