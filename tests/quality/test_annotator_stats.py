"""`manage.py annotator_stats` reads any file of labels, and says which row is wrong. It makes no query."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.stats.test_agreement import PANDALM

KEYS = {
    *("items", "annotations", "annotators", "percent_agreement", "krippendorff_alpha"),
    *("gwet_ac1", "gwet_ac2", "fleiss_kappa", "cohen_kappa_mean", "leave_one_out", "truth"),
}


@pytest.fixture
def pandalm(tmp_path: Path) -> Path:
    """The counts of PandaLM's answers, each item's given to three annotators in turn."""
    lines, item = ["item,annotator,label,time"], 0
    for counts, times in PANDALM:
        votes = [value for value, n in zip((-1, 0, 1), counts, strict=True) for _ in range(n)]
        for _ in range(times):
            item += 1
            lines += [f"i{item},a{(item + at) % 3},{vote}," for at, vote in enumerate(votes)]
    return write(tmp_path / "ratings.csv", "\n".join(lines))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def run(ratings: Path, *more: Any) -> str:
    out = StringIO()
    call_command("annotator_stats", "--ratings", str(ratings), *map(str, more), stdout=out)
    return out.getvalue()


def answer(ratings: Path, *more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(ratings, *more, "--json"))
    return found


@pytest.mark.parametrize(
    ("level", "alpha", "ac2"),
    [
        ("nominal", (0.864221, 0.839457, 0.885165), 0.88644),
        ("ordinal", (0.877464, 0.850965, 0.899251), 0.8705),
        ("interval", (0.877217, 0.850696, 0.899027), 0.86707),
    ],
)
def test_it_equals_the_kept_libraries(
    pandalm: Path, level: str, alpha: tuple[float, ...], ac2: float
) -> None:
    """krippendorff 0.9.0 and irrCAC 0.4.4 on the same answers."""
    found = answer(pandalm, "--level", level)
    assert found.keys() >= KEYS
    assert (found["items"], found["annotations"], found["annotators"]) == (999, 2997, 3)
    assert found["percent_agreement"] == pytest.approx(0.91992, abs=1e-6)
    assert list(found["krippendorff_alpha"].values()) == pytest.approx(alpha, abs=1e-5)
    assert found["gwet_ac1"] == pytest.approx(0.88644, abs=1e-5)
    assert found["gwet_ac2"] == pytest.approx(ac2, abs=1e-5)
    assert found["fleiss_kappa"] == pytest.approx(0.864175, abs=1e-6)
    assert found["leave_one_out"].keys() == {"a0", "a1", "a2"}
    assert found["truth"]["chosen"] in found["truth"]


LABELS = 'Item, Annotator ,label\nx,ä,yes\nx,b,"no, really"\n\ny,ä,yes\ny,b,yes\nz,ä,yes\nz,b,\n'


def test_labels_are_any_strings_and_may_be_missing(tmp_path: Path) -> None:
    ratings = write(tmp_path / "ratings.csv", "\ufeff" + LABELS)
    truth = write(tmp_path / "truth.csv", 'item,truth\nx,"no, really"\ny,yes\nother,no\nz,never\n')
    found = answer(ratings, "--truth", truth)
    assert (found["items"], found["annotations"]) == (3, 5)
    assert found["details"]["missing_labels"] == 1
    # Item x is tied, and z's truth is a label that nobody gave.
    assert found["truth"]["majority"] == {
        "accuracy": pytest.approx(2 / 3),
        "accuracy_ties_shared": pytest.approx(1.5 / 3),
    }
    assert found["leave_one_out"] == {"b": 0.5, "ä": 0.5}
    assert found["cohen_kappa_mean"] is None
    table = run(ratings, "--truth", truth)
    assert "5 labels of 3 items by 2 annotators" in table and "ä" in table


def test_the_columns_of_crowd_kit_are_understood(tmp_path: Path) -> None:
    ratings = write(tmp_path / "ratings.csv", "task,worker,label\n1,1,1\n1,2,2\n2,1,2\n2,2,2\n")
    assert answer(ratings, "--level", "ordinal")["items"] == 2


@pytest.mark.parametrize("label", ["1", "2.5e3"])
def test_one_label_alone_defines_nothing_and_is_no_error(tmp_path: Path, label: str) -> None:
    ratings = write(tmp_path / "ratings.csv", f"item,annotator,label\n1,1,{label}\n")
    for level in ("nominal", "ordinal", "interval"):
        found = answer(ratings, "--level", level)
        assert found["krippendorff_alpha"] == {"value": None, "low": None, "high": None}
        assert found["leave_one_out"] == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "item,label\n1,1\n",
            "row 1: there is no column 'annotator' (the header has: item, label)",
        ),
        ("", "row 1: there is no column 'item' (the header has: nothing)"),
        ("item,annotator,label\n", "has no row with a label"),
        ("item,annotator,label\n1,1,\n", "has no row with a label"),
        ("item,annotator,label\n1,1,1\n1,2\n", "row 3: there are only 2 columns"),
        ("item,annotator,label\n1,,1\n", "row 2: the annotator is empty"),
        ("item,annotator,label\n1,1,1\n1,2,good\n", "row 3: the label 'good' is not a number"),
        ("item,annotator,label\n1,1,nan\n", "row 2: the label 'nan' is not a number"),
        (
            "item,annotator,label\n1,bob,1\n2,bob,1\n1,bob,2\n",
            "row 4: annotator 'bob' has labeled item '1' already in row 2",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_row(tmp_path: Path, text: str, message: str) -> None:
    ratings = write(tmp_path / "ratings.csv", text)
    with pytest.raises(CommandError) as caught:
        run(ratings, "--level", "ordinal")
    assert message in str(caught.value)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nowhere.csv")
    (tmp_path / "latin.csv").write_bytes(b"item,annotator,label\n1,1,\xe4\n")
    with pytest.raises(CommandError, match="UTF-8"):
        run(tmp_path / "latin.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item,truth\nx,yes\nx,no\n", "row 3: item 'x' has a truth already in row 2"),
        ("item,truth\nw,yes\n", "names the truth of no item"),
        ("item,gold\nx,yes\n", "no column 'truth'"),
    ],
)
def test_bad_truth_is_refused(tmp_path: Path, text: str, message: str) -> None:
    ratings = write(tmp_path / "ratings.csv", LABELS)
    with pytest.raises(CommandError) as caught:
        run(ratings, "--truth", write(tmp_path / "truth.csv", text))
    assert message in str(caught.value)
