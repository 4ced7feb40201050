"""Members of Lightning's Trainer without a public name that the data module needs.

As they are in Lightning 2.6.6; `tests/test_lightning_contract.py` checks the installed version.
"""

from lightning.pytorch import Trainer


def consumed_batches(trainer: Trainer) -> int:
    """Returns the number of training batches that the Trainer has consumed in all epochs.

    The public ``fit_loop.total_batch_idx`` also counts a batch whose step is unfinished.

    Args:
        trainer: In training, or restored from a checkpoint.
    """
    total = trainer.fit_loop.epoch_loop.batch_progress.total
    return int(total.processed)  # type: ignore[attr-defined]


def reload_train_loaders(trainer: Trainer) -> None:
    """Makes the Trainer ask for the training loaders again before the next batch.

    Lightning asks for the loaders of a resumed run, and their first batch, before it restores its
    own progress. The public ``reload_dataloaders_every_n_epochs`` keeps loaders that were asked
    for in the same epoch.

    Args:
        trainer: Restores a checkpoint.
    """
    trainer.fit_loop._combined_loader = None


def resume_by_epochs(trainer: Trainer) -> None:
    """Makes the Trainer resume after a finished epoch as it does without ``max_steps``.

    With ``max_steps`` Lightning takes a finished epoch for an unfinished one. It has no option
    against this; the method replaced here serves nothing but resuming.

    Args:
        trainer: Restores a checkpoint.
    """
    trainer.fit_loop._iteration_based_training = lambda: False  # type: ignore[method-assign]
