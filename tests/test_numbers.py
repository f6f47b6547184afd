"""What a text's numbers, weekdays and months are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from align.dates import days_and_months
from align.numbers import amount, numbers_in
from align.numerals import spelled
from align.text import tokens_of

CASES = json.loads((Path(__file__).parent / "cases" / "evidence.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["numbers"], ids=lambda case: case["input"])
def test_numbers_are_compared_by_value_or_by_many_digits(case: dict[str, str]) -> None:
    assert amount(case["input"]) == case["expected"], case["comment"]


@pytest.mark.parametrize("case", CASES["values"], ids=lambda case: case["input"])
def test_numbers_are_known_by_their_values(case: dict[str, Any]) -> None:
    assert set().union(*(values for _, values in numbers_in(case["input"], case["label"]))) == set(case["expected"])


@pytest.mark.parametrize("case", CASES["numerals"], ids=lambda case: case["input"])
def test_numerals(case: dict[str, object]) -> None:
    assert spelled(str(case["input"]), str(case["label"])) == case["expected"], case["comment"]


@pytest.mark.parametrize("case", CASES["days and months"], ids=lambda case: case["input"])
def test_days_and_months(case: dict[str, Any]) -> None:
    found = days_and_months(case["input"], tokens_of(case["input"]), case["label"])
    assert sorted(found) == case["expected"], case["comment"]


def test_no_number_is_too_large() -> None:
    endless = " ".join(["2", *["million"] * 2000, "two", *["million"] * 2000, "1" * 5000, "million"])
    values = [value for _, found in numbers_in(endless, "en") for value in found]
    assert [value for value in values if len(value) < 5000] == ["2000000"]
    assert max(spelled(endless, "en")) <= 2_000_000


def test_no_word_is_too_long_to_be_a_numeral() -> None:
    for word, lang in (("hundert", "de"), ("honderd", "nl"), ("cento", "it"), ("tausend", "de")):
        assert spelled(word * 900, lang) == []
