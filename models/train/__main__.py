"""Train, export, pack and measure the Polish-English package: `python -m models.train DATA` (README.md says more)."""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from models.train.corpus import read_flores
from models.train.encode import encode
from models.train.evaluate import evaluate
from models.train.export import pack
from models.train.prepare import prepare
from models.train.start import Package, begin, read_package
from models.train.train import AGAIN, TUNING, Plan, train

logger = logging.getLogger(__name__)


def main() -> None:
    """Every step that the work folder does not already hold the outcome of."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m models.train", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with *.tsv.gz and english.txt.gz")
    parser.add_argument("--work", type=Path, default=Path("build/pl_en"), help="states and checkpoints are kept here")
    parser.add_argument("--out", type=Path, help="where the package goes (default: the work folder)")
    parser.add_argument("--flores", type=Path, help="folder with dev.pl and dev.en (default: DATA/../bench/flores)")
    parser.add_argument("--version", default="0.16")
    parser.add_argument("--tokens", type=float, default=usual.tokens, help="target tokens to train the decoder on")
    parser.add_argument("--minutes", type=float, default=usual.minutes, help="or stop after so many minutes of it")
    parser.add_argument(
        "--tuning-tokens",
        type=float,
        help="target tokens to tune the encoder with it on",
    )
    parser.add_argument("--tuning-minutes", type=float, default=TUNING.minutes, help="or stop after so many minutes")
    parser.add_argument(
        "--workers", type=int, help="replicas of one thread each, averaged (default: 2; 1 with CUDA or --start)"
    )
    parser.add_argument(
        "--start", type=Path, help="a package to go on from: its vocabularies are kept, its weights tuned further"
    )
    parser.add_argument(
        "--share", type=float, default=0.0, help="of the weights packed in the end, those that the tuning began from"
    )
    parser.add_argument("--seed", type=int, default=usual.seed)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if arguments.share and not arguments.start:
        parser.error("--share mixes in the weights of --start: name a package there")
    work: Path = arguments.work
    for folder in (work, arguments.out or work):
        folder.mkdir(parents=True, exist_ok=True)
    named: Path = arguments.flores or arguments.data.parent / "bench" / "flores"
    flores = named if (named / "dev.pl").exists() else None
    if not flores:
        if arguments.flores:
            raise SystemExit(f"{named}: has no dev.pl; give the folder of FLORES dev")
        logger.warning("no FLORES dev in %s: the training goes unmeasured", named)
    start = read_package(arguments.start) if arguments.start else None
    made_of = {"data": str(arguments.data.resolve()), "seed": arguments.seed}
    made_of |= {"start": arguments.start.name} if start else {}
    _prepared(arguments.data, work, made_of, start)
    if not (work / "encoded").exists():
        encode(work, arguments.seed, flores, states=start is None)
    workers = arguments.workers or (1 if start or torch.cuda.is_available() else 2)
    machine = {"workers": workers, "seed": arguments.seed}
    if start is None:
        train(work, replace(usual, tokens=arguments.tokens, minutes=arguments.minutes, **machine))
    elif not usual.checkpoint(work).exists():
        begin(start, work)
    plan = AGAIN if start else TUNING
    limits = {"tokens": arguments.tuning_tokens or plan.tokens, "minutes": arguments.tuning_minutes}
    checkpoint = train(work, replace(plan, **limits, **machine))
    card = Path(__file__).parent / "package.md"
    readme, out = card.read_text(encoding="utf-8"), arguments.out or work
    package = pack(checkpoint, work, out, arguments.version, readme, arguments.share)
    if flores:
        logger.info(json.dumps(evaluate(package, *read_flores(flores)), indent=2))


def _prepared(data: Path, work: Path, made_of: dict[str, Any], start: Package | None) -> None:
    """Prepare the data, if that is not done.

    Raises:
        SystemExit: the work folder was prepared from other data, with another seed or for another start.
    """
    note = work / "made_of.json"
    if (work / "pairs.jsonl").exists():
        before = json.loads(note.read_text(encoding="utf-8")) if note.exists() else None
        if before != made_of:
            raise SystemExit(f"{work}: was prepared from something else ({before}); remove it, or give another --work")
        return
    note.write_text(json.dumps(made_of), encoding="utf-8")
    prepare(data, work, made_of["seed"], start.pieces if start else None)


if __name__ == "__main__":
    main()
