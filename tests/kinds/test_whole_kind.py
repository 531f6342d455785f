"""Every kind is whole: the protocol's functions, a partial for the desk, a test, a summary, a dataset."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projects import kinds
from projects.kinds import form
from tests.kinds import toy
from tests.kinds.examples import SETTINGS, STORED, questions_of
from tests.kinds.toy import toy_kind
from tests.kinds.whole import PIECES, lacking


def test_every_kind_has_examples() -> None:
    assert set(SETTINGS) == set(STORED) == set(kinds.names())
    assert all(len(SETTINGS[name]) == len(STORED[name]) for name in STORED)


@pytest.mark.parametrize("name", kinds.names())
def test_every_kind_is_whole(name: str) -> None:
    for question, stored in zip(questions_of(name), STORED[name], strict=True):
        assert lacking(name, kinds.get(name), question, stored) == []


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A checkout that holds the toy's files."""
    for path in ("templates/projects/work/kinds/_toy.html", "tests/kinds/test_toy_kind.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("{{ question.name }}")
    return tmp_path


def lacks(kind: Any, files: Path) -> list[str]:
    return lacking(toy.NAME, kind, toy.QUESTION, True, files)


def test_a_toy_kind_is_whole(files: Path) -> None:
    assert lacks(toy_kind(), files) == []


@pytest.mark.parametrize("piece", PIECES)
def test_a_kind_without_a_function_is_not_whole(files: Path, piece: str) -> None:
    assert lacks(toy_kind(**{piece: None}), files) == [piece]


def test_a_function_that_takes_something_else_is_not_the_piece(files: Path) -> None:
    assert lacks(toy_kind(recall=lambda question, stored: stored), files) == ["recall"]
    assert lacks(toy_kind(SETTINGS=["max"]), files) == ["SETTINGS"]


def test_a_kind_without_partial_test_summary_or_dataset_is_not_whole(files: Path) -> None:
    assert lacks(toy_kind(summarize=lambda question, stored, shown: " "), files) == ["summary"]
    assert lacks(toy_kind(datasets=lambda question: ()), files) == ["dataset"]
    for path, name in (
        ("templates/projects/work/kinds/_toy.html", "partial"),
        ("tests/kinds/test_toy_kind.py", "test"),
    ):
        (files / path).unlink()
        assert lacks(toy_kind(), files) == [f"{name} {path}"]
        (files / path).write_text("{{ question.name }}")


def test_a_partial_without_fields_is_none(files: Path) -> None:
    (files / "templates/projects/work/kinds/_toy.html").write_text("")
    assert lacks(toy_kind(), files) == ["partial templates/projects/work/kinds/_toy.html"]


@pytest.fixture
def registered() -> Iterator[None]:
    """The toy among the kinds."""
    kinds.register(toy.NAME, toy_kind())
    yield
    kinds.unregister(toy.NAME)


@pytest.mark.usefixtures("registered")
def test_a_kind_is_registered_once() -> None:
    assert toy.NAME in kinds.names()
    with pytest.raises(ValueError, match="already"):
        kinds.register(toy.NAME, toy_kind())
    assert form.check_form([toy.QUESTION]) == []


def test_a_kind_that_was_taken_out_is_unknown() -> None:
    kinds.register(toy.NAME, toy_kind())
    kinds.unregister(toy.NAME)
    assert toy.NAME not in kinds.names()
    assert form.check_form([toy.QUESTION])[0]["field"] == "questions[0].kind"
    with pytest.raises(KeyError):
        kinds.unregister(toy.NAME)


@pytest.mark.usefixtures("registered")
def test_questions_that_want_different_numbers_of_responses_are_no_form() -> None:
    pair = {"name": "better", "kind": "preference", "title": "Which is better?"}
    [problem] = form.check_form([toy.QUESTION, pair])
    assert problem["field"] == "questions"
    assert "2 responses" in problem["message"]
    assert form.check_form([pair, {**pair, "name": "safer"}]) == []
