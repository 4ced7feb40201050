"""Words of a text that a learned vocabulary of whole words does not contain."""

from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.text.pipeline import TextPipeline


def unknown_words(text: TextPipeline, raw: str) -> list[tuple[int, int]] | None:
    """Returns the offsets (start, end) of words that the training texts have at most once.

    The encoder reads such a word by its letters alone. Punctuation and emoji are no words.

    Args:
        text: The pipeline of the model.
        raw: The text.

    Returns:
        The offsets in the order of the text; None for word pieces, of which a vocabulary does not
        tell whether training had the word.
    """
    if text.form != "words":
        return None
    (encoding,) = text.encode([raw], [None])
    tokens = zip(encoding.input_ids, encoding.word_ids, encoding.starts, encoding.ends, strict=True)
    return [
        (start, end)
        for token_id, word, start, end in tokens
        if token_id == text.unknown_id and word != NO_WORD and _is_word(raw[start:end])
    ]


def _is_word(characters: str) -> bool:
    return any(character.isalnum() for character in characters)
