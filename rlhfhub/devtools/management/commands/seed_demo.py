"""`manage.py seed_demo --base-url http://127.0.0.1:8000`: makes the demo's people, projects and items."""

from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser

from rlhfhub.devtools.demo_file import DemoFile
from rlhfhub.devtools.rest import ApiError
from rlhfhub.devtools.seed import Seed


class Command(BaseCommand):
    help = "Fills a running site with the demo. A second run continues and makes nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", required=True, help="the site's address")
        parser.add_argument(
            "--file", type=Path, help="the demo's file (default: demo.json in the state directory)"
        )

    def handle(self, *args: Any, base_url: str, file: Path | None, **options: Any) -> None:
        demo = DemoFile(file)
        try:
            Seed(url=base_url, file=demo, say=self._say).run()
        except (ApiError, httpx.TransportError, TimeoutError) as error:
            raise CommandError(f"the seed stopped; run it again to continue: {error}") from error
        self._say(f"addresses, logins and keys are in {demo.path}")

    def _say(self, line: str) -> None:
        self.stdout.write(f"seed: {line}")
        self.stdout.flush()
