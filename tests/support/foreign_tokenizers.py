"""Tokenizers that treat white space and word boundaries differently from BERT's tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers.trainers import Trainer
from transformers import PreTrainedTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BLANK = "▁"


def gemma(texts: Sequence[str]) -> Tokenizer:
    """Returns a tokenizer without pre-tokenizer: a text is one word, and spaces begin tokens."""
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]", byte_fallback=False))
    tokenizer.normalizer = normalizers.Replace(" ", BLANK)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(BLANK, "merged_with_next")
    _learn(tokenizer, texts, trainers.BpeTrainer(vocab_size=600, special_tokens=SPECIAL))
    tokenizer.pre_tokenizer = None
    return tokenizer


def deberta(texts: Sequence[str]) -> Tokenizer:
    """Returns a tokenizer that separates words at spaces; offsets of words include the space."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=600, special_tokens=SPECIAL, unk_token="[UNK]", show_progress=False
    )
    _learn(tokenizer, texts, trainer)
    return tokenizer


def xlm_roberta(texts: Sequence[str]) -> Tokenizer:
    """Returns a tokenizer that separates words at white space; offsets exclude the space."""
    tokenizer = deberta(texts)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    return tokenizer


def modernbert(texts: Sequence[str]) -> Tokenizer:
    """Returns a byte-level tokenizer; offsets of words include the preceding space."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    _learn(tokenizer, texts, trainer)
    return tokenizer


def punctuation_only(texts: Sequence[str]) -> Tokenizer:
    """Returns a tokenizer whose word numbers change at punctuation, but not at spaces."""
    tokenizer = gemma(texts)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"\p{P}"), "isolated")
    return tokenizer


FAMILIES: dict[str, Callable[[Sequence[str]], Tokenizer]] = {
    learn.__name__: learn for learn in (gemma, deberta, xlm_roberta, modernbert, punctuation_only)
}


def save(tokenizer: Tokenizer, folder: Path) -> Path:
    """Adds special tokens to a tokenizer, and saves it as a folder in the form of the hub."""
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    special_tokens = {f"{name.strip('[]').lower()}_token": name for name in SPECIAL}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special_tokens).save_pretrained(folder)
    return folder


def _learn(tokenizer: Tokenizer, texts: Sequence[str], trainer: Trainer) -> None:
    tokenizer.train_from_iterator(texts, trainer)
