"""A WordPiece vocabulary learned from one's own text, for encoders trained from scratch."""

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import PreTrainedTokenizerFast

SPECIAL = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}

# Proclitics, split off where at least three letters remain: و and ف, then the ب or ك of بال and
# كال, then the first ل of لل. Which targets start inside a word, and how often, decides the list.
_PROCLITICS = (
    r"\A[وف](?=[ء-ي]{3})",
    r"\A[بك](?=ال[ء-ي]{2})",
    r"\Aلل(?=[ء-ي]{2})",
)


def learn_wordpiece(
    texts: Iterable[str], *, vocab_size: int, split_proclitics: bool
) -> PreTrainedTokenizerFast:
    """Learns a vocabulary (Schuster & Nakajima, 2012) over words or clitic-split words.

    Args:
        texts: Cleaned training texts.
        vocab_size: Upper bound on the vocabulary, special tokens included.
        split_proclitics: Whether a leading و, ف, ب, ك or لل is a word of its own.

    Returns:
        A tokenizer that Hugging Face's ``AutoTokenizer`` loads again unchanged.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token=SPECIAL["unk"]))
    tokenizer.pre_tokenizer = _words(split_proclitics)
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIAL.values()),
        continuing_subword_prefix="##",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **{f"{kind}_token": token for kind, token in SPECIAL.items()},
    )


def _words(split_proclitics: bool) -> PreTokenizer:
    patterns = _PROCLITICS if split_proclitics else ()
    splits = [pre_tokenizers.Split(Regex(p), behavior="isolated") for p in patterns]
    return pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), *splits])
