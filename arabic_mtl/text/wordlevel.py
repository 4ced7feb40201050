"""A vocabulary of whole words, for encoders that know unseen words by their letters."""

from collections.abc import Callable, Iterable, Sequence

from tokenizers import Tokenizer, models, trainers
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.learned import as_hugging_face, word_finder
from arabic_mtl.text.template import SPECIAL

_SEEN = 2  # times: a word that was seen once is known by its letters alone


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
