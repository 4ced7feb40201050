"""The settings of an encoder from Hugging Face transformers, pretrained or from scratch."""

from dataclasses import dataclass, field
from typing import Any, Literal

from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders.base import Encoder, EncoderNetwork
from arabic_mtl.text import TextPipeline

Attention = Literal["eager", "sdpa", "flash_attention_2"]


@dataclass(frozen=True, kw_only=True)
class TransformerEncoder(Encoder):
    """A Hugging Face ``AutoModel``.

    Args:
        name: Hub name or local folder of a pretrained model (AraBERT, MARBERT, QARiB, …).
            Without a name, the model is built from `config`, with random weights.
        config: Fields that override the model's own configuration or, without a name, the
            defaults of ``model_type``.
        attention: The implementation of attention: ``eager`` (matrix products, faster in training
            on a CPU), ``sdpa`` (torch's function) or ``flash_attention_2`` (needs that package).
            By default, transformers chooses, usually ``sdpa``.
    """

    name: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    attention: Attention | None = None

    def __post_init__(self) -> None:
        """Raises `InputError` without name and config: the default model would be large."""
        if self.name is None and not self.config and self.saved is None:
            raise InputError(
                "`model.encoder` must have a `name` or a `config`",
                found="a TransformerEncoder without name and config",
                expected="the name of a pretrained model, or the config of a new one, such as "
                "{model_type: bert, hidden_size: 256, num_hidden_layers: 4}",
            )

    def build(self, text: TextPipeline) -> EncoderNetwork:
        """Loads a pretrained model or builds a new one.

        Raises:
            InputError: If the model cannot be loaded or built, or does not fit the vocabulary.
        """
        # Imported here because transformers takes seconds, and other encoders do not need it.
        from arabic_mtl.model.encoders.hugging_face import network

        return network(self.name, self.config, self.saved, text, self.attention)
