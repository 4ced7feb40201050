"""What libraries print that users need not read."""

import logging
import warnings


def be_quiet() -> None:
    """Silences hints about what is as it should be here, such as loaders without workers."""
    import lightning.pytorch  # noqa: F401 - which sets the levels of its loggers itself

    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for module in ("lightning", "torchmetrics", "torch.distributed.fsdp"):
        warnings.filterwarnings("ignore", module=module)
