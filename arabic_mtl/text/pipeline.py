"""Raw text → token ids and raw character offsets: cleaning, stemming and tokenizer in one."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from threading import RLock
from typing import Any, Literal

from tokenizers import Tokenizer

from arabic_mtl.errors import InputError
from arabic_mtl.text.characters import marks, readable
from arabic_mtl.text.chunks import ChunkTokenizer
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.encoding import Encoding, Pieces
from arabic_mtl.text.folder import read_folder, undamaged, write_folder
from arabic_mtl.text.letters import Spelling
from arabic_mtl.text.presets import preset_for
from arabic_mtl.text.stems import Stemming, cleaned_text, units_of
from arabic_mtl.text.template import SPECIAL, Template

Form = Literal["pieces", "words"]

_UNLOADED = "TextPipeline.load comes before its use."
_SMALLEST = 10  # tokens of a vocabulary
_SHORTEST = 8  # tokens: two texts, their special tokens, and room for windows to overlap


@dataclass
class TextPipeline:
    """Turns raw texts into token ids that know their raw characters.

    It is made once from these settings (`create`), saved as a Hugging Face tokenizer folder with
    the cleaning inside, and loaded wherever it is needed (`load`).

    Args:
        pretrained: Hub name or folder of a tokenizer; follows ``model.encoder.name``. Without
            one, a WordPiece vocabulary is learned from the training texts.
        saved: A folder written by an earlier run, used as it is; overrides all else.
        form: What tokens are: ``pieces`` of words, or ``words`` with their letters; follows
            ``model.encoder``.
        vocab_size: Size of a learned vocabulary, unless there are more letters than that; of
            whole words, the most.
        cleaning: A preset (``arabert``, ``arabert-twitter``, ``marbert``, ``qarib``,
            ``camelbert``, ``light``, ``recipe``, ``none``) or a list of steps: see docs/text.md.
            By default the preset of a pretrained encoder's family, and ``recipe`` where a
            vocabulary is learned.
        stemming: ``none``, ``snowball``, ``lemma`` or ``isri``.
        split_proclitics: Make a leading و, ف, ب, ك or لل a word of its own. By default only
            where a vocabulary is learned; a pretrained encoder has not seen words cut like that.
        max_length: Longest input in tokens; a longer text is read in overlapping windows. Whole
            words are read at any length.
    """

    pretrained: str | None = None
    saved: Path | None = None
    form: Form = "pieces"
    vocab_size: int = 8000
    cleaning: str | list[str] | None = None
    stemming: Stemming = "none"
    split_proclitics: bool | None = None
    max_length: int = 256

    def __post_init__(self) -> None:
        """Checks the settings; the tokenizer comes with `load`."""
        if self.max_length < _SHORTEST:
            raise InputError(
                "data.text.max_length leaves room for words",
                found=self.max_length,
                expected=f"{_SHORTEST} or more",
            )
        if self.vocab_size < _SMALLEST:
            raise InputError(
                "data.text.vocab_size is a number of tokens, special ones included",
                found=self.vocab_size,
                expected=f"{_SMALLEST} or more",
            )
        Cleaning.of(self._choice)
        self.pad_id = 0
        self.left_out: dict[str, str] = {}
        self.switched_off: dict[str, str] = {}
        self._folder: Path | None = None
        self._tokenizer: Tokenizer | None = None
        # Threads may share a pipeline; what it remembers of texts and most stemmers are not safe.
        self._lock = RLock()

    @property
    def settings(self) -> dict[str, Any]:
        """What the pipeline is made from: the part of a cache key that is not text."""
        names = ("pretrained", "form", "vocab_size", "stemming")
        settled = {"cleaning": self._choice, "split_proclitics": self._split}
        return {name: getattr(self, name) for name in names} | settled

    @property
    def files(self) -> list[Path]:
        """The files of a local `pretrained` tokenizer, whose bytes are part of a cache key."""
        names = ("token", "vocab", "merges", "spiece", "sentencepiece")
        found = Path(self.pretrained).glob("*") if self.pretrained else []
        return sorted(path for path in found if any(name in path.name for name in names))

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, once loaded."""
        if self._tokenizer is None:
            raise RuntimeError(_UNLOADED)
        return self._tokenizer

    def create(self, folder: Path, texts: Callable[[], Iterable[str]]) -> None:
        """Makes the tokenizer and writes the folder, whole or not at all.

        Args:
            folder: Where to; left alone if it is there already.
            texts: Starts a pass over the training texts; called only to learn a vocabulary.

        Raises:
            InputError: If the tokenizer named by `pretrained` cannot be had.
        """
        if folder.is_dir():
            return
        from arabic_mtl.text.vocabulary import (
            make,  # transformers is not needed to use what is made
        )

        write_folder(folder, self.settings, make(self.settings, texts))

    def save(self, folder: Path) -> None:
        """Copies the loaded pipeline, so that a model can be used without the cache."""
        shutil.copytree(self._folder or "", folder, dirs_exist_ok=True)

    def load(self, folder: Path) -> None:
        """Takes tokenizer and settings from a folder that `create` or `save` wrote.

        Raises:
            InputError: If the folder is not one of those, or its tokenizer parts no words.
        """
        with undamaged(folder):
            saved = read_folder(folder)
            self._tokenizer, self.steps, self.pad_id = saved.tokenizer, saved.cleaning, saved.pad_id
            self.left_out, self.switched_off = saved.left_out, saved.switched_off
            for name, value in saved.settings.items():
                setattr(self, name, value)
            self._template = Template.of(self.tokenizer)
            self._stems = units_of(self.stemming, self.steps, split_proclitics=self._split)
        self._chunks = ChunkTokenizer(self.tokenizer, self.steps, self._stems)
        self._folder = folder
        self._spelling = Spelling(self.cleaned_word)

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
        if self._tokenizer is None:
            raise RuntimeError(_UNLOADED)
        with self._lock:
            first = self._pieces([readable(text) for text in texts])
            second = iter(self._pieces([readable(pair) for pair in pairs if pair is not None]))
        return [
            self._template.fill(pieces, None if pair is None else next(second), marks(text))
            for pieces, text, pair in zip(first, texts, pairs, strict=True)
        ]

    def cleaned(self, text: str) -> str:
        """What stands in a text's place when the vocabulary is asked: for people to look at."""
        with self._lock:
            return cleaned_text(readable(text), self._stems, self.tokenizer.normalizer)

    def cleaned_word(self, word: str) -> str:
        """What stands in the place of one of a text's words, which is not split any more."""
        with self._lock:
            stem = word if self._stems is None else self._stems.stem(word)
            return cleaned_text(stem, None, self.tokenizer.normalizer).strip()

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

    def __getstate__(self) -> dict[str, Any]:
        """What a process of another kind needs: settings and folder."""
        names = ("saved", "max_length", "_folder", *self.settings)
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Loads again what the folder holds."""
        folder = state.pop("_folder")
        self.__init__(**state)  # type: ignore[misc]
        if folder is not None:
            self.load(folder)

    @property
    def _choice(self) -> str | list[str]:
        default = preset_for(self.pretrained) if self.pretrained else "recipe"
        return default if self.cleaning is None else self.cleaning

    @property
    def _split(self) -> bool:
        return self.pretrained is None if self.split_proclitics is None else self.split_proclitics

    def _pieces(self, texts: list[str]) -> list[Pieces]:
        found = self._chunks.tokenize(texts)
        if self.form == "pieces":
            return found
        return [self._spelling(*each) for each in zip(texts, found, strict=True)]
