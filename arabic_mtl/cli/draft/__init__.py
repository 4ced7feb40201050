"""Drafts of configurations, made from the files that a user has."""

from arabic_mtl.cli.draft.configuration import draft_configuration
from arabic_mtl.cli.draft.corpora import DraftCorpus, draft_corpora
from arabic_mtl.cli.draft.files import Wanted
from arabic_mtl.cli.draft.tasks import DraftTask, draft_tasks

__all__ = [
    "DraftCorpus",
    "DraftTask",
    "Wanted",
    "draft_configuration",
    "draft_corpora",
    "draft_tasks",
]
