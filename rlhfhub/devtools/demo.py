"""`make demo`: runs the whole site in the foreground, with real data and simulated annotators at work.

A second run continues where the first one stopped; RESET=1 starts over.
"""

import json
import os
import shutil
import sys
import time
from typing import Any

from rlhfhub.devtools import environment, stripe_emulator
from rlhfhub.devtools.processes import say
from rlhfhub.devtools.servers import ServerError, places, postgres, valkey
from rlhfhub.devtools.supervisor import Supervisor, foreground

#: What annotators of the demo read on their page of decisions, by the name under which the demo's file has it.
DECISIONS = {
    "returned": "an answer sent back",
    "rejected": "a rejection",
    "appealed": "an appeal",
}
#: What the platform itself puts into its balance at the emulator, so that annotators can be paid: what the demo's
#: workspaces paid in by bank.
AT_STRIPE = (200_000, "USD")
RUNTIME_FILES = ("valkey", "storage", "log", "demo.json", "beat-schedule*", "stripe.sqlite*")


def fill(supervisor: Supervisor) -> int:
    """Make the demo's people, projects and items through the running site; existing ones stay."""
    base = supervisor.url.rstrip("/")
    return supervisor.run_manage("seed_demo", "--base-url", base).process.returncode


def simulate(supervisor: Supervisor) -> int:
    """Let simulated annotators work, accept a part of the work, export a dataset, and review answers."""
    return supervisor.run_manage("simulate", "--demo").process.returncode


def main() -> int:
    """Run until asked to stop."""
    return foreground(run)


def run(supervisor: Supervisor) -> None:
    """Reset if RESET is set, start and fill the site, print what to open, simulate, and keep running."""
    began = time.monotonic()
    if os.environ.get("RESET", "").lower() in {"1", "true", "yes"}:
        reset()
    is_new = stripe_emulator.is_used() and stripe_emulator.is_new(supervisor.state)
    supervisor.start()
    if is_new:
        stripe_emulator.fund(supervisor.port, *AT_STRIPE)
    if status := fill(supervisor):
        raise ServerError(
            f"the demo's data could not be made (status {status}); see the lines above"
        )
    say(f"ready: {supervisor.url}")
    for line in introduction(supervisor.url, read_demo_file()):
        say(line)
    say(
        f"(took {time.monotonic() - began:.0f} s; simulated annotators start now: watch the project's page)"
    )
    if simulate(supervisor):
        say("the simulation stopped early (see the lines above); the site keeps running")
    else:
        for line in reviews(supervisor.url, read_demo_file()):
            say(line)
        say(f"the simulation is done; the site keeps running at {supervisor.url} until Ctrl-C")
    supervisor.wait()


def reset() -> None:
    """Remove what earlier runs made. Only on embedded servers: installed ones may hold other data."""
    if not (environment.uses_embedded_database() and environment.uses_embedded_broker()):
        raise ServerError(
            "RESET=1 works only with the embedded servers: empty the database that you named yourself"
        )
    say("starting over: removing the demo's database, queue and files")
    valkey.stop()
    postgres.stop()
    shutil.rmtree(postgres.find().data, ignore_errors=True)
    made = (path for name in RUNTIME_FILES for path in places.state_directory().glob(name))
    for path in made:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def read_demo_file() -> dict[str, Any]:
    """Return the content of the demo's file, which the seed wrote."""
    try:
        found: dict[str, Any] = json.loads((places.state_directory() / "demo.json").read_text())
    except (OSError, ValueError) as error:
        raise ServerError(f"the demo's file cannot be read: {error}") from None
    return found


def introduction(url: str, demo: dict[str, Any]) -> list[str]:
    """Return the lines that say what to open and how to sign in."""
    workspace = f"w/{demo.get('workspace_slug', '')}/"
    measured = f"{workspace}projects/{demo.get('measured_project', '')}/quality/"
    pages = {
        "the project: agreement, batches, exports": f"{workspace}projects/{demo.get('project', '')}/",
        "a project with calibration, gold and alerts": measured,
        "the annotator's desk": "work/",
        "the annotator's earnings": "earnings/",
        "the REST API": "api/v1/docs/",
        "the staff's admin": "admin/",
    }
    lines = ["", "  open", *_listed(url, pages), "", "  sign in as"]
    for role, login in logins(demo):
        lines.append(f"    {role:<11}{login.get('email', ''):<28}{login.get('password', '')}")
    return [*lines, "", f"  for scripts: {places.state_directory() / 'demo.json'}", ""]


def reviews(url: str, demo: dict[str, Any]) -> list[str]:
    """Return the lines that say where the reviews are seen, and by whom; without reviews an empty list."""
    made = demo.get("reviews", {})
    workspace = f"w/{demo.get('workspace_slug', '')}/"
    project = f"{workspace}projects/{demo.get('project', '')}/"
    pages = {
        "the queue; answers accepted together can be undone for ten minutes": f"{project}review/",
        "the rejections, one of them with an appeal": f"{project}rejections/",
    }
    if check := made.get("sample_check"):
        path = f"{workspace}projects/{check['project']}/review/samples/{check['id']}/"
        pages["a sample to check before the rest is accepted"] = path
    if final := made.get("final_answer"):
        pages["an item with a final answer"] = f"{workspace}items/{final['item']}/"
    if review := made.get("paid_review"):
        pages["a paid review of answers"] = f"{workspace}projects/{review['project']}/"
        pages["its listing on the market"] = f"work/market/{review['project']}/"
    pages |= _decisions(made) | {"what waits for the staff": "admin/"}
    return ["", "  reviews", *_listed(url, pages), ""] if made else []


def _decisions(made: dict[str, Any]) -> dict[str, str]:
    """Return the annotators' pages of decisions, by what each reads there."""
    read: dict[tuple[str, str], list[str]] = {}
    for name, what in DECISIONS.items():
        if one := made.get(name):
            read.setdefault((one["email"], one["enrollment"]), []).append(what)
    return {
        f"{email} reads here of {', '.join(what)}": f"work/{enrollment}/decisions/"
        for (email, enrollment), what in read.items()
    }


def _listed(url: str, pages: dict[str, str]) -> list[str]:
    return [f"    {url}{path}\n        {what}" for what, path in pages.items()]


def logins(demo: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the logins of the owner, of the staff, of who decides appeals and of the first annotators."""
    named = [(role, demo.get(role)) for role in ("owner", "staff", "decider")]
    named += [("annotator", one) for one in demo.get("annotators", [])[:3]]
    return [(role, login) for role, login in named if isinstance(login, dict)]


if __name__ == "__main__":
    sys.exit(main())
