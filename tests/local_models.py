"""Tiny XML files, configurations and model folders, made on the spot; nothing is fetched."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import huggingface_hub.constants
import torch
import yaml
from lxml import etree
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

from arabic_mtl.cli import main
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import FIELDS
from arabic_mtl.tokens import Tokens

os.environ["HF_HUB_OFFLINE"] = "1"
torch.set_num_threads(1)  # several threads gain nothing on tiny models and disturb each other
huggingface_hub.constants.HF_HUB_OFFLINE = True  # where the hub client is already imported

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "arabic_mtl" / "sample"
TINY = {
    "model_type": "bert",
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}
POLARITIES = ["positive", "negative", "neutral"]
CATEGORIES = ["ROOMS#GENERAL", "SERVICE#GENERAL", "LOCATION#GENERAL", "HOTEL#GENERAL"]
TASKS: dict[str, Any] = {
    "sentiment": {
        "class_path": "arabic_mtl.tasks.SpanClassification",
        "init_args": {
            "corpus": "reviews",
            "layer": "polarity",
            "labels": POLARITIES,
            "spans_from": "ner",
        },
    },
    "ner": {
        "class_path": "arabic_mtl.tasks.TokenClassification",
        "init_args": {
            "corpus": "reviews",
            "layer": "entity",
            "labels": ["ROOMS", "SERVICE", "LOCATION"],
        },
    },
    "category": {
        "class_path": "arabic_mtl.tasks.MultiLabelClassification",
        "init_args": {"corpus": "reviews", "layer": "category", "labels": CATEGORIES},
    },
}


@dataclass(frozen=True)
class Outcome:
    """What a command gave back."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Run:
    """A finished run: where it lies, and what ``fit`` said."""

    folder: Path
    outcome: Outcome

    @property
    def best(self) -> Path:
        """The checkpoint that the report is about."""
        return self.folder / "checkpoints" / "best.ckpt"


def pad(encodings: Sequence[Encoding], pad_id: int = 0) -> Tokens:
    """A batch of encodings, padded as the rows of a table are."""
    return Tokens.pad({name: [getattr(e, name) for e in encodings] for name in FIELDS}, pad_id)


def blank(rows: int, width: int) -> Tokens:
    """A batch for what looks at nothing but its shape and its mask, which is all ones."""
    ones = torch.ones(rows, width, dtype=torch.long)
    return Tokens(**{field.name: ones for field in fields(Tokens)})


def run(*arguments: object) -> Outcome:
    """Runs a command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Outcome(code, out.getvalue(), err.getvalue())


def opinion(text: str, target: str | None, category: str, polarity: str) -> str:
    """An ``<Opinion>`` on the first occurrence of its target."""
    start = text.index(target) if target else 0
    places = f'from="{start}" to="{start + len(target or "")}"'
    labels = f'category="{category}" polarity="{polarity}"'
    return f"<Opinion target={quoteattr(target or 'NULL')} {labels} {places}/>"


def sentence(name: str, text: str, *opinions: tuple[str | None, str, str]) -> str:
    """A ``<sentence>``; opinions are (target, category, polarity)."""
    inside = "".join(opinion(text, *of_text) for of_text in opinions)
    gold = f"<Opinions>{inside}</Opinions>" if opinions else ""
    return f'<sentence id="{name}"><text>{escape(text)}</text>{gold}</sentence>\n'


def reviews(*texts: list[str]) -> str:
    """A file of reviews, each given as its sentences."""
    body = "".join(
        f'<Review rid="r{number}"><sentences>\n{"".join(sentences)}</sentences></Review>\n'
        for number, sentences in enumerate(texts)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Reviews>\n{body}</Reviews>\n'


def regrouped(xml: str, prefix: str) -> str:
    """The same texts, as other reviews."""
    return xml.replace('rid="', f'rid="{prefix}-')


NOUNS = {"الغرفة": "ROOMS", "الخدمة": "SERVICE", "الموقع": "LOCATION"}
ADJECTIVES = {"ممتازة جدا": "positive", "سيئة للغاية": "negative", "عادية فقط": "neutral"}


def hotel_xml(copies: int = 4) -> str:
    """Reviews whose labels follow from their words; opinions on the whole are NULL."""
    texts = []
    for copy in range(copies):
        for noun, entity in NOUNS.items():
            for adjective, polarity in ADJECTIVES.items():
                name = f"h{copy}-{len(texts)}"
                text = f"كانت {noun} {adjective} في الليلة {copy}"
                whole = sentence(f"{name}:1", adjective, (None, "HOTEL#GENERAL", polarity))
                first = sentence(f"{name}:0", text, (noun, f"{entity}#GENERAL", polarity))
                texts.append([first, whole])
    return reviews(*texts)


def write_hotels(folder: Path, copies: int = 4) -> Path:
    """The file that the hotels and recipe configurations ask for; gives back its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "AR_Hotels_Train_SB1.xml").write_text(hotel_xml(copies), encoding="utf-8")
    return folder


