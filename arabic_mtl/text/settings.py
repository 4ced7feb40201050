"""The settings of a text pipeline: the configuration under ``data.text``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.presets import preset_for
from arabic_mtl.text.stems import Stemming

Form = Literal["pieces", "words"]

DEFAULT_LENGTH = 256
"""The default longest input in tokens."""

_SMALLEST = 10  # tokens of a vocabulary
_SHORTEST = 8  # tokens: two texts, their special tokens, and room for windows to overlap
_TOKENIZER_FILES = ("token", "vocab", "merges", "spiece", "sentencepiece")


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """The settings of a `TextPipeline`.

    Args:
        pretrained: Hub name or folder of a tokenizer; set from ``model.encoder.name``. Without
            one, a vocabulary is learned from the training texts: WordPiece for ``pieces``, the
            most frequent words for ``words``.
        saved: The text pipeline's folder of an earlier run; it is used unchanged and overrides all
            other settings but ``max_length``.
        form: The kind of tokens: ``pieces`` of words (subwords), or whole ``words`` with their
            letters; set from ``model.encoder``.
        vocab_size: Size of a learned vocabulary, special tokens included. A WordPiece vocabulary
            is larger if the texts have more letters than that; for ``words``, the size is an
            upper limit.
        cleaning: A preset (``arabert``, ``arabert-twitter``, ``marbert``, ``qarib``,
            ``camelbert``, ``light``, ``recipe``, ``none``) or a list of steps: see docs/text.md.
            Default: the preset of the pretrained encoder's family, or ``recipe`` if a vocabulary
            is learned.
        stemming: The stemmer: ``none``, ``snowball``, ``lemma`` (simplemma) or ``isri`` (NLTK).
        split_proclitics: True to make a leading و, ف, ب, ك or لل a separate word. Default: true
            only if a vocabulary is learned, because pretrained encoders have not seen words split
            like that.
        max_length: Longest input in tokens; a longer text is read in overlapping windows. Whole
            words are read at any length.

    Raises:
        InputError: If a number is too small, or a preset or step of cleaning does not exist.
    """

    pretrained: str | None = None
    saved: Path | None = None
    form: Form = "pieces"
    vocab_size: int = 8000
    cleaning: str | list[str] | None = None
    stemming: Stemming = "none"
    split_proclitics: bool | None = None
    max_length: int = DEFAULT_LENGTH

    def __post_init__(self) -> None:
        """Checks the values."""
        if self.max_length < _SHORTEST:
            raise InputError(
                "`data.text.max_length` must leave room for words",
                found=self.max_length,
                expected=f"{_SHORTEST} or more",
            )
        if self.vocab_size < _SMALLEST:
            raise InputError(
                "`data.text.vocab_size` must leave room for words beside the special tokens",
                found=self.vocab_size,
                expected=f"{_SMALLEST} or more",
            )
        Cleaning.from_choice(self.cleaning_choice)

    @property
    def cleaning_choice(self) -> str | list[str]:
        """Returns the preset or the steps; by default the preset that suits the tokenizer."""
        default = preset_for(self.pretrained) if self.pretrained else "recipe"
        return default if self.cleaning is None else self.cleaning

    @property
    def splits_proclitics(self) -> bool:
        """Returns whether proclitics become words; by default only in learned vocabularies."""
        return self.pretrained is None if self.split_proclitics is None else self.split_proclitics

    @property
    def identity(self) -> dict[str, str | int | list[str] | None]:
        """Returns the settings that determine the pipeline's folder, for the key of a cache."""
        return {
            "pretrained": self.pretrained,
            "form": self.form,
            "vocab_size": self.vocab_size,
            "stemming": self.stemming,
            "cleaning": self.cleaning_choice,
            "split_proclitics": self.splits_proclitics,
        }

    @property
    def files(self) -> list[Path]:
        """Returns the files of a local `pretrained` tokenizer, for the key of a cache."""
        paths = Path(self.pretrained).glob("*") if self.pretrained else []
        return sorted(path for path in paths if any(name in path.name for name in _TOKENIZER_FILES))
