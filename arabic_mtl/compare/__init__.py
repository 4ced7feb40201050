"""Several systems, each trained with several seeds, in one table."""

from arabic_mtl.compare.jobs import Job, finish, job, single_task_configs
from arabic_mtl.compare.system import Run, System, joined, require_data, require_same_texts
from arabic_mtl.compare.tables import differences_table, not_compared, recipe_table, scores_table

__all__ = [
    "Job",
    "Run",
    "System",
    "differences_table",
    "finish",
    "job",
    "joined",
    "not_compared",
    "recipe_table",
    "require_data",
    "require_same_texts",
    "scores_table",
    "single_task_configs",
]
