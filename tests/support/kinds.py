"""A kind of task that nobody has heard of."""

from __future__ import annotations

from arabic_mtl.tasks import LabelTask, MultiLabelClassification

_Like = MultiLabelClassification


class Unheard(LabelTask):
    """Like labels of texts, but no kind that is known."""

    reads = _Like.reads
    column = _Like.column
    main_metric = _Like.main_metric
    threshold = 0.5
    attention = False
    evidence = None
    targets = _Like.targets
    gold = _Like.gold
    items = _Like.items
    collate = _Like.collate
    tally = _Like.tally
    constant = _Like.constant
    loss = _Like.loss
    build_head = _Like.build_head
    metrics = _Like.metrics
    decoder = _Like.decoder
