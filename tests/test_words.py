"""What a text's words are."""

from __future__ import annotations

import unicodedata

from align.words import tokens_of


def test_words_are_those_of_the_composed_text_with_their_marks() -> None:
    text = "Gérard Thébès, 12 km"
    assert tokens_of(unicodedata.normalize("NFD", text)) == tokens_of(text)
    assert [word for word, _ in tokens_of(text)] == ["Gérard", "Thébès", "12", "km"]
    assert [word for word, _ in tokens_of("उन्होंने फ्रांस")] == ["उन्होंने", "फ्रांस"]
