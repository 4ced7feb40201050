"""The entry point of the command line: runs the command that the first argument names."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pkgutil import resolve_name

from arabic_mtl import __version__
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.errors import InputError, program

_HELP = """\
usage: {program} COMMAND [OPTIONS]

Trains one Arabic encoder on many tasks at once, and annotates texts with it.

commands:
  fit        train a model, then score it on the validation and the test split
  validate   score a trained model on the validation split
  test       score a trained model on the test split
  predict    annotate texts: tables, CoNLL, JSON, XML, plain text, or a pipe
  export     write a model for use without this package (hf) or without torch (onnx)
  serve      serve a model over HTTP, with a page to try it
  compare    train several configurations with several seeds, and write one table
  baseline   learn the tasks of a configuration without a network, with linear models
  init       write a first configuration for files of labelled texts
  describe   print sizes, lengths and labels of the corpora, before training
  inspect    print one sentence: cleaned text, tokens and labels
  score      score any system's spans, labels or opinions against gold ones
  cache      list or delete the encoded corpora and vocabularies kept between runs

examples:
  {program} fit --config configs/quickstart.yaml
  {program} init tweets.csv --output tweets.yaml
  {program} fit --config CONFIG --ckpt_path last
  {program} test --ckpt_path RUN
  {program} predict --ckpt_path RUN --input FILE --output FILE
  {program} export --ckpt_path RUN --to onnx FOLDER
  {program} compare CONFIG CONFIG --seeds 3
  {program} inspect --config CONFIG --text "…"
  {program} score GOLD SYSTEM

RUN is a run folder, such as runs/quickstart/version_0, or one of its checkpoints;
`--ckpt_path last` resumes the newest run of a configuration.

Every key of a configuration is an option, too:
  --data.root=FOLDER --model.lr=1e-4 --data.tasks.ner.weight=2 --trainer.max_epochs=3
  --trainer.precision=auto --trainer.accelerator=gpu --trainer.devices=2

options:
  --help                         print this help; after a command, its options
  --version                      print the version
  fit --config CONFIG --print_config
                                 print the configuration that would be used
"""

TRAINER = ("fit", "validate", "test")
"""Commands of Lightning's Trainer."""

CONFIGURED = ("compare", "baseline", "describe", "inspect")
"""Commands that take a configuration. Each is a function in the module of the same name."""

PLAIN = ("init", "predict", "export", "serve", "score", "cache")
"""Commands that take no configuration, and need neither torch nor lightning to begin."""

_CLI = "arabic_mtl.cli"

COMMANDS = (*TRAINER, *CONFIGURED, *PLAIN)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: The command line without the program's name; by default that of this process.

    Returns:
        The exit code: 0, or 2 for a mistake in the user's input; 130 if stopped by Ctrl+C.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of standard output has closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except (InputError, ModuleNotFoundError, OSError) as error:
        print(f"error\n{_as_input_error(error)}", file=sys.stderr)
        return 2
    return 0 if arguments else 2


def _as_input_error(error: InputError | ModuleNotFoundError | OSError) -> InputError:
    """Returns the input error that an exception amounts to; raises the exception if it is none."""
    if isinstance(error, InputError):
        return error
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("arabic_mtl"):
        return _missing_package(error)
    if isinstance(error, OSError) and error.errno is not None:
        return _failed_access(error)
    raise error


def _missing_package(error: ModuleNotFoundError) -> InputError:
    return InputError(
        "the packages that arabic_mtl needs must be installed for this Python",
        found=f"no module {error.name} for {sys.executable}",
        expected="source .venv/bin/activate, which `make quickstart` has set up",
    )


def _failed_access(error: OSError) -> InputError:
    return InputError(
        "the files and folders of a command must be readable or writable",
        found=": ".join(str(part) for part in (error.filename, error.strerror) if part),
        expected="folders that exist, the permission to write there, and space on the disk",
    )


def _run(arguments: list[str]) -> None:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_HELP.format(program=program()))
        return
    if arguments[0] == "--version":
        print(f"arabic-mtl {__version__}")
        return
    if arguments[0] not in COMMANDS:
        raise InputError(
            "the first argument must be a command",
            found=arguments[0],
            expected=f"one of {', '.join(COMMANDS)}; see {program()} --help",
        )
    if arguments[0] in PLAIN:
        _function(arguments[0])(arguments[1:])
        return
    complete = resolve_name(f"{_CLI}.checkpoint:complete_from_run")
    is_configured = arguments[0] in CONFIGURED
    run = _function(arguments[0]) if is_configured else resolve_name(f"{_CLI}.commands:Commands")
    gc.freeze()  # imported modules stay: the garbage collector need not visit them again
    be_quiet()
    command, *options = complete(arguments)
    run(options if is_configured else [command, *options])


def _function(command: str) -> Callable[[list[str]], None]:
    """Imports a command's function, late: torch and lightning take seconds to import."""
    function: Callable[[list[str]], None] = resolve_name(f"{_CLI}.{command}:{command}")
    return function
