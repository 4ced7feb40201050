"""The commands that Lightning's Trainer knows, with this project's defaults."""

from pathlib import Path
from pkgutil import resolve_name
from typing import Any, ClassVar

from jsonargparse import Namespace, set_parsing_settings
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.cli import ArgsType, LightningArgumentParser
from lightning.pytorch.plugins.io import TorchCheckpointIO

from arabic_mtl.callbacks import (
    AnswerCollector,
    BestCheckpoint,
    Clock,
    Dashboard,
    DurableCheckpoints,
    LastCheckpoint,
    Notices,
    ProgressBar,
    RunFolder,
    StepSeed,
    StopWhenStalled,
    TaskCheckpoint,
)
from arabic_mtl.cli.checkpoint import check_checkpoint
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
from arabic_mtl.cli.report import print_scores, report
from arabic_mtl.cli.resume import go_on, logger, require_same_data
from arabic_mtl.cli.suggestions import require_known_keys, suggest_classes
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.text.settings import Form
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.lightning_compat import ConfiguredCLI, use_bucket_views
from arabic_mtl.training.precision import AUTO, PrecisionTrainer, is_slow, resolve_precision


class Commands(ConfiguredCLI):
    """LightningCLI with this project's classes, callbacks and defaults.

    Args:
        arguments: The command line, without the program's name.
        run: Whether its first word is a command to run; else the objects are only made.
        prog: What the program is called in its help.
    """

    computes: ClassVar[bool] = True
    """Whether the Trainer's options are for use, and not only read with a configuration."""

    def __init__(self, arguments: list[str], *, run: bool = True, prog: str = "train.py") -> None:
        set_parsing_settings(instantiate_subclass_spec_in_any=False)  # a value of any type is data
        self._parsers: list[Parser] = []
        with trainer_errors():
            super().__init__(
                MultiTaskModule,
                MultiTaskData,
                trainer_class=PrecisionTrainer,
                save_config_callback=RunFolder,
                save_config_kwargs={"overwrite": True},  # by a run that goes on, in its own folder
                trainer_defaults={
                    "log_every_n_steps": 10,
                    "enable_model_summary": False,
                },
                seed_everything_default=0,
                parser_kwargs={"prog": prog, "allow_abbrev": False},
                parser_class=Parser,
                args=arguments,
                run=run,
                auto_configure_optimizers=False,
            )
        if run:
            leave_together()

    @property
    def runs(self) -> Path:
        """The folder of the configuration's runs."""
        return _runs(self.config[self.subcommand] if self.subcommand else self.config)

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """Lightning's, but for `predict`: texts are annotated without a Trainer."""
        known = ConfiguredCLI.subcommands()
        return {name: known[name] for name in ("fit", "validate", "test")}

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Links what data and model share, and adds the callbacks that have options."""
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
        """Keeps each command's parser, which knows the command's options."""
        parser = super().init_parser(**kwargs)
        if isinstance(parser, Parser):
            self._parsers.append(parser)
        return parser

    def parse_arguments(self, parser: LightningArgumentParser, args: ArgsType) -> None:
        """Parses the command line.

        Raises:
            InputError: Naming the option, or the task or corpus, that is wrong.
        """
        words = args if isinstance(args, list) else []
        configs = read_configs(words)
        own = next((each for each in self._parsers if words and each.command == words[0]), parser)
        search = Search.of(own.get_defaults())
        require_known_keys(search, words, sections_of(configs), help_of(own))
        try:
            super().parse_arguments(parser, args)
        except InputError as error:
            raise suggest_classes(blame(error, words, configs), search) from None
        config = self.config[self.config.subcommand] if "subcommand" in self.config else self.config
        require_seed(config.seed_everything)

    def before_instantiate_classes(self) -> None:
        """Fills in what follows from other options.

        Raises:
            InputError: Naming an option that cannot be.
        """
        config = self.config[self.subcommand] if self.subcommand else self.config
        fits = self.subcommand == "fit"
        if config.trainer.precision is None and not config.trainer.plugins:
            config.trainer.precision = "32-true"
        if self.subcommand:
            require_trainer_options(config.trainer, self.subcommand)
        self.run = go_on(config, _runs(config)) if fits and config.ckpt_path else None
        uses_one = self.subcommand in ("validate", "test") or config.get("ckpt_path")
        if uses_one and not self.run:  # `go_on` has checked that of a run
            check_checkpoint(config.ckpt_path)
        self._settle_precision(config.trainer)
        if fits:
            require_temperature_to_end(config)
        elif self.subcommand:
            config.trainer.logger = False  # scoring leaves nothing behind

    def _settle_precision(self, trainer: Namespace) -> None:
        """Puts the precision that is used in place of ``auto``, and warns of a slow one."""
        asked = trainer.precision
        trainer.precision = resolve_precision(asked, trainer.accelerator)
        self.precision = f"{trainer.precision}{' (auto)' if asked == AUTO else ''}"
        if self.computes and is_slow(trainer.precision, trainer.accelerator):
            note(
                f"trainer.precision {trainer.precision} is many times slower here than 32-true: "
                "the device has no instructions for it; --trainer.precision=auto takes what is fast"
            )

    def instantiate_classes(self) -> None:
        """Shows on the terminal how far long work on the data is."""
        super().instantiate_classes()
        if self.trainer.is_global_zero:
            self.datamodule.store.track = progress

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Adds what follows from other options: callbacks, logger, strategy."""
        config = self.config_init[self.subcommand] if self.subcommand else self.config_init
        trainer, strategy = config.trainer, str(config.trainer.strategy).lower()
        defaults = {"callbacks": self._callbacks(trainer)}
        self.trainer_defaults = {**self.trainer_defaults, **defaults}
        if self.subcommand == "fit" and trainer.logger in (None, True):
            kwargs["logger"] = logger(_runs(self.config.fit), self.run)
        if strategy == "ddp":  # the configuration, which a run saves, keeps the name
            kwargs["strategy"] = ddp()
        made = super().instantiate_trainer(**kwargs)
        if strategy == "auto":
            use_bucket_views(made.strategy)
        if type(made.strategy.checkpoint_io) is TorchCheckpointIO:  # none was asked for
            made.strategy.checkpoint_io = DurableCheckpoints()
        return made

    def _callbacks(self, trainer: Namespace) -> list[Callback]:
        """Returns the callbacks without options, which Lightning puts behind those with options."""
        callbacks: list[Callback] = [StepSeed(self.datamodule.seed)]
        if self.subcommand == "fit":
            callbacks += [Clock(), AnswerCollector(), Notices()]
        if trainer.enable_progress_bar is not False:
            callbacks.append(ProgressBar())
        if self.subcommand == "fit" and self.config.fit.checkpoint.each_task:
            callbacks += [TaskCheckpoint(*named) for named in self.datamodule.tasks.items()]
        return callbacks

    def before_fit(self) -> None:
        """Refuses to watch a metric that there will not be, and to go on with other data."""
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
                "no validation was made, so there is no best checkpoint; the last one is in "
                f"{self.trainer.log_dir}/checkpoints"
            )


def _model_name(encoder: Namespace | None) -> str | None:
    """The tokenizer follows the encoder: both come from one checkpoint."""
    return encoder.init_args.get("name") if encoder and "init_args" in encoder else None


def _form(encoder: Namespace | None) -> Form:
    """The text pipeline makes what the encoder reads."""
    kind: type[Encoder] = resolve_name(encoder.class_path) if encoder else Encoder
    return kind.form


def _runs(config: Namespace) -> Path:
    """Where the runs of a configuration lie: runs/CONFIG; those of a run's own, beside it."""
    files = [path for path in config.get("config") or () if path]  # None: taken from a run's own
    if files:
        path = Path(str(files[0]))
    else:
        own = config.get("config") and config.ckpt_path
        path = Path(config.ckpt_path).parent.parent / "config.yaml" if own else Path("run")
    name = path.parent.parent.name if path.parent.name.startswith("version_") else path.stem
    return Path(config.trainer.default_root_dir or "runs") / name
