"""Private members of Lightning's Trainer that the data module needs.

Written for Lightning 2.6.6; `tests/test_lightning_contract.py` checks the installed version.
"""

from lightning.pytorch import Trainer


def consumed_batches(trainer: Trainer) -> int:
    """Returns the number of training batches that the Trainer has consumed in all epochs.

    The public ``fit_loop.total_batch_idx`` also counts a batch whose step is unfinished.

    Args:
        trainer: A Trainer in training, or restored from a checkpoint.
    """
    total = trainer.fit_loop.epoch_loop.batch_progress.total
    return int(total.processed)  # type: ignore[attr-defined]


def reload_train_loaders(trainer: Trainer) -> None:
    """Makes the Trainer create the training loaders again before the next batch.

    Lightning creates the loaders of a resumed run, and reads their first batch, before it restores
    its own progress. The public ``reload_dataloaders_every_n_epochs`` keeps loaders that were
    created in the same epoch.

    Args:
        trainer: A Trainer that is restoring a checkpoint.
    """
    trainer.fit_loop._combined_loader = None


def resume_by_epochs(trainer: Trainer) -> None:
    """Makes the Trainer resume after a finished epoch as it does without ``max_steps``.

    With ``max_steps`` Lightning treats a finished epoch as unfinished, and no option changes this.
    The method replaced here is used for resuming only.

    Args:
        trainer: A Trainer that is restoring a checkpoint.
    """
    trainer.fit_loop._iteration_based_training = lambda: False  # type: ignore[method-assign]
