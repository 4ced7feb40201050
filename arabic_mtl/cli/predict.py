"""``predict``: annotation of the texts of a file or a pipe with a trained model."""

import gc
import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from arabic_mtl.cli.arguments import (
    STANDARD,
    PlainParser,
    add_device,
    add_model,
    open_input,
    open_output,
    positive,
    require_file,
    require_output,
)
from arabic_mtl.cli.files import create_format, read_options
from arabic_mtl.cli.tally import Tally
from arabic_mtl.cli.unknown import FIELD, add_unknown_words, require_words
from arabic_mtl.errors import InputError
from arabic_mtl.formats import (
    READERS,
    WITH_FIELDS,
    WRITERS,
    Conll,
    Format,
    Record,
    Table,
    Writer,
    annotate,
    input_format,
    output_format,
    recognize,
)
from arabic_mtl.inference import Annotator, load
from arabic_mtl.inference.inputs import check_text, other_kind

_HELP = """\
Annotates a file of texts with a trained model.

  %(prog)s --ckpt_path runs/quickstart/version_0 --input new.txt --output out.jsonl
  %(prog)s --ckpt_path MODEL --input reviews.xml --output annotated.xml
  %(prog)s --ckpt_path MODEL --input tweets.csv --field tweet --output annotated.csv
  %(prog)s --ckpt_path MODEL --input crawl.jsonl --output out.jsonl --on-error skip
  %(prog)s --ckpt_path MODEL --input news.conll --output out.conll --option 'columns=[word, ner]'
  %(prog)s --ckpt_path MODEL --input answers.csv --output out.csv --option pair=question
  zcat tweets.txt.gz | %(prog)s --ckpt_path MODEL --input - --output - | head

  text     a text per line                        becomes JSON lines
  jsonl    an object per line or in an array,     the same objects with `spans` and `labels`
           its text in a field
  csv,     a row per text, after a row of         the same columns, a column for each task that
  tsv      column names                           labels whole texts, and `spans`, as JSON
  xlsx,    the same, as a spreadsheet or a        CSV or TSV with the same columns
  parquet  Parquet file
  conll    a word per line                        the same lines with predicted tags
  xml      SemEval-2016 Task 5 (SB1), or          the same document with predicted opinions in
           SemEval-2014 Task 4                    place of its own

Every input format can be written as JSON lines. Memory use does not depend on the size of the
file. The output file appears when it is complete. docs/predict.md explains the fields, and how the
tasks of a model become the parts of an opinion. --option sets any option of the input's format
(docs/formats.md).
"""


def predict(arguments: Sequence[str]) -> None:
    """Runs the command ``predict``.

    Args:
        arguments: The arguments after ``predict``.

    Raises:
        InputError: If the options are invalid, or the model or the input is missing or damaged.
    """
    options = _parser().parse_args(arguments)
    reader, writer, target_format = _formats(options)
    annotator = load(options.ckpt_path, device=options.device, backend=options.backend)
    _require_kind(reader, annotator)
    if options.unknown_words:
        require_words(annotator.text, target_format)
    added = [FIELD] if options.unknown_words else []
    _require_unused_name(options.field or "text", [*writer.names(annotator), *added])
    gc.freeze()  # the garbage collector need not scan the model, which lives as long as the process
    writer.require(annotator)
    tally = Tally(options.input, options.output, stop=options.on_error == "stop")
    with open_input(options.input) as source, open_output(options.output) as target:
        records = reader.stream(source, check_text, tally.on_error, tally.notices)
        located = _locate_errors(options.input, records)
        annotated = annotate(located, annotator, options.batch_size)
        if options.unknown_words:
            annotated = add_unknown_words(annotated, annotator.text, tally.notices)
        with closing(tally.track(annotated, source)) as tracked:
            writer.write(target, tracked, annotator, tally.notices)
    tally.print_summary()


def _locate_errors(path: Path, records: Iterable[Record]) -> Iterator[Record]:
    """Yields records; adds the name of the file to errors in them."""
    try:
        yield from records
    except InputError as error:
        raise error.locate(Path("standard input") if path == STANDARD else path) from None


def _require_kind(reader: Format, annotator: Annotator) -> None:
    """Raises `InputError` if no task of the model reads what the input has: texts, or pairs."""
    is_pair = reader.pair_is == "text"
    if not (annotator.reads_pairs if is_pair else annotator.reads_texts):
        raise other_kind(is_pair=is_pair)


