import json
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from align.boundaries import RULES
from align.data import Document
from align.segmenter import SEGMENTERS, LinesSegmenter, SentencexSegmenter
from align.settings import Settings
from align.text import plain_text

CASES = json.loads((Path(__file__).parent / "cases" / "segmenter.json").read_text(encoding="utf-8"))
SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))


def document(text: str, lang: str = "en") -> Document:
    return Document("d", text, "d.txt", lang=lang)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case: dict[str, Any]) -> None:
    sentences = SentencexSegmenter().segment(document(case["input"], case["lang"]))
    assert [sentence.text for sentence in sentences] == case["expected"]


@pytest.mark.parametrize("name", SEGMENTERS)
@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem[:3])
def test_spans_are_the_sentences(path: Path, name: str) -> None:
    text = path.read_bytes().decode("utf-8")
    sentences = SEGMENTERS[name](Settings()).segment(document(text))
    assert [plain_text(text[s.start : s.end]) for s in sentences] == [s.text for s in sentences]
    assert all(text[s.start : s.end].strip() == text[s.start : s.end] for s in sentences)
    ends = [0, *(s.end for s in sentences)]
    gaps = [text[end : s.start] for end, s in zip(ends, sentences, strict=False)]
    assert not any(gap.strip() for gap in [*gaps, text[ends[-1] :]]), "text was lost between sentences"


def test_the_signature_names_our_rules() -> None:
    assert SentencexSegmenter().signature == f"sentencex-{version('sentencex')},rules={RULES}"


def test_lines() -> None:
    sentences = LinesSegmenter().segment(document("One. Two.\n\nthree\r\n  four  "))
    assert [s.text for s in sentences] == ["One. Two.", "three", "four"]


WRAPPED = """\
The delegation reached the port in the morning, and both of the sides signed
a treaty on fishing there. Nobody from the press was let in.

A second meeting is planned.
On Friday the delegation goes home."""


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_the_kind_of_line_end_makes_no_difference(end: str) -> None:
    found = [SentencexSegmenter().segment(document(WRAPPED.replace("\n", kind))) for kind in ("\n", end)]
    assert [[s.text for s in sentences] for sentences in found] == 2 * [
        [
            "The delegation reached the port in the morning, and both of the sides signed a treaty on fishing there.",
            "Nobody from the press was let in.",
            "A second meeting is planned.",
            "On Friday the delegation goes home.",
        ]
    ]


def test_a_sentence_may_go_on_for_long() -> None:
    began = time.process_time()
    (sentence,) = SentencexSegmenter().segment(document("He said so! and she " * 10_000 + "knew."))
    assert len(sentence.text) == 200_005
    assert time.process_time() - began < 10, "time grew as the square of the length"


def test_a_paragraph_without_spaces_may_be_long() -> None:
    began = time.process_time()
    sentences = SentencexSegmenter().segment(document("大桥关闭了。他说「没有人来。」" * 10_000, "zh"))
    assert len(sentences) == 20_000
    assert time.process_time() - began < 3, "time grew as the square of the length"


@pytest.mark.parametrize(
    "text", ["U." * 20_000, 'Peter K. "Abc def ' + "g" * 40_000, "Peter K. “Abc 是 " + "字" * 40_000]
)
def test_initials_and_quotations_take_no_longer_than_they_are_long(text: str) -> None:
    began = time.process_time()
    SentencexSegmenter().segment(document(text))
    assert time.process_time() - began < 2, "time grew as the square of the length"


@pytest.mark.parametrize("name", SEGMENTERS)
def test_what_cannot_be_seen_is_no_sentence(name: str) -> None:
    sentences = SEGMENTERS[name](Settings()).segment(document("One.\n\n\u200b\n\n&#8203;\n\n\ufeff \u00ad\n\nTwo."))
    assert [s.text for s in sentences] == ["One.", "Two."]


@pytest.mark.parametrize("name", SEGMENTERS)
@pytest.mark.parametrize("unknown", ["\U0001faef", "\ue000"])
def test_what_nobody_knows_is_seen(name: str, unknown: str) -> None:
    sentences = SEGMENTERS[name](Settings()).segment(document(f"One.\n\n{unknown}\n\nTwo."))
    assert [s.text for s in sentences] == ["One.", unknown, "Two."]


def test_entities() -> None:
    assert plain_text("m&sup2; &frac12; &#x41;&#X42; &amp;lt; &copycat; R&D;") == "m² ½ AB &lt; &copycat; R&D;"
    assert plain_text("\u200bWe\u00adekly \u202enews\u202c re\u00ad\nsigned\ufeff") == "Weekly news resigned"
    assert plain_text(normalize("NFD", "Čtěte také: 2 мільйони")) == "Čtěte také: 2 мільйони"
    assert plain_text(f"&#{'9' * 5000};") == f"&#{'9' * 5000};"
