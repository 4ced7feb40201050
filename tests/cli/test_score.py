"""``score``: a system's file against the gold file, and clear errors if they differ."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.cli.opinion_files import read_pairs
from arabic_mtl.errors import InputError
from support.messages import assert_names, error_fields
from support.paths import ROOT
from support.runs import Outcome, run

Write = Callable[..., Path]

TEXT = "الغرفة واسعة والموقع بعيد"
GOLD: dict[str, Any] = {
    "1": [
        (
            TEXT,
            [
                ("الغرفة", "ROOMS#GENERAL", "positive"),
                ("الموقع", "LOCATION#GENERAL", "negative"),
                ("NULL", "HOTEL#GENERAL", "positive"),
            ],
        ),
        ("شكرا", []),
    ],
    "2": [("فندق جميل", [("فندق", "HOTEL#GENERAL", "positive")])],
}
# One correct category, one opinion with another target, one on a sentence without opinions.
SYSTEM: dict[str, Any] = {
    "1": [
        (
            TEXT,
            [("الغرفة", "ROOMS#GENERAL", "negative"), ("الموقع", "HOTEL#GENERAL", "positive")],
        ),
        ("شكرا", [("NULL", "SERVICE#GENERAL", "positive")]),
    ],
    "2": [("فندق جميل", [("فندق", "HOTEL#GENERAL", "positive")])],
}
REVIEW_OPINIONS: dict[str, Any] = {
    "1": [("ROOMS#GENERAL", "conflict"), ("HOTEL#GENERAL", "positive")],
    "2": [("HOTEL#GENERAL", "positive")],
}
BARE: dict[str, Any] = {rid: [(t, []) for t, _ in sentences] for rid, sentences in GOLD.items()}


SENTENCES = ["slot1", "slot2", "slot12", "slot3", "named", "mixed"]  # rows of SB1, top to bottom
REVIEWS = ["slot1", "slot3", "mixed"]


def rows(outcome: Outcome, names: list[str] = SENTENCES) -> dict[str, list[str]]:
    """Returns the cells of the printed table by row: the slots, the polarities, their mean."""
    assert outcome.code == 0, outcome.err
    cells = [re.split(" *│ *", line)[1:-1] for line in outcome.out.splitlines() if "│" in line]
    slots = [name if name.startswith("slot") else "slot3" for name in names]
    assert [of[0].replace(" ", "").replace("+", "") for of in cells[: len(names)]] == slots
    assert {of[0] for of in cells[len(names) :]} <= {"slot 3"}
    last = [[*names, *(of[1] for of in cells[len(names) : -1]), "mean"], [*names]]
    found = last[len(cells) == len(names)]
    return {name: of[2:] for name, of in zip(found, cells, strict=True)}


def title(outcome: Outcome) -> str:
    return next(line for line in outcome.out.splitlines() if line.strip()).strip()


def edited(path: Path, old: str, new: str, times: int = -1) -> Path:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, times), encoding="utf-8")
    return path


@pytest.fixture
def gold(write_semeval: Write) -> Path:
    return write_semeval(GOLD, name="gold.xml")


@pytest.fixture
def system(write_semeval: Write) -> Path:
    return write_semeval(SYSTEM, name="system.xml")


def test_table(gold: Path, system: Path) -> None:
    outcome = run("score", gold, system)
    assert re.fullmatch(r"SB1\W.*\bsystem\.xml\b.*\bgold\.xml", title(outcome))
    assert rows(outcome) == {
        # gold: 3 + 1 categories; predicted: 2 + 1 + 1, all correct except SERVICE#GENERAL
        "slot1": ["75.0", "75.0", "75.0", "", "3", "4", "4"],
        "slot2": ["100.0", "100.0", "100.0", "", "3", "3", "3"],
        "slot12": ["50.0", "50.0", "50.0", "", "2", "4", "4"],
        # predicted: ROOMS#GENERAL, incorrect; the second HOTEL#GENERAL, correct
        "slot3": ["", "", "", "25.0", "1", "2", "4"],
        "named": ["", "", "", "33.3", "1", "2", "3"],
        "mixed": ["", "", "", "0.0", "0", "1", "3"],
        "negative": ["0.0", "0.0", "0.0", "", "0", "1", "1"],
        "positive": ["100.0", "33.3", "50.0", "", "1", "1", "3"],
        "mean": ["", "", "25.0", "", "", "", ""],
    }


def test_file_name_is_not_markup(gold: Path, system: Path) -> None:
    outcome = run("score", gold, system.rename(system.with_name("[red]system.xml")))
    assert_names(title(outcome), " [red]system.xml ", "gold.xml")


def test_json_has_all_scores(gold: Path, system: Path, tmp_path: Path) -> None:
    assert run("score", gold, system, "--json", tmp_path / "scores.json").code == 0
    content = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert (content["subtask"], content["left_out"]) == ("SB1", {})
    assert content["scores"] == pytest.approx(
        {
            **{f"slot1/{name}": 3 / 4 for name in ("precision", "recall", "f1")},
            **{f"slot2/{name}": 1.0 for name in ("precision", "recall", "f1")},
            **{f"slot12/{name}": 2 / 4 for name in ("precision", "recall", "f1")},
            "slot3/accuracy": 1 / 4,
            "slot3/named_accuracy": 1 / 3,
            "slot3/mixed_accuracy": 0.0,
            "slot3/macro_f1": 1 / 4,
            "slot3/negative_f1": 0.0,
            "slot3/positive_f1": 2 / 4,
        }
    )
    assert content["counts"]["slot12"] == {"correct": 2, "predicted": 4, "gold": 4}
    assert content["counts"]["slot3/accuracy"] == {"correct": 1, "predicted": 2, "gold": 4}
    assert content["counts"]["slot3/positive"] == {"correct": 1, "predicted": 1, "gold": 3}


def test_gold_without_null_scores_less_but_in_slot_2(gold: Path, write_semeval: Write) -> None:
    named = {
        rid: [(text, [o for o in opinions if o[0] != "NULL"]) for text, opinions in sentences]
        for rid, sentences in GOLD.items()
    }
    found = rows(run("score", gold, write_semeval(named, name="named.xml")))
    figures = {name: of[2] or of[3] for name, of in found.items()}
    assert figures["slot2"] == "100.0"
    assert figures["slot1"] == figures["slot12"] == "85.7"  # 6 / 7
    assert figures["slot3"] == "75.0"


def test_whole_reviews(write_semeval: Write) -> None:
    gold = write_semeval(BARE, REVIEW_OPINIONS, name="gold.xml")
    found = {**REVIEW_OPINIONS, "2": [("HOTEL#PRICES", "positive")]}
    outcome = run("score", gold, write_semeval(BARE, found, name="system.xml"))
    assert title(outcome).startswith("SB2")
    assert rows(outcome, REVIEWS) == {
        "slot1": ["66.7", "66.7", "66.7", "", "2", "3", "3"],
        "slot3": ["", "", "", "66.7", "2", "2", "3"],
        "mixed": ["", "", "", "100.0", "2", "2", "2"],
        "conflict": ["100.0", "100.0", "100.0", "", "1", "1", "1"],
        "positive": ["100.0", "50.0", "66.7", "", "1", "1", "2"],
        "mean": ["", "", "83.3", "", "", "", ""],
    }
    below = outcome.out.partition("└")[2]
    assert re.findall("^slot [1-3+]+", below, re.MULTILINE) == ["slot 2", "slot 1+2"]


def test_system_may_lack_sentences(gold: Path, write_semeval: Write) -> None:
    found = rows(run("score", gold, write_semeval({"2": GOLD["2"]}, name="system.xml")))
    assert found["slot12"] == ["100.0", "25.0", "40.0", "", "1", "1", "4"]
    assert found["slot3"] == ["", "", "", "25.0", "1", "1", "4"]


@pytest.mark.parametrize("whole", [False, True])
def test_system_without_opinions(gold: Path, write_semeval: Write, whole: bool) -> None:
    if whole:
        gold = write_semeval(BARE, REVIEW_OPINIONS, name="gold.xml")
    outcome = run("score", gold, write_semeval(BARE, name="system.xml"))
    found = rows(outcome, REVIEWS if whole else SENTENCES)
    assert found["slot1"][:3] == ["0.0", "0.0", "0.0"]
    assert found["slot3"][3:6] == ["0.0", "0", "0"]


def test_system_may_lack_polarities(gold: Path, system: Path, tmp_path: Path) -> None:
    edited(system, ' polarity="negative"', "")
    outcome = run("score", gold, system, "--json", tmp_path / "scores.json")
    assert list(rows(outcome, SENTENCES[:3])) == ["slot1", "slot2", "slot12"]
    content = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    (slot, reason) = content["left_out"].popitem()
    assert (slot, content["left_out"]) == ("slot3", {})
    assert re.findall(r"\d+", reason) == ["1", "4"]  # opinions that lack it, of all
    assert re.search(rf"^slot 3 .*{re.escape(reason)}$", outcome.out, re.MULTILINE)
    assert {name.split("/")[0] for name in content["scores"]} == {"slot1", "slot2", "slot12"}


def score_error(gold: Path, system: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_pairs(gold, system)
    outcome = run("score", gold, system)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"error\n{caught.value}\n")
    return caught.value


def test_unknown_sentence_raises(gold: Path, system: Path) -> None:
    error = score_error(gold, edited(system, 'id="2:0"', 'id="3:0"'))
    assert_names(error.found, "3:0")
    assert (error.file, error.line, error.sentence) == (system, 8, "3:0")


def test_unknown_review_raises(write_semeval: Write) -> None:
    gold = write_semeval(BARE, REVIEW_OPINIONS, name="gold.xml")
    system = edited(write_semeval(BARE, REVIEW_OPINIONS, name="system.xml"), 'rid="2"', 'rid="3"')
    assert score_error(gold, system).sentence == "3"


@pytest.mark.parametrize(
    ("text", "place"), [("شكرا لكم", 4), ("شكر", 3), ("شكرأ", 3), ("", 0), ("شُكرا", 1)]
)
def test_other_text_with_the_same_id_raises(
    gold: Path, write_semeval: Write, text: str, place: int
) -> None:
    system = write_semeval({"1": [(TEXT, []), (text, [])]}, name="system.xml")
    error = score_error(gold, system)
    assert_names(error.found, f"«{text}»", f" {place} ")
    assert error.expected == "«شكرا»"
    assert (error.file, error.line, error.sentence) == (system, 5, "1:1")


def test_gold_without_opinions_raises(write_semeval: Write, system: Path) -> None:
    gold = write_semeval(BARE, name="gold.xml")
    error = score_error(gold, system)
    assert (error.file, error.line, error.sentence) == (gold, None, None)
    assert_names(error.rule, "SB1", "SB2")
    assert "<" not in str(error.found)  # of neither subtask


def test_gold_of_both_subtasks_raises(write_semeval: Write, system: Path) -> None:
    error = score_error(write_semeval(GOLD, REVIEW_OPINIONS, name="gold.xml"), system)
    assert_names(error.rule, "SB1", "SB2")
    assert_names(error.found, "<sentence>", "<Review>")


def test_system_of_the_other_subtask_raises(write_semeval: Write, gold: Path, system: Path) -> None:
    whole = write_semeval(BARE, REVIEW_OPINIONS, name="whole.xml")
    error = score_error(gold, whole)
    assert error.file == whole
    assert_names(error.rule, "<sentence>", "SB1")
    assert_names(error.found, "<Review>", "SB2")
    error = score_error(whole, system)
    assert error.file == system
    assert_names(error.rule, "<Review>", "SB2")
    assert_names(error.found, "<sentence>", "SB1")


def test_gold_without_polarity_raises(gold: Path, system: Path) -> None:
    error = score_error(edited(gold, ' polarity="negative"', ""), system)
    assert_names(error.rule, "<Opinion>", "`polarity`")
    assert (error.file, error.sentence) == (gold, "1:0")


@pytest.mark.parametrize("wrong", ["Negative", "mixed"])
def test_unknown_polarity_raises(gold: Path, system: Path, wrong: str) -> None:
    error = score_error(gold, edited(system, '"negative"', f'"{wrong}"'))
    assert_names(error.found, f"«{wrong}»", "ROOMS#GENERAL", "«الغرفة»")
    assert_names(error.expected, "positive, negative, neutral")
    assert (error.file, error.line, error.sentence) == (system, 4, "1:0")


def test_empty_polarity_raises_in_gold_only(gold: Path, system: Path) -> None:
    edited(system, '"negative"', '""')
    assert read_pairs(gold, system)[1][0].predicted[0].polarity == ""
    error = score_error(edited(gold, '"negative"', '""'), system)
    assert error.file == gold
    assert (error.line, error.sentence) == (4, "1:0")
    assert error.found == 'polarity=""'


def test_offsets_of_another_target_raise(gold: Path, system: Path) -> None:
    error = score_error(gold, edited(system, 'from="0" to="6"', 'from="1" to="7"'))
    assert (error.file, error.line, error.sentence) == (system, 4, "1:0")
    assert_names(error.rule, "`from`", "`to`")
    assert_names(error.found, "from=1", "to=7")


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ([], ["GOLD, SYSTEM", "arabic-mtl score --help"]),
        (["none.xml", "none.xml"], ["GOLD", "none.xml"]),
        (["{gold}", "."], ["SYSTEM", ". "]),
        (["{gold}", "{gold}", "--yaml", "x"], ["--yaml x", "arabic-mtl score --help"]),
        (["{gold}", "{gold}", "--json", "no/x.json"], ["--json", " no\n"]),
        (["{gold}", "{gold}", "--json", "."], ["--json", " . "]),
    ],
)
def test_bad_options(gold: Path, arguments: list[str], names: list[str]) -> None:
    outcome = run("score", *[word.format(gold=gold) for word in arguments])
    error_fields(outcome)
    assert outcome.out == ""
    assert_names(outcome.err, *names)


def test_help_and_scoring_need_no_torch(gold: Path, system: Path) -> None:
    code = f"""
