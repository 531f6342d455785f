"""/work/: join a project, read its guidelines."""

from django.urls import path

from projects.enrollment import views

urlpatterns = [
    path("join/<uuid:project_id>/", views.join, name="join"),
    path("<uuid:enrollment_id>/guideline/", views.guideline, name="guideline"),
]
