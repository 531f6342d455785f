"""/work/: the annotator's projects."""

from django.urls import path

from projects.enrollment import views

urlpatterns = [
    path("", views.work_home, name="work_home"),
    path("join/<uuid:project_id>/", views.join, name="join"),
    path("<uuid:enrollment_id>/guideline/", views.guideline, name="guideline"),
]
