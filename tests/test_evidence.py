"""What two sentences have in common beside their vectors."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from align.aligner.evidence import shared, shown_by, skeleton, terms_of

SHOWN = shown_by("en")
CASES = json.loads((Path(__file__).parent / "cases" / "evidence.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["names"], ids=lambda case: case["input"])
def test_names_match_across_scripts_and_cases(case: dict[str, str]) -> None:
    assert skeleton(case["input"]) == skeleton(case["expected"]), case["comment"]


def test_shared_terms_are_those_of_both_texts() -> None:
    """Against sets, in pairs at random, among them texts without words and one of 900."""
    words = ["".join(letters) for letters in itertools.product("bdfgl", "aeiou", "mnprst", "aeiou")]
    rng = random.Random(2)
    texts = [" ".join(rng.sample(words, rng.randint(0, 12))) for _ in range(40)]
    texts.append(" ".join(words))
    terms = terms_of(texts, ["en"] * len(texts), len(texts))["words"]
    pairs = np.array([rng.choices(range(len(texts)), k=2) for _ in range(500)] + [[40, 40], [40, 0], [0, 40]])
    shown = np.full(len(pairs), SHOWN)
    both, left, right = shared(terms.of(pairs[:, 0]), terms.of(pairs[:, 1]), (shown, shown))
    weight = {int(term): float(weight) for term, weight in zip(terms.ids, terms.weights, strict=True)}
    sets = [set(part.tolist()) for part in np.split(terms.ids, terms.ends[:-1])]
    assert [len(found) for found in sets] == [len(set(text.split())) for text in texts]
    for (i, j), *found in zip(pairs.tolist(), both, left, right, strict=True):
        parts = sets[i] & sets[j], sets[i] - sets[j], sets[j] - sets[i]
        assert found == pytest.approx([sum(weight[term] for term in part) for part in parts], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    ("texts", "langs", "counts"),
    [
        (["A fire in Leska.", "Ein Brand in Leska tötete zwei Menschen."], ["en", "de"], [1, 1]),
        (["Ein Brand in Leska.", "Bei dem Brand starben Menschen."], ["de", "de"], [2, 2]),
        (["They met on Friday in Leska.", "Sie trafen sich am Freitag in Leska."], ["en", "de"], [1, 1]),
        (["Nobody came on Friday.", "Am Freitag kam der Rat."], ["en", "de"], [0, 0]),
    ],
)
def test_names_are_neither_weekdays_nor_german_nouns(texts: list[str], langs: list[str], counts: list[int]) -> None:
    assert terms_of(texts, langs, len(texts))["names"].counts.tolist() == counts


@pytest.mark.parametrize("case", CASES["compared"], ids=lambda case: case["comment"])
def test_what_a_language_cannot_show_counts_neither_way(case: dict[str, Any]) -> None:
    """Whether anything of a kind is in both, in the left only and in the right only."""
    shows = [np.array([shown_by(lang)]) for lang in case["langs"]]
    terms = terms_of([case["left"], case["right"], "???"], [*case["langs"], "en"], 3)[case["label"]]
    found = shared(terms.of(np.array([0])), terms.of(np.array([1])), (shows[0], shows[1]))
    assert [bool(weight[0] > 0) for weight in found] == case["expected"]


def test_shared_terms_weigh_more_the_rarer_they_are() -> None:
    terms = terms_of(["About 48 patients.", "Some 48 ill people.", "About 7 people."], ["en"] * 3, 3)["numbers"]
    shown = np.full(2, SHOWN)
    both, left, right = shared(terms.of(np.array([0, 0])), terms.of(np.array([1, 2])), (shown, shown))
    assert both[0] > 0
    assert both[1] == 0
    assert left[0] == pytest.approx(0)
    assert right[1] > 0
