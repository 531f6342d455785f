"""/w/<slug>/: fund a batch or a round, and ask for more answers to one item or several."""

from django.urls import path

from billing.funding import round_views, views

urlpatterns = [
    path("batches/<uuid:batch_id>/fund/", views.batch_fund, name="batch_fund"),
    path("batches/<uuid:batch_id>/fund/progress/", views.fund_progress, name="fund_progress"),
    path("rounds/<uuid:round_id>/fund/", round_views.round_fund, name="round_fund"),
    path(
        "batches/<uuid:batch_id>/more-answers/", views.batch_more_answers, name="batch_more_answers"
    ),
    path("batches/<uuid:batch_id>/reserve/", views.batch_top_up, name="batch_top_up"),
    path("items/<uuid:item_id>/more-answers/", views.more_answers, name="more_answers"),
]
