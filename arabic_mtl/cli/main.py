"""The front door: sends a command line to the command that it names."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pkgutil import resolve_name

from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.errors import InputError

HELP = """\
arabic_mtl: train one Arabic encoder on many tasks at once.

  python train.py fit --config configs/quickstart.yaml     train, then score validation and test
  python train.py fit --config CONFIG --ckpt_path=last     go on where the newest run was broken off
  python train.py validate|test --ckpt_path CHECKPOINT     score a trained model again
  python train.py predict --ckpt_path RUN --input FILE --output FILE
                                                           annotate texts: XML, JSON lines, tables,
                                                           plain text; or a pipe
  python train.py export --ckpt_path RUN --to hf|onnx DIR  a model for use without this package, or
                                                           without torch
  python train.py serve --ckpt_path RUN                    a model behind HTTP, and a page to try it
  python train.py compare CONFIG CONFIG --seeds 3          several systems, several seeds: one table
  python train.py baseline --config CONFIG                 its tasks without a network: linear
  python train.py describe --config CONFIG                 what is in the corpora, before training
  python train.py inspect --config CONFIG --text "…"       one sentence: cleaned, tokens, labels
                                                           (or --sentence ID, or --ckpt_path …)
  python train.py score GOLD.xml SYSTEM.xml                any system's opinions, by the rules of
                                                           SemEval-2016 Task 5

Every key of a configuration can be given on the command line, for example
  --data.root=FOLDER --model.lr=1e-4 --data.tasks.ner.weight=2 --trainer.max_epochs=3
  --trainer.precision=auto --trainer.accelerator=gpu --trainer.devices=2

  python train.py fit --help                               all options, with their meaning
  python train.py fit --config CONFIG --print_config       the configuration that would be used
"""

TRAINER = ("fit", "validate", "test")
"""Commands of Lightning's Trainer."""

CONFIGURED = ("compare", "baseline", "describe", "inspect")
"""Commands that take a configuration; each is a function of that name in a module of that name."""

PLAIN = ("predict", "export", "serve", "score")
"""Those that take none, and need neither torch nor lightning to begin."""

_CLI = "arabic_mtl.cli"

COMMANDS = (*TRAINER, *CONFIGURED, *PLAIN)


def main(arguments: Sequence[str]) -> int:
    """Runs one command.

    Args:
        arguments: The words after ``train.py``.

    Returns:
        The exit code: 0, or 2 for a mistake in what the user gave; 130 if stopped by Ctrl+C.
    """
    try:
        _run(list(arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads standard output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left to flush
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except (InputError, ModuleNotFoundError, OSError) as error:
        print(f"error\n{_told(error)}", file=sys.stderr)
        return 2
    return 0 if arguments else 2


def _told(error: InputError | ModuleNotFoundError | OSError) -> InputError:
    """An error that is no mistake of this package; such go on."""
    if isinstance(error, InputError):
        return error
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("arabic_mtl"):
        return _not_installed(error)
    if isinstance(error, OSError) and error.errno is not None:
        return _not_possible(error)
    raise error


def _not_installed(error: ModuleNotFoundError) -> InputError:
    return InputError(
        "the packages that arabic_mtl needs are installed for this Python",
        found=f"no module {error.name} for {sys.executable}",
        expected="source .venv/bin/activate, which `make quickstart` has set up",
    )


def _not_possible(error: OSError) -> InputError:
    return InputError(
        "files can be read and written where they are said to be",
        found=": ".join(str(of) for of in (error.filename, error.strerror) if of),
        expected="folders that exist, the right to write there, and room on the disk",
    )


def _run(arguments: list[str]) -> None:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(HELP)
        return
    if arguments[0] not in COMMANDS:
        raise InputError(
            "the first word is a command",
            found=arguments[0],
            expected=f"one of {', '.join(COMMANDS)}; train.py --help explains them",
        )
    if arguments[0] in PLAIN:
        _function(arguments[0])(arguments[1:])
        return
    complete = resolve_name(f"{_CLI}.checkpoint:with_run")
    is_configured = arguments[0] in CONFIGURED
    run = _function(arguments[0]) if is_configured else resolve_name(f"{_CLI}.commands:Commands")
    gc.freeze()  # what was imported stays: the garbage collector need not look at it again
    be_quiet()
    command, *options = complete(arguments)
    run(options if is_configured else [command, *options])


def _function(command: str) -> Callable[[list[str]], None]:
    """Imports a command by its name: torch and lightning take seconds, and help needs neither."""
    function: Callable[[list[str]], None] = resolve_name(f"{_CLI}.{command}:{command}")
    return function
