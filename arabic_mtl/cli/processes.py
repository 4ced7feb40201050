"""The end of a run on several processes."""

from torch import distributed


def leave_together() -> None:
    """Waits for the other processes of a run, if there are any, and parts from them.

    The first process writes the report alone: one whose connections the others close while they
    are in use is aborted.
    """
    if distributed.is_available() and distributed.is_initialized():
        distributed.barrier()
        distributed.destroy_process_group()
