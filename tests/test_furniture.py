"""What an outlet prints around an article, and what looks like it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from align.aligner import furniture, notices
from align.aligner.furniture import furniture_among, is_furniture, resembles_furniture
from align.data import Sentence
from align.text import is_finished

CASES = json.loads((Path(__file__).parent / "cases" / "furniture.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["resembles"], ids=lambda case: case["input"])
def test_what_looks_like_furniture(case: dict[str, Any]) -> None:
    assert resembles_furniture(case["input"], case["lang"]) == case["expected"], case["comment"]


def _lines(kind: str) -> list[tuple[str, str]]:
    return [(lang, line) for lang, lines in CASES[kind].items() for line in lines]


@pytest.mark.parametrize(("lang", "line"), _lines("pages"))
def test_what_is_around_an_article_is_furniture(lang: str, line: str) -> None:
    assert is_furniture(line, lang)


@pytest.mark.parametrize(("lang", "line"), _lines("articles"))
def test_what_articles_begin_as_pages_do_is_none(lang: str, line: str) -> None:
    assert not is_furniture(line, lang)


def test_a_short_line_that_is_on_several_pages_belongs_to_them() -> None:
    pages = {
        "one": [("en", "Lorn Today 12"), ("en", "The bridge is open."), ("en", "Bridge open"), ("en", "In Lorn today")],
        "two": [("en", "LORN TODAY 7"), ("en", "The bridge is open."), ("en", "It is open"), ("de", "Bridge open")],
    }
    sentences = [Sentence(doc, lang, 0, len(text), text) for doc, page in pages.items() for lang, text in page]
    assert furniture_among(sentences).tolist() == [True, False, False, False, True, False, False, False]


def test_a_headline_that_articles_share_belongs_to_them() -> None:
    pages = ["Bridge collapses in Lorn", "Bridges in the news", "It was old."], ["Bridge collapses in Lorn", "It fell."]
    below = ["It fell.", "Bridges in the news"]
    sentences = [Sentence(str(doc), "en", 0, 9, text) for doc, page in enumerate((*pages, below)) for text in page]
    assert furniture_among(sentences).tolist() == [False, True, False, False, False, False, True]


def test_a_headline_may_stand_under_a_source_or_a_date() -> None:
    pages = {
        "one": ["Source: Reuters", "Bridge falls in Lorn", "It fell."],
        "two": ["12 March 2026", "Bridge falls in Lorn"],
    }
    sentences = [Sentence(doc, "en", 0, len(text), text) for doc, page in pages.items() for text in page]
    assert furniture_among(sentences).tolist() == [True, False, False, True, False]


def test_a_fact_that_articles_share_belongs_to_them() -> None:
    pages = (
        ["The bridge fell.", "Injured: 120", "14 dead", "Lorn Today 3"],
        ["A bridge fell.", "Injured: 120", "14 dead"],
    )
    sentences = [
        Sentence(str(doc), "en", 0, 9, text) for doc, page in enumerate((*pages, ["Lorn Today 4"])) for text in page
    ]
    assert furniture_among(sentences).tolist() == [False] * 3 + [True] + [False] * 3 + [True]


def test_phrases_are_bare_as_the_lines_that_they_are_looked_up_for() -> None:
    kinds = ("alone", "section", "outlet")
    phrases = {phrase for words in notices.entries().values() for kind in kinds for phrase in words.get(kind, ())}
    assert [phrase for phrase in sorted(phrases) if furniture._Line.of(phrase, "en").bare != phrase] == []


def test_every_kind_of_words_is_known_and_nothing_is_there_twice() -> None:
    known = {*notices.Notices._fields, "section", "outlet"}
    for lang, words in notices.entries().items():
        assert words.keys() <= known
        for kind, entries in words.items():
            assert len(set(entries)) == len(entries), (lang, kind)


def test_finished_sentences_end_as_such() -> None:
    assert is_finished("He said: “Stop.”")
    assert is_finished("结束了。")
    assert not is_finished("Flood in the town")


def test_lines_may_be_of_any_length() -> None:
    assert not is_furniture("By " + "Anna " * 40_000, "en")
    assert is_furniture("We use cookies" + "," * 200_000, "en")
