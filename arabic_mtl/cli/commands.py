"""The commands of Lightning's Trainer, with this project's classes, callbacks and defaults."""

from pathlib import Path
from pkgutil import resolve_name
from typing import Any, ClassVar

from jsonargparse import Namespace, set_parsing_settings
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.cli import ArgsType, LightningArgumentParser
from lightning.pytorch.plugins.io import TorchCheckpointIO

from arabic_mtl.callbacks import (
    BestCheckpoint,
    Clock,
    Dashboard,
    DurableCheckpoints,
    LastCheckpoint,
    PredictionCollector,
    ProgressBar,
    RunFolder,
    StepSeed,
    StopWhenStalled,
    TaskCheckpoint,
    TrainingNotices,
)
from arabic_mtl.cli.checkpoint import LAST, check_checkpoint, find_checkpoint
from arabic_mtl.cli.console import progress
from arabic_mtl.cli.keys import Search
from arabic_mtl.cli.options import (
    require_monitored,
    require_seed,
    require_temperature_to_end,
    require_trainer_options,
    trainer_errors,
)
from arabic_mtl.cli.parser import Parser, blame, help_of, read_configs, sections_of
from arabic_mtl.cli.processes import ddp, leave_together, note
from arabic_mtl.cli.renamed import rename_options
from arabic_mtl.cli.report import print_scores, report
from arabic_mtl.cli.resume import logger, require_same_data, resume
from arabic_mtl.cli.suggestions import require_known_keys, suggest_classes
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError, program
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.text.settings import Form
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.lightning_compat import ConfiguredCLI, use_bucket_views
from arabic_mtl.training.precision import AUTO, PrecisionTrainer, is_slow, resolve_precision


