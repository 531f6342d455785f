"""/earnings/: a person's earnings by project."""

from django.urls import path

from billing.accruals import views

urlpatterns = [
    path("earnings/projects/", views.earnings_by_project, name="earnings_by_project"),
    path("earnings/<uuid:enrollment_id>/", views.earnings_in, name="earnings_in"),
]
