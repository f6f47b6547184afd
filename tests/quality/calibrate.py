#!/usr/bin/env python3
"""Fit the aligner's coefficients and report how they do on stories they were not fitted on.

usage: calibrate.py [--bench ../shared/bench] [--work DIR] [--write]

What it reads is in development.py. Cross-validation leaves a sixth of the stories out at a time.
--write fits on everything and replaces align/aligner/calibration.json.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from development import EQUAL, MINING, PART, ROOT, Story, arguments, open_models, run_of, stories_of

from align.aligner.features import FEATURES, SPAN_FEATURES, Odds, span_features
from align.aligner.grouping import Grouping
from align.aligner.margin import DEFAULT_THRESHOLD, grouping_of, overlapping, probable, row_features
from align.aligner.model import ROW_FEATURES, Model, weigh
from align.data import FloatArray, IntArray
from align.scorer import Member, Rate, score_groups


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a fit is made: how much each kind of story weighs in it, its ridge, and what the model takes as given."""

    weights: Mapping[str, float]
    ridge: float
    prior: float
    span_margin: float


WEIGHTS = {
    "news": (4.49, 9.43), "news of two": (3.73, 0.755), "retellings": (0.368, 0.224),
    "retellings of two": (0.737, 4.18), "contrasts": (0.0569, 0.174), "contrasts of two": (0.303, 0.552),
    "stories": (1.5, 0.312), "stories of two": (1.81, 113), "short": (0.308, 0.149), "copies": (0.347, 0.266),
    "mining": (1.36, 2.31), "mining untranslated": (0.286, 11.8), "mining manuals": (0.0551, 0.0496),
    "translations": (24.8, 6.56), "unrelated": (0.885, 1.98), "brief": (0.0967, 0.741),
}  # fmt: skip
RECIPES = [
    Recipe({kind: weights[number] for kind, weights in WEIGHTS.items()}, *rest)
    for number, rest in enumerate([(5.74, 0.486, 0.248), (0.0893, 0.98, 0.459)])
]
"""What ships is the mean of these fits; found by a search (TRIALS.md)."""
ABSENT = -4.0
ROW_RIDGE = 4.0
FOLDS = 6
_EVERY = 4  # of the negative pairs of the mining set, one in so many is used, with as much weight


def fit(
    features: FloatArray, labels: IntArray, weights: FloatArray, names: Sequence[str], strength: float
) -> dict[str, float]:
    """Logistic regression by Newton's method, with a ridge of this strength on standardised features."""
    x = np.asarray(features, np.float64)
    mean = np.average(x, axis=0, weights=weights)
    spread = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weights)) + 1e-6
    z = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    ridge = np.diag([strength] * len(names) + [1e-6])
    b = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(z @ b, -30, 30)))
        step = np.linalg.solve(
            (z * (weights * p * (1 - p))[:, None]).T @ z + ridge, z.T @ (weights * (p - labels)) + ridge @ b
        )
        b -= step
        if np.abs(step).max() < 1e-8:
            break
    slope = b[:-1] / spread
    return {**dict(zip(names, slope.tolist(), strict=True)), "intercept": float(b[-1] - slope @ mean)}


def fit_pairs(stories: Sequence[Story], positive: set[int], ignored: set[int], recipe: Recipe) -> dict[str, float]:
    """That single sentences say the same (or, with other labels positive, overlap)."""
    x, y, w = [], [], []
    for story in stories:
        use = ~story.is_span & ~np.isin(story.labels, list(ignored))
        x.append(story.features[use])
        y.append(np.isin(story.labels[use], list(positive)).astype(np.int64))
        w.append(np.full(int(use.sum()), recipe.weights[story.kind]))
        if story.kind in MINING:
            keep = (y[-1] == 1) | (np.arange(len(y[-1])) % _EVERY == 0)
            w[-1][y[-1] == 0] *= _EVERY
            x[-1], y[-1], w[-1] = x[-1][keep], y[-1][keep], w[-1][keep]
    return fit(np.concatenate(x), np.concatenate(y), np.concatenate(w), FEATURES, recipe.ridge)


