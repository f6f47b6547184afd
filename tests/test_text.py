"""What a text's words are."""

from __future__ import annotations

import time

import pytest

from align import text as text_module
from align.text import is_speck, plain_text, tokens_of


def test_words_keep_their_marks() -> None:
    assert [word for word, _ in tokens_of("Gérard Thébès, 12 km")] == ["Gérard", "Thébès", "12", "km"]
    assert [word for word, _ in tokens_of("उन्होंने फ्रांस")] == ["उन्होंने", "फ्रांस"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the clo-\nsure of the bridge", "the closure of the bridge"),
        ("die Ein-\nund Ausreise", "die Ein- und Ausreise"),
        ("die ge\u00ad\nsunde Brücke", "die gesunde Brücke"),
        ("a two-\r\n  day race, the two-day-old plan", "a two-day race, the two-day-old plan"),
        ("the Franco-\nGerman bridge", "the Franco-German bridge"),
    ],
)
def test_words_parted_at_the_end_of_a_line(text: str, expected: str) -> None:
    assert plain_text(text) == expected


def test_a_word_is_parted_as_the_whole_document_has_it() -> None:
    text = "A well-known bridge.\nA well-\nknown bridge."
    assert plain_text(text, text.index("\n") + 1) == "A well-known bridge."


def test_hyphens_of_many_documents_are_looked_up_in_turn() -> None:
    texts = [
        f"Document {number}. The well-known mayor of the well-\nknown town met the press." for number in range(200)
    ]
    before = text_module._compounds.cache_info().misses
    for _ in range(3):
        assert all(plain_text(each).endswith("of the well-known town met the press.") for each in texts)
    assert text_module._compounds.cache_info().misses == before + len(texts), "each is read once"


def test_what_shows_nothing_takes_no_time() -> None:
    began = time.process_time()
    assert plain_text("a" + "\u200b" * 200_000 + "b\u200b") == "a" + "\u200b" * 200_000 + "b"
    assert time.process_time() - began < 3, "time grew as the square of the length"


@pytest.mark.parametrize("text", [".....", "24 a !", "- é ».", "7. B"])
def test_specks(text: str) -> None:
    assert is_speck(text)


@pytest.mark.parametrize("text", ["Ja!", "1956 :", "好。", "네?", "है।", "R2D2 and C3PO"])
def test_what_says_something_is_no_speck(text: str) -> None:
    assert not is_speck(text)
