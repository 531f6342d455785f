"""The shapes of rounds, attempts and disagreements in REST."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.calibration import rule
from projects.calibration.models import Attempt, Round
from projects.calibration.planner import expected_of
from projects.calibration.rule import PassRule
from projects.plan.models import Project
from projects.plan.services import MAX_RECALIBRATE_DAYS
from rlhfhub.api.bodies import Body, Choice, Flag, Integer, Text

_USUAL = PassRule(question="")


class Share(serializers.FloatField):
    """A share from 0 to 1, as a JSON number."""

    def to_internal_value(self, data: Any) -> float:
        if type(data) not in (int, float):
            self.fail("invalid")
        return super().to_internal_value(data)


class RoundBody(Body):
    question = Text(max_length=40, help_text="The name of the question whose answers decide.")
    items = Integer(
        default=_USUAL.items,
        min_value=rule.LEAST_ITEMS,
        max_value=rule.MOST_ITEMS,
        help_text="Items of an attempt at most. The pool must have twice as many.",
    )
    seats = Integer(default=_USUAL.seats, min_value=1, max_value=rule.MOST_SEATS)
    needed = Integer(
        default=_USUAL.needed,
        min_value=1,
        max_value=rule.MOST_SEATS,
        help_text="How many must pass before main batches open.",
    )
    pass_at = Share(default=_USUAL.pass_at, min_value=0.01, max_value=0.99)
    fail_at = Share(default=_USUAL.fail_at, min_value=0.01, max_value=0.99)
    wrong_pass = Share(default=_USUAL.wrong_pass, min_value=0.001, max_value=0.4)
    wrong_fail = Share(default=_USUAL.wrong_fail, min_value=0.001, max_value=0.4)
    wait_hours = Integer(
        default=_USUAL.wait_hours,
        min_value=0,
        max_value=rule.MOST_WAIT_HOURS,
        help_text="Hours between a failed attempt and the next.",
    )
    idle_days = Integer(
        default=_USUAL.idle_days,
        min_value=1,
        max_value=rule.MOST_IDLE_DAYS,
        help_text="Days without an answer after which an attempt is left and its seat is free.",
    )
    category_floor = Share(
        default=None,
        allow_null=True,
        min_value=0.01,
        max_value=0.99,
        help_text="Fails somebody whose whole 95 % interval on one guideline rule is below it.",
    )
    alpha_target = Share(default=None, allow_null=True, min_value=-0.99, max_value=0.99)
    alpha_gates = Flag(default=False, help_text="Whether main batches wait for `alpha_target`.")


class SettingsBody(Body):
    calibration = Choice(choices=Project.Calibration.choices, required=False)
    recalibrate_days = Integer(
        required=False, allow_null=True, min_value=1, max_value=MAX_RECALIBRATE_DAYS
    )


class OverrideBody(Body):
    reason = Text(max_length=2000, help_text="At least 20 characters.")


class ExpectedAnswer(serializers.Serializer[Any]):
    good_passes = serializers.FloatField(help_text="Share of good annotators who pass.")
    bad_passes = serializers.FloatField(help_text="Share of bad annotators who pass.")
    good_items = serializers.FloatField(help_text="Mean number of items until the verdict.")
    bad_items = serializers.FloatField()
    warning = serializers.CharField(
        help_text="Says that more verdicts will be wrong than `wrong_pass` and `wrong_fail` allow; else empty."
    )


class RoundAnswer(serializers.ModelSerializer[Round]):
    project = serializers.UUIDField(source="project_id")
    batch = serializers.UUIDField(source="batch_id")
    retake_batch = serializers.UUIDField(source="retake_batch_id")
    guideline_version = serializers.SerializerMethodField()
    expected = serializers.SerializerMethodField()

    class Meta:
        model = Round
        fields: tuple[str, ...] = (
            "id", "project", "number", "state", "question", "items", "seats", "needed", "pass_at", "fail_at",
            "wrong_pass", "wrong_fail", "wait_hours", "idle_days", "category_floor", "alpha_target", "alpha_gates",
            "guideline_version", "batch", "retake_batch", "created_at", "opened_at", "closed_at", "override_at",
            "override_reason", "expected",
        )  # fmt: skip

    def get_guideline_version(self, of: Round) -> int | None:
        return of.guideline_version.number if of.guideline_version else None

    @extend_schema_field(ExpectedAnswer)
    def get_expected(self, of: Round) -> dict[str, Any]:
        return ExpectedAnswer(expected_of(of)).data


class FunnelAnswer(serializers.Serializer[Any]):
    began = serializers.IntegerField()
    running = serializers.IntegerField()
    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    left = serializers.IntegerField()
    passed_first = serializers.IntegerField(help_text="Passed their first attempt.")
    failed_first = serializers.IntegerField()
    left_first = serializers.IntegerField(help_text="Left it without a verdict.")
    retaken = serializers.IntegerField(help_text="Made a second attempt.")
    passed_again = serializers.IntegerField(help_text="Passed the second attempt.")
    working = serializers.IntegerField(help_text="Passed, and are active in the project now.")


class StageAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="Share of those in `of`, 0 to 1.")
    of = serializers.CharField()


class RoundFunnelAnswer(serializers.Serializer[Any]):
    round = serializers.UUIDField(source="pk")
    number = serializers.IntegerField(source="round.number")
    funnel = FunnelAnswer()


class ProjectFunnelAnswer(serializers.Serializer[Any]):
    stages = StageAnswer(many=True, help_text="From joining to work.")
    rounds = RoundFunnelAnswer(many=True, help_text="The newest rounds, the newest first.")


class Estimated(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class GroupAnswer(serializers.Serializer[Any]):
    alpha = Estimated()
    people = serializers.IntegerField(help_text="Number of annotators on whose answers it rests.")
    items = serializers.IntegerField(help_text="Number of items that two or more of them answered.")


class RoundAgreementAnswer(serializers.Serializer[Any]):
    passed = GroupAnswer(help_text="Of those who passed, in the attempts that they passed.")
    everybody = GroupAnswer()


class GateAnswer(serializers.Serializer[Any]):
    decides = serializers.BooleanField(
        help_text="Whether this round decides: only the newest does that was opened."
    )
    is_open = serializers.BooleanField(
        help_text="Whether main batches may open, by this round. Those that are open stay open."
    )
    passed = serializers.IntegerField()
    needed = serializers.IntegerField()
    agreement = RoundAgreementAnswer(
        help_text="That of those who passed is compared with the target."
    )
    missing = serializers.ListField(child=serializers.CharField())
    warning = serializers.CharField()
    is_overridden = serializers.BooleanField()


class ReachAnswer(serializers.Serializer[Any]):
    waiting = serializers.IntegerField(help_text="Annotators who wait for a round.")
    able = serializers.IntegerField(
        help_text="Those of them who have had no item of its first attempt. Nobody else can begin in it."
    )


class OneRoundAnswer(serializers.Serializer[Any]):
    round = RoundAnswer()
    funnel = FunnelAnswer()
    gate = GateAnswer()
    reach = ReachAnswer(allow_null=True, help_text="Of a draft, before it is funded; else null.")


class ScoreAnswer(serializers.Serializer[Any]):
    hits = serializers.IntegerField()
    seen = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class AttemptAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="attempt.pk")
    annotator = serializers.CharField(source="pseudonym")
    number = serializers.IntegerField(source="attempt.number")
    cause = serializers.ChoiceField(choices=Attempt.Cause.choices, source="attempt.cause")
    state = serializers.ChoiceField(choices=Attempt.State.choices, source="attempt.state")
    score = ScoreAnswer()
    was_idle = serializers.BooleanField(
        source="attempt.was_idle",
        help_text="Left because its annotator gave no answer for too long.",
    )
    why = serializers.CharField(source="attempt.why")
    began_at = serializers.DateTimeField(source="attempt.began_at")
    decided_at = serializers.DateTimeField(source="attempt.decided_at", allow_null=True)


class SaidAnswer(serializers.Serializer[Any]):
    words = serializers.CharField()
    count = serializers.IntegerField()


class DisagreementAnswer(serializers.Serializer[Any]):
    item = serializers.UUIDField(source="item.pk")
    cost = serializers.FloatField(help_text="By how much α would rise without the item.")
    said = SaidAnswer(many=True)
    key = serializers.CharField()
    rule = serializers.CharField()


class Disagreements(serializers.Serializer[Any]):
    results = DisagreementAnswer(many=True)


class PlanLineAnswer(serializers.Serializer[Any]):
    items = serializers.IntegerField()
    good = serializers.FloatField(
        help_text="How often a good annotator agrees with keys that are not always right."
    )
    bad = serializers.FloatField()
    good_passes = serializers.FloatField()
    bad_passes = serializers.FloatField()
    good_items = serializers.FloatField(help_text="Mean number of items until the verdict.")
    bad_items = serializers.FloatField()
    fits = serializers.BooleanField(
        help_text="Whether the first question's pool has enough items for both attempts."
    )


class CalibrationAnswer(serializers.Serializer[Any]):
    calibration = serializers.ChoiceField(choices=Project.Calibration.choices)
    recalibrate_days = serializers.IntegerField(allow_null=True)
    open_batches = serializers.IntegerField(
        help_text="Open batches of data. They stay open when calibration is switched on: newcomers get no item of them "
        "before they pass, and who worked already goes on."
    )
    pools = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Number of items with a certain right answer, by question.",
    )
    plan = PlanLineAnswer(many=True, help_text="What so many items buy under the usual rule.")
