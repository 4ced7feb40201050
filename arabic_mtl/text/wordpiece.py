"""A WordPiece vocabulary learned from one's own text, for encoders trained from scratch."""

from collections.abc import Callable, Iterable, Sequence

from tokenizers import Tokenizer, decoders, models, trainers
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.learned import as_hugging_face, word_finder
from arabic_mtl.text.template import SPECIAL

_INSIDE = "##"  # before a piece that does not begin a word


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
