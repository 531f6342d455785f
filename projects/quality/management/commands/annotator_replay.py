"""`manage.py annotator_replay`: the labels of a CSV file in permuted time, as the site's monitors would take them."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.quality.monitors.signs import CHANCE
from projects.quality.ratings_file import BadFile, RatingsFile, read_ratings
from projects.quality.replay import Inverted, Replayed, replay
from projects.stats.pairs import colluding_pairs

#: An inverted annotator needs so many labels before and after.
_AFTERWARDS = 100


class Command(BaseCommand):
    help = (
        "Replays labels from a CSV file (columns item, annotator, label) in permuted time: how many alarms the "
        "monitors raise though nobody changed, and how soon they find somebody whose labels are inverted on the way."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ratings", type=Path, required=True)
        parser.add_argument("--orders", type=int, default=5, help="how many permutations")
        parser.add_argument("--after", type=int, default=150, help="invert after so many labels")
        parser.add_argument("--inverted", type=int, default=3, help="invert so many annotators")

    def handle(
        self,
        *args: Any,
        ratings: Path,
        orders: int,
        after: int,
        inverted: int,
        **options: Any,
    ) -> None:
        try:
            file = read_ratings(ratings, "nominal")
        except BadFile as error:
            raise CommandError(str(error)) from None
        self._replay(file, [replay(file.ratings, str(order)) for order in range(orders)])
        for pair in colluding_pairs(file.ratings):
            one, other = file.annotators[pair.one], file.annotators[pair.other]
            self.stdout.write(f"pair {one}, {other}: {pair.shared} of {pair.units} shared")
        counts = Counter(file.ratings.annotator.tolist())
        able = [
            who for who, labels in counts.most_common(inverted) if labels >= after + _AFTERWARDS
        ]
        for who in able:
            found = replay(file.ratings, "inverted", inverted=Inverted(who, after))
            self._inverted(file.annotators[who], found, who, after)

    def _replay(self, file: RatingsFile, found: list[Replayed]) -> None:
        for order, one in enumerate(found):
            self.stdout.write(f"order {order}: {_counted(one.alarms())} in {one.labels} labels")
            for who, raised in sorted(one.by_annotator().items()):
                alarms = ", ".join(f"{alarm.kind} after {alarm.after}" for alarm in raised)
                self.stdout.write(f"  {file.annotators[who]}: {alarms}")
        labels = sum(one.labels for one in found)
        rate = sum(one.alarms().total() for one in found) / max(labels, 1) * 10_000
        stated = sum(rate for kind, rate in CHANCE.items() if kind != "moved")
        self.stdout.write(f"alarms in 10,000 labels: {rate:.2f}; at most {stated:g} are stated")

    def _inverted(self, name: str, found: Replayed, who: int, after: int) -> None:
        raised = [one for one in found.by_annotator().get(who, ()) if one.after > after]
        if not raised:
            self.stdout.write(f"{name} inverted after {after}: not found")
            return
        first = raised[0]
        self.stdout.write(
            f"{name} inverted after {after}: {first.kind} after {first.after}, change after {first.since}"
        )


def _counted(alarms: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(alarms.items())) or "no alarm"
