"""What a text's words are."""

from __future__ import annotations

from align.text import tokens_of


def test_words_keep_their_marks() -> None:
    assert [word for word, _ in tokens_of("Gérard Thébès, 12 km")] == ["Gérard", "Thébès", "12", "km"]
    assert [word for word, _ in tokens_of("उन्होंने फ्रांस")] == ["उन्होंने", "फ्रांस"]
