"""``score``: scores of a system's file against the gold file."""

import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from arabic_mtl.cli.arguments import PlainParser, require_file, require_output
from arabic_mtl.cli.files import open_format, read_options
from arabic_mtl.cli.layer_scores import ScoredFile, score_layers
from arabic_mtl.cli.opinion_scores import score_opinions
from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_write
from arabic_mtl.formats import SemEval2016

_HELP = """\
Scores a system's file against a gold file with the same texts.

Two files in the XML of SemEval-2016 Task 5 are scored by its rules:

  slot 1     F1 of the categories of each text
  slot 2     F1 of the targets, with exact offsets; NULL targets are ignored
  slot 1+2   F1 of pairs of category and target; NULL is a target, too
  slot 3     accuracy of the polarity of the gold opinions; the prediction for a gold opinion is the
             system's opinion with the same category and target

Opinions belong to sentences (SB1) or to whole reviews (SB2, with slots 1 and 3 only). The system's
file may leave out sentences, which then have no predicted opinions. If it leaves out polarities,
slot 3 is not scored.

Of all other files the layers that both files have are scored, and with --layer, --option, --slice
or --scored those of SemEval files, too:

  spans      F1 of exact spans, which equals seqeval's default mode: an I- tag that continues no
             span of its label opens one
  label      accuracy and macro-F1, if each text has one label
  labels     micro- and macro-F1, if texts have several

Texts are joined by their ids if both files have ids, else by position. A text without a gold layer
is not counted. A text or layer that the system lacks counts as nothing predicted; only files with
ids may lack texts. docs/scoring.md explains each score.

examples:
  %(prog)s gold.xml system.xml --json scores.json
  %(prog)s test.csv predictions.jsonl --layer sentiment --option gold.text=tweet
  %(prog)s test.csv annotated.csv --slice dialect --slice length --scored POS --scored NEG
"""


def score(arguments: Sequence[str]) -> None:
    """Runs the command ``score``.

    Args:
        arguments: The arguments after ``score``.

    Raises:
        InputError: If the options are invalid, or a file is missing or breaks a rule.
    """
    options = _parser().parse_args(arguments)
    require_file("GOLD", options.gold)
    require_file("SYSTEM", options.system)
    if options.json:
        require_output("--json", options.json)
    content = _score(options)
    if options.json:
        with atomic_write(options.json) as unfinished:
            unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _score(options: Namespace) -> dict[str, object]:
    """Prints the scores, and returns them as JSON values."""
    gold, system = (_source(options, side) for side in ("gold", "system"))
    by_layer = options.layer or options.option or options.slice or options.scored
    if not by_layer and _is_semeval(gold) and _is_semeval(system):
        return score_opinions(gold.path, system.path)
    names = _layers(options.layer)
    return score_layers(gold, system, names, slices=options.slice, scored=options.scored)


def _source(options: Namespace, side: str) -> ScoredFile:
    """Returns the file of a side, ``gold`` or ``system``, with its format."""
    path: Path = getattr(options, side)
    other = "system." if side == "gold" else "gold."
    words = [word for word in options.option if not word.startswith(other)]
    own = read_options([word.removeprefix(f"{side}.") for word in words])
    name = getattr(options, f"{side}_format")
    return ScoredFile(path, open_format(path, own, name, option=f"--{side}-format"))


def _is_semeval(source: ScoredFile) -> bool:
    return isinstance(source.opened.format, SemEval2016)


def _layers(words: Sequence[str]) -> dict[str, str] | None:
    """Returns gold layer to the system's layer, from words such as ``ner=entities``, or ``ner``.

    Raises:
        InputError: If a gold layer is named twice.
    """
    pairs = [word.partition("=") for word in words]
    names = {gold: system if equals else gold for gold, equals, system in pairs}
    if len(names) < len(words):
        raise InputError(
            "--layer must name each gold layer once",
            found=" ".join(words),
            expected="one --layer GOLD=SYSTEM for each gold layer",
        )
    return names or None


def _parser() -> PlainParser:
    parser = PlainParser("score", _HELP)
    add = parser.add_argument
    add("gold", metavar="GOLD", type=Path, help="the file with the gold annotations")
    add("system", metavar="SYSTEM", type=Path, help="the file with the system's annotations")
    for side in ("gold", "system"):
        add(
            f"--{side}-format",
            metavar="NAME",
            help=f"the format of {side.upper()}, a class of arabic_mtl.formats such as Table "
            "(default: the one that fits)",
        )
    add(
        "--option",
        metavar="KEY=YAML",
        action="append",
        default=[],
        help="an option of the format, such as 'columns=[word, ner]', of both files; of one file "
        "as gold.KEY=YAML or system.KEY=YAML; may be repeated",
    )
    add(
        "--layer",
        metavar="GOLD=SYSTEM",
        action="append",
        default=[],
        help="a gold layer to score, and the layer of the system if it has another name; may be "
        "repeated (default: all layers with the same name)",
    )
    add(
        "--slice",
        metavar="COLUMN",
        action="append",
        default=[],
        help="a column of the gold file, or field of its records, by whose values scores are "
        "divided, such as a dialect; or length, of texts in words; may be repeated",
    )
    add(
        "--scored",
        metavar="LABEL",
        action="append",
        default=[],
        help="a label whose F1 is shown, too; of several ones their macro-F1, as F-PN of positive "
        "and negative",
    )
    add("--json", metavar="FILE", type=Path, help="a file to write all scores and counts into")
    return parser
