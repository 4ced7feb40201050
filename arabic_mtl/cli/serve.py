"""``serve``: a trained model behind HTTP."""

import asyncio
import gc
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from arabic_mtl.cli.arguments import PlainParser, add_model
from arabic_mtl.errors import InputError
from arabic_mtl.inference import load

_HELP = """\
Serves a trained model: JSON in and out, and a page to try it on.

  python train.py serve --ckpt_path runs/quickstart/version_0

  GET  /           a page with a text box, which shows the annotated sentence; ?text=… fills it
  POST /annotate   {"texts": ["…", …]} becomes {"annotations": [{"text", "spans", "labels"}, …]}
  GET  /health     what is served, and how many texts are waiting

  curl --json '{"texts": ["الغرفة نظيفة"]}' http://127.0.0.1:8000/annotate

Requests that are waiting together are read together. What is too much is refused: 413 where a
request is too large, 429 where too many are waiting, 503 where an answer takes too long. It listens
on this machine alone unless --host says otherwise; it asks nobody who they are, so other machines
should reach it through a server that does. SIGTERM stops it when all that was accepted is answered.
"""


def serve(arguments: Sequence[str]) -> None:
    """Runs the command.

    Args:
        arguments: The words after ``serve``.

    Raises:
        InputError: If options or the model are not as they should be.
    """
    try:
        from arabic_mtl.serving import Limits, application
        from arabic_mtl.serving import serve as listen
    except ModuleNotFoundError as error:
        raise InputError(
            "what serves models is installed",
            found=f"no {error.name}",
            expected="pip install 'arabic-mtl[serve]'",
        ) from None
    options = _parser().parse_args(arguments)
    given = {
        f.name: value for f in fields(Limits) if (value := getattr(options, f.name)) is not None
    }
    limits = Limits(**given)
    annotator = load(options.ckpt_path, device=options.device, backend=options.backend)
    annotator("نص")  # the first text takes longest
    gc.freeze()  # the model stays: the garbage collector need not look at it again
    app = application(
        annotator, name=_name(options.ckpt_path.resolve()), limits=limits, host=options.host
    )
    asyncio.run(
        listen(app, host=options.host, port=options.port, seconds=limits.seconds, ready=_ready)
    )


def _name(path: Path) -> str:
    """What the model is called on the page: of a path no more than tells runs apart."""
    run = path.parents[1] if path.suffix == ".ckpt" else path
    return f"{run.parent.name}/{run.name}" if run.name.startswith("version_") else run.name


def _ready(url: str) -> None:
    print(f"serving at {url}; Ctrl+C stops it", flush=True)


def _parser() -> ArgumentParser:
    parser = PlainParser("serve", _HELP)
    add = parser.add_argument
    add_model(parser)
    add("--host", default="127.0.0.1", help="address to listen at (default: 127.0.0.1)")
    add("--port", type=int, default=8000, help="port, 0 for any that is free (default: 8000)")
    add("--characters", type=int, help="most characters of a text (default: 10000)")
    add("--texts", type=int, help="most texts of a request (default: 64)")
    add("--waiting", type=int, help="most texts of requests that are waiting (default: 512)")
    add("--batch-size", type=int, help="texts read at once (default: 32)")
    add("--seconds", type=float, help="longest wait for an answer (default: 30)")
    add("--device", default="cpu", help="where to compute, such as cuda (default: cpu)")
    add("--backend", choices=("torch", "onnx"), default="torch", help="what computes")
    return parser
