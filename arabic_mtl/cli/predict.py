"""``predict``: a file, or a pipe, of texts annotated by a trained model."""

import gc
from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from arabic_mtl.cli.arguments import (
    STANDARD,
    PlainParser,
    add_model,
    positive,
    reading,
    require_file,
    require_output,
    writing,
)
from arabic_mtl.cli.tally import Tally
from arabic_mtl.errors import InputError
from arabic_mtl.formats import (
    READERS,
    WITH_FIELDS,
    WRITERS,
    Format,
    Record,
    Writer,
    annotate,
    input_format,
    output_format,
)
from arabic_mtl.inference import load
from arabic_mtl.inference.annotator import checked

_HELP = """\
Annotates a file of texts with a trained model.

  python train.py predict --ckpt_path runs/quickstart/version_0 --input new.txt --output out.jsonl
  python train.py predict --ckpt_path MODEL --input reviews.xml --output annotated.xml
  python train.py predict --ckpt_path MODEL --input tweets.csv --field tweet --output annotated.csv
  python train.py predict --ckpt_path MODEL --input crawl.jsonl --output out.jsonl --on-error skip
  zcat tweets.txt.gz | python train.py predict --ckpt_path MODEL --input - --output - | head

  text     a text per line                        becomes JSON lines
  jsonl    an object per line, its text in a      the same objects with `spans` and `labels`
           field
  csv,     a row per text, column names first     the same columns, one for each task that labels
  tsv                                             whole texts, and `spans`, as JSON
  xml      SemEval-2016 Task 5 (SB1), or          the same document; its opinions are replaced
           SemEval-2014 Task 4

Whatever is read can be written as JSON lines. Files of any size take the same little memory, and
the output is there when it is complete. What the fields mean, and which task tells what of an
opinion: docs/predict.md.
"""


def predict(arguments: Sequence[str]) -> None:
    """Runs the command.

    Args:
        arguments: The words after ``predict``.

    Raises:
        InputError: If options, the model or the file are not as they should be.
    """
    options = _parser().parse_args(arguments)
    reader, writer = _formats(options)
    annotator = load(options.ckpt_path, device=options.device, backend=options.backend)
    _require_kept(options.field or "text", writer.names(annotator))
    gc.freeze()  # the model stays: the garbage collector need not look at it again
    writer.require(annotator)
    tally = Tally(options.input, options.output, stop=options.on_error == "stop")
    with reading(options.input) as source, writing(options.output) as target:
        records = reader.stream(source, checked, tally.refuse, tally.notices)
        annotated = annotate(_of(options.input, records), annotator, options.batch_size)
        with closing(tally.shown(annotated, source)) as shown:
            writer.write(target, shown, annotator, tally.notices)
    tally.tell()


def _of(path: Path, records: Iterable[Record]) -> Iterator[Record]:
    """Names the file in its errors."""
    try:
        yield from records
    except InputError as error:
        raise error.locate(Path("standard input") if path == STANDARD else path) from None


def _require_kept(field: str, written: Collection[str]) -> None:
    """Refuses to write answers over the texts.

    Raises:
        InputError: If they have one name.
    """
    if field in written:
        raise InputError(
            "texts are kept beside what is said of them",
            found=f"--field {field}, where the answers are written",
            expected=f"texts under another name than {', '.join(written)}; or another format",
        )


def _formats(options: Namespace) -> tuple[Format, Writer]:
    """What reads the input and writes the output, both of which can be.

    Raises:
        InputError: Naming the option at fault.
    """
    piped = options.input == STANDARD or options.input.is_fifo()
    if not piped:
        require_file("--input", options.input)
    if options.output != STANDARD:
        require_output("--output", options.output)
    by_name = "text" if piped else None
    source = options.input_format or by_name or input_format(options.input)
    target = output_format(source, options.output, options.output_format)
    if options.field is None:
        return READERS[source](), WRITERS[target]()
    if source not in WITH_FIELDS:
        raise InputError(
            "--field is the one of several that holds the texts",
            found=f"--field {options.field}, for an input of format {source}",
            expected=f"no --field; they are for {', '.join(WITH_FIELDS)}",
        )
    return READERS[source](text=options.field), WRITERS[target]()


def _parser() -> PlainParser:
    parser = PlainParser("predict", _HELP)
    add = parser.add_argument
    add_model(parser)
    add("--input", metavar="FILE", type=Path, required=True, help="what to annotate; - is a pipe")
    add("--output", metavar="FILE", type=Path, required=True, help="where to write; - is a pipe")
    add("--input-format", choices=READERS, help="of a pipe, or a file whose name does not tell")
    add("--output-format", choices=WRITERS, help="else the output's name tells, or the input")
    add("--field", help="where texts stand in an object or a table (default: text)")
    add(
        "--on-error",
        choices=("stop", "skip"),
        default="stop",
        help="what to do about a text that cannot be read (default: stop)",
    )
    add("--batch-size", type=positive, default=64, help="texts read at once (default: 64)")
    add("--device", default="cpu", help="where to compute, such as cuda (default: cpu)")
    add("--backend", choices=("torch", "onnx"), default="torch", help="what computes")
    return parser
