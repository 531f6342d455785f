"""/w/<slug>/batches/<batch>/fund/."""

from django.urls import path

from billing.funding import views

urlpatterns = [
    path("batches/<uuid:batch_id>/fund/", views.batch_fund, name="batch_fund"),
    path("batches/<uuid:batch_id>/fund/progress/", views.fund_progress, name="fund_progress"),
]
