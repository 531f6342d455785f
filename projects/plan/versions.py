"""Services of guideline versions: draft one, and publish it with what reading it pays."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from projects.plan import publishing, reading
from projects.plan.hourly import HourlyPay
from projects.plan.models import GuidelineVersion, Project
from projects.plan.rules import MAX_RULES, EarlierVersion, Rule, rules_of
from rlhfhub.events import outbox
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock

GUIDELINE_PUBLISHED = "plan.guideline_published"
MAX_GUIDELINE_CHARS = 200_000
#: The most that reading a version may pay, in minor units.
MAX_READING_MINOR = 10**7


@dataclass(frozen=True, slots=True)
class Reading:
    """How long a version takes to read, and what that pays, in minor units.

    `changed_seconds` and `changed_minor` are those of what is new in it, for who accepted the version before.
    """

    seconds: float
    minor: int
    changed_seconds: float = 0.0
    changed_minor: int = 0


def draft_guideline(
    *,
    project: Project,
    text: str,
    change: str,
    created_by_id: uuid.UUID | None,
    rules: Sequence[Rule] | None = None,
) -> GuidelineVersion:
    """Store the text as the project's next version, not yet in force. The first version is always major.

    Its headings are its rules, with ids of this project unless `rules` says which they are.

    Raises: Refused, naming the field, for an empty or too long text, too many headings or an unknown `change`.
    """
    if not text.strip():
        raise invalid("text", "The guidelines are empty. Write them first.")
    if len(text) > MAX_GUIDELINE_CHARS or "\x00" in text:
        most = f"{MAX_GUIDELINE_CHARS:,}"
        raise invalid("text", f"This must have at most {most} characters, none of them NUL.")
    if change not in GuidelineVersion.Change.values:
        raise invalid("change", "This must be major or minor.")
    locked = Project.objects.select_for_update().get(pk=project.pk)
    last = (
        GuidelineVersion.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    )
    rules = _rules(locked, text) if rules is None else rules
    if len(rules) > MAX_RULES:
        words = f"This may have at most {MAX_RULES} headings, and it has {len(rules)}."
        raise invalid("text", f"{words} Each heading becomes a rule with an id.")
    return GuidelineVersion.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        number=last + 1,
        change=change if last else GuidelineVersion.Change.MAJOR,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        rules=[rule.as_json() for rule in rules],
        created_by_id=created_by_id,
    )


def _rules(project: Project, text: str) -> list[Rule]:
    """Return the rules of the next version. They keep ids from the version in force, else from the newest version."""
    versions = GuidelineVersion.objects.filter(project=project)
    earlier = [project.guideline_version, versions.order_by("-number").first()]
    known = [
        EarlierVersion(version.text, [Rule(**rule) for rule in version.rules])
        for version in earlier
        if version is not None
    ]
    used = [rule["id"] for rules in versions.values_list("rules", flat=True) for rule in rules]
    return rules_of(text, known, used)


def reading_of(version: GuidelineVersion, project: Project) -> Reading:
    """Return what reading a version pays at least, at the pay of an hour that the project states. Any plane.

    Guidelines of appeals are short and the same for all, so that the pay of a verdict covers them.
    """
    pays = project.price_minor and project.purpose != Project.Purpose.APPEAL
    hourly = HourlyPay(project.price_minor, project.estimated_seconds).hourly_minor if pays else 0
    whole = reading.seconds_for(version.text)
    before = project.guideline_version
    changed = 0.0
    if (
        before
        and before.number < version.number
        and version.change == GuidelineVersion.Change.MAJOR
    ):
        changed = min(whole, reading.seconds_for_changes(before.text, version.text))
    most = MAX_READING_MINOR
    return Reading(
        whole,
        min(most, reading.pay_minor(whole, hourly)),
        changed,
        min(most, reading.pay_minor(changed, hourly)),
    )


def publish_guideline(
    *, version: GuidelineVersion, actor_id: uuid.UUID | None, reading_minor: int | None = None
) -> GuidelineVersion:
    """Put the version in force, and fix what reading it pays. Publishing it twice does nothing.

    `reading_minor` is what reading the whole of it pays, if that is more than the project's pay for an hour makes it;
    what reading the changes pays rises with it.

    Raises: Refused (`superseded`) if a newer version is in force; Refused, naming the field, for a `reading_minor` that
        is too low or too high, or where nobody is paid.
    """
    project = Project.objects.select_for_update().get(pk=version.project_id)
    version = GuidelineVersion.objects.get(pk=version.pk)
    if version.published_at:
        return version
    current = project.guideline_version
    if current and current.number > version.number:
        raise Refused(
            "superseded",
            f"Version {current.number} is in force, and it is newer than version {version.number}. "
            "To return to the older text, save it as a new version and publish that.",
            status=409,
        )
    version.published_at = clock.now()
    _set_reading(version, project, reading_minor)
    version.save(update_fields=["published_at", "reading_minor", "rereading_minor"])
    previous_id = project.guideline_version_id
    project.guideline_version = version
    project.save(update_fields=["guideline_version"])
    outbox.emit(
        kind=GUIDELINE_PUBLISHED,
        workspace_id=project.workspace_id,
        subject_id=version.pk,
        data={
            "project_id": str(project.pk),
            "previous_id": str(previous_id or ""),
            "change": version.change,
        },
    )
    audit.note("guideline.publish", version.pk, actor_id=actor_id)
    publishing.follow_up(version, actor_id)
    return version


def _set_reading(version: GuidelineVersion, project: Project, asked_minor: int | None) -> None:
    least = reading_of(version, project)
    version.reading_minor, version.rereading_minor = least.minor, least.changed_minor
    if asked_minor is None or asked_minor == least.minor:
        return
    if project.access != Project.Access.MARKET:
        raise invalid("reading_minor", "Members work unpaid, so reading pays nothing.")
    if not least.minor <= asked_minor <= MAX_READING_MINOR:
        low, high = (format_minor(m, project.currency) for m in (least.minor, MAX_READING_MINOR))
        raise invalid("reading_minor", f"This must be from {low} to {high}.")
    version.reading_minor = asked_minor
    if least.changed_seconds >= reading.LEAST_SECONDS:
        share = asked_minor * least.changed_seconds / least.seconds
        version.rereading_minor = max(least.changed_minor, round(share))
