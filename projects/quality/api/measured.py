"""How gold and repeats look over REST."""

from rest_framework import serializers

from projects.quality.gold.consistency import Consistency
from projects.quality.gold.figures import Hits
from projects.quality.gold.measured import ProjectMeasured


class HitsAnswer(serializers.Serializer[Hits]):
    judged = serializers.IntegerField(
        help_text="Answers to keyed items that were held against a key that still counts."
    )
    hits = serializers.IntegerField(help_text="How many of them take the key's side.")
    share = serializers.FloatField(
        allow_null=True, help_text="`hits` / `judged`, 0 to 1; null while nothing is judged."
    )
    low = serializers.FloatField(
        allow_null=True, help_text="Lower end of its 95 % interval (Wilson)."
    )
    high = serializers.FloatField(allow_null=True, help_text="Upper end of its 95 % interval.")


class GoldAnswers(serializers.Serializer[ProjectMeasured]):
    items = serializers.IntegerField(source="gold.items", help_text="Keyed items of the project.")
    usable = serializers.IntegerField(
        source="gold.usable",
        help_text="Those that can be gold: three people agree on a question, and nobody has read the right answer.",
    )
    retired = serializers.IntegerField(
        source="gold.retired", help_text="Right answers that a check retired."
    )
    hits = HitsAnswer(help_text="Answers to gold by all annotators.")


class ConsistencyAnswer(serializers.Serializer[Consistency]):
    repeats = serializers.IntegerField(
        help_text="Items answered once more by who had answered them."
    )
    judgments = serializers.IntegerField(help_text="What was judged twice in them.")
    same = serializers.IntegerField(help_text="How many of these judgments are equal.")
    share = serializers.FloatField(help_text="`same` / `judgments`, 0 to 1.")
    kappa = serializers.FloatField(
        source="kappa.value",
        allow_null=True,
        help_text="Cohen's κ of first against later judgments; null while it is undefined.",
    )
    low = serializers.FloatField(
        source="kappa.low", allow_null=True, help_text="Lower end of its 95 % interval."
    )
    high = serializers.FloatField(
        source="kappa.high", allow_null=True, help_text="Upper end of its 95 % interval."
    )
    is_weighted = serializers.BooleanField(
        help_text="Whether κ is weighted (quadratic), as it is where the scale's values have an order."
    )
