"""Export of single tasks as Hugging Face models, which do not need this package.

A task can be exported if its head has an equivalent in transformers: a linear layer on each token
(`AutoModelForTokenClassification`), or a dense and a linear layer on the first token
(`AutoModelForSequenceClassification`). A folder is written only if the logits of the Hugging Face
model equal those of the original on example texts.
"""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedModel,
)
from transformers.utils.logging import disable_progress_bar

from arabic_mtl.export.cards import task_card
from arabic_mtl.export.folder import Outcome, TrainedModel
from arabic_mtl.inference.parts import Parts
from arabic_mtl.model.encoders.hugging_face import TransformerNetwork
from arabic_mtl.model.heads import FirstTokenHead, Head, TokenHead
from arabic_mtl.model.network import Network
from arabic_mtl.text.pretrained import load_trusted

TOLERANCE = 1e-5
"""The largest allowed difference between the logits of an exported model and the original's."""

_TEXTS = ("كانت الغُرفة ممتـــازة، والموظفون رائعون!", "wifi ٣ نجوم [SEP] ٢٠٢٤", "لا", "")
_PAIR = "الغرفة"


class Form(NamedTuple):
    """A kind of Hugging Face model.

    Args:
        model: The auto class that builds the model.
        pipeline: The name of its pipeline.
        logits: The name of the original head's logits that the model reproduces.
    """

    model: Any
    pipeline: str
    logits: str


# The class of a head decides which Hugging Face model has its layers.
_FORMS: dict[type[Head], Form] = {
    TokenHead: Form(AutoModelForTokenClassification, "token-classification", "tags"),
    FirstTokenHead: Form(AutoModelForSequenceClassification, "text-classification", "logits"),
}


class UnsupportedTaskError(Exception):
    """The reason why a task cannot be exported as a Hugging Face model."""


def write_tasks(model: TrainedModel, folder: Path) -> list[Outcome]:
    """Writes each task that has an equivalent Hugging Face model into a folder of its own.

    Args:
        model: The multi-task model.
        folder: The folder in which each task gets a folder with its name.

    Returns:
        The outcome of each task.
    """
    disable_progress_bar()  # writing takes about a second
    return [_write(model, name, folder / name) for name in model.parts.description.tasks]


def _write(model: TrainedModel, name: str, folder: Path) -> Outcome:
    """Writes one task, or returns an outcome with the reason why it cannot be exported."""
    parts, network = model
    head = network.heads[name]
    try:
        form = _choose_form(parts, network, head)
        labels = list(_output_labels(parts, name, head))
        exported = _build_model(form, network, head, labels)
        exported.config.problem_type = _problem_type(parts, name, head)
        tokenizer = _load_tokenizer(parts)
        _require_equal_logits(model, name, form, exported, tokenizer)
    except UnsupportedTaskError as reason:
        return Outcome(name, None, str(reason))
    exported.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    notes = list(_notes(parts, name, head))
    card = task_card(name, parts, form.pipeline, labels, notes)
    (folder / "README.md").write_text(card, encoding="utf-8")
    kind = f"{type(exported).__name__}, pipeline {form.pipeline}"
    return Outcome(name, folder.name, "; ".join([kind, *notes]))


def _choose_form(parts: Parts, network: Network, head: Any) -> Form:
    """Returns the kind of Hugging Face model that is equivalent to a task's encoder and head."""
    if not isinstance(network.encoder, TransformerNetwork):
        encoder = type(network.encoder).__name__
        raise UnsupportedTaskError(f"{encoder} is not a Hugging Face encoder")
    if (stemming := parts.text.settings.stemming) != "none":
        raise UnsupportedTaskError(f"Hugging Face tokenizers have no {stemming} stemming")
    if type(head) not in _FORMS:
        raise UnsupportedTaskError(
            f"{type(head).__name__} has no Hugging Face equivalent; its weights are in "
            "heads.safetensors"
        )
    return _FORMS[type(head)]


def _output_labels(parts: Parts, name: str, head: Any) -> Iterator[str]:
    """Yields the label of each output of the Hugging Face model; a tagger has BIO labels."""
    labels = parts.decoders[name].outputs
    if not isinstance(head, TokenHead):
        yield from labels
        return
    yield "O"
    for label in labels:
        yield from (f"B-{label}", f"I-{label}")


