"""Filters for the messages of libraries that users do not need."""

import logging
import warnings


def be_quiet() -> None:
    """Silences Lightning's logs below warnings, and warnings about intended settings."""
    import lightning.pytorch  # noqa: F401 - the import sets the levels of its own loggers

    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for module in ("lightning", "torchmetrics", "torch.distributed.fsdp"):
        warnings.filterwarnings("ignore", module=module)
