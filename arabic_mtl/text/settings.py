"""The settings of a text pipeline, as a configuration has them under ``data.text``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.presets import preset_for
from arabic_mtl.text.stems import Stemming

Form = Literal["pieces", "words"]

DEFAULT_LENGTH = 256
"""The longest input in tokens, unless another is set."""

_SMALLEST = 10  # tokens of a vocabulary
_SHORTEST = 8  # tokens: two texts, their special tokens, and room for windows to overlap
_TOKENIZER_FILES = ("token", "vocab", "merges", "spiece", "sentencepiece")


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """Settings from which a `TextPipeline` is made.

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

    Raises:
        InputError: If a number is too small, or the cleaning is neither a preset nor steps.
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
        """Checks the settings."""
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
        Cleaning.of(self.cleaning_choice)

    @property
    def cleaning_choice(self) -> str | list[str]:
        """The preset or the steps; if none are set, the preset that suits the tokenizer."""
        default = preset_for(self.pretrained) if self.pretrained else "recipe"
        return default if self.cleaning is None else self.cleaning

    @property
    def splits_proclitics(self) -> bool:
        """True if proclitics become words; if that is not set, in learned vocabularies only."""
        return self.pretrained is None if self.split_proclitics is None else self.split_proclitics

    @property
    def identity(self) -> dict[str, str | int | list[str] | None]:
        """The settings that decide a pipeline's folder: the part of a cache key beside texts."""
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
        """The files of a local `pretrained` tokenizer, whose bytes are part of a cache key."""
        found = Path(self.pretrained).glob("*") if self.pretrained else []
        return sorted(path for path in found if any(n in path.name for n in _TOKENIZER_FILES))
