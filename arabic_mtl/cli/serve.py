"""``serve``: an HTTP service for a trained model."""

import asyncio
import gc
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from arabic_mtl.cli.arguments import PlainParser, add_device, add_model
from arabic_mtl.errors import InputError
from arabic_mtl.inference import load

_HELP = """\
Serves a trained model over HTTP: requests and responses are JSON, and a web page shows annotations.

  %(prog)s --ckpt_path runs/quickstart/version_0

  GET  /           a page with a text box, which shows the annotated sentence; ?text=… fills the box
  POST /annotate   {"texts": ["…", …]} becomes {"annotations": [{"text", "spans", "labels"}, …]};
                   a pair of texts, for a model that reads pairs, is a list of two
  GET  /health     the name of the model, and the number of waiting texts

  curl --json '{"texts": ["الغرفة نظيفة"]}' http://127.0.0.1:8000/annotate

Waiting requests are annotated in common batches. The service rejects a request that is too large
(413), a request while too many texts are waiting (429), and one that takes too long (503). By
default it accepts connections from this machine only (see --host). It has no authentication:
other machines should reach it through a server that has. SIGTERM stops it after all accepted
requests are finished.
"""


def serve(arguments: Sequence[str]) -> None:
    """Runs the command ``serve``.

    Args:
        arguments: The arguments after ``serve``.

    Raises:
        InputError: If the options are invalid, or the model is missing or damaged.
    """
    try:
        from arabic_mtl.serving import Limits, application
        from arabic_mtl.serving import serve as listen
    except ModuleNotFoundError as error:
        raise InputError(
            "the packages of the command serve must be installed",
            found=f"no {error.name}",
            expected="pip install 'arabic-mtl[serve]'",
        ) from None
    options = _parser().parse_args(arguments)
    values = {
        f.name: value for f in fields(Limits) if (value := getattr(options, f.name)) is not None
    }
    limits = Limits(**values)
    annotator = load(options.ckpt_path, device=options.device, backend=options.backend)
    annotator("نص")  # a warm-up, because the first text takes longest
    gc.freeze()  # the garbage collector need not scan the model, which lives as long as the process
    app = application(
        annotator, name=_name(options.ckpt_path.resolve()), limits=limits, host=options.host
    )
    asyncio.run(
        listen(app, host=options.host, port=options.port, seconds=limits.seconds, ready=_ready)
    )


def _name(path: Path) -> str:
    """Returns the name of a model for the page: the end of its path, which tells runs apart."""
    run = path.parents[1] if path.suffix == ".ckpt" else path
    return f"{run.parent.name}/{run.name}" if run.name.startswith("version_") else run.name


def _ready(url: str) -> None:
    """Prints the address of the service."""
    print(f"serving at {url}; Ctrl+C stops it", flush=True)


def _parser() -> ArgumentParser:
    parser = PlainParser("serve", _HELP)
    add = parser.add_argument
    add_model(parser)
    add("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    add("--port", type=int, default=8000, help="the port; 0 for any free port (default: 8000)")
    add("--characters", type=int, help="the most characters of a text (default: 10000)")
    add("--texts", type=int, help="the most texts of a request (default: 64)")
    add("--waiting", type=int, help="the most texts of all waiting requests (default: 512)")
    add("--batch-size", type=int, help="the most texts in a batch (default: 32)")
    add("--seconds", type=float, help="the longest time for a response (default: 30)")
    add_device(parser)
    return parser
