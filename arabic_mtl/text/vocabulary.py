"""Tokenizers for a pipeline's settings: pretrained, or with a vocabulary learned from texts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.chunks import ChunkTokenizer
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.clitics import proclitic_splitter
from arabic_mtl.text.folder import FittedTokenizer
from arabic_mtl.text.known import KnownChunks
from arabic_mtl.text.open_vocabulary import OpenVocabulary
from arabic_mtl.text.pretrained import load_pretrained
from arabic_mtl.text.ragged import Integers
from arabic_mtl.text.settings import TextSettings
from arabic_mtl.text.stems import clean_words, make_units
from arabic_mtl.text.steps import PLACEHOLDERS, placeholder
from arabic_mtl.text.template import SPECIAL

_SYMBOLS = r"\p{So}[\p{So}\p{Sk}\x{200d}\x{fe0f}]*"  # emoji with their joiners and modifiers

_MIN_COUNT = 2  # a word that occurs only once is represented by its letters alone

_INSIDE = "##"  # prefix of a token that does not begin a word


def word_splitter(*, split_proclitics: bool) -> PreTokenizer:
    """Returns a pre-tokenizer that splits at spaces, punctuation, emoji and, if set, proclitics."""
    symbols = pre_tokenizers.Split(Regex(_SYMBOLS), behavior="isolated")
    words = pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), symbols])
    return proclitic_splitter(words) if split_proclitics else words


def to_hugging_face(tokenizer: Tokenizer, placeholders: Sequence[str]) -> PreTrainedTokenizerFast:
    """Converts a learned tokenizer to Hugging Face's class, and adds BERT's special tokens."""
    tokenizer.add_tokens([placeholder(text) for text in placeholders])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        split_special_tokens=True,  # a typed "[SEP]" is text
        **{f"{kind}_token": token for kind, token in SPECIAL.items()},
    )


def learn_words(
    counts: Mapping[str, int],
    *,
    vocab_size: int,
    split_proclitics: bool,
    placeholders: Sequence[str] = (),
) -> PreTrainedTokenizerFast:
    """Learns a vocabulary of the words that occur at least twice.

    Args:
        counts: How often each cleaned word occurs.
        vocab_size: Largest size of the vocabulary, special tokens included.
        split_proclitics: True if a leading و, ف, ب, ك or لل is a separate word.
        placeholders: The tokens that cleaning replaces links by; they are never split.

    Returns:
        A tokenizer that Hugging Face's ``AutoTokenizer`` loads unchanged.
    """
    known = [word for word, count in counts.items() if count >= _MIN_COUNT]
    ranked = sorted(known, key=lambda word: (-counts[word], word))
    tokens = dict.fromkeys([*SPECIAL.values(), *placeholders, *ranked][:vocab_size])
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIAL["unk"]))
    tokenizer.pre_tokenizer = word_splitter(split_proclitics=split_proclitics)
    return to_hugging_face(tokenizer, placeholders)


def learn_wordpiece(
    counts: Mapping[str, int],
    *,
    vocab_size: int,
    split_proclitics: bool,
    placeholders: Sequence[str] = (),
) -> PreTrainedTokenizerFast:
    """Learns a WordPiece vocabulary (Schuster & Nakajima, 2012).

    Args:
        counts: How often each cleaned word occurs.
        vocab_size: Size of the vocabulary, special tokens included. Each letter becomes a token
            even if that makes the vocabulary larger.
        split_proclitics: True if a leading و, ف, ب, ك or لل is a separate word.
        placeholders: The tokens that cleaning replaces links by; they are never split.

    Returns:
        A tokenizer that Hugging Face's ``AutoTokenizer`` loads unchanged.
    """
    # The trainer numbers the letters inside words in the order of a hash map, which differs between
    # processes, and breaks ties by these numbers. Listing the letters first fixes the order.
    letters = sorted({letter for word in counts for letter in word if not letter.isspace()})
    inside = [_INSIDE + letter for letter in letters]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size,
        special_tokens=[*SPECIAL.values(), *placeholders, *inside],
        continuing_subword_prefix=_INSIDE,
        show_progress=False,
    )
    learner = Tokenizer(models.WordPiece(unk_token=SPECIAL["unk"]))
    learner.pre_tokenizer = pre_tokenizers.CharDelimiterSplit(" ")
    learner.train_from_iterator((f"{word} " * count for word, count in counts.items()), trainer)
    tokenizer = Tokenizer(models.WordPiece(learner.get_vocab(), unk_token=SPECIAL["unk"]))
    tokenizer.pre_tokenizer = word_splitter(split_proclitics=split_proclitics)
    tokenizer.decoder = decoders.WordPiece(prefix=_INSIDE)
    return to_hugging_face(tokenizer, placeholders)


def make_tokenizer(
    settings: TextSettings, texts: Callable[[], Iterable[str]]
) -> tuple[FittedTokenizer, KnownChunks | None]:
    """Loads or learns a tokenizer, and adds the cleaning to its normalizer.

    Returns the chunks of the texts, too, if they are tokenized already.

    Args:
        settings: The settings of the pipeline.
        texts: Returns an iterator over the training texts; called only to learn a vocabulary.

    Raises:
        InputError: If the pretrained tokenizer cannot be loaded.
    """
    split, choice = settings.splits_proclitics, settings.cleaning_choice
    split_by_tokenizer = split and settings.stemming == "none"  # else split before stemming
    if settings.pretrained is not None:
        name = settings.pretrained
        return load_pretrained(name, choice, split_proclitics=split_by_tokenizer), None
    cleaning = Cleaning.from_choice(choice)
    stems = make_units(settings.stemming, cleaning, split_proclitics=split)
    placeholders = PLACEHOLDERS if "links" in cleaning.steps else ()
    normalizer, splitter = cleaning.normalizer, word_splitter(split_proclitics=split_by_tokenizer)
    words = OpenVocabulary(normalizer, splitter, placeholders)
    clean = partial(clean_words, stems=stems, normalizer=normalizer)
    has_letters = settings.form == "words"
    chunks = ChunkTokenizer(words, cleaning, stems, clean if has_letters else None)
    learn = learn_words if has_letters else learn_wordpiece
    tokenizer = learn(
        words.count(texts(), chunks),
        vocab_size=settings.vocab_size,
        split_proclitics=split_by_tokenizer,
        placeholders=placeholders,
    )
    tokenizer.backend_tokenizer.normalizer = normalizer
    known = chunks.known.renumber(_ids(words, tokenizer)) if has_letters else None
    return FittedTokenizer(tokenizer, cleaning, {}, {}), known


def _ids(words: OpenVocabulary, tokenizer: PreTrainedTokenizerFast) -> Integers:
    """Returns the id of each word of the training texts in the learned vocabulary."""
    vocabulary, unknown = tokenizer.get_vocab(), tokenizer.unk_token_id
    return np.array([vocabulary.get(word, unknown) for word in words.ids], dtype=np.int64)
