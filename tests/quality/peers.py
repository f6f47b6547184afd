"""Run other aligners on Text+Berg dev beside ours, on the same vectors: `peers.py [BENCH]`, or `make bench-peers`.

The peers are installed from the package registry into an environment of their own, build/peers, and run there by
this very file (`--worker`), which then needs nothing but them. A peer that takes an encoder is handed our vectors:
it is run once to learn which texts it asks for, and again, timed, with all of them at hand, so that algorithms are
compared and not models. Results go to peers.json beside this file, a Markdown table to standard output.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HOME = HERE.parent.parent / "build" / "peers"
PINNED = {"galechurch": "0.1.0", "sentweave": "0.3.3", "sentalign": "0.3.0"}
NOT_RUN = {
    "bertalign 2.0.1": "needs Python 3.12 or later; its encoder class loads a sentence-transformers model, and a "
    "detector of languages comes with it",
    "vecalign, hunalign, Bleualign": "no package in the registry; sentweave and sentalign carry vecalign's algorithm",
}
ROUNDS = 5  # in which a peer may ask for further texts

Bead = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Result:
    """One aligner's scores on the document, or why there are none."""

    name: str
    vectors: str
    strict: dict[str, float] | None = None
    lax: dict[str, float] | None = None
    seconds: float | None = None
    note: str = ""


