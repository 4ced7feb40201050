"""The network of a `TransformerEncoder`: a Hugging Face model."""

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

# Weights are loaded as fp32, because the Trainer applies mixed precision.
_OPTIONS: dict[str, Any] = {"dtype": torch.float32}


def network(
    name: str | None,
    fields: Mapping[str, Any],
    saved: Path | None,
    text: TextPipeline,
    attention: str | None = None,
) -> EncoderNetwork:
    """Loads a pretrained model or builds a new one.

    Args:
        name: Hub name or local folder of a pretrained model.
        fields: Fields that override the model's configuration.
        saved: A folder with the configuration of a model whose weights come from a checkpoint.
        text: The text pipeline, whose vocabulary the model reads.
        attention: The implementation of attention; None for the default of transformers.

    Raises:
        InputError: If the model cannot be loaded or built, or does not fit the vocabulary.
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
            "`model.encoder.attention` must be installed",
            found=f"{attention}: {str(error).splitlines()[0]}",
            expected="eager or sdpa, or the missing package",
        ) from None
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        key = "config" if name is None else "name"
        raise InputError(
            f"`model.encoder.{key}` must name a model that can be loaded or built",
            found=f"{name or fields}: {str(error).splitlines()[0]}",
            expected="a name on the hub, a local folder, or a valid config",
        ) from None


class TransformerNetwork(EncoderNetwork):
    """A Hugging Face model as an encoder.

    Args:
        model: The Hugging Face model.
        max_length: The most tokens that the model reads at once; longer rows are cut into windows.
    """

    inputs: ClassVar[tuple[str, ...]] = ("input_ids", "attention_mask", "token_type_ids")

    def __init__(self, model: PreTrainedModel, max_length: int) -> None:
        super().__init__(model.config.hidden_size)
        # BERT's pooler is for next-sentence prediction; DDP rejects unused parameters.
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
        """Returns the Hugging Face model, so that exported weights have its own names."""
        return self.model

    def blocks(self) -> Iterable[nn.Module]:
        """Returns the layers."""
        lists = [module for module in self.model.modules() if isinstance(module, nn.ModuleList)]
        return [layer for layers in lists for layer in layers]

    def forward(self, tokens: Tokens) -> Tensor:
        """Computes the last layer's states (rows, tokens, hidden_size)."""
        if tokens.input_ids.shape[1] > self.max_length:
            return Windows.cut(tokens, self.max_length).encode(tokens, self.read)
        return self.read(tokens.input_ids, tokens.attention_mask, tokens.token_type_ids)

    def read(self, *inputs: Tensor) -> Tensor:
        """Computes hidden states from ids, mask and token types, each (rows, tokens)."""
        named = dict(zip(self.inputs, inputs, strict=True))
        if not self.typed:
            del named["token_type_ids"]
        hidden: Tensor = self.model(**named).last_hidden_state
        return hidden


def _pretrained(name: str, config: PretrainedConfig, options: Mapping[str, Any]) -> PreTrainedModel:
    """Loads a model with all of its weights, except a pooler's: `TransformerNetwork` has none.

    Raises:
        InputError: If the folder lacks weights, which transformers would initialize at random.
    """
    model: PreTrainedModel
    model, info = load_trusted(AutoModel, name, config=config, output_loading_info=True, **options)
    missing = sorted(key for key in info["missing_keys"] if "pooler" not in key.split("."))
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
            "the encoder must have a vector for every token of its tokenizer",
            found=f"{config.vocab_size} vectors, {size} tokens",
            expected="model and tokenizer of the same checkpoint",
        )
    if longest is not None and text.max_length > longest:
        raise InputError(
            "the encoder must have a position for every token",
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
    config._attn_implementation = None  # the folder's own value may name code on the hub
    if saved is None:
        _require_fields(
            fields, [*config.to_dict(), *(field for field in fields if hasattr(config, field))]
        )
        config.update(dict(fields))
    return config


def _require_fields(fields: Mapping[str, Any], known: Collection[str]) -> None:
    """Raises `InputError` if a field is not in the configuration, such as a loading option."""
    if unknown := sorted(fields.keys() - set(known)):
        raise InputError(
            "`model.encoder.config` must hold only fields of its `model_type`",
            found=", ".join(unknown),
            expected=", ".join(sorted(known)),
        )


def _scratch_config(overrides: Mapping[str, Any], text: TextPipeline) -> PretrainedConfig:
    fields = {"model_type": "bert", **overrides}
    _require_fields(fields, AutoConfig.for_model(fields["model_type"]).to_dict())
    vocabulary = {"vocab_size": text.tokenizer.get_vocab_size(), "pad_token_id": text.pad_id}
    config: PretrainedConfig = AutoConfig.for_model(**{**fields, **vocabulary})
    return config