def fit_spans(stories: Sequence[Story], recipe: Recipe) -> dict[str, float]:
    """That a span says the same; the stories' odds of single sentences have been set."""
    x = np.concatenate([story.span_features for story in stories])
    if not len(x):
        return dict.fromkeys((*SPAN_FEATURES, "intercept"), 0.0)
    y = np.concatenate([story.labels[story.is_span] for story in stories])
    w = np.concatenate([np.full(len(s.span_features), recipe.weights[s.kind]) for s in stories])
    return fit(x, y, w, SPAN_FEATURES, recipe.ridge)


def set_odds(story: Story, pair: dict[str, float]) -> None:
    """First-hand log-odds of single sentences, and the span features that rest on them."""
    story.odds = weigh(story.features, FEATURES, pair)
    span = story.is_span
    known = Odds(story.pairs[~span], story.odds[~span], len(story.items.first))
    story.span_features = span_features(
        story.items, story.neighbours, story.pairs[span], story.features[span], known
    ) if span.any() else np.zeros((0, len(SPAN_FEATURES)), np.float32)  # fmt: skip


def spans_of(story: Story, row: Iterable[int]) -> list[Member]:
    """Where the items of a row stand."""
    runs = [[story.sentences[i] for i in run_of(story.items, item)] for item in row]
    return [Member(run[0].doc, run[0].start, run[-1].end) for run in runs]


def is_right(story: Story, row: Sequence[int]) -> bool | None:
    """Whether all pairs of gold sentences that a row joins are in the gold, ignored ones aside; None: no pair."""
    have = story.gold.pairs([story.gold.covered(spans_of(story, row))]) - story.gold.ignore
    return have <= story.gold.wanted if have else None


def count_partial(story: Story, rows: Sequence[Sequence[int]], partial: Sequence[Sequence[int]]) -> Rate:
    """Partial rows that are right, and all; sentences in no row that overlap with some other, reached and all."""
    gold = story.gold
    placed = gold.covered(spans_of(story, itertools.chain(*rows)))
    told = [gold.covered(spans_of(story, row)) for row in partial]
    overlap = gold.pairs([*gold.groups, *gold.ignore])
    right = [ids for ids in told if gold.pairs([ids]) & overlap]
    left = set().union(*overlap) - placed
    return Rate(len(right), len(partial), len(left & set().union(*right)), len(left))


