"""A kind of task that nobody has heard of."""

from __future__ import annotations

from arabic_mtl.tasks import MultiLabelClassification, Task


class Unheard(Task):
    """Like labels of texts, but no kind that is known."""

    reads = MultiLabelClassification.reads
    column = MultiLabelClassification.column
    main_metric = MultiLabelClassification.main_metric
    threshold = 0.5
    attention = False
    evidence = None
    targets = MultiLabelClassification.targets
    items = MultiLabelClassification.items
    collate = MultiLabelClassification.collate
    frequencies = MultiLabelClassification.frequencies
    constant = MultiLabelClassification.constant
    loss = MultiLabelClassification.loss
    build_head = MultiLabelClassification.build_head
    build_metrics = MultiLabelClassification.build_metrics
    update = MultiLabelClassification.update
    decoder = MultiLabelClassification.decoder
