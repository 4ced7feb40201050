"""What vocabularies that are learned here have in common."""

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, pre_tokenizers, processors
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.clitics import splitter
from arabic_mtl.text.pretrained import placeholder
from arabic_mtl.text.template import SPECIAL

_SYMBOLS = r"\p{So}[\p{So}\p{Sk}\x{200d}\x{fe0f}]*"  # emoji, with what joins and colours them


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
