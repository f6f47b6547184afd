"""The learned side of the aligner: coefficients from calibration.json, fitted by tests/quality/calibrate.py."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from align.data import FloatArray, IntArray

from .features import FEATURES, SPAN_FEATURES, UNSEEN, Odds, span_features
from .items import Items
from .similarity import Neighbours

ROW_FEATURES = ("weakest", "mean", "size", "spans", "cosine", "least_cosine")


@dataclass(frozen=True, slots=True)
class Model:
    """Logistic regressions, and the settings of the grouping that were chosen with them.

    Attributes:
        pair: that two sentences say the same; by feature, and `intercept`.
        span: the same for pairs with a span of several sentences.
        overlap: that two sentences say the same at least in part.
        row: that all members of a row say the same.
        prior: added to all log-odds: above 0, groups take in what is less than likely, and the threshold decides.
        span_margin: taken off the log-odds of spans, which so have to beat their parts by as much.
        absent: the log-odds of two items that were not compared.
        digest: of the file.
    """

    pair: Mapping[str, float]
    span: Mapping[str, float]
    overlap: Mapping[str, float]
    row: Mapping[str, float]
    prior: float
    span_margin: float
    absent: float
    digest: str = ""

    def odds(self, items: Items, neighbours: Neighbours, pairs: IntArray, features: FloatArray) -> FloatArray:
        """The log-odds that the two items of each pair say the same, between UNSEEN and its opposite, and `prior`.

        The pairs are sorted, shape (pairs, 2), as `all_pairs` gives them; their features are those of `pair_features`,
        shape (pairs, FEATURES). Shape (pairs,), to four digits: what rounding makes of equal pairs decides nothing.
        """
        odds = weigh(features, FEATURES, self.pair)
        spans = np.flatnonzero((items.size[pairs] > 1).any(1))
        if len(spans):
            singles = np.setdiff1d(np.arange(len(pairs)), spans)
            known = Odds(pairs[singles], odds[singles], len(items.first))
            more = span_features(items, neighbours, pairs[spans], features[spans], known)
            odds[spans] = weigh(more, SPAN_FEATURES, self.span) - self.span_margin
            odds = compete(items, pairs, odds)
        return np.asarray(np.round(np.clip(odds, UNSEEN, -UNSEEN) + self.prior, 4), np.float32)

    def overlap_odds(self, features: FloatArray) -> FloatArray:
        """As `odds`, from features alone, that two items say the same at least in part, and without `prior`."""
        odds = weigh(features, FEATURES, self.overlap)
        return np.asarray(np.round(np.clip(odds, UNSEEN, -UNSEEN), 4), np.float32)


def weigh(features: FloatArray, names: tuple[str, ...], weights: Mapping[str, float]) -> FloatArray:
    """Log-odds, shape (pairs,), of features, shape (pairs, names)."""
    slopes = np.array([weights[name] for name in names])
    return np.asarray(features @ slopes + weights["intercept"], np.float32)


def compete(items: Items, pairs: IntArray, odds: FloatArray) -> FloatArray:
    """The log-odds with those of parts lowered: a span and its part cannot both be all that another text says.

    Where a span is likelier than not to say the same as a sentence, each of its
    parts can do so only as far as the span does not.
    """
    result = odds.copy()
    likely = np.flatnonzero((odds > 0) & ((items.size[pairs] > 1).sum(1) == 1))
    i, j = pairs[likely, 0], pairs[likely, 1]
    known = Odds(pairs, odds, len(items.first))
    longest = int(items.size.max(initial=1))
    for k, m in product(range(longest), repeat=2):
        rows = np.flatnonzero((items.size[i] > k) & (items.size[j] > m))
        place = known.places(items.first[i[rows]] + k, items.first[j[rows]] + m)
        np.minimum.at(result, place[place >= 0], -odds[likely[rows[place >= 0]]])
    return result


@cache
def default_model() -> Model:
    """The model shipped with the package."""
    content = Path(__file__).with_name("calibration.json").read_text(encoding="utf-8")
    raw: dict[str, Any] = json.loads(content)
    return Model(
        **{name: raw[name] for name in ("pair", "span", "overlap", "row", "prior", "span_margin", "absent")},
        digest=hashlib.sha256(content.encode()).hexdigest()[:8],
    )
