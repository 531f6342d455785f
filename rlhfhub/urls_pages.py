"""The pages' URLs: /w/<slug>/ for members, /work/ and /earnings/ for annotators, the rest at the door."""

from django.urls import include, path

from projects.enrollment import urls as enrollment
from projects.work import urls as work

urlpatterns = [
    path("work/", include(enrollment.urlpatterns)),
    path("work/", include(work.urlpatterns)),
]
