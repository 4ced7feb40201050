"""Makes docs/configuration.md: every key of a configuration, from signatures and docstrings."""

import inspect
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from types import ModuleType
from typing import Any

import pandas as pd
from lightning.pytorch import Trainer

import arabic_mtl.formats
import arabic_mtl.model.encoders
import arabic_mtl.tasks
import arabic_mtl.training.balancing
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.decoders import SpanCondition
from arabic_mtl.formats import Format
from arabic_mtl.markdown import markdown_table
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.tasks import LabelTask
from arabic_mtl.text import TextSettings
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.balancing import Balancing
from arabic_mtl.training.precision import PrecisionTrainer
from tools.configuration.options import (
    Option,
    class_options,
    description,
    parser_options,
    value_text,
)
from tools.paths import ROOT

_COMMANDS = ("init", "predict", "serve", "export", "score", "compare", "cache")

_INTRODUCTION = """\
<!-- Written by `make configuration` from signatures and docstrings: edit those. -->

# Configuration

[← All pages](../README.md#documentation)

A configuration is a YAML file with the sections below; `configs/` has examples. Every key can be
set on the command line, too: `--data.plan.batch_size=8`, `--data.tasks.ner.weight=2`. Later files
and options override earlier ones. `fit --config CONFIG --print_config` prints the whole
configuration that a run would use.

A corpus, a task, an encoder and a balancing method are objects of classes: `class_path` names the
class, by its import path or, for classes of this package, by its name alone; `init_args` has its
options. Options without a default must be given.
"""


_TRAINER = """\
The Trainer is Lightning's, and
[its options](https://lightning.ai/docs/pytorch/stable/common/trainer.html) are keys of this
section. The options below have other defaults here. Besides the sections, a configuration has the
key `seed_everything`, the random seed, by default {seed}, and `ckpt_path`, a run folder or a
checkpoint: the model of `validate`, `test` and `inspect`, and the run that `fit` resumes (`last` is
the newest one). `weights_only` is always true. `inspect` has two options besides: `--text`, a text
to show, and `--sentence`, the id of a text of the corpora.
"""

_RUNS = Option(
    name="default_root_dir",
    type="path",
    default="runs",
    meaning="The folder of the runs; each run has a folder `CONFIG/version_N` in it.",
)

_QUICKSTART = ROOT / "configs" / "quickstart.yaml"


class Sections:
    """Records the sections and the linked keys that `Commands` adds to its parser.

    Attributes:
        classes: Section to the callback that it configures.
        linked: The keys that follow other keys and cannot be set.
    """

    def __init__(self) -> None:
        self.classes: dict[str, type] = {}
        self.linked: set[str] = set()
        Commands.add_arguments_to_parser(self, self)  # type: ignore[arg-type]

    def add_lightning_class_args(self, cls: type, section: str) -> None:
        """Records a section."""
        self.classes[section] = cls

    def link_arguments(self, source: str, target: str, **_: Any) -> None:
        """Records a key that follows another one."""
        self.linked.add(target)

    def linked_in(self, section: str) -> list[str]:
        """Returns the linked keys of a section, without the section's name."""
        pairs = (key.rpartition(".") for key in self.linked)
        return [name for parent, _, name in pairs if parent == section]


def page() -> str:
    """Returns the text of the page."""
    parts = [_INTRODUCTION, *_data(), *_model(), *_callbacks(), _trainer(), *_commands()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _data() -> Iterator[str]:
    yield _section("data", MultiTaskData)
    yield _section("data.plan", SamplingPlan)
    yield _section("data.text", TextSettings)
    yield from _family("data.corpora: file formats", Format, arabic_mtl.formats)
    yield from _family("data.tasks: kinds of tasks", LabelTask, arabic_mtl.tasks)
    yield _section("condition of a SpanClassification", SpanCondition, level=3)


def _model() -> Iterator[str]:
    yield _section("model", MultiTaskModule)
    yield from _family("model.encoder: encoders", Encoder, arabic_mtl.model.encoders)
    balancing = arabic_mtl.training.balancing
    yield from _family("model.balancing: balancing of tasks", Balancing, balancing)


def _callbacks() -> Iterator[str]:
    for section, cls in Sections().classes.items():
        yield _section(section, cls)


def _trainer() -> str:
    """Returns the section of the Trainer: the options with other defaults than Lightning's."""
    (precision,) = class_options(PrecisionTrainer, ["precision"])
    lightning = inspect.signature(Trainer).parameters
    be_quiet()
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        commands = Commands(["--config", str(_QUICKSTART)], run=False)
    defaults = commands.parser.get_defaults()
    values = {k: v for k, v in defaults.trainer.items() if v != lightning[k].default}
    options = [
        option._replace(
            default=value_text(values[option.name]),
            meaning=option.meaning.replace("Default:", "Lightning's default:"),
        )
        for option in class_options(Trainer, values)
    ]
    table = _table([*options, precision._replace(default="32-true"), _RUNS])
    return _text("## trainer", _TRAINER.format(seed=defaults.seed_everything), table)


def _commands() -> Iterator[str]:
    """Yields the options of the commands that need no configuration."""
    yield "## Options of the commands\n\nThese commands have options of their own."
    for command in _COMMANDS:
        parser = import_module(f"arabic_mtl.cli.{command}")._parser()
        yield _text(f"### {command}", _table(parser_options(parser), "option"))


def _section(title: str, cls: type, without: Iterable[str] = (), level: int = 2) -> str:
    """Returns a heading, the description of a class and a table of its options."""
    hidden = {*without, *Sections().linked_in(title)}
    options = class_options(cls, [n for n in inspect.signature(cls).parameters if n not in hidden])
    paragraphs = [*description(cls), *_note(cls)]
    return _text(f"{'#' * level} {title}", *paragraphs, _table(options) if options else "")


def _family(title: str, base: type, module: ModuleType) -> Iterator[str]:
    """Yields a section for a base class, and one for each of its classes in a module."""
    options = class_options(base)
    yield _text(f"## {title}", description(base)[0], _table(options) if options else "")
    shared = [option.name for option in options]
    for name in module.__all__:
        cls = getattr(module, name)
        if inspect.isclass(cls) and issubclass(cls, base) and not inspect.isabstract(cls):
            yield _section(name, cls, shared, level=3)


def _note(cls: type) -> Iterator[str]:
    """Yields a note on a format whose files have no annotations to train from."""
    if issubclass(cls, Format) and cls.layers is Format.layers:
        yield "It has no layers: its files can be annotated, but not be trained from."


def _table(options: Iterable[Option], heading: str = "key") -> str:
    rows = []
    for option in options:
        is_value = option.default not in ("", "–") and " " not in option.default
        default = f"`{option.default}`" if is_value else option.default or "required"
        rows.append((f"`{option.name}`", option.type, default, _code(option.meaning)))
    return markdown_table(pd.DataFrame(rows, columns=[heading, "type", "default", "meaning"]))


def _text(*parts: str) -> str:
    return "\n\n".join(_code(part.strip()) for part in parts if part)


def _code(text: str) -> str:
    """Returns text with Markdown's marks of code in place of those of docstrings."""
    return re.sub(r"``(.+?)``", r"`\1`", text)
