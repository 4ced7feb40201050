"""Every configuration in configs/ trains, from raw XML to the final report."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import torch
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tokenizers import Tokenizer
from transformers import AutoModel

from arabic_mtl.training.precision import resolve_precision
from support.models import load_tokenizer, save_model
from support.paths import ROOT, files_under
from support.runs import (
    NO_PICTURES,
    SHRUNK,
    TINY_ENCODER,
    TINY_WORDS,
    Outcome,
    folder_options,
    run,
)
from support.semeval import sample_texts, write_hotels

pytestmark = pytest.mark.runs

CONFIGS = ROOT / "configs"
NAME = "--model.encoder.init_args.name"
STILL = ["--model.lr=0", "--model.weight_decay=0", NO_PICTURES]
LEFT = {
    *("config.yaml", "checkpoints/best.ckpt", "checkpoints/last.ckpt"),
    *("text/text.json", "text/tokenizer.json", "text/tokenizer_config.json"),
}


def fit(project: Path, name: str, *options: str) -> tuple[Outcome, Path]:
    """Trains a configuration in small; returns the outcome and the run folder."""
    given = [*SHRUNK, *folder_options(project), *options]
    outcome = run("fit", "--config", CONFIGS / f"{name}.yaml", *given)
    assert outcome.code == 0, outcome.err
    folder = project / "runs" / name / "version_0"
    assert set(files_under(folder)) >= LEFT
    assert f"checkpoint   {folder / 'checkpoints' / 'best.ckpt'}" in outcome.out
    return outcome, folder


def rows(outcome: Outcome) -> list[str]:
    """Returns the first two cells of each row of the report."""
    lines = [line for line in outcome.out.splitlines() if line.startswith("│")]
    return [" ".join(line.replace("│", " ").split()[:2]) for line in lines]


def test_every_configuration_is_tested_here() -> None:
    assert {path.stem for path in CONFIGS.glob("*.yaml")} == {
        *("quickstart", "hotels", "hotels_bert", "fast", "recipe", "arabert", "marbert", "qarib"),
        "arabic_mix",
    }


def test_quickstart_on_the_bundled_sample(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This run alone draws the dashboard's pictures, which takes longer than the training."""
    monkeypatch.chdir(ROOT)  # as `make quickstart` does
    outcome, folder = fit(project, "quickstart", *TINY_WORDS)
    assert [row.split()[0] for row in rows(outcome)] == [
        *["sentiment"] * 2,
        *["ner"] * 3,
        *["category"] * 2,
        "mean",
    ]
    assert "validation majority" in outcome.out
    assert "test majority" in outcome.out
    saved = torch.load(folder / "checkpoints" / "best.ckpt", weights_only=True)
    assert saved["global_step"] == 2
    assert list(saved["outputs"]) == ["sentiment", "ner", "category"]
    pictures = EventAccumulator(str(folder), {"images": 0}).Reload().Tags()["images"]
    assert {"val/sentiment/confusion", "val/ner/confusion", "val/category/curves"} <= set(pictures)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tiny", "form"),
    [("hotels", TINY_WORDS, "words"), ("hotels_bert", [TINY_ENCODER], "pieces")],
)
def test_hotels(project: Path, name: str, tiny: list[str], form: str) -> None:
    root = f"--data.root={write_hotels(project / 'xml')}"
    outcome, folder = fit(project, name, *tiny, root, NO_PICTURES)
    assert {"sentiment macro_f1", "ner f1", "category micro_f1"} <= set(rows(outcome))
    assert "test majority" not in outcome.out  # the file has no test split
    saved = torch.load(folder / "checkpoints" / "best.ckpt", weights_only=True)
    assert len(saved["outputs"]["category"]) == 34
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    assert config["data"]["tasks"]["category"]["init_args"]["threshold"] == 0.35
    facts = json.loads((folder / "text" / "text.json").read_text(encoding="utf-8"))
    assert facts["settings"]["form"] == form


def write_mix(root: Path) -> None:
    """Writes small files in the form of the three corpora of `arabic_mix.yaml`."""
    write_hotels(root / "semeval2016_hotels")
    labels = ["FALSE,NEU,msa", "TRUE,NEG,egypt", "FALSE,POS,gulf"]
    for name in ("training_data", "testing_data"):
        rows = [f"تغريدة {name} رقم {n},{labels[n % 3]}" for n in range(60)]
        path = root / "arsarcasm_v2" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(["tweet,sarcasm,sentiment,dialect", *rows, ""]), encoding="utf-8")
    for name in ("train", "test"):
        words = [f"زار O\nليث{n} B-PERS\nعدن B-LOC\n{name} O\n\n" for n in range(60)]
        path = root / "anercorp_camel" / f"ANERCorp_CamelLab_{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(words), encoding="utf-8")


@pytest.mark.slow
def test_arabic_mix(project: Path) -> None:
    write_mix(project / "mix")
    outcome, folder = fit(
        project, "arabic_mix", *TINY_WORDS, f"--data.root={project / 'mix'}", NO_PICTURES
    )
    assert {row.split()[0] for row in rows(outcome)} == {
        *("sentiment", "sarcasm", "dialect", "ner", "polarity", "target", "category", "mean")
    }
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert (
        "- news: source ANERcorp, CAMeL split (Obeid et al., 2020); license CC BY-SA 4.0" in report
    )
    assert re.search(r"\| sentiment/macro_f1 \| dialect \| egypt \| \d+ \|", report)


