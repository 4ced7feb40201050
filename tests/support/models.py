"""Tiny encoder folders in the form of the hub, with random weights."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import BertWordPieceTokenizer
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from support.semeval import sample_texts

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


def tiny_model(kind: str, vocabulary: int) -> PreTrainedModel:
    """Returns a tiny model with random weights."""
    sizes = {"vocab_size": vocabulary, "max_position_embeddings": 256}
    torch.manual_seed(7)
    if kind == "distilbert":
        return DistilBertModel(DistilBertConfig(dim=16, n_layers=1, n_heads=2, **sizes))
    bert: dict[str, tuple[type[PretrainedConfig], type[PreTrainedModel]]] = {
        "bert": (BertConfig, BertModel),
        "electra": (ElectraConfig, ElectraModel),
    }
    config, model = bert[kind]
    return model(config(**SMALL, **sizes, intermediate_size=32))


def save_model(
    folder: Path,
    kind: str = "bert",
    *,
    lowercase: bool = False,
    strip_accents: bool | None = False,
    texts: Sequence[str] | None = None,
) -> Path:
    """Saves a folder in the form of the hub: vocab.txt, settings of BertTokenizer, weights.

    AraBERT v0.2 is a BertModel with a cased BertTokenizer. MARBERT and QARiB set ``do_lower_case``
    and leave ``strip_accents`` unset, so that letters are decomposed (NFD) and lose their hamza.
    """
    trainer = BertWordPieceTokenizer(lowercase=lowercase, strip_accents=strip_accents)
    trainer.train_from_iterator(texts or sample_texts(), vocab_size=500, show_progress=False)
    folder.mkdir(parents=True)
    trainer.save_model(str(folder))
    facts = {"tokenizer_class": "BertTokenizer", "do_lower_case": lowercase}
    facts |= {"tokenize_chinese_chars": True, "model_max_length": 256}
    facts["strip_accents"] = strip_accents
    (folder / "tokenizer_config.json").write_text(json.dumps(facts))
    tiny_model(kind, trainer.get_vocab_size()).save_pretrained(folder)
    return folder


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Returns the tokenizer that Hugging Face loads from a folder."""
    return AutoTokenizer.from_pretrained(folder)
