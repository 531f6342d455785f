"""The shapes of an annotator's own attempts and feedback in REST."""

from typing import Any

from rest_framework import serializers

from projects.calibration.api.shapes import ScoreAnswer


class OwnAttemptAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    round = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    cause = serializers.CharField()
    items = serializers.IntegerField(help_text="At most so many.")
    idle_days = serializers.IntegerField(
        help_text="Days without an answer after which the attempt is left, and others can have the seat."
    )
    done = serializers.IntegerField()
    returned = serializers.IntegerField(help_text="Items that you returned in this attempt.")
    returns_left = serializers.IntegerField(
        help_text="So many more may be returned; each further one counts as a wrong answer."
    )
    score = ScoreAnswer(allow_null=True, help_text="Null before the verdict.")
    why = serializers.CharField()
    began_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    may_retake_at = serializers.DateTimeField(allow_null=True)


class OwnCalibrationAnswer(serializers.Serializer[Any]):
    step = serializers.ChoiceField(
        choices=[
            *("answer", "passed", "retake", "wait", "resume", "again"),
            *("closed", "none", "stopped"),
        ],
        help_text="`retake` or `again`: begin another attempt. `resume`: go on with the one that was left, because you "
        "gave no answer for some days. `closed`: no round has a seat for you now.",
    )
    retake_at = serializers.DateTimeField(allow_null=True)
    attempts = OwnAttemptAnswer(many=True, help_text="The oldest first.")


class NamedRule(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()


class OtherAnswer(serializers.Serializer[Any]):
    title = serializers.CharField()
    words = serializers.CharField()


class FeedbackLine(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    prompt = serializers.ListField(child=serializers.DictField())
    responses = serializers.ListField(child=serializers.ListField(child=serializers.DictField()))
    own = serializers.CharField(help_text="A is the first response.")
    others = OtherAnswer(many=True, help_text="Answers to the questions that do not decide.")
    key = serializers.CharField()
    hit = serializers.BooleanField(allow_null=True)
    counted = serializers.BooleanField()
    rule = NamedRule(allow_null=True)
    note = serializers.CharField()


class FeedbackAnswer(serializers.Serializer[Any]):
    attempt = OwnAttemptAnswer()
    results = FeedbackLine(many=True)