def _build_model(form: Form, network: Network, head: Any, labels: list[str]) -> PreTrainedModel:
    """Returns a Hugging Face model with the weights of an encoder and a head."""
    encoder: Any = network.encoder.plain
    config = deepcopy(encoder.config)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: number for number, label in enumerate(labels)}
    model: PreTrainedModel = form.model.from_config(
        config, dtype=torch.float32, trust_remote_code=False
    )
    model.base_model.load_state_dict(encoder.state_dict(), strict=False)  # may add a pooler
    try:
        for target, source in _paired_layers(model, head):
            _copy_weights(target, source)
    except AttributeError as error:
        raise UnsupportedTaskError(f"{type(model).__name__} has another head: {error}") from None
    model.eval()
    return model


def _paired_layers(model: Any, head: Any) -> Iterator[tuple[Any, nn.Linear]]:
    """Yields each linear layer of a Hugging Face head with the layer that it is copied from."""
    if isinstance(head, TokenHead):
        yield model.classifier, head.output
    elif getattr(model.base_model, "pooler", None) is not None:  # BERT
        yield from ((model.base_model.pooler.dense, head.dense), (model.classifier, head.output))
    else:  # RoBERTa
        yield model.classifier.dense, head.dense
        yield model.classifier.out_proj, head.output


def _copy_weights(target: Any, source: nn.Linear) -> None:
    """Copies the first outputs of a layer; a tagger's further outputs trim spans."""
    outputs = len(target.weight)
    target.weight.data, target.bias.data = (
        source.weight[:outputs].clone(),
        source.bias[:outputs].clone(),
    )


def _load_tokenizer(parts: Parts) -> Any:
    """Loads the tokenizer with the settings that reproduce the text pipeline."""
    tokenizer = load_trusted(AutoTokenizer, parts.source.folder / "text")
    tokenizer.model_max_length = parts.text.max_length
    tokenizer.split_special_tokens = True  # a typed "[SEP]" is text
    return tokenizer


def _require_equal_logits(
    model: TrainedModel, name: str, form: Form, exported: PreTrainedModel, tokenizer: Any
) -> None:
    """Raises `UnsupportedTaskError` if tokens or logits of example texts differ."""
    task = model.parts.description.tasks[name]
    paired = task.paired or task.takes_pairs
    for text in _TEXTS:
        pair = _PAIR if paired else None
        (row,) = model.parts.text.encode([text], [pair])
        inputs = tokenizer(text, pair, return_tensors="pt")
        if inputs["input_ids"][0].tolist() != row.input_ids:
            raise UnsupportedTaskError(f"the Hugging Face tokenizer tokenizes «{text}» differently")
        expected = model.session.read([row])(name, None)[form.logits]
        with torch.inference_mode():
            logits = exported(**inputs).logits.numpy()
        deviation = float(np.abs(logits - expected).max())
        if deviation > TOLERANCE:
            raise UnsupportedTaskError(
                f"{type(exported).__name__} has another head: logits differ by {deviation:.1g}"
            )


def _problem_type(parts: Parts, name: str, head: Any) -> Any:
    """Returns the problem type of the configuration, which selects loss and pipeline output."""
    if isinstance(head, TokenHead):
        return None
    multilabel = parts.decoders[name].threshold is not None
    return "multi_label_classification" if multilabel else "single_label_classification"


def _notes(parts: Parts, name: str, head: Any) -> Iterator[str]:
    """Yields the differences between an exported task and the original, for users."""
    if isinstance(head, TokenHead):
        if head.trim:
            yield "a span covers whole words, without trimming letters at its ends"
        if head.transitions is not None:
            yield "each word is tagged by itself, without the linear-chain CRF"
        return
    if parts.description.tasks[name].paired:
        yield "the input is a pair of a text and a target in it"
    if parts.description.tasks[name].takes_pairs:
        yield "the input is a pair of texts"
    threshold = parts.decoders[name].threshold
    if threshold is not None:
        yield f"every label has a score; a score of {threshold} or more predicts the label"
