"""Any encoder of Hugging Face transformers, pretrained or from scratch."""

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
            Without one, a model is made from `config` alone, with random weights.
        config: Fields of the model's configuration that differ from its own, or, without a
            name, from the defaults of ``model_type``.
        attention: How attention is computed: ``eager``, by products of matrices, which is faster
            in training on a CPU; ``sdpa``, by torch's own function; ``flash_attention_2`` where
            that package is installed. By default what transformers takes, which is ``sdpa``.
    """

    name: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    attention: Attention | None = None

    def __post_init__(self) -> None:
        """Refuses to make a large model that nobody has asked for."""
        if self.name is None and not self.config and self.saved is None:
            raise InputError(
                "model.encoder says which model it is",
                found="a TransformerEncoder without name and config",
                expected="the name of a pretrained one, or the config of one from scratch, such as "
                "{model_type: bert, hidden_size: 256, num_hidden_layers: 4}",
            )

    def build(self, text: TextPipeline) -> EncoderNetwork:
        """Loads or makes the model.

        Raises:
            InputError: If the model cannot be had or does not fit the vocabulary.
        """
        # Not at the top: transformers takes seconds to import, and other encoders do without.
        from arabic_mtl.model.encoders.hugging_face import network

        return network(self.name, self.config, self.saved, text, self.attention)
