"""What two sentences have in common beside their vectors."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import numpy as np
import pytest

from align.aligner.evidence import has_names, shared, skeleton, terms_of

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
    both, left, right = shared(terms.of(pairs[:, 0]), terms.of(pairs[:, 1]))
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


def test_names_are_not_compared_with_languages_that_do_not_show_them() -> None:
    assert [has_names(lang) for lang in ("en", "pl", "uk", "zh-CN", "ar", "ja", "he")] == [True] * 3 + [False] * 4


def test_shared_terms_weigh_more_the_rarer_they_are() -> None:
    terms = terms_of(["About 48 patients.", "Some 48 ill people.", "About 7 people."], ["en"] * 3, 3)["numbers"]
    both, left, right = shared(terms.of(np.array([0, 0])), terms.of(np.array([1, 2])))
    assert both[0] > 0
    assert both[1] == 0
    assert left[0] == pytest.approx(0)
    assert right[1] > 0
