"""Simulated annotators: their judgments repeat, their work ends in good order, their faults are counted."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import CommandError, call_command
from django.test.testcases import LiveServerThread

from projects.kinds import form
from projects.plan.templates import TEMPLATES
from rlhfhub.devtools.population import Population
from rlhfhub.devtools.rest import Rest
from rlhfhub.devtools.simulator import ending
from rlhfhub.devtools.simulator.annotator import FAULTS_IN_A_ROW, Budget, Worker
from rlhfhub.devtools.simulator.crew import Crew
from rlhfhub.devtools.simulator.minds import Mind, fingerprint, plain
from rlhfhub.devtools.simulator.tally import Tally
from tests import people
from tests.factories import make_batch, make_project, make_workspace

SEED = 5


@pytest.fixture
def site_url(own_database: str) -> Iterator[str]:
    """The address of the site, served by threads of this process: a crew needs no worker and no scheduler."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.start()
    server.is_ready.wait()
    assert server.error is None
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


def lease(
    number: int, *, turned: bool = False, template: str = "pairwise", responses: int = 2
) -> dict[str, Any]:
    texts = [f"An answer to {number}.", f"Another answer to {number}, " + "longer " * (number % 40)]
    texts += [f"Answer {n} to {number}." for n in range(2, responses)]
    shown = texts[::-1] if turned else texts
    return {
        "prompt": [{"role": "user", "content": f"Question {number}?"}],
        "responses": [
            {"key": f"k{place}", "messages": [{"role": "assistant", "content": text}]}
            for place, text in enumerate(shown[:responses])
        ],
        "form": {"questions": form.present(TEMPLATES[template].questions)},
    }


def minds(count: int = 20, seed: int = SEED) -> list[Mind]:
    drawn = Population.draw(count, seed)
    return [Mind(person, number, seed, {}) for number, person in enumerate(drawn)]


def choices(mind: Mind, numbers: range, **how: Any) -> list[Any]:
    return [mind.consider(lease(number, **how), 0).answer for number in numbers]


def test_judgments_repeat_and_follow_the_seed() -> None:
    for mind, again, other in zip(minds(), minds(), minds(seed=SEED + 1), strict=True):
        assert choices(mind, range(30)) == choices(again, range(30))
        if not mind.person.kind.bot:
            assert choices(mind, range(60)) != choices(other, range(60))


def test_a_judgment_hangs_on_nothing_done_before() -> None:
    first, second = minds()[0], minds()[0]
    forward = choices(first, range(20))
    backward = [second.consider(lease(number), 0).answer for number in reversed(range(20))]
    assert forward == backward[::-1]


def test_the_better_text_is_chosen_wherever_it_stands() -> None:
    mind = next(m for m in minds() if m.person.kind.name == "steady")
    truth = {}
    for number in range(200):
        texts = [plain(response["messages"]) for response in lease(number)["responses"]]
        truth[fingerprint(f"Question {number}?", texts)] = texts[number % 2]
    mind = replace(mind, truth=truth)
    for turned in (False, True):
        answers = choices(mind, range(200), turned=turned)
        right = [f"k{(number + turned) % 2}" for number in range(200)]
        hits = [_choice(a) == k for a, k in zip(answers, right, strict=True) if a]
        assert sum(hits) / len(hits) > 0.85


def _choice(answer: dict[str, Any]) -> str:
    return str(answer["preference"]["choice"])


def test_no_tie_where_the_form_has_none() -> None:
    for mind in minds(10):
        for answer in choices(mind, range(40), template="pairwise_forced"):
            assert answer is None or _choice(answer) in ("k0", "k1")


FORMS = [
    *((template, 2) for template in ("pairwise", "pairwise_forced", "pairwise_both_bad")),
    *((template, 2) for template in ("likert5", "seven", "eight")),
    *(("ratings", responses) for responses in (1, 2, 3, 10)),
]


def test_there_is_no_template_that_it_cannot_answer() -> None:
    assert {template for template, _ in FORMS} == set(TEMPLATES)


@pytest.mark.parametrize(("template", "responses"), FORMS)
@pytest.mark.slow
def test_every_form_is_answered_in_full_on_its_whole_scale(template: str, responses: int) -> None:
    questions = TEMPLATES[template].questions
    keys = [f"k{place}" for place in range(responses)]
    seen = set()
    for mind in minds():
        for answer in choices(mind, range(60), template=template, responses=responses):
            if answer is not None:
                assert form.check_answer(questions, answer, keys) == []
                shown = range(responses)
                stored = form.restore_answer(questions, answer, keys, shown)
                seen |= set(form.judgments_of(questions, stored)[1])
    scale = next(iter(form.scales_of(questions).values()))
    wanted = {one.value for one in scale.categories if one.words != "Both are bad"}
    assert seen == wanted if responses > 1 else seen < wanted


