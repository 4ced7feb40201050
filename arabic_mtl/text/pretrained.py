"""The tokenizer of a pretrained encoder, with cleaning added to its normalizer."""

from pathlib import Path
from typing import Any

from tokenizers import normalizers
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.clitics import proclitic_splitter
from arabic_mtl.text.folder import FittedTokenizer, switch_off_limits
from arabic_mtl.text.presets import needs_farasa
from arabic_mtl.text.steps import PLACEHOLDERS, placeholder


def load_trusted(kind: Any, source: str | Path, **options: Any) -> Any:
    """Calls ``kind.from_pretrained`` without running any code from the model's folder.

    Code in the folder is never run, and the user is never prompted to allow it. For a local folder
    the network is not used.

    Args:
        kind: A class of transformers, such as ``AutoConfig``.
        source: A local folder, or a hub name.
        options: Further arguments of ``from_pretrained``.

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
            "a model must use classes of transformers: code in its folder is never run",
            found=f"{source}, which needs its own code (`auto_map`)",
            expected="an architecture that the installed transformers supports",
        ) from None


def load_pretrained(
    name: str, cleaning: str | list[str], *, split_proclitics: bool
) -> FittedTokenizer:
    """Loads a tokenizer and adds cleaning before its own normalizer.

    Args:
        name: Hub name or folder.
        cleaning: A preset, which is fitted to the tokenizer, or a list of steps, all of which are
            applied.
        split_proclitics: True if a leading و, ف, ب, ك or لل becomes a separate word.

    Raises:
        InputError: If the tokenizer cannot be loaded, or needs text segmented by Farasa.
    """
    loaded = _load(name)
    backend = loaded.backend_tokenizer
    switched_off = switch_off_limits(backend)
    vocabulary = backend.get_vocab()
    _check_segmentation(name, set(vocabulary))
    applied = Cleaning.from_choice(cleaning)
    left_out: dict[str, str] = {}
    if isinstance(cleaning, str):
        applied, left_out = applied.fit(backend)
    own = [backend.normalizer] if backend.normalizer is not None else []
    backend.normalizer = normalizers.Sequence([applied.normalizer, *own])
    if split_proclitics:
        backend.pre_tokenizer = _split_proclitics(backend.pre_tokenizer)
    backend.add_tokens([placeholder(text) for text in PLACEHOLDERS if text in vocabulary])
    # BertTokenizer would replace the normalizer when it is loaded again; this class does not.
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        split_special_tokens=True,  # a typed "[SEP]" is text
        **loaded.special_tokens_map,
    )
    return FittedTokenizer(tokenizer, applied, left_out, switched_off)


def _load(name: str) -> PreTrainedTokenizerBase:
    try:
        tokenizer: PreTrainedTokenizerBase = load_trusted(AutoTokenizer, name)
    except (OSError, ValueError) as error:
        raise InputError(
            "`model.encoder.name` must be a model with a tokenizer",
            found=f"{name}: {str(error).splitlines()[0]}",
            expected="the name of a model on the hub, which must be reachable, or a local folder",
        ) from None
    if len(tokenizer) <= len(tokenizer.all_special_tokens):
        raise InputError(
            "`model.encoder.name` must be a model with a tokenizer",
            found=f"{name}: no words in its vocabulary",
            expected="a folder with tokenizer.json or vocab.txt",
        )
    return tokenizer


def _split_proclitics(words: PreTokenizer | None) -> PreTokenizer:
    split = words and proclitic_splitter(words)
    if split is None or len(split.pre_tokenize_str("والغرفة")) < 2:
        raise InputError(
            "`data.text.split_proclitics` must be false if the pre-tokenizer adds symbols to words",
            found=f"{words}",
            expected="split_proclitics: false, or a tokenizer like BERT's",
        )
    return split


def _check_segmentation(name: str, vocabulary: set[str]) -> None:
    if needs_farasa(name, vocabulary):
        raise InputError(
            "`model.encoder.name` must be an encoder of unsegmented text",
            found=f"{name}, which was pretrained on text segmented by Farasa (Java, "
            "licensed for research only)",
            expected="its version without segmentation: for AraBERT v1 and v2 that is v0.2, "
            "aubmindlab/bert-base-arabertv02 or bert-large-arabertv02",
        )
