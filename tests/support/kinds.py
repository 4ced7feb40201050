"""A custom kind of task."""

from __future__ import annotations

from arabic_mtl.tasks import LabelTask, MultiLabelClassification


class CustomTask(LabelTask):
    """A copy of multi-label classification that is none of the built-in kinds."""

    reads = MultiLabelClassification.reads
    column = MultiLabelClassification.column
    main_metric = MultiLabelClassification.main_metric
    pooling = MultiLabelClassification.pooling
    threshold = 0.5
    attention = False
    evidence = None
    _uses_attention = False
    targets = MultiLabelClassification.targets
    gold = MultiLabelClassification.gold
    items = MultiLabelClassification.items
    collate = MultiLabelClassification.collate
    tally = MultiLabelClassification.tally
    constant = MultiLabelClassification.constant
    loss = MultiLabelClassification.loss
    build_head = MultiLabelClassification.build_head
    metrics = MultiLabelClassification.metrics
    decoder = MultiLabelClassification.decoder
