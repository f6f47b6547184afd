#!/usr/bin/env python3
"""Fit the weights of `--monotone` and report how they do on text they were not fitted on.

usage: calibrate_monotone.py [--bench ../shared/bench] [--work DIR] [--ridge 0.05]

Reads Text+Berg dev and FLORES dev. From FLORES come six pairs of texts with sentences left out, split and joined at
random. The weights maximise the likelihood of the gold alignments (`beads.py` is a semi-Markov CRF). Cross-validation
leaves out a quarter of Text+Berg and one or two of the pairs at a time; texts are then aligned as a whole. Prints
strict and lax F1 and the weights, which are rounded and put into `Weights` by hand. Needs scipy.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from development import ROOT, arguments, open_models
from scipy.optimize import minimize  # type: ignore[import-untyped]

from align.aligner import beads as model
from align.aligner.beads import Side, Weights, align_sides
from align.aligner.lattice import Array, Lattice
from align.data import Encode, FloatArray
from align.scorefiles import read_beads
from align.scorer import Bead, score_beads

sys.path.insert(0, str(ROOT / "tests"))

from beads_of_texts import two_sides

PAIRS = (
    ("de", "fr", 1, 0, 500), ("pl", "en", 2, 500, 997), ("fr", "pl", 3, 0, 400), ("ru", "en", 4, 0, 300),
    ("zh", "en", 5, 300, 600), ("hu", "es", 6, 600, 900),
)  # fmt: skip
"""Languages, seed, first and last line of FLORES dev."""
SPLIT, JOIN, LEAVE_OUT = 0.12, 0.12, 0.04
GENUINE, MADE = 2.0, 1 / 3  # weights of Text+Berg and of each pair
FOLDS = 4
RUN = 4  # sentences without partner in a row; more say nothing new
_WIDER = 20  # so much less likely spans than in use are encoded, since the weights change
_CUT = re.compile(
    r"[,;:،、，；：。？?!.](?=\s|[^\d\s])|\s[–—-](?=\s)|\s\(|\s(?=(?:und|et|and|i|oraz|dass|que|that|że|который|и)\s)"
)
PLAIN = [f.name for f in fields(Weights) if f.name != "shapes"]


@dataclass
class Text:
    """Two texts with their gold beads."""

    langs: tuple[str, str]
    left: list[str]
    right: list[str]
    gold: list[Bead]

    def sides(self, encode: Encode) -> tuple[Side, Side]:
        return two_sides(self.left, self.right, encode, self.langs)


def read_berg(folder: Path) -> Text:
    left, right = ((folder / f"dev.{lang}").read_text(encoding="utf-8").splitlines() for lang in ("de", "fr"))
    path = folder / "dev.defr"
    gold = read_beads(path)
    return Text(("de", "fr"), [x.strip() for x in left], [x.strip() for x in right], gold)


def make_pair(folder: Path, left: str, right: str, seed: int, first: int, last: int) -> Text:
    """Two texts of the same lines, each with some left out, split and joined by itself."""
    rng = random.Random(seed)
    told = [
        _retell((folder / f"dev.{lang}").read_text(encoding="utf-8").splitlines(), range(first, last), rng)
        for lang in (left, right)
    ]
    lines = [[text for text, _ in pieces] for pieces in told]
    return Text((left, right), lines[0], lines[1], _gold([[said for _, said in pieces] for pieces in told]))


def _retell(lines: Sequence[str], wanted: range, rng: random.Random) -> list[tuple[str, tuple[int, ...]]]:
    """Sentences, each with the lines that it has something of."""
    pieces: list[tuple[str, tuple[int, ...]]] = []
    at, out = wanted.start, 0
    while at < wanted.stop:
        line, choice = lines[at].strip(), rng.random()
        if out == 0 and rng.random() < LEAVE_OUT:
            out = rng.choice([1, 1, 1, 2, 3, 6])
        size = 1
        if out:
            out -= 1
        elif choice < SPLIT and (cut := _middle(line)):
            pieces += [(line[:cut].strip(), (at,)), (line[cut:].strip(), (at,))]
        elif SPLIT <= choice < SPLIT + JOIN and at + 1 < wanted.stop:
            size = 2
            pieces.append((f"{line} {lines[at + 1].strip()}", (at, at + 1)))
        else:
            pieces.append((line, (at,)))
        at += size
    return pieces


def _middle(line: str) -> int:
    """Where a line can be cut, as near to its middle as may be; 0: nowhere."""
    least = max(8, len(line) // 6)
    ends = (match.end() for match in _CUT.finditer(line))
    cuts = [end for end in ends if min(len(line[:end].strip()), len(line[end:].strip())) >= least]
    return min(cuts, key=lambda end: abs(end - len(line) / 2), default=0)


def _gold(told: Sequence[Sequence[tuple[int, ...]]]) -> list[Bead]:
    """Beads of two tellings, each sentence given by the lines that it has something of."""
    everything = sorted({line for sentences in told for said in sentences for line in said})
    bound = {line for sentences in told for said in sentences for line in said[:-1]}  # to the line after it
    owner: dict[int, int] = {}
    for line in everything:
        owner[line] = owner[line - 1] if line - 1 in bound else line
    found: dict[int, tuple[list[int], list[int]]] = {}
    for axis, sentences in enumerate(told):
        for i, said in enumerate(sentences):
            found.setdefault(owner[said[0]], ([], []))[axis].append(i)
    beads: list[Bead] = []
    for _, (x, y) in sorted(found.items()):
        beads += [(tuple(x), tuple(y))] if x and y else [*(((i,), ()) for i in x), *(((), (j,)) for j in y)]
    return beads


def trainable(text: Text) -> Text:
    """Without what the model cannot express: long, broken and crossing beads; long runs of gaps cut short."""
    kept: list[Bead] = []
    reach, run = [0, 0], 0
    for bead in text.gold:
        run = 0 if bead[0] and bead[1] else run + 1
        in_order = all(not side or side[0] >= at for side, at in zip(bead, reach, strict=True))
        whole = all(not side or side[-1] - side[0] < len(side) for side in bead)
        if in_order and whole and run <= RUN and (run or tuple(map(len, bead)) in model._SHAPES):
            kept.append(bead)
            reach = [side[-1] + 1 if side else at for side, at in zip(bead, reach, strict=True)]
    numbers = [{i: new for new, i in enumerate(i for bead in kept for i in bead[axis])} for axis in (0, 1)]
    gold = [(tuple(numbers[0][i] for i in x), tuple(numbers[1][j] for j in y)) for x, y in kept]
    return Text(text.langs, [text.left[i] for i in numbers[0]], [text.right[j] for j in numbers[1]], gold)


def quarters(text: Text) -> list[tuple[int, int, int, int]]:
    """First and last sentence, left and right, of each part, cut between beads with both sides."""
    full = [bead for bead in text.gold if bead[0] and bead[1]]
    cuts = [full[len(full) * k // FOLDS] for k in range(1, FOLDS)]
    corners = [(0, 0), *((x[0], y[0]) for x, y in cuts), (len(text.left), len(text.right))]
    return [(i, k, j, m) for (i, j), (k, m) in pairwise(corners)]


def part_of(text: Text, part: tuple[int, int, int, int]) -> Text:
    i, k, j, m = part
    gold = [(tuple(a - i for a in x), tuple(b - j for b in y)) for x, y in within(text.gold, part)]
    return Text(text.langs, text.left[i:k], text.right[j:m], gold)


def within(beads: Sequence[Bead], part: tuple[int, int, int, int]) -> list[Bead]:
    i, k, j, m = part
    return [(x, y) for x, y in beads if (i <= x[0] < k if x else j <= y[0] < m)]


@dataclass
class Sample:
    """The features of all beads near the gold alignment, and which of them are gold."""

    lattice: Lattice
    features: model._Features
    gold: FloatArray
    weight: float
    wanted: Array = field(init=False)

    def __post_init__(self) -> None:
        self.wanted = self.counts(self.gold)

    @staticmethod
    def of(text: Text, encode: Encode, weight: float) -> Sample:
        left, right = text.sides(encode)
        ends = [(x[-1] + 1, y[-1] + 1) for x, y in text.gold if x and y]
        n, m = len(text.left), len(text.right)
        lattice = Lattice.of(model._around([(0, 0), *ends, (n, m)], n, m), model._SHAPES)
        gold = np.zeros(lattice.source.shape, np.float32)
        for x, y in text.gold:
            if x and y:
                cell = lattice.find(np.array([x[-1] + 1]), np.array([y[-1] + 1]))[0]
                gold[model._SHAPES.index((len(x), len(y))), cell] = 1.0
        features = model._averaged(left, right, lattice)
        weights = Weights()
        posterior = lattice.posteriors(model._score(features, lattice, weights), weights.gap)
        model._encode_spans(left, right, lattice, features, np.maximum(posterior * _WIDER, gold))
        return Sample(lattice, features, gold, weight)

    def counts(self, mass: FloatArray) -> Array:
        """What each weight is multiplied with, summed over beads of such probability."""
        f, by_shape = self.features, mass.sum(1, dtype=np.float64)
        sizes = [(min(shape), max(shape)) for shape in self.lattice.shapes]
        sentences = len(self.lattice.low) - 1 + int(self.lattice.high[-1])
        known = {
            "match": by_shape.sum(),
            "gap": sentences - by_shape @ [n + m for n, m in sizes],
            "four": sum(count for count, (_, m) in zip(by_shape, sizes, strict=True) if m > 3),
        }
        plain = [known[name] if name in known else np.sum(mass * getattr(f, name), dtype=np.float64) for name in PLAIN]
        shapes = [
            sum(count for count, size in zip(by_shape, sizes, strict=True) if size == (a, b))
            for a, b, _ in Weights().shapes
        ]
        return np.array([*plain, *shapes])

    def loss(self, vector: Array) -> tuple[float, Array]:
        """Negative log-likelihood of the gold and its gradient."""
        weights = weights_of(vector)
        scores = model._score(self.features, self.lattice, weights)
        total = self.lattice._sweep(scores, weights.gap)[self.lattice.cells - 1]
        expected = self.counts(self.lattice.posteriors(scores, weights.gap))
        return self.weight * float(total - vector @ self.wanted), self.weight * (expected - self.wanted)


def vector_of(weights: Weights) -> Array:
    return np.array([*(getattr(weights, name) for name in PLAIN), *(value for *_, value in weights.shapes)])


def weights_of(vector: Array) -> Weights:
    values = [float(value) for value in vector]
    shapes = tuple((a, b, value) for (a, b, _), value in zip(Weights().shapes, values[len(PLAIN) :], strict=True))
    return replace(Weights(), shapes=shapes, **dict(zip(PLAIN, values, strict=False)))


def fit(samples: Sequence[Sample], ridge: float) -> Weights:
    """The likeliest weights; it starts from none, so that what was left out has no part in them."""

    def loss(vector: Array) -> tuple[float, Array]:
        value, slope = ridge * float(vector @ vector) / 2, ridge * vector
        for sample in samples:
            more, steeper = sample.loss(vector)
            value, slope = value + more, slope + steeper
        return value, slope

    nothing = np.zeros(len(vector_of(Weights())))
    found = minimize(loss, nothing, jac=True, method="L-BFGS-B", options={"maxiter": 400, "ftol": 1e-7})
    return weights_of(found.x)


def aligned(sides: tuple[Side, Side], weights: Weights) -> list[Bead]:
    beads = align_sides(*sides, weights)
    return [(tuple(range(b.left, b.left + b.n)), tuple(range(b.right, b.right + b.m))) for b in beads]


def shown(gold: Sequence[Bead], beads: Sequence[Bead]) -> str:
    return " ".join(f"{name} {rate.f1:.4f}" for name, rate in score_beads(gold, beads).items())


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--ridge", type=float, default=0.05)
    args = parser.parse_args()
    pairs = [make_pair(args.bench / "flores", *pair) for pair in PAIRS]
    encode, _ = open_models(args.work)
    calibrate(read_berg(args.bench / "textberg"), pairs, encode, args.ridge)


def calibrate(berg: Text, pairs: Sequence[Text], encode: Encode, ridge: float) -> None:
    parts = quarters(berg)
    samples = [Sample.of(trainable(part_of(berg, part)), encode, GENUINE) for part in parts]
    samples += [Sample.of(trainable(pair), encode, MADE) for pair in pairs]
    whole = fit(samples, ridge)
    print(", ".join(f"{name} {value:.2f}" for name, value in zip(PLAIN, vector_of(whole), strict=False)))
    print("shapes", [(a, b, round(value, 2)) for a, b, value in whole.shapes], flush=True)
    names = ["Text+Berg dev", *("-".join(pair.langs) for pair in pairs)]
    sides = [text.sides(encode) for text in (berg, *pairs)]
    held: list[list[Bead]] = [[] for _ in names]
    for fold, part in enumerate(parts):
        keep = [sample for k, sample in enumerate(samples) if k != fold and (k < FOLDS or (k - FOLDS) % FOLDS != fold)]
        weights = fit(keep, ridge)
        held[0] += within(aligned(sides[0], weights), part)
        for k in range(fold, len(pairs), FOLDS):
            held[k + 1] = aligned(sides[k + 1], weights)
    for name, text, both, beads in zip(names, (berg, *pairs), sides, held, strict=True):
        shipped, fitted = (shown(text.gold, aligned(both, weights)) for weights in (Weights(), whole))
        print(f"{name:14s} shipped {shipped}  fitted {fitted}  left out {shown(text.gold, beads)}", flush=True)


if __name__ == "__main__":
    main()
