"""Raw text → token ids and raw character offsets: cleaning, stemming and tokenizer in one."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Self

from tokenizers import Tokenizer

from arabic_mtl.errors import InputError
from arabic_mtl.text.characters import marks, readable
from arabic_mtl.text.chunks import ChunkTokenizer
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.encoding import Encoding, Pieces
from arabic_mtl.text.folder import read_folder, undamaged, write_folder
from arabic_mtl.text.letters import Spelling
from arabic_mtl.text.settings import DEFAULT_LENGTH, Form, TextSettings
from arabic_mtl.text.stems import StemmedUnits, cleaned_text, cleaned_word, units_of
from arabic_mtl.text.template import SPECIAL, Template


@dataclass(frozen=True, kw_only=True, eq=False)
class TextPipeline:
    """Turns raw texts into token ids that know their raw characters.

    It is made from a folder: by `create`, which writes the folder from settings first, or by
    `load`. A pipeline does not change, and any number of threads may share one. Pickled, it is the
    folder's absolute path and ``max_length``: another process loads it again.

    Args:
        folder: Its absolute path: a tokenizer of Hugging Face with the cleaning inside.
        settings: Those that the folder was made from, none of them open, and ``max_length``.
        tokenizer: Cleans a text and splits it into tokens.
        cleaning: The steps that are done.
        pad_id: The vocabulary's padding token.
        left_out: The steps of a preset that would not serve, and why.
        switched_off: The limits of the tokenizer's file that do not apply, and why.
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
    _spelling: Spelling = field(repr=False)

    @classmethod
    def create(
        cls, folder: Path, settings: TextSettings, texts: Callable[[], Iterable[str]]
    ) -> Self:
        """Makes a tokenizer, writes its folder, whole or not at all, and loads that.

        Args:
            folder: Where to; used as it is if it is there already.
            settings: All but ``saved``.
            texts: Starts a pass over the training texts; called only to learn a vocabulary.

        Raises:
            InputError: If the pretrained tokenizer cannot be had.
        """
        if not folder.is_dir():
            # transformers is not needed to use what is made
            from arabic_mtl.text.vocabulary import make

            write_folder(folder, settings.identity, make(settings, texts))
        return cls.load(folder, settings.max_length)

    @classmethod
    def load(cls, folder: Path, max_length: int = DEFAULT_LENGTH) -> Self:
        """Reads a folder that `create` or `save` wrote.

        Args:
            folder: Of the pipeline.
            max_length: Longest input in tokens; all other settings come from the folder.

        Raises:
            InputError: If the folder is not one of those, or its tokenizer parts no words.
        """
        with undamaged(folder):
            saved = read_folder(folder)
            cleaning, tokenizer = saved.cleaning, saved.tokenizer
            settings = TextSettings(**saved.settings)
            template = Template.of(tokenizer)
            split = settings.splits_proclitics
            units = units_of(settings.stemming, cleaning, split_proclitics=split)
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
            _chunks=ChunkTokenizer(tokenizer, cleaning, units),
            _spelling=Spelling(partial(cleaned_word, stems=units, normalizer=tokenizer.normalizer)),
        )

    def save(self, folder: Path) -> None:
        """Copies the pipeline's folder, so that a model can be used without the cache."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    @property
    def form(self) -> Form:
        """The kind of tokens: pieces of words, or words with their letters."""
        return self.settings.form

    @property
    def max_length(self) -> int:
        """The most tokens of a window."""
        return self.settings.max_length

    @property
    def longest(self) -> float:
        """The most tokens that are read at once: a longer text is read in windows."""
        return self.max_length if self.form == "pieces" else inf

    @property
    def unknown_id(self) -> int:
        """The id of what is not in the vocabulary."""
        return self.tokenizer.get_vocab()[SPECIAL["unk"]]

    def encode(self, texts: Sequence[str], pairs: Sequence[str | None]) -> list[Encoding]:
        """Encodes texts, each alone or together with its pair."""
        first = self._pieces([readable(text) for text in texts])
        second = iter(self._pieces([readable(pair) for pair in pairs if pair is not None]))
        return [
            self._template.fill(pieces, None if pair is None else next(second), marks(text))
            for pieces, text, pair in zip(first, texts, pairs, strict=True)
        ]

    def cleaned(self, text: str) -> str:
        """Returns a text as the vocabulary is asked for it: for people to look at."""
        return cleaned_text(readable(text), self._units, self.tokenizer.normalizer)

    def cleaned_word(self, word: str) -> str:
        """Returns one of a text's words, not split any more, as the vocabulary is asked for it."""
        return cleaned_word(word, self._units, self.tokenizer.normalizer)

    def fits(self, encoding: Encoding) -> bool:
        """Whether an input can be read, in windows at least: a pair's second is in all of them."""
        return encoding.around <= self.longest / 2

    def check(self, encoding: Encoding) -> None:
        """Refuses an input that cannot be read even in windows.

        Raises:
            InputError: If a pair's second text leaves too little room for the first.
        """
        if not self.fits(encoding):
            raise InputError(
                "a pair's second text leaves room for the first within data.text.max_length",
                found=f"{encoding.around} tokens, special ones included",
                expected=f"at most {self.max_length // 2}, half of it",
            )

    def __reduce__(self) -> tuple[Callable[[Path, int], Self], tuple[Path, int]]:
        """Returns what another process needs to load the pipeline again."""
        return type(self).load, (self.folder, self.max_length)

    def _pieces(self, texts: list[str]) -> list[Pieces]:
        found = self._chunks.tokenize(texts)
        if self.form == "pieces":
            return found
        return [self._spelling(*each) for each in zip(texts, found, strict=True)]
