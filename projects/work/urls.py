"""URLs under /work/: the annotator's home and the desk."""

from django.urls import path

from projects.work import home, unanswered, views

urlpatterns = [
    path("", home.work_home, name="work_home"),
    path("<uuid:enrollment_id>/", views.desk, name="desk"),
    path("<uuid:enrollment_id>/returned/", unanswered.unanswered, name="own_unanswered"),
    path("<uuid:enrollment_id>/drafts/", views.kept, name="desk_kept"),
    path("<uuid:enrollment_id>/leases/<uuid:lease_id>/submit/", views.submit, name="desk_submit"),
    path(
        "<uuid:enrollment_id>/leases/<uuid:lease_id>/return/",
        views.return_lease,
        name="desk_return",
    ),
    path("<uuid:enrollment_id>/leases/<uuid:lease_id>/draft/", views.draft, name="desk_draft"),
]