def calibration_error(scores: FloatArray, right: FloatArray) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins = np.minimum((scores * 10).astype(int), 9)
    return float(
        sum(abs(scores[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist()))
    )


NO_ROW = dict.fromkeys(ROW_FEATURES, 0.0) | {"intercept": 20.0}


def fit_all(stories: Sequence[Story]) -> Model:
    """Everything but the row model: the mean of the fits by all recipes."""
    models = [fit_by(recipe, stories) for recipe in RECIPES]

    def mean(part: str) -> dict[str, float]:
        coefficients = [getattr(model, part) for model in models]
        return {name: float(np.mean([one[name] for one in coefficients])) for name in coefficients[0]}

    prior = float(np.mean([recipe.prior for recipe in RECIPES]))
    span_margin = float(np.mean([recipe.span_margin for recipe in RECIPES]))
    return Model(mean("pair"), mean("span"), mean("overlap"), NO_ROW, prior, span_margin, ABSENT)


def fit_by(recipe: Recipe, stories: Sequence[Story]) -> Model:
    """The fit by one recipe."""
    pair = fit_pairs(stories, {EQUAL}, {PART}, recipe)
    for story in stories:
        set_odds(story, pair)
    overlap = fit_pairs(stories, {EQUAL, PART}, set(), recipe)
    return Model(pair, fit_spans(stories, recipe), overlap, NO_ROW, recipe.prior, recipe.span_margin, ABSENT)


@dataclass
class JudgedRow:
    """What the probability of a row of a left-out story rests on, and whether the row is right."""

    kind: str
    features: list[float]
    right: bool


def rows_of(story: Story, grouping: Grouping) -> list[JudgedRow]:
    """The rows of a solved story before the threshold, and the halves that they may be split into, with the truth."""
    found = []
    waiting = [grouping.part(members) for members in grouping.rows()]
    while waiting:
        part = waiting.pop()
        right = is_right(story, part.members)
        if right is not None:
            found.append(JudgedRow(story.kind, row_features(part, story.items), right))
        if part.weakest < 2:
            waiting += [half for half in part.halves if half.halves]
    return found


def fit_rows(rows: Sequence[JudgedRow]) -> dict[str, float]:
    """That a row is right; all kinds of stories weigh the same in all."""
    kinds = [row.kind for row in rows]
    weights = np.array([len(rows) / len(set(kinds)) / kinds.count(kind) for kind in kinds], np.float32)
    return fit(
        np.array([row.features for row in rows], np.float32),
        np.array([row.right for row in rows], np.int64),
        weights,
        ROW_FEATURES,
        ROW_RIDGE,
    )


@dataclass
class Held:
    """A story that was left out of the fit, solved; `overlaps`: log-odds of saying the same in part, by pair."""

    story: Story
    fold: int
    grouping: Grouping
    overlaps: FloatArray


def cross_validate(stories: list[Story], thresholds: Sequence[float]) -> dict[str, float]:
    """Print how stories that were left out come out; the row model fitted on the rows of left-out stories."""
    names = sorted({story.name for story in stories})
    solved: list[Held] = []
    made: list[tuple[int, JudgedRow]] = []
    for fold in range(FOLDS):
        left_out = set(names[fold::FOLDS])
        model = fit_all([story for story in stories if story.name not in left_out])
        for story in (story for story in stories if story.name in left_out):
            odds = model.odds(story.items, story.neighbours, story.pairs, story.features)
            grouping = grouping_of(story.items, story.pairs, odds, model.absent)
            grouping.solve()
            overlaps = model.overlap_odds(story.features)
            solved.append(Held(story, fold, grouping, overlaps))
            if story.kind != "unrelated":
                made += [(fold, row) for row in rows_of(story, grouping)]
    row_models = [fit_rows([row for number, row in made if number != fold]) for fold in range(FOLDS)]
    for kind, threshold in itertools.product(sorted({story.kind for story in stories}), thresholds):
        pairs, exact, partial = Rate(), Rate(), Rate()
        judged: list[tuple[float, bool]] = []
        for held in (held for held in solved if held.story.kind == kind):
            story = held.story
            found = probable(held.grouping, story.items, row_models[held.fold], threshold)
            rows = [row.members for row in found]
            rates = score_groups(story.gold, [spans_of(story, row) for row in rows])
            pairs, exact = pairs + rates["pairs"], exact + rates["rows"]
            truths = [(row.score, is_right(story, row.members)) for row in found]
            judged += [(score, truth) for score, truth in truths if truth is not None]
            if story.gold.ignore:
                placed = {i for members in rows for item in members for i in run_of(story.items, item)}
                more = overlapping(placed, story.items, story.pairs, held.overlaps, threshold)
                partial += count_partial(story, rows, [row.members for row in more])
        error = calibration_error(np.array([s for s, _ in judged]), np.array([float(t) for _, t in judged]))
        print(
            f"{kind:8s} threshold {threshold:.2f}  P {pairs.precision:.4f} of {pairs.predicted} R {pairs.recall:.4f} "
            f"F1 {pairs.f1:.4f} rows {exact.recall:.4f}  ECE {error:.3f}",
            flush=True,
        )
        if partial != Rate():
            right, reached = f"{partial.right} of {partial.predicted}", f"{partial.found} of {partial.expected}"
            print(f"    --partial: {right} rows right; {reached} sentences reached", flush=True)
    return fit_rows([row for _, row in made])


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--write", action="store_true", help="replace calibration.json")
    args = parser.parse_args()
    stories = stories_of(args.work, args.bench, *open_models(args.work))
    row = cross_validate(stories, (0.3, 0.5, DEFAULT_THRESHOLD, 0.7, 0.8, 0.9))
    if args.write:
        write(replace(fit_all(stories), row=row))


def write(model: Model) -> None:
    """Replace the model that is shipped."""
    content = {
        "provenance": "tests/quality/calibrate.py: news and stories of ../shared/bench (FLORES-200 dev, CC BY-SA 4.0; "
        "news ours), its mining set and Text+Berg dev, retellings/ and contrasts/ (ours), parts and copies of these, "
        "Polish translated by the package in models/, and lines of manuals of ../shared/mt; vectors of e5-small with "
        "the adapter in models/; row: fitted on stories left out of the fit",
        **{
            name: {k: round(v, 5) for k, v in getattr(model, name).items()}
            for name in ("pair", "span", "overlap", "row")
        },
        "prior": model.prior,
        "span_margin": model.span_margin,
        "absent": model.absent,
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in content.items())
    (ROOT / "align/aligner/calibration.json").write_text("{\n" + lines + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
