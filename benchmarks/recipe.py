"""The notebook recipe, which `arabic_mtl` is compared with.

Each opinion is a row: a pair of sentence and target. Each row is padded to 128 tokens. Each step is
a batch of 8 rows of one task; tasks are drawn in proportion to size. Hugging Face's models for
sequence and token classification share an encoder. Hugging Face's Trainer trains them in fp32.
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
    """A dataset with the padded rows of one task."""

    def __init__(self, rows: Sequence[Batch]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Batch:
        return self.rows[index]


class MultitaskModel(nn.Module):
    """One Hugging Face model per task, with a shared encoder."""

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
        """Runs the model of a task; returns its output with loss and logits."""
        return self.models[task](**inputs)


class MultitaskDataloader:
    """A data loader that yields the batches of several tasks in random order."""

    def __init__(self, loaders: dict[str, DataLoader[Batch]]) -> None:
        self.loaders = loaders
        size = sum(len(loader.dataset) for loader in loaders.values())  # type: ignore[arg-type]
        self.dataset: list[None] = [None] * size

    def __len__(self) -> int:
        return sum(len(loader) for loader in self.loaders.values())

    def __iter__(self) -> Iterator[Batch]:
        order = [task for task, loader in self.loaders.items() for _ in range(len(loader))]
        random.shuffle(order)
        batches = {task: iter(loader) for task, loader in self.loaders.items()}
        for task in order:
            yield {"task": task, **next(batches[task])}


class MultitaskTrainer(Trainer):
    """Hugging Face's Trainer with a loader for several tasks."""

    def __init__(self, loader: MultitaskDataloader, **options: Any) -> None:
        super().__init__(**options)
        self.loader = loader

    def get_train_dataloader(self) -> Any:
        """Returns the loader for all tasks."""
        return self.loader

    def compute_loss(
        self,
        model: nn.Module,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Returns the loss of the batch's task."""
        return model(**inputs).loss


def tokenizer_of(text: TextPipeline, folder: Path) -> PreTrainedTokenizerFast:
    """Returns a text pipeline, with its vocabulary and cleaning, as a Hugging Face tokenizer."""
    text.save(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def loader(corpora: Mapping[str, Iterable[Example]], tokenizer: Any) -> MultitaskDataloader:
    """Returns a data loader for the padded rows of both tasks.

    Args:
        corpora: The examples of the corpora ``opinions`` and ``sentences``, as in
            ``configs/recipe.yaml``.
        tokenizer: The Hugging Face tokenizer.
    """
    rows = {
        "sentiment": sentiment_rows(corpora["opinions"], tokenizer),
        "ner": ner_rows(corpora["sentences"], tokenizer),
    }
    return MultitaskDataloader(
        {
            task: DataLoader(Rows(task_rows), batch_size=BATCH, shuffle=True)
            for task, task_rows in rows.items()
        }
    )


def sentiment_rows(opinions: Iterable[Example], tokenizer: Any) -> list[Batch]:
    """Returns one row per opinion: the pair of its sentence and its target."""
    return [
        {
            **_encoded(tokenizer, opinion.text, opinion.pair or "NULL"),
            "labels": torch.tensor(POLARITIES.index(*opinion.labels["polarity"])),
        }
        for opinion in opinions
        if opinion.labels.get("polarity")
    ]


def ner_rows(sentences: Iterable[Example], tokenizer: Any) -> list[Batch]:
    """Returns one row per sentence, with a BIO label for each token."""
    rows = []
    for sentence in sentences:
        encoded = _encoded(tokenizer, sentence.text, None, return_offsets_mapping=True)
        offsets = encoded.pop("offset_mapping").tolist()
        labels = [0 if start < end else UNLABELLED for start, end in offsets]
        for span in sentence.spans.get("entity", ()):
            inside = [
                n for n, (start, end) in enumerate(offsets) if start < span.end and end > span.start
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
    """Returns Hugging Face's Trainer with the settings of the recipe."""
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
