"""`manage.py simulate`: lets annotators of known ability work over HTTP; `--demo` also accepts, exports and reviews."""

from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser

from rlhfhub.devtools.casts import DEMO
from rlhfhub.devtools.demo_file import DemoFile
from rlhfhub.devtools.rest import ApiError, Rest
from rlhfhub.devtools.seed import Seed, measured
from rlhfhub.devtools.simulator import ending
from rlhfhub.devtools.simulator.crew import Crew
from rlhfhub.devtools.simulator.reviews import Reviews

DEMO_SPEED = 250.0
#: In the measured project nearly all answers are given, so that there are enough to find who drifts.
MEASURED_SHARE = 0.95


class Command(BaseCommand):
    help = "Simulated annotators work in the demo's projects, through the same endpoints as people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo",
            action="store_true",
            help="leave some items open, accept a part, export, review",
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
        if not demo:
            self._work(known, known.data["project"], options)
            return
        options["speed"] = DEMO_SPEED if options["speed"] is None else options["speed"]
        for name in ("", "rated_"):
            project, batch = known.data[f"{name}project"], known.data[f"{name}batch"]
            self._work(known, project, self._wanted(owner, project, batch, options))
            ending.finish(owner, project, self._say)
        self._measure(known, owner, options)
        Reviews(known, owner, self._say).run()

    def _wanted(
        self, owner: Rest, project: str, batch: str, options: dict[str, Any], **share: float
    ) -> dict[str, Any]:
        """Return the options of a crew that gives the answers that the demo wants of a batch."""
        if options["answers"] is not None or options["seconds"] is not None:
            return options
        return {**options, "answers": ending.wanted_answers(owner, project, batch, **share)}

    def _measure(self, known: DemoFile, owner: Rest, options: dict[str, Any]) -> None:
        """Let a cast of annotators with planted faults take the calibration round; who passes does the main work."""
        project, batch = known.data["measured_project"], known.data["measured_batch"]
        if ending.is_over(owner, project):
            self._say("the measured project is done")
            return
        options = {**options, "kinds": options["kinds"] or DEMO}
        if owner.get(f"batches/{batch}/")["status"] == "funded":
            self._say("the calibration round")
            self._work(known, project, options)
            ending.show_round(owner, project, self._say)
            if words := measured.open_batch(owner, batch):
                self._say(f"the measured batch stays closed: {words}")
                return
        wanted = self._wanted(owner, project, batch, options, share=MEASURED_SHARE)
        self._work(known, project, wanted)
        ending.show_alerts(owner, project, self._say)
        ending.finish(owner, project, self._say)

    def _work(self, known: DemoFile, project: str, options: dict[str, Any]) -> None:
        answers, kinds = options["answers"], options["kinds"]
        if answers == 0:
            self._say("all wanted answers exist already")
            return
        seed = Seed(url=known.data["url"], file=known, say=self._say)
        people = seed.annotators(len(kinds) or options["annotators"])
        self._say(
            f"{len(people)} annotators start" + (f", {answers} answers to give" if answers else "")
        )
        crew = Crew(
            url=known.data["url"],
            project=project,
            tokens=[person["token"] for person in people],
            seed=options["seed"],
            speed=options["speed"] or 0.0,
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
