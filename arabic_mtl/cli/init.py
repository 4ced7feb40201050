"""``init``: a first configuration, made from the user's files."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from arabic_mtl.cli.arguments import PlainParser, require_output
from arabic_mtl.cli.console import plain_console
from arabic_mtl.cli.draft import (
    DraftCorpus,
    DraftTask,
    Wanted,
    draft_configuration,
    draft_corpora,
    draft_tasks,
)
from arabic_mtl.cli.files import read_options
from arabic_mtl.errors import InputError, program
from arabic_mtl.files import atomic_write

_HELP = """\
Writes a first configuration for files of labelled texts.

  %(prog)s tweets.csv --output tweets.yaml
  %(prog)s train.conll dev.conll test.conll --output ner.yaml
  %(prog)s reviews.xml articles.jsonl --output both.yaml

The files are read as a whole; nothing is asked. The configuration names the format of each file
with its options, the splits, a task for each layer of labels or spans, and all labels with their
numbers. What is uncertain stands in comments, with the way to say it otherwise.

The names of files tell splits apart: train; dev, val or valid; test. A folder is a corpus whose
files are its documents, or the place of such files. --option sets an option of the format where
another one was guessed, or a file breaks a rule:

  %(prog)s tweets.csv --output tweets.yaml --option encoding=windows-1256 --option empty=skip

Then:

  describe --config tweets.yaml     sizes, lengths and labels
  fit --config tweets.yaml          training
"""


def init(arguments: Sequence[str]) -> None:
    """Runs the command ``init``.

    Args:
        arguments: The arguments after ``init``.

    Raises:
        InputError: If the options are invalid, or a file's format is not recognized or breaks a
            rule.
    """
    options = _parser().parse_args(arguments)
    _check(options)
    corpora, left_out = draft_corpora(
        options.files, Wanted(options.format, read_options(options.option))
    )
    tasks = draft_tasks(corpora)
    text = draft_configuration(corpora, tasks, left_out, path=options.output, program=program())
    with atomic_write(options.output) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    _print(corpora, tasks)
    shown = plain_console()
    for file in left_out:
        shown.print(f"left out: {file.path}: {file.reason}")
    shown.print(f"written: {options.output}. Next: {program()} describe --config {options.output}")


def _parser() -> PlainParser:
    parser = PlainParser("init", _HELP)
    add = parser.add_argument
    add("files", metavar="FILE", nargs="+", type=Path, help="a file or folder of labelled texts")
    add(
        "--output",
        metavar="FILE.yaml",
        type=Path,
        required=True,
        help="the configuration to write; an existing file is not replaced",
    )
    add(
        "--format",
        metavar="FORMAT",
        help="the class in arabic_mtl.formats that reads all files, such as Conll (default: the "
        "one that fits each file)",
    )
    add(
        "--option",
        metavar="KEY=YAML",
        action="append",
        default=[],
        help="an option of the format of all files, such as on_error=skip or "
        "'labels={mood: mood}'; replaces a guessed one; may be repeated",
    )
    return parser


def _check(options: Namespace) -> None:
    """Raises `InputError` if a file does not exist, or the output does."""
    for path in options.files:
        if not path.exists():
            raise InputError(
                "FILE must be an existing file or folder",
                found=f"no file {path}",
                expected="the path of a file",
            )
    require_output("--output", options.output)
    if options.output.exists():
        raise InputError(
            "--output must be a new file, since a configuration may have been changed by hand",
            found=f"{options.output} exists",
            expected="another name",
        )


def _print(corpora: Sequence[DraftCorpus], tasks: Sequence[DraftTask]) -> None:
    """Prints the corpora with their doubts, and the tasks."""
    shown = plain_console()
    for corpus in corpora:
        kind = type(corpus.first.form).__name__
        for split, files in corpus.files.items():
            for file in files:
                texts = f"{file.facts.texts:,} texts"
                shown.print(f"{corpus.name}, {split}: {file.path}, {kind}, {texts}")
        for doubt in corpus.first.doubts:
            shown.print(f"  uncertain: {doubt}")
    for task in tasks:
        labels = list(task.labels)
        more = f" and {len(labels) - 5} more" if len(labels) > 5 else ""
        shown.print(f"task {task.name}: {task.kind}, {', '.join(labels[:5])}{more}")
        for doubt in task.doubts:
            shown.print(f"  uncertain: {doubt}")
