"""What an outlet prints around an article, and what looks like it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from align.aligner.furniture import is_furniture, is_notice, printed_around
from align.data import Sentence, is_finished

CASES = json.loads((Path(__file__).parent / "cases" / "furniture.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["furniture"], ids=lambda case: case["input"])
def test_furniture(case: dict[str, Any]) -> None:
    assert is_furniture(case["input"]) == case["expected"], case["comment"]


@pytest.mark.parametrize("case", CASES["notices"], ids=lambda case: case["input"])
def test_notices(case: dict[str, Any]) -> None:
    assert is_notice(case["input"], case["lang"]) == case["expected"]


def test_a_short_line_that_is_on_several_pages_belongs_to_them() -> None:
    pages = {
        "one": [("en", "Lorn Today 12"), ("en", "The bridge is open."), ("en", "Bridge open"), ("en", "In Lorn today")],
        "two": [("en", "LORN TODAY 7"), ("en", "The bridge is open."), ("en", "It is open"), ("de", "Bridge open")],
    }
    sentences = [Sentence(doc, lang, 0, len(text), text) for doc, page in pages.items() for lang, text in page]
    assert printed_around(sentences).tolist() == [True, False, False, False, True, False, False, False]


def test_finished_sentences_end_as_such() -> None:
    assert is_finished("He said: “Stop.”")
    assert is_finished("结束了。")
    assert not is_finished("Flood in the town")
