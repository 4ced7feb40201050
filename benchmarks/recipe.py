"""The notebook recipe, as people run it: what `arabic_mtl` is measured against.

Every opinion is a row of its own, sentence and target as a pair; every row is padded to 128 tokens;
each step is a batch of 8 of one task, drawn in proportion to size; Hugging Face's models for one
task each share an encoder, and Hugging Face's Trainer trains them in fp32.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertConfig,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
)

from arabic_mtl.documents import Example
from arabic_mtl.text import TextPipeline

POLARITIES = ("positive", "negative", "neutral")
ENTITIES = (
    *("HOTEL", "ROOMS", "ROOMS_AMENITIES", "FACILITIES"),
    *("SERVICE", "LOCATION", "FOOD_DRINKS"),
)
BATCH, LENGTH, UNLABELLED = 8, 128, -100

Batch = dict[str, Any]


class Rows(Dataset[Batch]):
    """The padded rows of one task, ready."""

    def __init__(self, rows: Sequence[Batch]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Batch:
        return self.rows[index]


class MultitaskModel(nn.Module):
    """A model per task, on one encoder."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        config = BertConfig(
            vocab_size=vocabulary,
            hidden_size=256,
            num_hidden_layers=4,
            num_attention_heads=4,
            intermediate_size=1024,
        )
        config.num_labels = len(POLARITIES)
        sentiment = AutoModelForSequenceClassification.from_config(config)
        config.num_labels = 1 + 2 * len(ENTITIES)
        ner = AutoModelForTokenClassification.from_config(config)
        ner.bert.embeddings, ner.bert.encoder = sentiment.bert.embeddings, sentiment.bert.encoder
        self.models = nn.ModuleDict({"sentiment": sentiment, "ner": ner})

    def forward(self, task: str, **inputs: Any) -> Any:
        """What the task's own model says."""
        return self.models[task](**inputs)


class MultitaskDataloader:
    """Takes the batches of the tasks' loaders in random order, in proportion to their size."""

    def __init__(self, loaders: dict[str, DataLoader[Batch]]) -> None:
        self.loaders = loaders
        self.dataset: list[None] = [None] * sum(len(of.dataset) for of in loaders.values())  # type: ignore[arg-type]

    def __len__(self) -> int:
        return sum(len(of) for of in self.loaders.values())

    def __iter__(self) -> Iterator[Batch]:
        order = [task for task, of in self.loaders.items() for _ in range(len(of))]
        random.shuffle(order)
        batches = {task: iter(of) for task, of in self.loaders.items()}
        for task in order:
            yield {"task": task, **next(batches[task])}


class MultitaskTrainer(Trainer):
    """Hugging Face's, on several loaders."""

    def __init__(self, loader: MultitaskDataloader, **options: Any) -> None:
        super().__init__(**options)
        self.loader = loader

    def get_train_dataloader(self) -> Any:
        """The loader that was given."""
        return self.loader

    def compute_loss(
        self,
        model: nn.Module,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """That of the task's own model."""
        return model(**inputs).loss


def tokenizer_of(text: TextPipeline, folder: Path) -> PreTrainedTokenizerFast:
    """The pipeline's own vocabulary and cleaning, as Hugging Face's tokenizer."""
    text.save(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def loader(corpora: Mapping[str, Iterable[Example]], tokenizer: Any) -> MultitaskDataloader:
    """Both tasks' rows, padded.

    Args:
        corpora: ``opinions`` and ``sentences``, as in ``configs/recipe.yaml``.
        tokenizer: Hugging Face's.
    """
    rows = {
        "sentiment": sentiment_rows(corpora["opinions"], tokenizer),
        "ner": ner_rows(corpora["sentences"], tokenizer),
    }
    return MultitaskDataloader(
        {task: DataLoader(Rows(of), batch_size=BATCH, shuffle=True) for task, of in rows.items()}
    )


def sentiment_rows(opinions: Iterable[Example], tokenizer: Any) -> list[Batch]:
    """A row per opinion: its sentence and its target."""
    return [
        {
            **_encoded(tokenizer, opinion.text, opinion.pair or "NULL"),
            "labels": torch.tensor(POLARITIES.index(*opinion.labels["polarity"])),
        }
        for opinion in opinions
        if opinion.labels.get("polarity")
    ]


def ner_rows(sentences: Iterable[Example], tokenizer: Any) -> list[Batch]:
    """A row per sentence, with a BIO label for each of its tokens."""
    rows = []
    for sentence in sentences:
        encoded = _encoded(tokenizer, sentence.text, None, return_offsets_mapping=True)
        places = encoded.pop("offset_mapping").tolist()
        labels = [0 if start < end else UNLABELLED for start, end in places]
        for span in sentence.spans.get("entity", ()):
            inside = [
                n for n, (start, end) in enumerate(places) if start < span.end and end > span.start
            ]
            for n in inside:
                labels[n] = 2 * ENTITIES.index(span.label) + (1 if n == inside[0] else 2)
        rows.append({**encoded, "labels": torch.tensor(labels)})
    return rows


def _encoded(tokenizer: Any, text: str, pair: str | None, **options: Any) -> Batch:
    encoded = tokenizer(
        text,
        pair,
        padding="max_length",
        truncation=True,
        max_length=LENGTH,
        return_tensors="pt",
        return_token_type_ids=True,
        **options,
    )
    return {name: value[0] for name, value in encoded.items()}


def trainer(
    model: MultitaskModel, loader: MultitaskDataloader, folder: Path, **options: Any
) -> Trainer:
    """Hugging Face's Trainer as the recipe has it."""
    arguments = TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=BATCH,
        use_cpu=True,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        remove_unused_columns=False,
        **options,
    )
    return MultitaskTrainer(loader, model=model, args=arguments)
