"""Score align on the development set and refuse to fall under the pinned floors.

usage: quality.py BENCH [TASK ...] [--raise-floors]

BENCH is a folder laid out like `../shared/bench`; the task `seeds` does
without it. The floors are in `baseline.json` beside this file;
`--raise-floors` lifts those that were passed, and never lowers one.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import align
from align.scorefiles import score_files
from align.scorer import Scores

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BASELINE = HERE / "baseline.json"
DEFAULTS = align.Settings(models=ROOT / "models")  # whatever else the user has installed
LINES = replace(DEFAULTS, segmenter="lines")
SLACK = 0.01  # how far under a measured figure its floor is set: other processors round vectors otherwise
SLACKS = {"seeds": 0.08, "retellings": 0.02, "contrasts": 0.06, "conflicts": 0.02, "handfuls": 0.02}
"""Of those that move more: for the seeds a pair of the 19 is .05 of the recall."""


def mining(bench: Path, work: Path) -> Scores:
    """Translations to be found between two unordered sets of sentences."""
    sides = [bench / "mining" / "left.pl", bench / "mining" / "right.en"]
    predicted = _build(sides, work / "mining.jsonl", replace(LINES, langs={"left": "pl", "right": "en"}))
    return score_files([bench / "mining" / "gold.tsv"], [predicted], sides)


def textberg(bench: Path, work: Path) -> Scores:
    """A German and a French version of one text, gold beads."""
    folder = work / "sides"
    folder.mkdir()
    sides = []
    for lang in ("de", "fr"):
        sides.append(folder / f"{lang}.txt")
        sides[-1].write_bytes((bench / "textberg" / f"dev.{lang}").read_bytes())
    settings = replace(LINES, aligner="monotone", translator="none", langs={"de": "de", "fr": "fr"})
    predicted = _build(sides, work / "textberg.jsonl", settings)
    return score_files([bench / "textberg" / "dev.defr"], [predicted], sides)


def parts(bench: Path, work: Path) -> Scores:
    """Sixty lines and a version of a part of them, gold beads: what a translator or an editor left out.

    Of the lines of FLORES that `calibrate_monotone.py` does not have in the first of their two languages.
    """
    gold, predicted, sides = [], [], []
    pairs = ("de", "en", 500), ("ru", "en", 300), ("zh", "en", 600), ("pl", "en", 400), ("fr", "es", 500)
    for number, (first, second, start) in enumerate(pairs):
        whole = range(start, start + 60)
        for k, part in enumerate((whole[:30], whole[40:], whole[25:35], whole[:4], whole[55:], whole[::2])):
            folder = work / f"{number}-{k}"
            folder.mkdir()
            files = [folder / "left.txt", folder / "right.txt"]
            for file, lang, lines in zip(files, (first, second), (part, whole), strict=True):
                _copy(bench / "flores" / f"dev.{lang}", file, lines)
            beads = [f"[{part.index(line) if line in part else ''}]:[{j}]\n" for j, line in enumerate(whole)]
            (folder / "gold").write_text("".join(beads), encoding="utf-8")
            langs = {"left": first, "right": second}
            settings = replace(LINES, aligner="monotone", translator="none", langs=langs)
            gold.append(folder / "gold")
            predicted.append(_build(files, folder / "out.jsonl", settings))
            sides += files
    return score_files(gold, predicted, sides)


def flores_texts(bench: Path) -> dict[str, Path]:
    """The files of FLORES dev, by language."""
    return {path.suffix[1:]: path for path in sorted((bench / "flores").glob("dev.*")) if path.name.count(".") == 1}


def many(bench: Path, work: Path) -> Scores:
    """Forty lines in seventeen languages, in each in another order, exact N-way gold.

    Of the lines of FLORES that are in neither the stories nor the sets that `calibrate.py` makes of every third.
    """
    texts = flores_texts(bench)
    lines = [line for line in range(900, 960) if line % 3]
    sentences, folder = [], work / "texts"
    folder.mkdir()
    for lang, path in texts.items():
        order = random.Random(lang).sample(lines, len(lines))
        places = _copy(path, folder / f"{lang}.txt", order)
        sentences += [{"id": f"{lang}{line}", **place} for line, place in zip(order, places, strict=True)]
    groups = [[f"{lang}{line}" for lang in texts] for line in lines]
    gold = work / "gold.json"
    gold.write_text(json.dumps({"sentences": sentences, "groups": groups}), encoding="utf-8")
    settings = replace(LINES, translator="none", langs={lang: lang for lang in texts})
    return score_files([gold], [_build([folder], work / "many.jsonl", settings)])


def versions(bench: Path, work: Path) -> Scores:
    """Texts of our own and their free translations, in two or three languages, split and joined as translators do.

    What shares something of a text, directly or by others, is a row.
    """
    gold, predicted = [], []
    for path in sorted((HERE / "versions").glob("*.json")):
        folder = work / path.stem
        folder.mkdir()
        places: list[dict[str, Any]] = []
        told: list[set[str]] = []
        for document in json.loads(path.read_text(encoding="utf-8"))["documents"]:
            lines = list(chain(*document["paragraphs"]))
            places += _write_lines(folder / f"{document['lang']}.txt", [line["text"] for line in lines])
            told += [set(line["facts"]) for line in lines]
        sentences = [{"id": number, **place} for number, place in enumerate(places)]
        groups = [row for row in _connected(told) if len({places[i]["doc"] for i in row}) > 1]
        gold.append(work / f"{path.stem}.gold.json")
        gold[-1].write_text(json.dumps({"sentences": sentences, "groups": groups}), encoding="utf-8")
        settings = replace(LINES, aligner="monotone", langs={place["doc"]: place["doc"] for place in places})
        predicted.append(_build([folder], work / f"{path.stem}.jsonl", settings))
    return score_files(gold, predicted)


def seeds(bench: Path, work: Path) -> Scores:
    """The five seed articles against a gold made by hand."""
    predicted = _build([ROOT / "seeds"], work / "seeds.jsonl", DEFAULTS)
    return score_files([HERE / "seeds_gold.json"], [predicted])


TASKS: dict[str, Callable[[Path, Path], Scores]] = {
    "stories": lambda bench, work: _score_stories(bench / "stories.py", bench / "flores", work),
    "news": lambda bench, work: _score_stories(bench / "news.py", bench / "news", work),
    "retellings": lambda bench, work: _score_stories(bench / "news.py", HERE / "retellings", work),
    "contrasts": lambda bench, work: _score_stories(bench / "news.py", HERE / "contrasts", work),
    "conflicts": lambda bench, work: _score_stories(bench / "news.py", HERE / "conflicts", work),
    "handfuls": lambda bench, work: _score_stories(bench / "news.py", HERE / "handfuls", work),
    "doubles": lambda bench, work: _score_stories(bench / "news.py", HERE / "doubles", work),
    "mining": mining,
    "textberg": textberg,
    "parts": parts,
    "versions": versions,
    "many": many,
    "seeds": seeds,
}


def main() -> int:
    """Run the tasks; 1 if a figure is under its floor, a task has no floors, or one cannot be run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument(
        "tasks", nargs="*", metavar="TASK", choices=[*TASKS, "all"], default="all", help=", ".join([*TASKS, "all"])
    )
    parser.add_argument("--raise-floors", action="store_true")
    args = parser.parse_args()
    names = list(TASKS) if "all" in args.tasks else args.tasks
    if not args.bench.is_dir() and set(names) != {"seeds"}:
        print(f"{args.bench} is not here: without it only the seeds can be scored")
        return 1
    floors: dict[str, dict[str, float]] = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    fallen = []
    for name in names:
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory() as work:
            scores = TASKS[name](args.bench, Path(work))
        print(f"{name} ({time.perf_counter() - begin:.0f} s)\n{scores}", flush=True)
        pinned = floors.get(name, {})
        measured = dict.fromkeys(pinned, 0.0) | {
            f"{kind} {figure}": value for kind, rates in scores.figures().items() for figure, value in rates.items()
        }
        if not pinned and not args.raise_floors:
            fallen.append(f"{name}: no floors in {BASELINE}: set them with --raise-floors")
        fallen += [
            f"{name} {figure}: {measured[figure]:.4f} is under its floor {floor:.4f}"
            for figure, floor in pinned.items()
            if measured[figure] < floor
        ]
        if args.raise_floors:
            slack = SLACKS.get(name, SLACK)
            floors[name] = {
                f: max(pinned.get(f, 0.0), math.floor((v - slack) * 1000) / 1000) for f, v in measured.items()
            }
    if args.raise_floors:
        BASELINE.write_text(json.dumps(floors, indent=1) + "\n", encoding="utf-8")
    print("\n".join(fallen) or "no figure is under its floor")
    return 1 if fallen else 0