def test_the_better_response_is_rated_higher() -> None:
    mind = next(m for m in minds() if m.person.kind.name == "steady")
    texts = [[plain(r["messages"]) for r in lease(number)["responses"]] for number in range(200)]
    truth = {fingerprint(f"Question {n}?", pair): pair[n % 2] for n, pair in enumerate(texts)}
    mind = replace(mind, truth=truth)
    answers = choices(mind, range(200), template="ratings")
    rated = [(n, a["helpfulness"]) for n, a in enumerate(answers) if a]
    right = [given[f"k{n % 2}"] - given[f"k{1 - n % 2}"] for n, given in rated]
    assert sum(right) / len(right) > 0.5


def test_the_truth_of_the_demo_is_known_by_texts_alone() -> None:
    truth = ending.truth()
    assert len(truth) == 300
    assert fingerprint("a", ["x", "y"]) == fingerprint("a", ["y", "x"])
    assert fingerprint("a", ["x", "y"]) != fingerprint("ax", ["", "y"])


def test_budget_is_exact_under_threads() -> None:
    budget, taken = Budget(500), Tally()

    def take() -> None:
        while budget.take():
            taken.add("taken")

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.counts["taken"] == 500
    # Many asked in vain; what comes back late is still there for one.
    budget.give_back()
    assert (budget.take(), budget.take()) == (True, False)
    assert Budget(None).take()


def test_report() -> None:
    tally = Tally()
    for milliseconds in range(1, 101):
        tally.add_latency("lease", milliseconds)
    tally.fault("desk/lease/: 500 oh")
    lines = "\n".join(tally.lines(2.0))
    assert "p50 50.5 ms" in lines and "1 errors" in lines and "500 oh" in lines
    assert tally.latency("submit") == {}


@pytest.mark.slow
def test_a_crew_works_until_nothing_is_left(site_url: str) -> None:
    project = make_project(make_workspace(), overlap=2)
    make_batch(project, 7)
    tokens = [people.make_annotator(project, name).secret for name in ("Ada", "Ben", "Cleo")]
    crew = Crew(site_url, str(project.pk), tokens, seed=SEED)
    tally = crew.run(answers=None, seconds=30, say=lambda line: None)
    assert tally.counts["errors"] == 0, tally.errors
    # A returned item is offered to another annotator, if one has not had it yet.
    assert tally.counts["answers"] + tally.counts["returned"] >= 14
    assert tally.counts["nothing"] >= 3
    assert tally.latency("submit")["p95"] > 0


@pytest.mark.slow
def test_a_crew_stops_at_the_number_and_hands_in_what_it_holds(site_url: str) -> None:
    project = make_project(make_workspace())
    make_batch(project, 20)
    tokens = [people.make_annotator(project, name).secret for name in ("Ada", "Ben")]
    crew = Crew(site_url, str(project.pk), tokens, seed=SEED)
    assert crew.run(answers=11, seconds=None, say=lambda line: None).counts["answers"] == 11
    # Slow thinkers, ended by time: each still submits what they hold.
    slow = Crew(site_url, str(project.pk), tokens, seed=SEED, speed=1.0)
    started = time.monotonic()
    tally = slow.run(answers=None, seconds=1.0, say=lambda line: None)
    assert time.monotonic() - started < 10
    assert tally.counts["answers"] + tally.counts["returned"] == 2
    assert tally.counts["errors"] == 0, tally.errors


@pytest.mark.parametrize(
    ("url", "fault"), [("http://127.0.0.1:9", "Connect"), (None, "401")], ids=["no site", "no key"]
)
def test_faults_are_counted_and_end_the_work(
    site_url: str, url: str | None, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlhfhub.devtools.simulator.annotator.IDLE_SECONDS", 0.01)
    tally = Tally()
    worker = Worker(
        mind=minds(1)[0],
        rest=Rest(url or site_url, "rlh_nobody"),
        project="",
        budget=Budget(None),
        tally=tally,
        stop=threading.Event(),
        speed=0,
    )
    worker.run()
    assert tally.counts["errors"] == FAULTS_IN_A_ROW
    assert fault in tally.errors[0]


def test_without_a_seed_the_command_says_so(tmp_path: Any) -> None:
    with pytest.raises(CommandError, match="seed_demo first"):
        call_command("simulate", file=tmp_path / "none.json")
