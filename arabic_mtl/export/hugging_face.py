"""Tasks as Hugging Face's own models, which need nothing of this package.

A task can be one of them where its head is one of theirs: a linear layer on each token
(`AutoModelForTokenClassification`), or on a dense layer over the first one
(`AutoModelForSequenceClassification`). Whether it is, is not assumed but seen: the logits must be
the same before a folder is written.
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
from arabic_mtl.export.folder import Opened, Outcome
from arabic_mtl.inference.parts import Parts
from arabic_mtl.model.encoders.hugging_face import TransformerNetwork
from arabic_mtl.model.heads import FirstTokenHead, Head, TokenHead
from arabic_mtl.model.network import Network
from arabic_mtl.text.pretrained import load_trusted

TOLERANCE = 1e-5
"""By how much the logits of an exported model may differ."""

_TEXTS = ("كانت الغُرفة ممتـــازة، والموظفون رائعون!", "wifi ٣ نجوم [SEP] ٢٠٢٤", "لا", "")
_PAIR = "الغرفة"


class Form(NamedTuple):
    """One of Hugging Face's kinds of model.

    Args:
        model: Makes it.
        pipeline: Their name for what it does.
        logits: The logits of ours that are the same.
    """

    model: Any
    pipeline: str
    logits: str


# Their classes are chosen by ours: this file alone asks for the kind of a head. A tagger's outputs
# are B and I of each label, which only they need to have named.
_FORMS: dict[type[Head], Form] = {
    TokenHead: Form(AutoModelForTokenClassification, "token-classification", "tags"),
    FirstTokenHead: Form(AutoModelForSequenceClassification, "text-classification", "logits"),
}


class OtherHeadError(Exception):
    """Says why a task is none of Hugging Face's models."""


def write_tasks(model: Opened, folder: Path) -> list[Outcome]:
    """Writes each task that can be one of Hugging Face's models into a folder of its own.

    Args:
        model: The model.
        folder: Gets a folder for each task, by its name.
    """
    disable_progress_bar()  # a second is no long work
    return [_write(model, name, folder / name) for name in model.parts.description.tasks]


def _write(model: Opened, name: str, folder: Path) -> Outcome:
    parts, network = model
    head = network.heads[name]
    try:
        form = _form(parts, network, head)
        labels = list(_labels(parts, name, head))
        plain = _plain(form, network, head, labels)
        plain.config.problem_type = _problem(parts, name, head)
        tokenizer = _tokenizer(parts)
        _require_same(model, name, form, plain, tokenizer)
    except OtherHeadError as reason:
        return Outcome(name, None, str(reason))
    plain.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    notes = list(_notes(parts, name, head))
    card = task_card(name, parts, form.pipeline, labels, notes)
    (folder / "README.md").write_text(card, encoding="utf-8")
    kind = f"{type(plain).__name__}, pipeline {form.pipeline}"
    return Outcome(name, folder.name, "; ".join([kind, *notes]))


def _form(parts: Parts, network: Network, head: Any) -> Form:
    """Which of theirs a head is."""
    if not isinstance(network.encoder, TransformerNetwork):
        raise OtherHeadError(f"{type(network.encoder).__name__} is no encoder of Hugging Face's")
    if (stemming := parts.text.settings.stemming) != "none":
        raise OtherHeadError(f"their tokenizers do not stem, as {stemming} does")
    if type(head) not in _FORMS:
        raise OtherHeadError(
            f"{type(head).__name__} is no head of theirs: it is in heads.safetensors"
        )
    return _FORMS[type(head)]


def _labels(parts: Parts, name: str, head: Any) -> Iterator[str]:
    """What the outputs stand for, as they have it."""
    labels = parts.decoders[name].outputs
    if not isinstance(head, TokenHead):
        yield from labels
        return
    yield "O"
    for label in labels:
        yield from (f"B-{label}", f"I-{label}")


def _plain(form: Form, network: Network, head: Any, labels: list[str]) -> PreTrainedModel:
    """Their model, with our weights."""
    encoder: Any = network.encoder.plain
    config = deepcopy(encoder.config)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: number for number, label in enumerate(labels)}
    plain: PreTrainedModel = form.model.from_config(
        config, dtype=torch.float32, trust_remote_code=False
    )
    plain.base_model.load_state_dict(encoder.state_dict(), strict=False)  # it may have a pooler
    try:
        for theirs, ours in _layers(plain, head):
            _copy(theirs, ours)
    except AttributeError as error:
        raise OtherHeadError(f"{type(plain).__name__} has another head: {error}") from None
    plain.eval()
    return plain


def _layers(plain: Any, head: Any) -> Iterator[tuple[Any, nn.Linear]]:
    """Their linear layers beside ours."""
    if isinstance(head, TokenHead):
        yield plain.classifier, head.output
    elif getattr(plain.base_model, "pooler", None) is not None:  # BERT
        yield from ((plain.base_model.pooler.dense, head.dense), (plain.classifier, head.output))
    else:  # RoBERTa
        yield plain.classifier.dense, head.dense
        yield plain.classifier.out_proj, head.output


def _copy(theirs: Any, ours: nn.Linear) -> None:
    """The outputs that they have: behind the tags, a tagger says which letters are left out."""
    outputs = len(theirs.weight)
    theirs.weight.data, theirs.bias.data = (
        ours.weight[:outputs].clone(),
        ours.bias[:outputs].clone(),
    )


def _tokenizer(parts: Parts) -> Any:
    tokenizer = load_trusted(AutoTokenizer, parts.source.folder / "text")
    tokenizer.model_max_length = parts.text.max_length
    tokenizer.split_special_tokens = True  # a typed "[SEP]" is text
    return tokenizer


def _require_same(
    model: Opened, name: str, form: Form, plain: PreTrainedModel, tokenizer: Any
) -> None:
    """Refuses a model that would say something else."""
    paired = model.parts.description.tasks[name].paired
    for text in _TEXTS:
        pair = _PAIR if paired else None
        (row,) = model.parts.text.encode([text], [pair])
        theirs = tokenizer(text, pair, return_tensors="pt")
        if theirs["input_ids"][0].tolist() != row.input_ids:
            raise OtherHeadError(f"their tokenizer makes other tokens of «{text}»")
        expected = model.session.read([row])(name, None)[form.logits]
        with torch.inference_mode():
            found = plain(**theirs).logits.numpy()
        apart = float(np.abs(found - expected).max())
        if apart > TOLERANCE:
            raise OtherHeadError(
                f"{type(plain).__name__} has another head: logits differ by {apart:.1g}"
            )


def _problem(parts: Parts, name: str, head: Any) -> Any:
    """What their loss and their pipeline make of the logits."""
    if isinstance(head, TokenHead):
        return None
    several = parts.decoders[name].threshold is not None
    return "multi_label_classification" if several else "single_label_classification"


def _notes(parts: Parts, name: str, head: Any) -> Iterator[str]:
    """What the exported model does not do."""
    if isinstance(head, TokenHead):
        if head.trim:
            yield "whole words: it does not say which letters a span leaves out"
        if head.transitions is not None:
            yield "each word by itself: without the chain over a text's words"
        return
    if parts.description.tasks[name].paired:
        yield "reads pairs: a text, and a target in it"
    threshold = parts.decoders[name].threshold
    if threshold is not None:
        yield f"gives every label its score: those of {threshold} or more are said"
