"""A Hugging Face model as an encoder's network."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders.base import EncoderNetwork
from arabic_mtl.model.encoders.windows import Windows
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.pretrained import load_trusted

# Weights are fp32 whatever the folder holds: mixed precision is the Trainer's business.
_OPTIONS: dict[str, Any] = {"dtype": torch.float32}


def network(
    name: str | None,
    fields: Mapping[str, Any],
    saved: Path | None,
    text: TextPipeline,
    attention: str | None = None,
) -> EncoderNetwork:
    """Loads or makes a model.

    Args:
        name: Hub name or local folder of a pretrained one.
        fields: Of its configuration, where they differ.
        saved: A folder with the configuration of one whose weights come from a checkpoint.
        text: Whose vocabulary it reads.
        attention: How attention is computed; None for what transformers takes.

    Raises:
        InputError: If the model cannot be had or does not fit the vocabulary.
    """
    try:
        config = _config(name, fields, saved, text)
        _check_fit(config, text)
        options = _OPTIONS if attention is None else _OPTIONS | {"attn_implementation": attention}
        if name is None or saved is not None:
            model = AutoModel.from_config(config, trust_remote_code=False, **options)
        else:
            model = _pretrained(name, config, options)
        return TransformerNetwork(model, text.max_length)
    except ImportError as error:
        raise InputError(
            "model.encoder.attention is one that is installed",
            found=f"{attention}: {str(error).splitlines()[0]}",
            expected="eager, sdpa, or the package that is missing",
        ) from None
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        key = "config" if name is None else "name"
        raise InputError(
            f"model.encoder.{key} is a model that can be made or loaded",
            found=f"{name or fields}: {str(error).splitlines()[0]}",
            expected="a name on the hub that can be reached, a local folder, or a valid config",
        ) from None


class TransformerNetwork(EncoderNetwork):
    """A Hugging Face model as an encoder.

    Args:
        model: Tokens in, hidden states out.
        max_length: The most tokens that it reads at once; longer rows are read in windows.
    """

    inputs: ClassVar[tuple[str, ...]] = ("input_ids", "attention_mask", "token_type_ids")

    def __init__(self, model: PreTrainedModel, max_length: int) -> None:
        super().__init__(model.config.hidden_size)
        # BERT's pooler serves next-sentence prediction; unused parameters would stop DDP.
        if hasattr(model, "pooler"):
            delattr(model, "pooler")
            model.register_module("pooler", None)
        self.model, self.max_length = model, max_length
        self.typed = getattr(model.config, "type_vocab_size", 0) > 1

    def save(self, folder: Path) -> None:
        """Writes ``config.json``."""
        self.model.config.save_pretrained(folder)

    @property
    def plain(self) -> nn.Module:
        """Hugging Face's own model, whose names for its weights its library knows."""
        return self.model

    def blocks(self) -> Iterable[nn.Module]:
        """The layers."""
        lists = [part for part in self.model.modules() if isinstance(part, nn.ModuleList)]
        return [layer for part in lists for layer in part]

    def forward(self, tokens: Tokens) -> Tensor:
        """A batch → the last layer's states (rows, tokens, hidden_size)."""
        if tokens.input_ids.shape[1] > self.max_length:
            return Windows.over(tokens, self.max_length).encode(tokens, self.read)
        return self.read(tokens.input_ids, tokens.attention_mask, tokens.token_type_ids)

    def read(self, *inputs: Tensor) -> Tensor:
        """Ids, mask and segments (rows, tokens) → hidden states."""
        named = dict(zip(self.inputs, inputs, strict=True))
        if not self.typed:
            del named["token_type_ids"]
        hidden: Tensor = self.model(**named).last_hidden_state
        return hidden


def _pretrained(name: str, config: PretrainedConfig, options: Mapping[str, Any]) -> PreTrainedModel:
    """Loads a model with all of its weights, but for a pooler's: `TransformerNetwork` has none.

    Raises:
        InputError: If the folder lacks weights, which transformers would draw at random.
    """
    model: PreTrainedModel
    model, found = load_trusted(AutoModel, name, config=config, output_loading_info=True, **options)
    missing = sorted(key for key in found["missing_keys"] if "pooler" not in key.split("."))
    if missing:
        total = len(model.state_dict())
        raise InputError(
            "a pretrained encoder must bring all of its weights",
            found=f"{name}: {len(missing)} of {total} are missing: {', '.join(missing[:3])}"
            + (", …" if len(missing) > 3 else ""),
            expected="a folder whose config.json and weights are of one checkpoint",
        )
    return model


def _check_fit(config: PretrainedConfig, text: TextPipeline) -> None:
    size, longest = (
        text.tokenizer.get_vocab_size(),
        getattr(config, "max_position_embeddings", None),
    )
    if size > config.vocab_size:
        raise InputError(
            "the encoder has a vector for every token of its tokenizer",
            found=f"{config.vocab_size} vectors, {size} tokens",
            expected="model and tokenizer of the same checkpoint",
        )
    if longest is not None and text.max_length > longest:
        raise InputError(
            "the encoder has a position for every token",
            found=f"data.text.max_length: {text.max_length}",
            expected=f"at most {longest}, the encoder's max_position_embeddings",
        )


def _config(
    name: str | None, fields: Mapping[str, Any], saved: Path | None, text: TextPipeline
) -> PretrainedConfig:
    source = saved or name
    if source is None:
        return _scratch_config(fields, text)
    if saved is not None and not (saved / "config.json").is_file():
        raise InputError(
            "the folder of a trained encoder must hold its config.json",
            found=f"no such file in {saved}",
            expected="the folder `encoder` of a run or of an exported model",
        )
    config: PretrainedConfig = load_trusted(AutoConfig, source)
    config._attn_implementation = None  # that of the folder may name code on the hub
    if saved is None:
        _require_fields(fields, [*config.to_dict(), *(f for f in fields if hasattr(config, f))])
        config.update(dict(fields))
    return config


def _require_fields(fields: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuses fields that a configuration does not have, such as options of loading it."""
    if unknown := sorted(fields.keys() - set(known)):
        raise InputError(
            "model.encoder.config has fields of its model_type",
            found=", ".join(unknown),
            expected=", ".join(sorted(known)),
        )


def _scratch_config(given: Mapping[str, Any], text: TextPipeline) -> PretrainedConfig:
    fields = {"model_type": "bert", **given}
    _require_fields(fields, AutoConfig.for_model(fields["model_type"]).to_dict())
    vocabulary = {"vocab_size": text.tokenizer.get_vocab_size(), "pad_token_id": text.pad_id}
    config: PretrainedConfig = AutoConfig.for_model(**{**fields, **vocabulary})
    return config