import sys
from arabic_mtl.cli import main
assert main(["score", {str(gold)!r}, {str(system)!r}]) == 0
assert not {{"torch", "lightning", "transformers", "datasets"}} & set(sys.modules)
main(["score", "--help"])
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert_names(done.stdout, "slot 1+2", "NULL", "docs/scoring.md", "--json FILE")


def test_real_sentences(hotels: Path) -> None:
    train = hotels / "AR_Hotels_Train_SB1.xml"
    found = rows(run("score", train, train))
    assert {name: of[-1] for name, of in found.items()} == {
        "slot1": "9102",
        "slot2": "9620",
        "slot12": "10507",  # two tuples come twice
        "slot3": "10509",
        "named": "9620",
        "mixed": "2231",
        "negative": "3629",
        "neutral": "683",
        "positive": "6197",
        "mean": "",
    }
    assert all("100.0" in of for of in found.values())


def test_real_reviews(hotels: Path) -> None:
    train = hotels / "AR_Hotels_Train_SB2.xml"
    found = rows(run("score", train, train), REVIEWS)
    counts = {name: of[-1] for name, of in found.items()}
    assert counts["slot1"] == "8756"
    assert (counts["slot3"], counts["conflict"]) == ("8757", "99")
    assert all("100.0" in of for of in found.values())


def test_real_test_file_has_other_texts(hotels: Path) -> None:
    train, test = hotels / "AR_Hotels_Train_SB1.xml", hotels / "AR_HOTE_SB1_TEST.xml.A"
    error = score_error(train, test)
    assert error.file == test
    assert_names(error.found, error.sentence)
