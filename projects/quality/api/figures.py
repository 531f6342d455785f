"""How figures of agreement look over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.plan.models import Project
from projects.quality.models import AgreementFigures, AgreementSnapshot, PartAgreement
from projects.quality.trust import ENOUGH_ITEMS, STATES, State, state_of


class PositionAnswer(serializers.Serializer[Any]):
    decided = serializers.IntegerField(help_text="First answers that prefer one of two responses.")
    chose_first = serializers.IntegerField(
        help_text="How many of them prefer the response that was shown first."
    )
    share = serializers.FloatField(
        help_text="`chose_first` / `decided`, 0 to 1. It is near 0.5 if the position has no influence."
    )
    low = serializers.FloatField(help_text="Lower end of its 95 % interval (Wilson).")
    high = serializers.FloatField(help_text="Upper end of its 95 % interval.")


STATE_WORDS = (
    f"`none`: no item has two answers. `few`: fewer than {ENOUGH_ITEMS} items have. `alike`: all answers are the same. "
    "`poor`: annotators agree too little. `unsure`: the interval of α is too wide. `usable`: tentative conclusions; on "
    "a matter of taste, about as far as people usually agree. `good`: annotators agree far beyond chance."
)
_GWET = "Gwet's AC1 on a nominal scale, else AC2: agreement that stays meaningful where one answer prevails. Or null."
_FLEISS = "Fleiss' κ. Null if it is undefined, and on a scale of three or more values in an order."
_NAMES = (
    *("question", "level", "alpha", "state", "low", "high", "percent", "percent_without_ties"),
    *("gwet", "gwet_error", "gwet_low", "gwet_high", "fleiss", "fleiss_low", "fleiss_high"),
    *("items", "pairs", "annotations", "counts", "at"),
)


def judged_as(project: Project) -> dict[str, Any]:
    """Return the context that figures of this project need."""
    return {"taste_questions": project.taste_questions}


class _Figures(serializers.Serializer[Any]):
    """The figures of any set of answers to one question, with `judged_as` as the context."""

    state = serializers.SerializerMethodField(
        help_text=f"What this agreement says of the answers. {STATE_WORDS}"
    )
    alpha = serializers.FloatField(
        allow_null=True,
        help_text="Krippendorff's α at the scale's level of measurement: 1 is perfect agreement, 0 is "
        "chance. Null while it is undefined.",
    )
    low = serializers.FloatField(
        allow_null=True,
        help_text="Lower end of its 95 % interval, never below the least value that α can have: -1 where an item has "
        "two answers, and nearer to 0 where all items have more.",
    )
    high = serializers.FloatField(allow_null=True, help_text="Upper end of its 95 % interval.")
    percent = serializers.FloatField(
        allow_null=True, help_text="Share of pairs of answers on one item that agree, 0 to 1."
    )
    percent_without_ties = serializers.FloatField(
        allow_null=True, help_text="The same share without the answers that are ties, 0 to 1."
    )
    gwet = serializers.FloatField(allow_null=True, help_text=_GWET)
    gwet_error = serializers.FloatField(allow_null=True, help_text="Its standard error.")
    gwet_low = serializers.FloatField(allow_null=True, help_text="Lower end of its 95 % interval.")
    gwet_high = serializers.FloatField(allow_null=True, help_text="Upper end of its 95 % interval.")
    fleiss = serializers.FloatField(allow_null=True, help_text=_FLEISS)
    fleiss_low = serializers.FloatField(
        allow_null=True, help_text="Lower end of its 95 % interval."
    )
    fleiss_high = serializers.FloatField(
        allow_null=True, help_text="Upper end of its 95 % interval."
    )
    items = serializers.IntegerField(
        help_text="Items that have two or more of these answers; the figures are computed from them."
    )
    counts = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Number of judgments in each category of the question's scale, in the scale's order.",
    )

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, row: AgreementFigures) -> State:
        return state_of(row.measured, is_taste=row.question in self.context["taste_questions"])


class Snapshot(_Figures, serializers.ModelSerializer[AgreementSnapshot]):
    position = PositionAnswer(
        allow_null=True,
        help_text="Whether annotators prefer the response shown first. Null if the question does not "
        "compare two responses.",
    )
    answered = serializers.IntegerField(help_text="Items that have an answer.")

    class Meta:
        model = AgreementSnapshot
        fields: tuple[str, ...] = (*_NAMES, "answered", "position")


class BatchSnapshot(Snapshot):
    batch = serializers.UUIDField(source="batch_id")

    class Meta(Snapshot.Meta):
        fields = ("batch", *Snapshot.Meta.fields)


class Part(_Figures, serializers.ModelSerializer[PartAgreement]):
    class Meta:
        model = PartAgreement
        fields: tuple[str, ...] = _NAMES


class VersionPart(Part):
    guideline_version = serializers.IntegerField(source="guideline_version.number")

    class Meta(Part.Meta):
        fields = ("guideline_version", *Part.Meta.fields)


class TagPart(Part):
    key = serializers.CharField(source="tag_key")
    value = serializers.CharField(source="tag_value")

    class Meta(Part.Meta):
        fields = ("key", "value", *Part.Meta.fields)