@pytest.mark.slow
def test_recipe(project: Path) -> None:
    root = f"--data.root={write_hotels(project / 'xml')}"
    outcome, folder = fit(project, "recipe", TINY_ENCODER, root, NO_PICTURES)
    assert [row for row in rows(outcome) if "category" in row] == []
    assert {"sentiment macro_f1", "ner f1"} <= set(rows(outcome))
    facts = json.loads((folder / "text" / "text.json").read_text(encoding="utf-8"))
    assert facts["settings"]["stemming"] == "snowball"
    assert facts["settings"]["cleaning"] == "recipe"
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    assert config["data"]["text"]["max_length"] == 128


@pytest.mark.slow
def test_fast(project: Path) -> None:
    root = f"--data.root={write_hotels(project / 'xml')}"
    outcome, folder = fit(project, "fast", TINY_ENCODER, root, NO_PICTURES)
    assert {row for row in rows(outcome) if not row.startswith("mean")} == {
        *("sentiment macro_f1", "sentiment accuracy"),
        *("ner f1", "ner accuracy", "ner span_f1"),
    }
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    assert config["trainer"]["precision"] == resolve_precision("auto", "cpu")
    assert config["model"]["encoder"]["init_args"]["attention"] == "eager"
    assert config["data"]["plan"]["token_budget"] == 2048


def encoder_weights(checkpoint: Path) -> dict[str, torch.Tensor]:
    state = torch.load(checkpoint, weights_only=True)["state_dict"]
    prefix = "network.encoder.model."
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def assert_from_folder(run_folder: Path, model: Path) -> None:
    """Checks that vocabulary and weights are those of the pretrained model; the rate was 0."""
    used = Tokenizer.from_file(str(run_folder / "text" / "tokenizer.json"))
    expected = load_tokenizer(model)
    assert used.get_vocab() == expected.get_vocab()
    weights = encoder_weights(run_folder / "checkpoints" / "best.ckpt")
    given = AutoModel.from_pretrained(model).state_dict()
    assert weights.keys() == {name for name in given if not name.startswith("pooler.")}
    assert all(torch.equal(weights[name], given[name]) for name in weights)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "lowercase"), [("arabert", False), ("marbert", True), ("qarib", True)]
)
def test_pretrained_encoders(project: Path, config: str, lowercase: bool) -> None:
    model = save_model(project / "model", lowercase=lowercase)
    assert type(load_tokenizer(model)).__name__.startswith("BertTokenizer")
    root = f"--data.root={write_hotels(project / 'xml')}"
    outcome, folder = fit(project, config, root, f"{NAME}={model}", *STILL)
    assert {"sentiment macro_f1", "ner f1", "category micro_f1"} <= set(rows(outcome))
    assert_from_folder(folder, model)
    saved = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    assert saved["trainer"]["precision"] == resolve_precision("auto", "cpu")
    assert saved["dashboard"]["every_n_epochs"] == 1  # the epochs are few and long
    assert saved["model"]["encoder"]["init_args"]["name"] == str(model)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["electra", "distilbert"])
def test_other_architectures(project: Path, kind: str) -> None:
    model = save_model(project / "model", kind)
    root = f"--data.root={write_hotels(project / 'xml')}"
    _, folder = fit(project, "arabert", root, f"{NAME}={model}", *STILL)
    assert_from_folder(folder, model)


@pytest.mark.slow
def test_weights_change_if_the_rate_is_not_zero(project: Path) -> None:
    model = save_model(project / "model")
    options = [
        f"--data.root={write_hotels(project / 'xml')}",
        f"{NAME}={model}",
        "--model.warmup=0",
        NO_PICTURES,
    ]
    _, folder = fit(project, "qarib", *options)
    weights = encoder_weights(folder / "checkpoints" / "best.ckpt")
    given = AutoModel.from_pretrained(model).state_dict()
    name = "encoder.layer.0.attention.self.query.weight"
    assert 0 < float((weights[name] - given[name]).abs().max()) < 1e-2


@pytest.mark.slow
@pytest.mark.parametrize("lowercase", [True, False])
def test_tokens_are_those_of_the_pretrained_tokenizer(project: Path, lowercase: bool) -> None:
    model = save_model(project / "model", lowercase=lowercase)
    root = f"--data.root={write_hotels(project / 'xml')}"
    options = [root, f"{NAME}={model}", "--data.text.cleaning=none", NO_PICTURES]
    _, folder = fit(project, "marbert", *options)
    used = Tokenizer.from_file(str(folder / "text" / "tokenizer.json"))
    own = load_tokenizer(model)
    texts = [*sample_texts()[:300], "WIFI سريع جدّاً في Hotel"]
    assert [used.encode(text).ids for text in texts] == [own(text)["input_ids"] for text in texts]


@pytest.mark.slow
def test_a_trained_model_does_not_need_the_pretrained_one(project: Path) -> None:
    model = save_model(project / "model")
    root = f"--data.root={write_hotels(project / 'xml')}"
    _, folder = fit(project, "arabert", root, f"{NAME}={model}", NO_PICTURES)
    shutil.rmtree(model)
    source = project / "xml" / "AR_Hotels_Train_SB1.xml"
    shutil.copy(source, project / "new.xml")
    checkpoint = f"--ckpt_path={folder / 'checkpoints' / 'best.ckpt'}"
    shutil.rmtree(project / "cache")
    outcome = run("predict", checkpoint, "--input=new.xml", "--output=new.jsonl")
    assert outcome.code == 0, outcome.err
    assert len((project / "new.jsonl").read_text(encoding="utf-8").splitlines()) == 72
