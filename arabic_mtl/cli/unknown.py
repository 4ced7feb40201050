"""Words of annotated texts that training had at most once, as a field of JSON lines."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Annotated, Notices
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.unknown_words import unknown_words

FIELD = "unknown_words"


def require_words(text: TextPipeline, output_format: str) -> None:
    """Raises `InputError` if a model or an output cannot have the option ``--unknown-words``."""
    if output_format != "jsonl":
        raise InputError(
            "--unknown-words must be used with JSON lines",
            found=f"--unknown-words, with an output of format {output_format}",
            expected="--output-format jsonl",
        )
    if text.form != "words":
        raise InputError(
            "--unknown-words must be used with a model that reads whole words",
            found="a model that reads pieces of words, which do not tell the words of its training",
            expected="no --unknown-words, or a model with a WordEncoder",
        )


def add_unknown_words(
    annotated: Iterable[Annotated], text: TextPipeline, notices: Notices
) -> Iterator[Annotated]:
    """Yields annotated records with the field ``unknown_words`` of their texts.

    Args:
        annotated: The records with their annotations.
        text: The pipeline of the model.
        notices: The counts of fields of the input that are overwritten.
    """
    for record, annotation in annotated:
        if annotation is None:
            yield record, annotation
            continue
        fields, raw = record.named_fields(), annotation.text
        if FIELD in fields:
            notices.count(f"field `{FIELD}` overwritten by predictions", record.line)
        words = [
            {"start": start, "end": end, "text": raw[start:end]}
            for start, end in unknown_words(text, raw) or ()
        ]
        yield replace(record, fields={**fields, FIELD: words}), annotation
