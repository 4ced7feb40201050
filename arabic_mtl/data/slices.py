"""The slices of a corpus: the columns by whose values scores are divided."""

from arabic_mtl.data.sources import Sources
from arabic_mtl.formats import Split
from arabic_mtl.formats.columns import column_values, require_columns

EVALUATED: tuple[Split, ...] = ("validation", "test")
"""The splits that are scored."""


def slice_values(sources: Sources, corpus: str, split: Split) -> dict[str, dict[str, str]]:
    """Returns the id of each text to its value of each slice; empty for a corpus without slices.

    Args:
        sources: The files of the corpora.
        corpus: The name of the corpus.
        split: The split.
    """
    form = sources.corpora[corpus]
    if not form.slices:
        return {}
    return {
        selection.prefix + name: values
        for selection in sources.selections(corpus, split)
        for name, values in column_values(form, selection.census.path, form.slices)
    }


def check_slices(sources: Sources) -> None:
    """Checks that the files of the evaluated splits have the columns of slices.

    Raises:
        InputError: If a file lacks a column.
    """
    for corpus, form in sources.corpora.items():
        paths = [path for split in EVALUATED for path in sources.files(corpus, split)]
        for path in dict.fromkeys(paths) if form.slices else ():
            require_columns(form, path, form.slices)
