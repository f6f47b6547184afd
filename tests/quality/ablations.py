#!/usr/bin/env python3
"""What each part of the aligner adds: held-out figures with one part left out at a time.

usage: ablations.py [--bench ../shared/bench] [--work DIR]

Every line is fitted anew without the part and scored on stories that were left
out of the fit (calibrate.py), at the default threshold.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from unittest.mock import patch

import numpy as np
from calibrate import cross_validate
from development import Story, Translate, arguments, open_models, stories_of

from align.aligner import items as items_module
from align.aligner.features import FEATURES
from align.aligner.grouping import Grouping
from align.aligner.margin import DEFAULT_THRESHOLD
from align.data import FloatArray, IntArray


def without(stories: Sequence[Story], *parts: str) -> None:
    """Blank the features that have one of these words in their names."""
    columns = [column for column, name in enumerate(FEATURES) if not set(parts).isdisjoint(name.split("_"))]
    for story in stories:
        story.features[:, columns] = 0


def uncentred(vectors: FloatArray, kinds: Sequence[str], of: IntArray, background: FloatArray) -> FloatArray:
    """What `centred` would give if it took nothing off."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def connect(grouping: Grouping) -> None:
    """Connected components of the likely links of single sentences, the second sentence of a document left out."""
    group = list(range(len(grouping.links)))

    def root(item: int) -> int:
        while group[item] != item:
            item = group[item]
        return item

    for item, own in enumerate(grouping.links):
        for other, value in own.items():
            if value > 0 and len(grouping.runs[item]) == len(grouping.runs[other]) == 1:
                group[max(root(item), root(other))] = min(root(item), root(other))
    by_root = itertools.groupby(sorted(range(len(group)), key=lambda item: (root(item), item)), key=root)
    for number, (_, members) in enumerate(by_root):
        first = {grouping.documents[item]: item for item in reversed(list(members))}
        if len(first) > 1:
            grouping.groups[number] = sorted(first.values())


def main() -> None:
    args = arguments(__doc__).parse_args()
    encode, translate = open_models(args.work)

    def run(
        label: str,
        change: Callable[[list[Story]], None] = lambda stories: None,
        max_span: int = 3,
        translate: Translate = translate,
    ) -> None:
        stories = stories_of(args.work, args.bench, encode, translate, mining=False, max_span=max_span)
        change(stories)
        print(label, flush=True)
        cross_validate(stories, (DEFAULT_THRESHOLD,))

    run("full")
    run("without translation", translate=list)
    with patch.object(items_module, "centred", uncentred):
        run("without centring")
    run("without margin", lambda stories: without(stories, "lead", "level"))
    run("without closeness", lambda stories: without(stories, "closeness", "remoteness"))
    run("without how much a text says", lambda stories: without(stories, "extent"))
    run("without numbers and names", lambda stories: without(stories, "numbers", "names"))
    run("without spans", max_span=1)
    with patch.object(Grouping, "solve", connect):
        run("connected components", max_span=1)


if __name__ == "__main__":
    main()
