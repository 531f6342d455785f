"""/w/<slug>/batches/<batch>/fund/, …/more-answers/ and /w/<slug>/items/<item>/more-answers/."""

from django.urls import path

from billing.funding import views

urlpatterns = [
    path("batches/<uuid:batch_id>/fund/", views.batch_fund, name="batch_fund"),
    path("batches/<uuid:batch_id>/fund/progress/", views.fund_progress, name="fund_progress"),
    path(
        "batches/<uuid:batch_id>/more-answers/", views.batch_more_answers, name="batch_more_answers"
    ),
    path("items/<uuid:item_id>/more-answers/", views.more_answers, name="more_answers"),
]
