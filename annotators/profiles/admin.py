"""The terms, who accepted them, and profiles in the staff's admin, read-only."""

from django.contrib import admin

from annotators.profiles.models import Acceptance, PayoutCountry, Profile, Terms
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Profile, site=site)
class ProfileAdmin(ReadOnlyAdmin):
    list_display = ("user", "country", "adult_at", "languages", "domains", "created_at")
    list_filter = ("country",)
    list_select_related = ("user",)
    search_fields = ("user__email__istartswith",)
    ordering = ("-created_at",)


@admin.register(Terms, site=site)
class TermsAdmin(ReadOnlyAdmin):
    list_display = ("number", "published_at", "sha256")
    ordering = ("-number",)


@admin.register(Acceptance, site=site)
class AcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("user", "terms", "work_at", "confidentiality_at", "rights_at")
    list_select_related = ("user", "terms")
    search_fields = ("user__email__istartswith",)
    ordering = ("-accepted_at",)


@admin.register(PayoutCountry, site=site)
class PayoutCountryAdmin(ReadOnlyAdmin):
    list_display = ("code", "rail")
    ordering = ("code",)