def _connected(told: Sequence[set[str]]) -> list[list[int]]:
    """The numbers of sets, those together that have something in common, directly or by others."""
    found: list[tuple[set[str], list[int]]] = []
    for number, facts in enumerate(told):
        touched = [one for one in found if one[0] & facts]
        found = [one for one in found if not one[0] & facts]
        found.append((facts.union(*(one for one, _ in touched)), [*chain(*(row for _, row in touched)), number]))
    return [row for _, row in found]


def _copy(text: Path, file: Path, lines: Sequence[int]) -> list[dict[str, Any]]:
    """Write these lines of a text to a file; where they stand there."""
    every = text.read_text(encoding="utf-8").splitlines()
    return _write_lines(file, [every[line].strip() for line in lines])


def _write_lines(file: Path, lines: Sequence[str]) -> list[dict[str, Any]]:
    """Write a text, a sentence a line; where they stand in it, as gold has it."""
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    ends = accumulate(len(line) + 1 for line in lines)
    return [
        {"doc": file.stem, "start": end - 1 - len(line), "end": end - 1} for line, end in zip(lines, ends, strict=True)
    ]


def _build(paths: list[Path], output: Path, settings: align.Settings) -> Path:
    align.write(align.build(paths, settings), str(output))
    return output


def _score_stories(script: Path, data: Path, work: Path) -> Scores:
    """Stories with exact N-way gold, which a script of the benchmark lays out from data."""
    subprocess.run([sys.executable, script, data, work], check=True)
    gold = sorted(work.glob("*.gold.json"))
    names = [path.name.removesuffix(".gold.json") for path in gold]
    return score_files(gold, [_build([work / name], work / f"{name}.jsonl", DEFAULTS) for name in names])


if __name__ == "__main__":
    sys.exit(main())
