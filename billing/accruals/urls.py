"""/earnings/."""

from django.urls import path

from billing.accruals import views

urlpatterns = [path("earnings/", views.earnings, name="earnings")]
