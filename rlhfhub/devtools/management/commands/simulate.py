"""`manage.py simulate`: lets annotators of known ability work over HTTP; `--demo` then accepts a part and exports."""

from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser

from rlhfhub.devtools.demo_file import DemoFile
from rlhfhub.devtools.rest import ApiError, Rest
from rlhfhub.devtools.seed import Seed
from rlhfhub.devtools.simulator import ending
from rlhfhub.devtools.simulator.crew import Crew

DEMO_SPEED = 250.0


class Command(BaseCommand):
    help = "Simulated annotators work in the demo's projects, through the same endpoints as people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="leave some items open, accept a part, export"
        )
        parser.add_argument(
            "--file",
            type=Path,
            help="the file of seed_demo (default: demo.json in the state directory)",
        )
        parser.add_argument(
            "--annotators", type=int, default=8, help="how many work; missing ones are created"
        )
        parser.add_argument("--answers", type=int, help="stop after this many answers")
        parser.add_argument("--seconds", type=float, help="stop after this many seconds")
        parser.add_argument(
            "--seed", type=int, default=1, help="the same seed gives the same judgments"
        )
        parser.add_argument(
            "--kinds",
            type=lambda text: text.split(","),
            default=(),
            help="the kind of each annotator, such as expert,steady,drifter@60 (default: drawn)",
        )
        parser.add_argument(
            "--speed",
            type=float,
            help=f"how many times faster than people; 0 is without pauses (demo: {DEMO_SPEED:g})",
        )

    def handle(self, *args: Any, file: Path | None, demo: bool, **options: Any) -> None:
        known = DemoFile(file)
        if "project" not in known.data:
            raise CommandError(f"{known.path} names no project: run seed_demo first")
        try:
            with Rest(known.data["url"], known.data["api_key"]) as owner:
                self._run(known, owner, demo, options)
        except (ApiError, httpx.TransportError, TimeoutError, RuntimeError) as error:
            raise CommandError(f"the simulation stopped: {error}") from error

    def _run(self, known: DemoFile, owner: Rest, demo: bool, options: dict[str, Any]) -> None:
        # The demo has two projects to work in; otherwise only the first is used.
        for name in ("", "rated_") if demo else ("",):
            project = known.data[f"{name}project"]
            answers = options["answers"]
            if demo and answers is None and options["seconds"] is None:
                batch = known.data[f"{name}batch"]
                answers = ending.wanted_answers(owner, project, batch)
            self._work(known, project, demo, answers, options)
            if demo:
                ending.finish(owner, project, self._say)

    def _work(
        self,
        known: DemoFile,
        project: str,
        demo: bool,
        answers: int | None,
        options: dict[str, Any],
    ) -> None:
        if answers == 0:
            self._say("all wanted answers exist already")
            return
        kinds, speed = options["kinds"], options["speed"]
        count = len(kinds) or options["annotators"]
        if speed is None:
            speed = DEMO_SPEED if demo else 0.0
        seed = Seed(url=known.data["url"], file=known, say=self._say)
        people = seed.annotators(count)
        self._say(
            f"{len(people)} annotators start" + (f", {answers} answers to give" if answers else "")
        )
        crew = Crew(
            url=known.data["url"],
            project=project,
            tokens=[person["token"] for person in people],
            seed=options["seed"],
            speed=speed,
            kinds=kinds,
            truth=ending.truth(),
        )
        tally = crew.run(answers=answers, seconds=options["seconds"], say=self._say)
        for line in tally.lines(crew.seconds_taken):
            self._say(line)
        if tally.counts["errors"]:
            raise CommandError("the simulation had errors; see the lines above")

    def _say(self, line: str) -> None:
        self.stdout.write(f"simulate: {line}")
        self.stdout.flush()
