"""/earnings/."""

from django.urls import path

from billing.accruals import views

urlpatterns = [
    path("earnings/", views.earnings, name="earnings"),
    path("earnings/<uuid:enrollment_id>/", views.earnings_in, name="earnings_in"),
]
