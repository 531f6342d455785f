"""/work/: read about a project, join it, accept its guidelines, leave it; tokens. /w/<slug>/: who is enrolled."""

from django.urls import path

from projects.enrollment import listing_views, member_views, token_views, views
from projects.enrollment.states import own_views as own_states
from projects.enrollment.states import views as states

urlpatterns = [
    path("tokens/", token_views.tokens, name="tokens"),
    path("join/<uuid:project_id>/", views.join, name="join"),
    path("market/<uuid:project_id>/", listing_views.listing, name="listing"),
    path("<uuid:enrollment_id>/before/", listing_views.before_work, name="before_work"),
    path("<uuid:enrollment_id>/guideline/", views.guideline, name="guideline"),
    path("<uuid:enrollment_id>/enrollment/", own_states.own_enrollment, name="own_enrollment"),
    path("<uuid:enrollment_id>/enrollment/leave/", own_states.leave, name="own_enrollment_leave"),
    path(
        "<uuid:enrollment_id>/enrollment/rejoin/", own_states.rejoin, name="own_enrollment_rejoin"
    ),
    path("<uuid:enrollment_id>/enrollment/reply/", own_states.reply, name="own_enrollment_reply"),
]

workspace_urlpatterns = [
    path(
        "projects/<uuid:project_id>/listing/",
        member_views.project_listing,
        name="project_listing",
    ),
    path("projects/<uuid:project_id>/annotators/", states.enrollments, name="enrollments"),
    path(
        "projects/<uuid:project_id>/annotators/<slug:pseudonym>/enrollment/",
        states.enrollment_state,
        name="enrollment",
    ),
]
