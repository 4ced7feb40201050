"""Text pipeline: cleaning, stemming and tokenization, from raw text to ids and raw offsets."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Self

from tokenizers import Tokenizer

from arabic_mtl.errors import InputError
from arabic_mtl.text.characters import replace_surrogates
from arabic_mtl.text.chunks import ChunkTokenizer
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.encoding import Encoding
from arabic_mtl.text.folder import read_folder, report_damage, write_folder
from arabic_mtl.text.known import KnownChunks
from arabic_mtl.text.segments import Segments, empty
from arabic_mtl.text.settings import DEFAULT_LENGTH, Form, TextSettings
from arabic_mtl.text.stems import StemmedUnits, clean_text, clean_word, clean_words, make_units
from arabic_mtl.text.template import SPECIAL, Template


@dataclass(frozen=True, kw_only=True, eq=False)
class TextPipeline:
    """A pipeline from raw texts to token ids with raw character offsets.

    `load` reads a pipeline from its folder; `create` writes the folder from settings first. A
    pipeline is immutable, and any number of threads may share it. A pickled pipeline consists of
    the folder's absolute path and ``max_length``: another process loads the folder again.

    Args:
        folder: The absolute path of the folder, which is a Hugging Face tokenizer folder.
        settings: The settings that the folder was made from, with defaults resolved, and
            ``max_length``.
        tokenizer: The tokenizer, whose normalizer includes the cleaning.
        cleaning: The cleaning steps that are applied.
        pad_id: The id of the vocabulary's padding token.
        left_out: The steps of the preset that do not suit the tokenizer, each with the reason.
        switched_off: The limits in the tokenizer's file that are ignored, each with the reason.
    """

    folder: Path
    settings: TextSettings
    tokenizer: Tokenizer = field(repr=False)
    cleaning: Cleaning
    pad_id: int
    left_out: Mapping[str, str]
    switched_off: Mapping[str, str]
    _template: Template = field(repr=False)
    _units: StemmedUnits | None = field(repr=False)
    _chunks: ChunkTokenizer = field(repr=False)

    @classmethod
    def create(
        cls, folder: Path, settings: TextSettings, texts: Callable[[], Iterable[str]]
    ) -> Self:
        """Makes a tokenizer, writes its folder atomically, and loads the folder.

        Args:
            folder: The folder to write; used unchanged if it exists already.
            settings: The settings; ``saved`` is ignored.
            texts: Returns an iterator over the training texts; called only to learn a vocabulary.

        Raises:
            InputError: If the pretrained tokenizer cannot be loaded.
        """
        if not folder.is_dir():
            # using a pipeline does not need transformers, making one does
            from arabic_mtl.text.vocabulary import make_tokenizer

            fitted, known = make_tokenizer(settings, texts)
            write_folder(folder, settings.identity, fitted)
            return cls.load(folder, settings.max_length, known)
        return cls.load(folder, settings.max_length)

    @classmethod
    def load(
        cls, folder: Path, max_length: int = DEFAULT_LENGTH, known: KnownChunks | None = None
    ) -> Self:
        """Reads a folder that `create` or `save` wrote.

        Args:
            folder: The folder of the pipeline.
            max_length: Longest input in tokens; all other settings come from the folder.
            known: The chunks that are tokenized already, if there are any.

        Raises:
            InputError: If the folder is not that of a pipeline, or its tokenizer does not separate
                words at white space.
        """
        with report_damage(folder):
            saved = read_folder(folder)
            cleaning, tokenizer = saved.cleaning, saved.tokenizer
            settings = TextSettings(**saved.settings)
            template = Template.from_tokenizer(tokenizer)
            split = settings.splits_proclitics
            units = make_units(settings.stemming, cleaning, split_proclitics=split)
            spelling = partial(clean_words, stems=units, normalizer=tokenizer.normalizer)
        chunks = ChunkTokenizer(
            tokenizer, cleaning, units, spelling if settings.form == "words" else None
        )
        chunks.known = known or chunks.known
        return cls(
            folder=folder.absolute(),
            settings=replace(settings, max_length=max_length),
            tokenizer=tokenizer,
            cleaning=cleaning,
            pad_id=saved.pad_id,
            left_out=saved.left_out,
            switched_off=saved.switched_off,
            _template=template,
            _units=units,
            _chunks=chunks,
        )

    def save(self, folder: Path) -> None:
        """Copies the pipeline's folder, so that a model does not depend on the cache."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    @property
    def form(self) -> Form:
        """Returns the kind of tokens: pieces of words (subwords), or whole words with letters."""
        return self.settings.form

    @property
    def max_length(self) -> int:
        """Returns the largest number of tokens of a window."""
        return self.settings.max_length

    @property
    def longest(self) -> float:
        """Returns the largest number of tokens read at once; longer texts are read in windows."""
        return self.max_length if self.form == "pieces" else inf

    @property
    def unknown_id(self) -> int:
        """Returns the id of the token for out-of-vocabulary words."""
        return self.tokenizer.get_vocab()[SPECIAL["unk"]]

    def encode(self, texts: Sequence[str], pairs: Sequence[str | None]) -> list[Encoding]:
        """Encodes texts.

        Args:
            texts: The first text of each input.
            pairs: The second text of each input, or None.
        """
        return self.encode_flat(texts, pairs).encodings()

    def encode_flat(self, texts: Sequence[str], pairs: Sequence[str | None]) -> Segments:
        """Encodes texts into flat arrays: `encode` for many texts, without an object for each.

        Args:
            texts: The first text of each input.
            pairs: The second text of each input, or None.
        """
        paired = [pair is not None for pair in pairs]
        first = self._chunks.tokenize([replace_surrogates(text) for text in texts])
        seconds = [replace_surrogates(pair) for pair in pairs if pair is not None]
        second = self._chunks.tokenize(seconds) if seconds else empty()
        return self._template.fill(first, second, paired)

    def clean(self, text: str) -> str:
        """Returns a text after stemming and cleaning, for people to read."""
        return clean_text(replace_surrogates(text), self._units, self.tokenizer.normalizer)

    def clean_word(self, word: str) -> str:
        """Returns one word after stemming and cleaning; it is not split further."""
        return clean_word(word, self._units, self.tokenizer.normalizer)

    def fits(self, encoding: Encoding) -> bool:
        """Returns whether an input can be read in windows, each with the whole second text."""
        room = self.longest / 2
        return len(encoding) <= room or encoding.overhead <= room  # the first test is faster

    def check(self, encoding: Encoding) -> None:
        """Checks that an input can be read, at least in windows.

        Raises:
            InputError: If the second text of a pair leaves too little room for the first.
        """
        if not self.fits(encoding):
            raise InputError(
                "a pair's second text must leave room for the first within `data.text.max_length`",
                found=f"{encoding.overhead} tokens, special ones included",
                expected=f"at most {self.max_length // 2}, half of `data.text.max_length`",
            )

    def __reduce__(self) -> tuple[Callable[[Path, int], Self], tuple[Path, int]]:
        """Returns the function and arguments with which another process loads the pipeline."""
        return type(self).load, (self.folder, self.max_length)