def plain_xml(source: Path, path: Path, limit: int = 25) -> list[tuple[str, str]]:
    """Copies some sentences of a file without their annotation; gives back (id, text)."""
    elements = list(etree.parse(source).iter("sentence"))[:limit]
    texts = [(str(e.get("id")), e.findtext("text", "")) for e in elements]
    body = reviews(*[[sentence(name, text)] for name, text in texts])
    path.write_text(body, encoding="utf-8")
    return texts


def settings() -> dict[str, Any]:
    """A complete small configuration on ``train.xml``, free to be changed."""
    corpus = {"class_path": "arabic_mtl.corpora.SemEval2016", "init_args": {"train": "train.xml"}}
    encoder = {"class_path": "arabic_mtl.encoders.TransformerEncoder", "init_args": {}}
    encoder["init_args"] = {"config": dict(TINY)}
    return {
        "data": {
            "corpora": {"reviews": corpus},
            "tasks": deepcopy(TASKS),
            "text": {"vocab_size": 200},
            "plan": {"batch_size": 8},
            "validation_share": 0.3,
        },
        "model": {"encoder": encoder, "lr": 1e-3},
        "trainer": {"accelerator": "cpu", "max_epochs": 1},
    }


def word_settings() -> dict[str, Any]:
    """The same by a word encoder, with every option that a head has."""
    value = settings()
    options = {name: task["init_args"] for name, task in value["data"]["tasks"].items()}
    given = {"layer": "aspect", "labels": CATEGORIES, "found_by": "category"}
    options["sentiment"] |= {"window": 2, "attention": True, "given": given}
    options["sentiment"] |= {"label_weights": {"neutral": 2.0}}
    options["ner"] |= {"crf": True}
    options["category"] |= {"evidence": "category", "threshold": 0.35}
    sizes = {"size": 32, "buckets": 2000, "hidden": 16}
    value["model"]["encoder"] = {
        "class_path": "arabic_mtl.encoders.WordEncoder",
        "init_args": sizes,
    }
    return value


def write_yaml(path: Path, value: Any) -> Path:
    """Writes a configuration."""
    path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    return path


def places(folder: Path) -> list[str]:
    """The options that keep a run inside a folder."""
    return [f"--data.cache={folder / 'cache'}", f"--trainer.default_root_dir={folder / 'runs'}"]


SHRUNK = [
    "--trainer.max_epochs=1",
    "--trainer.limit_train_batches=2",
    "--trainer.limit_val_batches=2",
    "--trainer.limit_test_batches=2",
    "--trainer.accelerator=cpu",
]
TINY_ENCODER = f"--model.encoder.init_args.config={json.dumps(TINY)}"
TINY_WORDS = [
    f"--model.encoder.init_args.{option}={value}"
    for option, value in {"size": 16, "buckets": 500, "hidden": 8}.items()
]
SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


def sample_texts() -> list[str]:
    """The sentences of the bundled training file."""
    return [str(element.text) for element in etree.parse(SAMPLE / "train.xml").iter("text")]


def architecture(kind: str, vocabulary: int) -> PreTrainedModel:
    """A tiny model with random weights."""
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
    """A folder as the hub would give it: vocab.txt, BertTokenizer's settings, model weights.

    AraBERT v0.2 is BertModel with a cased BertTokenizer. MARBERT and QARiB have other vocabularies
    and ``do_lower_case``, and leave ``strip_accents`` unset: letters with hamza come apart (NFD)
    and lose it.
    """
    trainer = BertWordPieceTokenizer(lowercase=lowercase, strip_accents=strip_accents)
    trainer.train_from_iterator(texts or sample_texts(), vocab_size=500, show_progress=False)
    folder.mkdir(parents=True)
    trainer.save_model(str(folder))
    facts = {"tokenizer_class": "BertTokenizer", "do_lower_case": lowercase}
    facts |= {"tokenize_chinese_chars": True, "model_max_length": 256}
    facts["strip_accents"] = strip_accents
    (folder / "tokenizer_config.json").write_text(json.dumps(facts))
    architecture(kind, trainer.get_vocab_size()).save_pretrained(folder)
    return folder


def tokenizer_of(folder: Path) -> PreTrainedTokenizerBase:
    """What Hugging Face makes of a folder."""
    return AutoTokenizer.from_pretrained(folder)


def files_under(folder: Path) -> list[str]:
    """The names of all files below a folder, none if it is not there."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