def _require_unused_name(field: str, written: Collection[str]) -> None:
    """Raises `InputError` if predictions would overwrite the field of the texts.

    Args:
        field: The field of the texts.
        written: The fields of the predictions.
    """
    if field in written:
        raise InputError(
            "--field must not be the name of a field that the predictions are written to",
            found=f"--field {field}",
            expected=f"a name other than {', '.join(written)}; or another output format",
        )


def _formats(options: Namespace) -> tuple[Format, Writer, str]:
    """Returns the input's format, the output's writer and its format's name; checks the files.

    Raises:
        InputError: If an option is invalid; its rule names the option.
    """
    piped = options.input == STANDARD or options.input.is_fifo()
    if not piped:
        require_file("--input", options.input)
    if options.output != STANDARD:
        require_output("--output", options.output)
    default = "text" if piped else None
    source = options.input_format or default or input_format(options.input)
    target = output_format(source, options.output, options.output_format)
    if options.field is not None and source not in WITH_FIELDS:
        raise InputError(
            "--field must be used only with formats that have fields",
            found=f"--field {options.field}, with an input of format {source}",
            expected=f"no --field, or one of the formats {', '.join(WITH_FIELDS)}",
        )
    field = {} if options.field is None else {"text": options.field}
    given = {**field, **read_options(options.option)}
    guess = _columns(options.input, given) if source == "conll" and not piped else {}
    writer = _writer(target, with_scores=options.scores)
    return _reader(source, {**guess, **given}), writer, target


def _reader(name: str, options: dict[str, object]) -> Format:
    """Returns the format of the input with its options."""
    reader = READERS[name]
    kind, preset = (reader.func, reader.keywords) if isinstance(reader, partial) else (reader, {})
    if not isinstance(kind, type) or not issubclass(kind, Format):
        return reader(**options)
    return create_format(kind, **{**preset, **options})


def _writer(name: str, *, with_scores: bool) -> Writer:
    """Returns the writer of the output."""
    if not with_scores:
        return WRITERS[name]()
    if name not in ("csv", "tsv"):
        raise InputError(
            "--scores must be used with tables; the other formats that can have scores have them",
            found=f"--scores, with an output of format {name}",
            expected="--output-format csv or tsv",
        )
    return Table(delimiter="," if name == "csv" else "\t", scores=True)


def _columns(path: Path, given: dict[str, object]) -> dict[str, object]:
    """Returns the options that a CoNLL file seems to need, and prints them, unless they are given.

    Raises:
        InputError: If the columns are unclear.
    """
    if "columns" in given:
        return {}
    guess = recognize(path, Conll).guess
    if "columns" not in guess.options:
        raise InputError(
            "the columns of a CoNLL file must be named",
            found=f"{path.name}, whose columns are unclear",
            expected="--option 'columns=[word, ner]'",
        )
    options = dict(guess.options)
    print(f"read with {options}; --option sets other ones", file=sys.stderr)
    return options


def _parser() -> PlainParser:
    parser = PlainParser("predict", _HELP)
    add = parser.add_argument
    add_model(parser)
    file: dict[str, Any] = {"metavar": "FILE", "type": Path, "required": True}
    add("--input", **file, help="the texts to annotate; - is standard input")
    add("--output", **file, help="the file to write; - is standard output")
    add(
        "--input-format",
        choices=READERS,
        help="the format of the input (default: by its file name; text for a pipe)",
    )
    add(
        "--output-format",
        choices=WRITERS,
        help="the format of the output (default: by its file name, or that of the input)",
    )
    add(
        "--option",
        metavar="KEY=YAML",
        action="append",
        default=[],
        help="an option of the input's format, such as 'columns=[word, ner]' or encoding=utf-16; "
        "may be repeated",
    )
    add("--scores", action="store_true", help="add a column with the score of each label (tables)")
    add(
        "--unknown-words",
        action="store_true",
        help="add a field with the words that training had at most once (JSON lines)",
    )
    add("--field", help="the field or column with the texts (default: text)")
    add(
        "--on-error",
        choices=("stop", "skip"),
        default="stop",
        help="the action for a text that cannot be read (default: stop)",
    )
    add("--batch-size", type=positive, default=64, help="the most texts in a batch (default: 64)")
    add_device(parser)
    return parser