class Commands(ConfiguredCLI):
    """A LightningCLI with this project's classes, callbacks and defaults.

    Args:
        arguments: The command line, without the program's name.
        run: Whether the first argument is a command to run. Otherwise the objects of the
            configuration are created, and nothing is run.
        prog: The program's name in help and errors; by default the one that it was called by.
    """

    computes: ClassVar[bool] = True
    """Whether the Trainer is used; if not, its options are only read with the configuration."""

    def __init__(self, arguments: list[str], *, run: bool = True, prog: str = "") -> None:
        set_parsing_settings(instantiate_subclass_spec_in_any=False)  # a value of any type is data
        self._parsers: list[Parser] = []
        with trainer_errors():
            super().__init__(
                MultiTaskModule,
                MultiTaskData,
                trainer_class=PrecisionTrainer,
                save_config_callback=RunFolder,
                save_config_kwargs={"overwrite": True},  # a resumed run's own file
                trainer_defaults={
                    "log_every_n_steps": 10,
                    "enable_model_summary": False,
                },
                seed_everything_default=0,
                parser_kwargs={"prog": prog or program(), "allow_abbrev": False},
                parser_class=Parser,
                args=arguments,
                run=run,
                auto_configure_optimizers=False,
            )
        if run:
            leave_together()

    @property
    def runs(self) -> Path:
        """Returns the folder of the configuration's runs."""
        return _runs(self.config[self.subcommand] if self.subcommand else self.config)

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """Returns Lightning's subcommands without `predict`, which needs no Trainer here."""
        known = ConfiguredCLI.subcommands()
        return {name: known[name] for name in ("fit", "validate", "test")}

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Links the options that data and model share, and adds the options of callbacks."""
        parser.link_arguments("data.tasks", "model.tasks", apply_on="instantiate")
        parser.link_arguments("seed_everything", "data.seed")
        parser.link_arguments("trainer.max_epochs", "data.plan.epochs")
        parser.link_arguments("model.encoder", "data.text.pretrained", compute_fn=_model_name)
        parser.link_arguments("model.encoder", "data.text.form", compute_fn=_form)
        parser.add_lightning_class_args(BestCheckpoint, "checkpoint")
        parser.add_lightning_class_args(StopWhenStalled, "early_stopping")
        for callback in ("checkpoint", "early_stopping"):
            parser.link_arguments("data.tasks", f"{callback}.tasks", apply_on="instantiate")
        parser.add_lightning_class_args(LastCheckpoint, "last")
        parser.add_lightning_class_args(Dashboard, "dashboard")

    def init_parser(self, **kwargs: Any) -> LightningArgumentParser:
        """Creates a parser, and keeps it: `parse_arguments` needs the options of each command."""
        parser = super().init_parser(**kwargs)
        if isinstance(parser, Parser):
            self._parsers.append(parser)
        return parser

    def parse_arguments(self, parser: LightningArgumentParser, args: ArgsType) -> None:
        """Parses the command line.

        Raises:
            InputError: If an option or a configuration is wrong; names the option, task or corpus.
        """
        words = rename_options(args) if isinstance(args, list) else []
        configs = read_configs(words)
        own = next((each for each in self._parsers if words and each.command == words[0]), parser)
        search = Search.from_defaults(own.get_defaults())
        require_known_keys(search, words, sections_of(configs), help_of(own))
        try:
            super().parse_arguments(parser, words)
        except InputError as error:
            raise suggest_classes(blame(error, words, configs), search) from None
        config = self.config[self.config.subcommand] if "subcommand" in self.config else self.config
        require_seed(config.seed_everything)

    def before_instantiate_classes(self) -> None:
        """Checks options, and sets those that follow from others.

        Raises:
            InputError: If an option cannot be used.
        """
        config = self.config[self.subcommand] if self.subcommand else self.config
        fits = self.subcommand == "fit"
        if config.trainer.precision is None and not config.trainer.plugins:
            config.trainer.precision = "32-true"
        if self.subcommand:
            require_trainer_options(config.trainer, self.subcommand)
        checkpoint = config.get("ckpt_path")
        if checkpoint and checkpoint != LAST:  # a configuration may name a run folder
            config.ckpt_path = str(find_checkpoint(Path(checkpoint), self.subcommand or ""))
        self.run = None
        if fits and checkpoint:
            fit = next(parser for parser in self._parsers if parser.command == "fit")
            self.run = resume(config, _runs(config), fit.get_defaults())
        needs_checkpoint = self.subcommand in ("validate", "test") or config.get("ckpt_path")
        if needs_checkpoint and not self.run:  # `resume` has checked that of a run
            check_checkpoint(config.ckpt_path)
        self._settle_precision(config.trainer)
        if fits:
            require_temperature_to_end(config)
        elif self.subcommand:
            config.trainer.logger = False  # scoring writes no files

    def _settle_precision(self, trainer: Namespace) -> None:
        """Replaces the precision ``auto`` by one for the device, and warns of a slow precision."""
        option = trainer.precision
        trainer.precision = resolve_precision(option, trainer.accelerator)
        self.precision = f"{trainer.precision}{' (auto)' if option == AUTO else ''}"
        if self.computes and is_slow(trainer.precision, trainer.accelerator):
            note(
                f"trainer.precision {trainer.precision} is many times slower than 32-true on this "
                "device, which has no instructions for it; --trainer.precision=auto avoids that"
            )

    def instantiate_classes(self) -> None:
        """Creates the objects, and lets the preparation of data show a progress bar."""
        super().instantiate_classes()
        if self.trainer.is_global_zero:
            self.datamodule.store.track = progress

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Creates the Trainer with the callbacks, logger and strategy that options imply."""
        config = self.config_init[self.subcommand] if self.subcommand else self.config_init
        trainer, strategy = config.trainer, str(config.trainer.strategy).lower()
        defaults = {"callbacks": self._callbacks(trainer)}
        self.trainer_defaults = {**self.trainer_defaults, **defaults}
        if self.subcommand == "fit" and trainer.logger in (None, True):
            kwargs["logger"] = logger(_runs(self.config.fit), self.run)
        if strategy == "ddp":  # the configuration, which a run saves, keeps the name
            kwargs["strategy"] = ddp()
        built = super().instantiate_trainer(**kwargs)
        if strategy == "auto":
            use_bucket_views(built.strategy)
        if type(built.strategy.checkpoint_io) is TorchCheckpointIO:  # the default
            built.strategy.checkpoint_io = DurableCheckpoints()
        return built

    def _callbacks(self, trainer: Namespace) -> list[Callback]:
        """Returns the callbacks without options; Lightning adds them after those with options."""
        callbacks: list[Callback] = [StepSeed(self.datamodule.seed)]
        if self.subcommand == "fit":
            callbacks += [Clock(), PredictionCollector(), TrainingNotices()]
        if trainer.enable_progress_bar is not False:
            callbacks.append(ProgressBar())
        if self.subcommand == "fit" and self.config.fit.checkpoint.each_task:
            callbacks += [TaskCheckpoint(*named) for named in self.datamodule.tasks.items()]
        return callbacks

    def before_fit(self) -> None:
        """Raises `InputError` if a monitored metric is unknown, or a resumed run's data changed."""
        require_monitored(self.config.fit, self.datamodule.tasks)
        if self.run and self.config.fit.ckpt_path:
            require_same_data(Path(self.config.fit.ckpt_path), self.datamodule)

    def after_validate(self) -> None:
        """Prints the scores."""
        print_scores(self.trainer, self.datamodule, "validation")

    def after_test(self) -> None:
        """Prints the scores."""
        print_scores(self.trainer, self.datamodule, "test")

    def after_fit(self) -> None:
        """Scores the best checkpoint and prints the results."""
        best = getattr(self.trainer.checkpoint_callback, "best_model_path", "")
        if best:
            report(self.trainer, self.model, self.datamodule, best)
        elif not self.config.fit.trainer.fast_dev_run:
            note(
                "the run had no validation, so there is no best checkpoint; the last checkpoint is "
                f"in {self.trainer.log_dir}/checkpoints"
            )


def _model_name(encoder: Namespace | None) -> str | None:
    """Returns the pretrained model of an encoder, from which the tokenizer is loaded, too."""
    return encoder.init_args.get("name") if encoder and "init_args" in encoder else None


def _form(encoder: Namespace | None) -> Form:
    """Returns the kind of tokens that an encoder reads."""
    kind: type[Encoder] = resolve_name(encoder.class_path) if encoder else Encoder
    return kind.form


def _runs(config: Namespace) -> Path:
    """Returns the folder of a configuration's runs: ``runs/CONFIG``.

    For the ``config.yaml`` of a run folder, this is the parent of the run folder.
    """
    files = [path for path in config.get("config") or () if path]  # None: text of a run's file
    if files:
        path = Path(str(files[0]))
    else:
        is_saved = config.get("config") and config.ckpt_path
        path = Path(config.ckpt_path).parent.parent / "config.yaml" if is_saved else Path("run")
    name = path.parent.parent.name if path.parent.name.startswith("version_") else path.stem
    return Path(config.trainer.default_root_dir or "runs") / name
