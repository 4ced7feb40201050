"""Writes CoNLL files with the predicted spans in place of their tags."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.form import ConllForm
from arabic_mtl.formats.conll.sentences import SentenceLines
from arabic_mtl.formats.conll.tag_writer import TagWriter, span_tasks
from arabic_mtl.formats.conll.words import Words
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.writer import Annotated, Model, Writer


@dataclass(frozen=True, slots=True)
class ConllSource:
    """The lines of a record.

    Args:
        sentence: The lines.
        words: The words in them; None if there are none.
        form: The columns of the file.
    """

    sentence: SentenceLines
    words: Words | None
    form: ConllForm


class ConllWriter(Writer):
    """Writes CoNLL files whose input was CoNLL, too.

    The tags of the layers that a model was trained on are replaced, in the scheme of the file. A
    file without tags gets a column for each task of the model that finds spans. All else stays
    as it is, byte for byte.
    """

    def require(self, model: Model) -> None:
        """Checks that a model finds spans.

        Raises:
            InputError: If it does not.
        """
        if not span_tasks(model):
            raise InputError(
                "the model must find spans, which CoNLL files contain",
                found=f"a model with the tasks {', '.join(model.layers) or 'none'}",
                expected="--output-format jsonl; or a model that finds spans",
            )

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes the lines of the input with the new tags.

        Raises:
            InputError: If the input is not CoNLL, if no column is a layer of the model, or if a
                label cannot be written.
        """
        tagger: TagWriter | None = None
        end = b""
        for record, annotation in annotated:
            source = record.require_source(ConllSource, "a CoNLL")
            texts: Sequence[str] = source.sentence.texts
            if annotation is not None and source.words is not None:
                tagger = tagger or TagWriter(source.form, model, notices)
                texts = tagger.lines(texts, source.sentence.line, source.words, annotation)
            codec = source.sentence.block.codec
            file.write(end or source.sentence.block.mark)
            file.write(_encoded("\n".join(texts), codec, source.sentence.line))
            end = "\n".encode(codec)


def _encoded(text: str, codec: str, line: int) -> bytes:
    """Returns the bytes of a text; raises `InputError` if its encoding lacks a character."""
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        raise InputError(
            "the labels must be of characters that the encoding of the file has",
            found=repr(error.object[error.start : error.end]),
            expected=f"characters of {codec}; or an input in UTF-8",
            line=line,
        ) from None