def main(bench: Path) -> None:
    """Install the peers, run them and ourselves, write peers.json, print the table."""
    folder = bench / "textberg"
    texts = [(folder / f"dev.{lang}").read_text(encoding="utf-8").split("\n")[:-1] for lang in ("de", "fr")]
    left, right = ([line.strip() for line in lines] for lines in texts)
    encode, signature = _vectors()
    python = _environment()
    gold = folder / "dev.defr"
    runs = [(peer, centred) for peer in PINNED for centred in (False, True) if not (peer == "galechurch" and centred)]
    results = [_ours(left, right, encode, gold)]
    results += [_peer(python, peer, left, right, encode, gold, centred) for peer, centred in runs]
    results += [Result(name, "", note=f"not run: {reason}") for name, reason in NOT_RUN.items()]
    data = {
        "document": "Text+Berg dev, German-French, 468 and 554 sentences, 422 gold beads",
        "encoder": signature,
        "seconds": "of one run with every vector at hand, importing and starting left out",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "results": [asdict(result) for result in results],
    }
    (HERE / "peers.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(_table(results))


def _vectors() -> tuple[Callable[[Sequence[str]], Any], str]:
    """Our encoder, its unit vectors kept in build/peers, and its signature."""
    from align.encoder import DEFAULT_ENCODER, make_encoder
    from align.pipeline import unit_vectors
    from align.settings import default_cache
    from align.store import Store

    encoder = make_encoder(DEFAULT_ENCODER, default_cache() / "models")
    return partial(unit_vectors, encoder, Store(HOME / "vectors.sqlite")), encoder.signature


def _environment() -> Path:
    python = HOME / "bin" / "python"
    if not python.exists():
        venv.create(HOME, with_pip=True)
    wanted = [f"{name}=={release}" for name, release in PINNED.items()]
    subprocess.run([python, "-m", "pip", "install", "--quiet", "numpy", *wanted], check=True)
    return python


def _ours(left: list[str], right: list[str], encode: Callable[[Sequence[str]], Any], gold: Path) -> Result:
    from align.aligner.beads import align_texts

    align_texts(left, right, encode)
    begin = time.perf_counter()
    beads = align_texts(left, right, encode)
    seconds = time.perf_counter() - begin
    note = "its weights were fitted on this document among others"
    return _scored(f"align {version('align')} --monotone", "e5-small", beads, seconds, gold, note)


def _peer(
    python: Path,
    peer: str,
    left: list[str],
    right: list[str],
    encode: Callable[[Sequence[str]], Any],
    gold: Path,
    centred: bool,
) -> Result:
    """One peer's result; the texts it asks for are encoded between its runs."""
    import numpy as np

    name, vectors = f"{peer} {PINNED[peer]}", "none" if peer == "galechurch" else "e5-small" + ", centred" * centred
    mean = encode([*left, *right]).mean(0) if centred else np.float32(0)
    texts: list[str] = []
    for _ in range(ROUNDS):
        task = {"peer": peer, "left": left, "right": right, "texts": texts}
        (HOME / "task.json").write_text(json.dumps(task), encoding="utf-8")
        np.save(HOME / "vectors.npy", encode(texts) - mean if texts else np.zeros((0, 1), np.float32))
        run = subprocess.run([python, __file__, "--worker", HOME], capture_output=True, text=True, check=False)
        if run.returncode:
            return Result(name, vectors, note=f"failed: {run.stderr.strip().splitlines()[-1]}")
        answer = json.loads((HOME / "answer.json").read_text(encoding="utf-8"))
        if not answer["missing"]:
            return _scored(name, vectors, answer["beads"], answer["seconds"], gold, "")
        texts += answer["missing"]
    return Result(name, vectors, note=f"failed: asked for further texts more than {ROUNDS} times")


def _scored(name: str, vectors: str, beads: Any, seconds: float, gold: Path, note: str) -> Result:
    from align.scorer import score_files

    HOME.mkdir(parents=True, exist_ok=True)
    path = HOME / f"{name.split()[0]}.beads"
    path.write_text("".join(f"{list(left)}:{list(right)}\n" for left, right in beads), encoding="utf-8")
    figures = score_files([gold], [path]).figures()
    strict, lax = ({k: round(v, 4) for k, v in figures[rate].items()} for rate in ("strict", "lax"))
    return Result(name, vectors, strict, lax, round(seconds, 2), note)


def _table(results: Sequence[Result]) -> str:
    lines = ["| aligner | vectors | strict P / R / F1 | lax P / R / F1 | seconds | |", "|---|---|---|---|---|---|"]
    for result in results:
        rates = [
            " / ".join(f"{rate[key]:.3f}" for key in ("precision", "recall", "f1")) if rate else ""
            for rate in (result.strict, result.lax)
        ]
        seconds = "" if result.seconds is None else f"{result.seconds:.2f}"
        lines.append(f"| {result.name} | {result.vectors} | {rates[0]} | {rates[1]} | {seconds} | {result.note} |")
    return "\n".join(lines)


# In the environment of the peers


def work(folder: Path) -> None:
    """Align what task.json holds with one peer; write the beads, or the texts it lacks vectors of."""
    import numpy as np

    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    rows = np.load(folder / "vectors.npy")
    number = {text: row for row, text in enumerate(task["texts"])}
    missing: list[str] = []

    def encode(texts: Sequence[str]) -> Any:
        missing.extend(text for text in dict.fromkeys(texts) if text not in number)
        return np.stack([rows[number[text]] for text in texts]) if not missing else _stand_in(len(texts))

    align = {"galechurch": _galechurch, "sentweave": _sentweave, "sentalign": _sentweave}[task["peer"]]
    module = importlib.import_module(task["peer"])
    begin = time.perf_counter()
    beads = align(module, task["left"], task["right"], encode)
    answer = {"missing": missing, "beads": beads, "seconds": time.perf_counter() - begin}
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _stand_in(count: int) -> Any:
    """Vectors for the run that only finds out which texts are asked for."""
    import numpy as np

    return np.random.default_rng(0).normal(size=(count, 8)).astype(np.float32)


def _galechurch(module: Any, left: list[str], right: list[str], encode: Any) -> list[Any]:
    block = module.align(left, right)
    spans = ((bead.source_start, bead.source_end, bead.target_start, bead.target_end) for bead in block.beads)
    return [(list(range(a, b)), list(range(c, d))) for a, b, c, d in spans]


def _sentweave(module: Any, left: list[str], right: list[str], encode: Any) -> list[Any]:
    align = getattr(module, "align", None) or module.sentalign
    found = align(left, right, encoder=encode)
    return [([int(i) for i in bead.src_indices], [int(j) for j in bead.tgt_indices]) for bead in found.alignments]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent.parent.parent / "shared" / "bench"))
