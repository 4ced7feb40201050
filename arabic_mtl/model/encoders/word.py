"""An encoder of whole words without pretraining: letter n-grams under a BiLSTM."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders.base import Encoder, EncoderNetwork
from arabic_mtl.model.encoders.bilstm import BiLSTM
from arabic_mtl.model.encoders.ngrams import NgramBag
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.settings import Form

_CONFIG = "config.json"


@dataclass(frozen=True, kw_only=True)
class WordEncoder(Encoder):
    """Word vectors and hashed letter n-grams (Bojanowski et al., 2017) under a BiLSTM.

    Args:
        size: The length of a word's vector.
        buckets: The number of vectors that the n-grams of all words share.
        hidden: The length of the state of each direction of the LSTM.
        layers: The number of stacked LSTMs.
        dropout: The dropout probability of the input vectors and of each LSTM's states.
        word_dropout: The probability in training that a word's own vector is replaced by that of
            unknown words; its n-grams remain.
        token_dropout: The probability in training that a word's whole vector is set to 0.
    """

    form: ClassVar[Form] = "words"

    size: int = 128
    buckets: int = 30_000
    hidden: int = 128
    layers: int = 1
    dropout: float = 0.4
    word_dropout: float = 0.15
    token_dropout: float = 0.1

    def __post_init__(self) -> None:
        """Checks the settings."""
        for name in ("size", "buckets", "hidden", "layers"):
            if (value := getattr(self, name)) < 1:
                raise InputError(
                    f"`{name}` of a WordEncoder must be 1 or more",
                    found=f"{name}: {value}",
                    expected="1 or more",
                )
        for name in ("dropout", "word_dropout", "token_dropout"):
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise InputError(
                    f"`{name}` of a WordEncoder must be a probability",
                    found=f"{name}: {value}",
                    expected="0 to 1",
                )

    def build(self, text: TextPipeline) -> EncoderNetwork:
        """Builds the network.

        Raises:
            InputError: If the text pipeline splits words into pieces.
        """
        if text.form != self.form:
            raise InputError(
                "`data.text.form` must be `words` for a WordEncoder",
                found=f"data.text.form: {text.form}",
                expected=self.form,
            )
        options = _options(self) if self.saved is None else _read(self.saved / _CONFIG)
        return WordNetwork(text.tokenizer.get_vocab_size(), text.unknown_id, options)


class WordNetwork(EncoderNetwork):
    """The network of a `WordEncoder`, from words and their letters to one vector per word.

    Args:
        words: The size of the vocabulary.
        unknown: The id of words outside the vocabulary.
        options: The settings of the `WordEncoder`.
    """

    inputs: ClassVar[tuple[str, ...]] = ("input_ids", "attention_mask", "ngrams", "spellings")

    def __init__(self, words: int, unknown: int, options: dict[str, Any]) -> None:
        size, hidden = options["size"], options["hidden"]
        super().__init__(size + 2 * hidden)
        self.options, self.unknown = options, unknown
        self.words = nn.Embedding(words, size)
        self.ngrams = NgramBag(options["buckets"], size)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.normal_(self.ngrams.bag.weight, std=0.3)
        self.norm = nn.LayerNorm(size)
        self.dropout = nn.Dropout(options["dropout"])
        inputs = [size, *[2 * hidden] * options["layers"]][:-1]
        self.layers = nn.ModuleList(BiLSTM(length, hidden) for length in inputs)

    def save(self, folder: Path) -> None:
        """Writes ``config.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _CONFIG).write_text(json.dumps(self.options, indent=2), encoding="utf-8")

    def blocks(self) -> Iterable[nn.Module]:
        """Returns the LSTMs."""
        return self.layers

    def forward(self, tokens: Tokens) -> Tensor:
        """Computes the last LSTM's states, concatenated with the words' own vectors."""
        letters = self.ngrams(tokens.char_codes, tokens.word_lengths)
        return self._layers(tokens.input_ids, letters, tokens.attention_mask)

    def read(self, *inputs: Tensor) -> Tensor:
        """Computes hidden states from ids, mask, a table of n-grams and each word's row in it."""
        input_ids, attention_mask, ngrams, spellings = inputs
        return self._layers(input_ids, self.ngrams.embed_table(ngrams)[spellings], attention_mask)

    def _layers(self, input_ids: Tensor, letters: Tensor, attention_mask: Tensor) -> Tensor:
        ids = self._drop(input_ids, "word_dropout", self.unknown)
        normed = self.dropout(self.norm(self.words(ids) + letters))
        embedded = self._drop(normed, "token_dropout", 0.0)
        hidden = embedded
        for layer in self.layers:
            hidden = self.dropout(layer(hidden, attention_mask))
        return torch.cat([hidden, embedded], dim=-1)

    def _drop(self, values: Tensor, option: str, filler: float) -> Tensor:
        """Replaces random words of a batch (rows, words, …) by a filler, in training."""
        if not self.training or not self.options[option]:
            return values
        dropped = torch.rand(values.shape[:2], device=values.device) < self.options[option]
        return values.masked_fill(dropped.view(*dropped.shape, *[1] * (values.ndim - 2)), filler)


def _options(encoder: WordEncoder) -> dict[str, Any]:
    """Returns the settings that define the network: all but ``saved``."""
    return {name: value for name, value in asdict(encoder).items() if name != "saved"}


def _read(path: Path) -> dict[str, Any]:
    """Reads the settings of an earlier run; missing settings get their defaults."""
    try:
        saved: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return _options(WordEncoder(**saved))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            "the folder of a trained encoder must hold its settings",
            found=f"{path}: {error}",
            expected="the folder `encoder` of a run or of an exported model",
        ) from None
