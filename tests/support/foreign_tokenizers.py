"""Tokenizers that tell blanks and words in other ways than BERT's, learned from a few texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers.trainers import Trainer
from transformers import PreTrainedTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BLANK = "▁"


def gemma(texts: Sequence[str]) -> Tokenizer:
    """No pre-tokenizer: the whole text is one word; blanks begin tokens."""
    made = Tokenizer(models.BPE(unk_token="[UNK]", byte_fallback=False))
    made.normalizer = normalizers.Replace(" ", BLANK)
    made.pre_tokenizer = pre_tokenizers.Split(BLANK, "merged_with_next")
    _learn(made, texts, trainers.BpeTrainer(vocab_size=600, special_tokens=SPECIAL))
    made.pre_tokenizer = None
    return made


def deberta(texts: Sequence[str]) -> Tokenizer:
    """Words are parted by blanks, which belong to the places of their first tokens."""
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=600, special_tokens=SPECIAL, unk_token="[UNK]", show_progress=False
    )
    _learn(made, texts, trainer)
    return made


def xlm_roberta(texts: Sequence[str]) -> Tokenizer:
    """Words are parted by blanks alone, which belong to no place."""
    made = deberta(texts)
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    return made


def modernbert(texts: Sequence[str]) -> Tokenizer:
    """Bytes, whose places have the blank before a word."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    _learn(made, texts, trainer)
    return made


def by_punctuation(texts: Sequence[str]) -> Tokenizer:
    """Word numbers differ at punctuation, and not at blanks."""
    made = gemma(texts)
    made.pre_tokenizer = pre_tokenizers.Split(Regex(r"\p{P}"), "isolated")
    return made


FAMILIES: dict[str, Callable[[Sequence[str]], Tokenizer]] = {
    made.__name__: made for made in (gemma, deberta, xlm_roberta, modernbert, by_punctuation)
}


def save(made: Tokenizer, folder: Path) -> Path:
    """The tokenizer as a folder of the hub, special tokens round a text."""
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    special = {f"{name.strip('[]').lower()}_token": name for name in SPECIAL}
    PreTrainedTokenizerFast(tokenizer_object=made, **special).save_pretrained(folder)
    return folder


def _learn(made: Tokenizer, texts: Sequence[str], trainer: Trainer) -> None:
    made.train_from_iterator(texts, trainer)
