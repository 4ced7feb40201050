"""A tokenizer made from a pipeline's settings: a pretrained one, or one learned from texts."""

from collections.abc import Callable, Iterable, Sequence

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.clitics import splitter
from arabic_mtl.text.folder import Fitted
from arabic_mtl.text.pretrained import load_pretrained
from arabic_mtl.text.settings import TextSettings
from arabic_mtl.text.stems import cleaned_text, units_of
from arabic_mtl.text.steps import PLACEHOLDERS, placeholder
from arabic_mtl.text.template import SPECIAL

_SYMBOLS = r"\p{So}[\p{So}\p{Sk}\x{200d}\x{fe0f}]*"  # emoji, with what joins and colours them

_SEEN = 2  # times: a word that was seen once is known by its letters alone

_INSIDE = "##"  # before a piece that does not begin a word


def word_finder(*, split_proclitics: bool) -> PreTokenizer:
    """Parts words at spaces, punctuation and emoji, and where asked behind proclitics."""
    symbols = pre_tokenizers.Split(Regex(_SYMBOLS), behavior="isolated")
    simple = pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), symbols])
    return splitter(simple) if split_proclitics else simple


def as_hugging_face(tokenizer: Tokenizer, placeholders: Sequence[str]) -> PreTrainedTokenizerFast:
    """A learned tokenizer as one of Hugging Face, with BERT's special tokens round a text."""
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
    texts: Callable[[], Iterable[str]],
    *,
    vocab_size: int,
    split_proclitics: bool,
    placeholders: Sequence[str] = (),
) -> PreTrainedTokenizerFast:
    """Counts the words, and makes those that come twice or more a vocabulary.

    Args:
        texts: Starts a pass over the cleaned training texts.
        vocab_size: The most words, special tokens included.
        split_proclitics: Whether a leading و, ف, ب, ك or لل is a word of its own.
        placeholders: What cleaning puts in the place of links, each to be kept whole.

    Returns:
        A tokenizer that Hugging Face's ``AutoTokenizer`` loads again unchanged.
    """
    tokenizer = Tokenizer(models.WordLevel(unk_token=SPECIAL["unk"]))
    tokenizer.pre_tokenizer = word_finder(split_proclitics=split_proclitics)
    trainer = trainers.WordLevelTrainer(
        vocab_size=vocab_size,
        min_frequency=_SEEN,
        special_tokens=[*SPECIAL.values(), *placeholders],
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(), trainer)
    return as_hugging_face(tokenizer, placeholders)


def learn_wordpiece(
    texts: Callable[[], Iterable[str]],
    *,
    vocab_size: int,
    split_proclitics: bool,
    placeholders: Sequence[str] = (),
) -> PreTrainedTokenizerFast:
    """Learns a vocabulary (Schuster & Nakajima, 2012) over words or clitic-split words.

    The same texts give the same vocabulary, in any order.

    Args:
        texts: Starts a pass over the cleaned training texts; there are two.
        vocab_size: Size of the vocabulary, special tokens included; each letter gets its place
            even where that makes it larger.
        split_proclitics: Whether a leading و, ف, ب, ك or لل is a word of its own.
        placeholders: What cleaning puts in the place of links, each to be kept whole.

    Returns:
        A tokenizer that Hugging Face's ``AutoTokenizer`` loads again unchanged.
    """
    words = word_finder(split_proclitics=split_proclitics)
    vocabulary = _learn(texts, words, vocab_size, placeholders)
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=SPECIAL["unk"]))
    tokenizer.pre_tokenizer = words
    tokenizer.decoder = decoders.WordPiece(prefix=_INSIDE)
    return as_hugging_face(tokenizer, placeholders)


def _learn(
    texts: Callable[[], Iterable[str]],
    words: PreTokenizer,
    vocab_size: int,
    placeholders: Sequence[str],
) -> dict[str, int]:
    # The trainer numbers the letters inside words in the order of a hash map that differs from
    # process to process, and breaks ties by these numbers: naming them first fixes the order.
    letters = sorted({letter for text in texts() for letter in text if not letter.isspace()})
    inside = [_INSIDE + letter for letter in letters]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size,
        special_tokens=[*SPECIAL.values(), *placeholders, *inside],
        continuing_subword_prefix=_INSIDE,
        show_progress=False,
    )
    tokenizer = Tokenizer(models.WordPiece(unk_token=SPECIAL["unk"]))
    tokenizer.pre_tokenizer = words
    tokenizer.train_from_iterator(texts(), trainer)
    return tokenizer.get_vocab()


def make(settings: TextSettings, texts: Callable[[], Iterable[str]]) -> Fitted:
    """Loads or learns a tokenizer, with its cleaning inside.

    Args:
        settings: Of the pipeline.
        texts: Starts a pass over the training texts; called only to learn a vocabulary.

    Raises:
        InputError: If the pretrained tokenizer cannot be had.
    """
    split, choice = settings.splits_proclitics, settings.cleaning_choice
    bare = split and settings.stemming == "none"  # else it is done before stemming
    if settings.pretrained is not None:
        return load_pretrained(settings.pretrained, choice, split_proclitics=bare)
    cleaning = Cleaning.of(choice)
    stems = units_of(settings.stemming, cleaning, split_proclitics=split)
    learn = learn_wordpiece if settings.form == "pieces" else learn_words
    tokenizer = learn(
        lambda: (cleaned_text(text, stems, cleaning.normalizer) for text in texts()),
        vocab_size=settings.vocab_size,
        split_proclitics=bare,
        placeholders=PLACEHOLDERS if "links" in cleaning.steps else (),
    )
    tokenizer.backend_tokenizer.normalizer = cleaning.normalizer
    return Fitted(tokenizer, cleaning, {}, {})
