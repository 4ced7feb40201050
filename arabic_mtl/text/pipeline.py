"""Raw text → token ids and raw character offsets: cleaning, stemming and tokenizer in one."""

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tokenizers import Encoding as RustEncoding
from tokenizers import Tokenizer, normalizers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import MARKS, cleaner
from arabic_mtl.text.encoding import Encoding
from arabic_mtl.text.stemming import Stemming, stemmer, words
from arabic_mtl.text.wordpiece import learn_wordpiece

_SHORTEST = 5  # tokens: two texts and three special tokens


@dataclass
class TextPipeline:
    """Turns raw texts into token ids that know their raw characters.

    It is made once from these settings (`create`), saved as a Hugging Face tokenizer folder with
    the cleaning inside, and loaded wherever it is needed (`load`).

    Args:
        pretrained: Hub name or folder of a tokenizer; follows ``model.encoder.name``. Without
            one, a WordPiece vocabulary is learned from the training texts.
        saved: A folder written by an earlier run, used as it is; overrides all else.
        vocab_size: Size of a learned vocabulary, unless there are more letters than that.
        cleaning: ``none``, ``light``, ``recipe``, or a list of steps; by default ``light`` in
            front of a pretrained tokenizer, ``recipe`` where a vocabulary is learned.
        stemming: ``none`` or ``snowball``.
        split_proclitics: In a learned vocabulary, make a leading و, ف, ب, ك or لل a word of its
            own, so that a target can start behind it.
        max_length: Longest input in tokens; the rest of a text is cut off.
    """

    pretrained: str | None = None
    saved: Path | None = None
    vocab_size: int = 8000
    cleaning: str | list[str] | None = None
    stemming: Stemming = "none"
    split_proclitics: bool = True
    max_length: int = 256

    def __post_init__(self) -> None:
        """Checks the cleaning steps; the tokenizer comes with `load`."""
        if self.max_length < _SHORTEST:
            raise InputError(
                "data.text.max_length leaves room for words",
                found=self.max_length,
                expected=f"{_SHORTEST} or more",
            )
        self.pad_id = 0
        self._folder = Path()
        self._tokenizer: Tokenizer | None = None
        self._take_up_settings()

    @property
    def settings(self) -> dict[str, Any]:
        """What the pipeline is made from: the part of a cache key that is not text."""
        names = ("pretrained", "vocab_size", "stemming", "split_proclitics", "max_length")
        return {name: getattr(self, name) for name in names} | {"cleaning": self._steps()}

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
            raise RuntimeError("TextPipeline.load comes before its use.")
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
        hugging_face = self._pretrained() if self.pretrained else self._learned(texts)
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = folder.with_name(f"{uuid4().hex}.unfinished")
        try:
            hugging_face.save_pretrained(unfinished)
            facts = {"settings": self.settings, "pad_id": hugging_face.pad_token_id}
            (unfinished / "text.json").write_text(json.dumps(facts, indent=2))
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was first: its folder is as good
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def save(self, folder: Path) -> None:
        """Copies the loaded pipeline, so that a model can be used without the cache."""
        shutil.copytree(self._folder, folder, dirs_exist_ok=True)

    def load(self, folder: Path) -> None:
        """Takes tokenizer and settings from a folder that `create` or `save` wrote.

        Raises:
            InputError: If the folder is not one of those.
        """
        try:
            facts = json.loads((folder / "text.json").read_text())
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises bare Exceptions
            raise InputError(
                "a saved text pipeline holds text.json and tokenizer.json",
                found=f"{folder}: {error}",
                expected="the folder `text` of a finished run",
            ) from None
        self._folder = folder
        self.pad_id = facts["pad_id"]
        for name, value in facts["settings"].items():
            setattr(self, name, value)
        self._take_up_settings()
        # A typed "[SEP]" is text, not the end of it.
        self.tokenizer.encode_special_tokens = True
        self.tokenizer.enable_truncation(self.max_length, strategy="longest_first")

    def encode(self, texts: Sequence[str], pairs: Sequence[str | None]) -> list[Encoding]:
        """Encodes texts, each alone or together with its pair."""
        inputs: list[Any] = [
            self._input(t) if p is None else (self._input(t), self._input(p))
            for t, p in zip(texts, pairs, strict=True)
        ]
        split = self._stem is not None
        encoded = self.tokenizer.encode_batch(inputs, is_pretokenized=split)
        if split:
            return [_by_word(e, words(text)) for e, text in zip(encoded, texts, strict=True)]
        return [_by_character(e, text) for e, text in zip(encoded, texts, strict=True)]

    def _steps(self) -> str | list[str]:
        return self.cleaning or ("light" if self.pretrained else "recipe")

    def _take_up_settings(self) -> None:
        self._cleaner = cleaner(self._steps())
        # Affixes are told by their letters: folding ة into ه before would hide one.
        light = cleaner("light").normalize_str
        self._stem = None if self.stemming == "none" else stemmer(self.stemming, light)

    def _input(self, text: str) -> str | list[str]:
        if self._stem is None:
            return text
        return [self._stem(text[start:end]) for start, end in words(text)]

    def _pretrained(self) -> PreTrainedTokenizerFast:
        try:
            loaded: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(self.pretrained)
        except (OSError, ValueError) as error:
            raise InputError(
                "model.encoder.name is a model whose tokenizer can be loaded",
                found=f"{self.pretrained}: {str(error).splitlines()[0]}",
                expected="a name on the hub that can be reached, or a local folder",
            ) from None
        backend = loaded.backend_tokenizer
        own = [backend.normalizer] if backend.normalizer is not None else []
        backend.normalizer = normalizers.Sequence([self._cleaner, *own])
        # BertTokenizer would build its own normalizer again when loaded; this class does not.
        return PreTrainedTokenizerFast(
            tokenizer_object=backend,
            model_input_names=["input_ids", "token_type_ids", "attention_mask"],
            **loaded.special_tokens_map,
        )

    def _learned(self, texts: Callable[[], Iterable[str]]) -> PreTrainedTokenizerFast:
        def cleaned(text: str) -> str:
            units = self._input(text)
            joined = units if isinstance(units, str) else " ".join(units)
            return self._cleaner.normalize_str(joined)

        learned = learn_wordpiece(
            lambda: map(cleaned, texts()),
            vocab_size=self.vocab_size,
            split_proclitics=self.split_proclitics,
        )
        learned.backend_tokenizer.normalizer = self._cleaner
        return learned


def _by_character(encoded: RustEncoding, text: str) -> Encoding:
    """Gives each token what cleaning has deleted behind it: marks, tatweel, repeated letters."""
    places = list(encoded.offsets)
    following = len(text)
    for token in reversed(range(len(places))):
        start, end = places[token]
        if encoded.sequence_ids[token] == 0 and start < end:
            places[token] = start, _end_with_deleted(text, start, end, following)
            following = start
    return Encoding.at(encoded, places)


def _end_with_deleted(text: str, start: int, end: int, following: int) -> int:
    letter = next((c for c in reversed(text[start:end]) if c not in MARKS), "")
    while end < following and (text[end] in MARKS or text[end] == letter):
        end += 1
    return end


def _by_word(encoded: RustEncoding, spans: Sequence[tuple[int, int]]) -> Encoding:
    """A stem's letters have no raw places of their own: its tokens get the whole word's."""
    places = [
        spans[word] if word is not None and sequence == 0 else (0, 0)
        for word, sequence in zip(encoded.word_ids, encoded.sequence_ids, strict=True)
    ]
    return Encoding.at(encoded, places)
