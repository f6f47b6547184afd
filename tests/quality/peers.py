"""Run other aligners on Text+Berg dev beside ours, on the same vectors: `make bench-peers`.

The peers are installed from the package registry into environments of their own, build/peers and build/bertalign, and
run there by this very file (`--worker`), which then needs nothing but them. A peer that takes an encoder is handed our
vectors: it is run to learn which texts it asks for, and again, timed, with all of them at hand, so that algorithms are
compared and not models. bertalign is installed without torch, several gigabytes that it needs for its model and for
one search of the nearest vectors, which numpy does in its place. Results go to peers.json beside this file, a Markdown
table to standard output.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = Path(__file__).resolve().parent
HOME = HERE.parent.parent / "build" / "peers"
PINNED = {"galechurch": "0.1.0", "sentweave": "0.3.3", "sentalign": "0.3.0", "bertalign": "2.0.1"}
BERTALIGN_NEEDS = ("numba>=0.61", "scipy", "lingua-language-detector>=2.2", "sentence-splitter>=1.4")
NOT_RUN = {
    "vecalign, hunalign, Bleualign": "no package in the registry; sentweave and sentalign carry vecalign's algorithm",
}
ROUNDS = 5  # in which a peer may ask for further texts


@dataclass(frozen=True, slots=True)
class Result:
    """One aligner's scores on the document, or why there are none."""

    name: str
    vectors: str
    strict: dict[str, float] | None = None
    lax: dict[str, float] | None = None
    seconds: float | None = None
    note: str = ""


def main(bench: Path, newer: str | None) -> None:
    """Install the peers, run them and ourselves, write peers.json, print the table; `newer`: a Python for bertalign."""
    folder = bench / "textberg"
    texts = [(folder / f"dev.{lang}").read_text(encoding="utf-8").split("\n")[:-1] for lang in ("de", "fr")]
    left, right = ([line.strip() for line in lines] for lines in texts)
    encode, signature = _vectors()
    plain = [peer for peer in PINNED if peer != "bertalign"]
    pythons = dict.fromkeys(plain, _environment(HOME, sys.executable, *_releases(*plain)))
    not_run = dict(NOT_RUN)
    if newer:
        pythons["bertalign"] = _environment(HOME.with_name("bertalign"), newer, *BERTALIGN_NEEDS)
        _install(pythons["bertalign"], "--no-deps", *_releases("bertalign"))
    else:
        not_run |= {"bertalign": "needs Python 3.12 or later: name one with --python"}
    gold = folder / "dev.defr"
    results = [_ours(left, right, encode, gold)]
    runs = [(peer, centred) for peer in pythons for centred in (False, True) if not (peer == "galechurch" and centred)]
    results += [_peer(pythons[peer], peer, left, right, encode, gold, centred) for peer, centred in runs]
    results += [Result(name, "", note=f"not run: {reason}") for name, reason in not_run.items()]
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
    from align.encoder import make_encoder, unit_vectors
    from align.settings import Settings
    from align.store import Store

    encoder = make_encoder(Settings())
    return partial(unit_vectors, encoder, Store(HOME / "vectors.sqlite")), encoder.signature


def newer_python() -> str | None:
    """A Python of 3.12 or later on the path, if there is one that runs."""
    for minor in range(12, 16):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return found
    return None


def _environment(folder: Path, python: str, *packages: str) -> Path:
    """The Python of an environment with these packages and numpy, made on first use."""
    inside = folder / "bin" / "python"
    if not inside.exists():
        subprocess.run([python, "-m", "venv", folder], check=True)
    _install(inside, "numpy", *packages)
    return inside


def _install(python: Path, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", "install", "--quiet", *arguments], check=True)


def _releases(*names: str) -> list[str]:
    return [f"{name}=={PINNED[name]}" for name in names]


def _ours(left: list[str], right: list[str], encode: Callable[[Sequence[str]], Any], gold: Path) -> Result:
    sys.path.insert(0, str(HERE.parent))
    from beads_of_texts import align_texts

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

    from align.encoder import unit

    name, vectors = f"{peer} {PINNED[peer]}", "none" if peer == "galechurch" else "e5-small" + ", centred" * centred
    mean = encode([*left, *right]).mean(0) if centred else np.float32(0)
    texts: list[str] = []
    for _ in range(ROUNDS):
        task = {"peer": peer, "left": left, "right": right, "texts": texts}
        (HOME / "task.json").write_text(json.dumps(task), encoding="utf-8")
        np.save(HOME / "vectors.npy", unit(encode(texts) - mean) if texts else np.zeros((0, 1), np.float32))
        run = subprocess.run([python, __file__, "--worker", HOME], capture_output=True, text=True, check=False)
        if run.returncode:
            said = run.stderr.strip().splitlines() or [f"exit status {run.returncode}"]
            return Result(name, vectors, note=f"failed: {said[-1]}")
        answer = json.loads((HOME / "answer.json").read_text(encoding="utf-8"))
        if not answer["missing"]:
            return _scored(name, vectors, answer["beads"], answer["seconds"], gold, "")
        texts += answer["missing"]
    return Result(name, vectors, note=f"failed: asked for further texts more than {ROUNDS} times")


def _scored(name: str, vectors: str, beads: Any, seconds: float, gold: Path, note: str) -> Result:
    from align.scorefiles import score_files

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

    peers = {"galechurch": _galechurch, "sentweave": _sentweave, "sentalign": _sentweave, "bertalign": _bertalign}
    if task["peer"] == "bertalign":
        sys.modules |= _in_place_of_torch()
    module = importlib.import_module(task["peer"])
    align = peers[task["peer"]]
    if task["peer"] == "bertalign" and task["texts"]:
        align(module, task["left"], task["right"], encode)  # compiles its loops
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


def _bertalign(module: Any, left: list[str], right: list[str], encode: Any) -> list[Any]:
    class Given(module.Encoder):  # type: ignore[misc]
        def __init__(self) -> None:
            self.model, self.model_name = SimpleNamespace(encode=encode), "ours"

    texts = ("\n".join(left), "\n".join(right))
    beads: list[Any] = module.Bertalign(*texts, is_split=True, model=Given()).align_sents()
    return [([int(i) for i in source], [int(j) for j in target]) for source, target in beads]


def _in_place_of_torch() -> dict[str, Any]:
    """What bertalign asks of torch beside its model: the k rows of highest inner product."""
    import numpy as np

    class Rows(np.ndarray[Any, Any]):
        def to(self, _: str) -> Rows:
            return self

        def cpu(self) -> Rows:
            return self

        def numpy(self) -> Any:
            return np.asarray(self)

    def topk(values: Any, k: int, dim: int) -> tuple[Any, Any]:
        order = np.argsort(-values, axis=dim, kind="stable")[:, :k]
        return np.take_along_axis(values, order, dim), order

    torch = SimpleNamespace(
        from_numpy=lambda rows: rows.view(Rows), topk=topk, cuda=SimpleNamespace(is_available=lambda: False)
    )
    return {"torch": torch, "sentence_transformers": SimpleNamespace(SentenceTransformer=None)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(Path(sys.argv[2]))
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("bench", nargs="?", type=Path, default=HERE.parent.parent.parent / "shared" / "bench")
        parser.add_argument("--python", default=newer_python(), help="a Python of 3.12 or later (default: %(default)s)")
        arguments = parser.parse_args()
        main(arguments.bench, arguments.python)
