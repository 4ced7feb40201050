"""A pretrained encoder's own tokenizer, with cleaning in front."""

from pathlib import Path
from typing import Any

from tokenizers import normalizers
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.clitics import splitter
from arabic_mtl.text.folder import Fitted, switch_off_limits
from arabic_mtl.text.presets import needs_farasa
from arabic_mtl.text.steps import PLACEHOLDERS, placeholder


def load_trusted(kind: Any, source: str | Path, **options: Any) -> Any:
    """Calls ``kind.from_pretrained`` so that nothing but a folder's data is used.

    Code beside a model is never run, and nobody is asked whether it may be; for a local folder
    the network is not used.

    Args:
        kind: A class of transformers, such as ``AutoConfig``.
        source: A local folder, or a hub name that the caller has given.
        options: Passed on.

    Raises:
        InputError: If the model cannot be loaded without its own code.
    """
    local = Path(source).is_dir()
    try:
        return kind.from_pretrained(
            source, trust_remote_code=False, local_files_only=local, **options
        )
    except ValueError as error:
        if "trust_remote_code" not in str(error):
            raise
        raise InputError(
            "a model must be made of transformers' own classes: code in its folder is never run",
            found=f"{source}, which needs code of its own (`auto_map`)",
            expected="a model of an architecture that the installed transformers knows",
        ) from None


def load_pretrained(name: str, cleaning: str | list[str], *, split_proclitics: bool) -> Fitted:
    """Loads a tokenizer and puts cleaning in front of its own normalizer.

    Args:
        name: Hub name or folder.
        cleaning: A preset, which is fitted to the tokenizer, or the steps to be done in any case.
        split_proclitics: Whether a leading و, ف, ب, ك or لل becomes a word of its own.

    Raises:
        InputError: If the tokenizer cannot be had, or wants text that Farasa has segmented.
    """
    loaded = _load(name)
    backend = loaded.backend_tokenizer
    switched_off = switch_off_limits(backend)
    vocabulary = backend.get_vocab()
    _check_segmentation(name, set(vocabulary))
    done = Cleaning.of(cleaning)
    left_out: dict[str, str] = {}
    if isinstance(cleaning, str):
        done, left_out = done.fitted(backend)
    own = [backend.normalizer] if backend.normalizer is not None else []
    backend.normalizer = normalizers.Sequence([done.normalizer, *own])
    if split_proclitics:
        backend.pre_tokenizer = _split(backend.pre_tokenizer)
    backend.add_tokens([placeholder(text) for text in PLACEHOLDERS if text in vocabulary])
    # BertTokenizer would build its own normalizer again when loaded; this class does not.
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        split_special_tokens=True,  # a typed "[SEP]" is text
        **loaded.special_tokens_map,
    )
    return Fitted(tokenizer, done, left_out, switched_off)


def _load(name: str) -> PreTrainedTokenizerBase:
    try:
        tokenizer: PreTrainedTokenizerBase = load_trusted(AutoTokenizer, name)
    except (OSError, ValueError) as error:
        raise InputError(
            "model.encoder.name is a model whose tokenizer can be loaded",
            found=f"{name}: {str(error).splitlines()[0]}",
            expected="a name on the hub that can be reached, or a local folder",
        ) from None
    if len(tokenizer) <= len(tokenizer.all_special_tokens):
        raise InputError(
            "model.encoder.name is a model whose tokenizer can be loaded",
            found=f"{name}: no word in its vocabulary",
            expected="a folder with tokenizer.json or vocab.txt",
        )
    return tokenizer


def _split(words: PreTokenizer | None) -> PreTokenizer:
    split = words and splitter(words)
    if split is None or len(split.pre_tokenize_str("والغرفة")) < 2:
        raise InputError(
            "data.text.split_proclitics splits the words of a pre-tokenizer that leaves them bare",
            found=f"{words}",
            expected="a tokenizer like BERT's, or split_proclitics: false",
        )
    return split


def _check_segmentation(name: str, vocabulary: set[str]) -> None:
    if needs_farasa(name, vocabulary):
        raise InputError(
            "an encoder reads text as it is written",
            found=f"{name}, which was trained on the output of the Farasa segmenter (Java, under "
            "a licence for research only)",
            expected="its twin without segmentation: for AraBERT v1 and v2 that is v0.2, "
            "aubmindlab/bert-base-arabertv02 or bert-large-arabertv02",
        )
