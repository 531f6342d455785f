"""Below /w/<slug>/ the rounds of a project, and below /work/ an annotator's own calibration."""

from django.urls import path

from projects.calibration import desk_views, views

urlpatterns = [
    path("projects/<uuid:project_id>/calibration/", views.calibration, name="calibration"),
    path("projects/<uuid:project_id>/calibration/new/", views.round_new, name="round_new"),
    path("rounds/<uuid:round_id>/", views.round_page_view, name="round"),
    path("rounds/<uuid:round_id>/close/", views.round_close, name="round_close"),
    path("rounds/<uuid:round_id>/override/", views.round_override, name="round_override"),
    path("rounds/<uuid:round_id>/guideline/", views.round_guideline, name="round_guideline"),
]

desk = [
    path("<uuid:enrollment_id>/calibration/", desk_views.feedback, name="calibration_feedback"),
    path("<uuid:enrollment_id>/calibration/retake/", desk_views.retake, name="calibration_retake"),
]
