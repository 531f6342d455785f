"""Rules that right answers cite, and that a version of the guidelines does not have. Workspace plane."""

from django.db.models import Count

from projects.items.models import Key
from projects.plan import publishing
from projects.plan.models import GuidelineVersion
from projects.plan.publishing import Follow, LostRule


def lost_in(version: GuidelineVersion) -> list[LostRule]:
    """Return the rules that right answers of the project cite and the version lacks. Retired answers do not count."""
    cited = Key.objects.filter(project=version.project_id, retired_at=None).exclude(rule="")
    lost = cited.exclude(rule__in=[rule["id"] for rule in version.rules])
    counted = lost.order_by().values_list("rule").annotate(keys=Count("id"))
    found = [LostRule(rule, keys) for rule, keys in counted]
    return sorted(found, key=lambda one: int(one.rule.removeprefix("R")))


def register() -> None:
    """Register what publishing guidelines loses. Called from the AppConfig's ready()."""
    publishing.register(Follow(loses=lost_in))
