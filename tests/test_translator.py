import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tiny_argos import write_tiny_package

from align.dates import with_months_in_words
from align.errors import PackageError
from align.repairs import with_numbers
from align.translator import ArgosTranslator, is_degenerate

PL_EN = {"kot": "cat", "pies": "dog", "widzi": "sees", "i": "and", "dom": "house", "duży": "big"}
EN_FR = {"cat": "chat", "dog": "chien", "sees": "voit", "and": "et", "house": "maison", "big": "grand"}
SENTENCES = ["kot widzi pies", "pies i kot", "dom", "duży pies i duży kot", "duży dom", "kot i pies"]
DEGENERATE = json.loads((Path(__file__).parent / "cases" / "degenerate.json").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    write_tiny_package(tmp_path / "models", "pl", "en", PL_EN)
    return tmp_path / "models"


@pytest.fixture
def translator(folder: Path, tmp_path: Path) -> ArgosTranslator:
    return ArgosTranslator(tmp_path / "cache", folder)


def test_a_package_translates_a_batch(translator: ArgosTranslator) -> None:
    assert translator.translate(SENTENCES, "pl", "en") == [
        "cat sees dog",
        "dog and cat",
        "house",
        "big dog and big cat",
        "big house",
        "cat and dog",
    ]


def test_one_sentence_does_not_depend_on_the_others(translator: ArgosTranslator) -> None:
    together = translator.translate(SENTENCES, "pl", "en")
    assert together == [translator.translate([text], "pl", "en")[0] for text in SENTENCES]


def test_an_overlong_sentence_is_translated_stretch_by_stretch(translator: ArgosTranslator) -> None:
    long = "kot i pies " * 100  # more words than the model knows positions
    assert translator.translate([long], "pl", "en") == [("cat and dog " * 100).strip()]


def test_addresses_come_out_as_they_went_in(translator: ArgosTranslator) -> None:
    texts = [
        "kot widzi (https://example.org/kot?i=1), i pies",
        "kot i pies kot.pies@example.org",
        "www.example.org/dom",
    ]
    assert translator.translate(texts, "pl", "en") == [
        "cat sees (https://example.org/kot?i=1), and dog",
        "cat and dog kot.pies@example.org",
        "www.example.org/dom",
    ]


def test_numbers_are_compared_in_the_language_that_a_code_of_argos_stands_for(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    write_tiny_package(tmp_path / "models", "zt", "en", {"2萬人": "20,000", "3萬人": "3,000"})
    translator = ArgosTranslator(tmp_path / "cache", tmp_path / "models")
    assert translator.translate(["2萬人"], "zh-TW", "en") == ["20,000"]


def test_no_sentence_at_all(translator: ArgosTranslator) -> None:
    assert translator.translate([], "pl", "en") == []


def test_progress_counts_every_sentence(translator: ArgosTranslator) -> None:
    done: list[int] = []
    texts = [*SENTENCES, SENTENCES[0], "kot i pies " * 100]  # one twice, the last in several stretches
    translator.translate(texts, "pl", "en", on_done=done.append)
    assert sum(done) == len(texts)


def test_two_packages_lead_where_none_leads_alone(folder: Path, tmp_path: Path) -> None:
    write_tiny_package(folder, "en", "fr", EN_FR)
    translator = ArgosTranslator(tmp_path / "cache", folder)
    done: list[int] = []
    assert translator.translate(["kot i duży pies"], "pl", "fr", on_done=done.append) == ["chat et grand chien"]
    assert sum(done) == 1
    signature = translator.signature("pl", "fr")
    assert signature is not None
    assert [part.partition("@")[0] for part in signature.split("+")] == ["argos-pl_en-1.0", "argos-en_fr-1.0"]


def test_what_ships_with_align_is_called_a_draft(translator: ArgosTranslator, tmp_path: Path) -> None:
    assert translator.caveat("pl", "en") is None, "the user's own package needs no caveat"
    assert "a draft" in (ArgosTranslator(tmp_path / "cache").caveat("pl", "en") or "")


def test_the_draft_is_named_where_it_is_one_of_two(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    write_tiny_package(tmp_path / "models", "en", "fr", EN_FR)
    caveat = ArgosTranslator(tmp_path / "cache", tmp_path / "models").caveat("pl", "fr") or ""
    assert "pl was translated by the package that ships" in caveat
    assert "'align models pull pl en'" in caveat


def test_no_package_leads_there(translator: ArgosTranslator) -> None:
    assert translator.signature("sw", "en") is None
    with pytest.raises(PackageError, match="no Argos package translates sw to en"):
        translator.translate(["paka"], "sw", "en")


def test_a_degenerate_translation_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    write_tiny_package(tmp_path / "models", "pl", "en", PL_EN, stutter="cat")
    translator = ArgosTranslator(tmp_path / "cache", tmp_path / "models")
    assert translator.translate(["kot widzi duży pies", "kot i pies"], "pl", "en") == [None, None]


@pytest.mark.parametrize("case", DEGENERATE, ids=lambda case: case["label"])
def test_is_degenerate(case: dict[str, str]) -> None:
    assert is_degenerate(case["input"], case["output"]) == (case["expected"] == "degenerate")


def test_a_package_damaged_in_the_cache_is_unpacked_again(folder: Path, tmp_path: Path) -> None:
    translator = ArgosTranslator(tmp_path / "cache", folder)
    translator.translate(["kot"], "pl", "en")
    model = next((tmp_path / "cache").glob("*/model/model.bin"))
    model.write_bytes(model.read_bytes()[:100])
    assert translator.translate(["kot"], "pl", "en") == ["cat"]


def test_a_damaged_package_is_named(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(next(folder.glob("*.argosmodel"))) as archive:
        archive.extractall(folder)
    next(folder.glob("*.argosmodel")).unlink()
    model = next(folder.glob("*/model/model.bin"))
    model.write_bytes(model.read_bytes()[:100])
    with pytest.raises(PackageError, match=rf"{model.parents[1]}: not a usable Argos package"):
        ArgosTranslator(tmp_path / "cache", folder).translate(["kot"], "pl", "en")


@pytest.mark.parametrize("damaged", ["model/model.bin", "sentencepiece.model", "no sentencepiece.model"])
def test_a_package_that_cannot_be_used_is_named_where_it_came_from(folder: Path, tmp_path: Path, damaged: str) -> None:
    whole, bad = next(folder.glob("*.argosmodel")), tmp_path / "bad" / "x.argosmodel"
    bad.parent.mkdir()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            if not damaged.endswith(name.partition("/")[2]):
                new.writestr(name, old.read(name))
            elif not damaged.startswith("no "):
                new.writestr(name, b"damage")
    with pytest.raises(PackageError, match=rf"{bad}: not a usable Argos package .*remove or replace it"):
        ArgosTranslator(tmp_path / "cache", bad.parent).translate(["kot"], "pl", "en")


def test_neither_stanza_nor_torch_is_imported(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from align.translator import ArgosTranslator\n"
        f"translator = ArgosTranslator(Path({str(tmp_path / 'cache')!r}), Path({str(folder)!r}))\n"
        "print(translator.translate(['kot'], 'pl', 'en'))\n"
        "print(sorted({'torch', 'stanza', 'spacy', 'transformers'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["['cat']", "[]"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Od 17.03.2031 do 5.11.2031 r.", "Od 17 marca 2031 do 5 listopada 2031 r."),
        ("Dnia 01.01.1999, o 11.05", "Dnia 1 stycznia 1999, o 11.05"),
        ("Wersja 1.2.2031.4", "Wersja 1.2.2031.4"),
        ("32.01.2031, 12.13.2031, 12.03.31", "32.01.2031, 12.13.2031, 12.03.31"),
    ],
)
def test_months_are_put_in_words(text: str, expected: str) -> None:
    assert with_months_in_words(text, "pl") == expected
    assert with_months_in_words(text, "fi") == text


@pytest.mark.parametrize(
    ("text", "translation", "expected"),
    [
        ("Od 10 do 12 osób.", "From 12 to 12 people.", "From 12 to 12 people."),
        ("Trzydzieści osób zjadło 50 jabłek.", "30 people ate fifty apples.", "30 people ate fifty apples."),
        ("W ٢٠٢٤ roku", "In 2024", "In 2024"),
        ("W ２０２４ roku", "In 2042", "In 2024"),
        ("Rannych jest 76 osób.", "67 people are hurt, 67.", "76 people are hurt, 76."),
        ("81 domów w 297 gminach", "18 houses in 279 villages", "81 houses in 297 villages"),
        ("81 domów w 29 gminach", "18 houses in 92 villages", "18 houses in 92 villages"),
        ("O 15:00 przyszło 20 osób.", "At 3 p.m. 20 people came.", "At 3 p.m. 20 people came."),
        ("W 1987 roku", "In 1,897 and 789", "In 1,897 and 789"),
        ("dwanaście osób", "12 people", "12 people"),
        ("1040 km", "1,040 km", "1,040 km"),
        ("Koncert zaczyna się o 22.", "The concert starts at 10 p.m.", "The concert starts at 10 p.m."),
        ("Koncert zaczyna się o 22.", "The concert starts at 27.", "The concert starts at 27."),
        ("Było 30 stopni.", "It was 86 degrees Fahrenheit.", "It was 86 degrees Fahrenheit."),
        ("Było 30 stopni.", "It was 33 degrees.", "It was 33 degrees."),
        ("Do miasta jest 220 km.", "It is 210 km to the city.", "It is 220 km to the city."),
        ("Spadła o 14,7 procent.", "It fell by 14 per cent.", "It fell by 14.7 per cent."),
        ("Kosztuje 1.500.000 zł.", "It costs 150 zlotys.", "It costs 1,500,000 zlotys."),
        ("Kosztuje 1 500 zł.", "It costs 150 zlotys.", "It costs 1,500 zlotys."),
        ("12.03.2021 o 11:20", "12.03.2021 at 11:200", "12.03.2021 at 11:20"),
        ("Zebrano 1,5 tys. zł.", "1,500 zlotys were raised.", "1,500 zlotys were raised."),
        ("W latach 80.", "In the 1980s", "In the 1980s"),
        ("Odległość to 9000 km.", "The distance is 12 km.", "The distance is 12 km."),
        ("To 3,5 proc.", "It is 3,5 percent.", "It is 3.5 percent."),
        ("Cena: 1.234,56 zł, a nie 12 345,7 zł", "1,234,56 zlotys, not 12,345,7", "1,234.56 zlotys, not 12,345.7"),
        ("Wyniki 2,3,4", "Results 2,3,4", "Results 2,3,4"),
        ("W XIX wieku zmarło 15 osób.", "In the 19 century people died.", "In the 19 century people died."),
        ("15. rocznica, 20 zamków", "The 15th of castles and 1st", "The 15th of castles and 1st"),
        ("Waży 100 kg.", "It weighs 220 pounds.", "It weighs 220 pounds."),
        ("Waży 100 kg.", "It weighs 220 lbs.", "It weighs 220 lbs."),
        ("Kosztuje 2,5 mld.", "It costs $2.5b.", "It costs $2.5b."),
        ("Ma 3,5 roku.", "It is 3 years and a half old.", "It is 3 years and a half old."),
        ("Ewakuowano 2,6 tys. osób.", "2.6,000 people were evacuated.", "2.6 thousand people were evacuated."),
        ("Ma 100 m2.", "It has 120 sq yd.", "It has 120 sq yd."),
        ("Przyjdź o 22.", "Come at 10 tonight.", "Come at 10 tonight."),
        ("Trwa 1 godz. 30 min.", "It takes 90 minutes.", "It takes 90 minutes."),
        ("Ma 37 stopni.", "It is 99 degrees.", "It is 99 degrees."),
        ("Ma 2 km.", "It is 3 square inches, 1 o'clock.", "It is 3 square inches, 1 o'clock."),
        ("Rozmowy o godz. 13.", "The talks were at 1 in the afternoon.", "The talks were at 1 in the afternoon."),
        ("O godz. 14.30", "At 4:30 p.m.", "At 2:30 p.m."),
        ("O godz. 14.30", "At 14:30 p.m.", "At 2:30 p.m."),
        ("O godz. 9.05", "At 5 AM", "At 9:05 AM"),
        ("O godz. 2.30 po południu", "At 2:30 p.m.", "At 2:30 p.m."),
        ("17 marca o 11:05", "On 17 March at 11:5 p.m.", "On 17 March at 11:05 a.m."),
        ("O 14.30 i 16.00", "At 4:30 p.m.", "At 4:30 p.m."),
        ("O 14.30, a nie o 9", "At 9 a.m.", "At 9 a.m."),
        ("Koncert 12.03 o ósmej.", "The concert is on March 12 at 8 p.m.", "The concert is on March 12 at 8 p.m."),
        ("Trwa 90 minut.", "It takes 1.5 hours.", "It takes 1.5 hours."),
        ("Film trwa 120 minut.", "The film lasts 2 hours.", "The film lasts 2 hours."),
        ("Bieg na 1500 metrów.", "A run over 1.5 kilometres.", "A run over 1.5 kilometres."),
        ("Potrwa to 84 dni.", "It will take 12 weeks.", "It will take 12 weeks."),
        ("Potrwa to 48 dni.", "It will take 84 days.", "It will take 48 days."),
        ("Czekał 1½ godziny.", "He waited 1.5 hours.", "He waited 1.5 hours."),
        ("Ma 133 m i 300 okien.", "It is 133 m and has 3000 windows.", "It is 133 m and has 300 windows."),
        ("Wieje 80 km/h.", "The wind blows at 50 mph.", "The wind blows at 50 mph."),
        (f"O 14.30, {'9' * 50}", "At 4 p.m.", "At 2:30 p.m."),
    ],
)
def test_numbers_are_put_right_where_nothing_is_guessed(text: str, translation: str, expected: str) -> None:
    assert with_numbers(text, translation, "pl", "en") == expected


@pytest.mark.parametrize(
    ("text", "translation", "expected"),
    [
        ("Uciekło 3,2 tys. osób.", "3.2 people fled.", "3.2 thousand people fled."),
        ("Strata wynosi 210 mln zł.", "The loss is 210 zlotys.", "The loss is 210 million zlotys."),
        ("Uciekło 3,2 tys. osób.", "3,200 people fled.", "3,200 people fled."),
        ("Uciekło 12 tys. osób.", "12-thousand people fled.", "12-thousand people fled."),
        ("Z 12 domów uciekło 12 tys. osób.", "From 12 houses 12 people fled.", "From 12 houses 12 people fled."),
        ("Strata wynosi 2 bln zł.", "The loss is 2 zlotys.", "The loss is 2 trillion zlotys."),
        ("Uciekło 2 mln 300 tys. osób.", "5 people fled.", "5 people fled."),
    ],
)
def test_a_multiplier_that_was_lost_is_said(text: str, translation: str, expected: str) -> None:
    assert with_numbers(text, translation, "pl", "en") == expected


def test_marks_of_other_writings_are_put_as_english_has_them() -> None:
    assert with_numbers("à 14h30", "at 13.30", "fr", "en") == "at 14:30"
    assert with_numbers("٣٬٥٠٠٫١٢٥", "350", "ar", "en") == "3,500.125"
    assert with_numbers("1'500 Franken", "150 francs", "de", "en") == "1,500 francs"


def test_decimals_are_no_times_where_they_have_points() -> None:
    translation = "The price fell by 3.15% at 8 p.m."
    assert with_numbers("晚上八点，价格下跌3.15%。", translation, "zh", "en") == translation


def test_marks_of_numbers_stay_in_a_language_that_has_them() -> None:
    assert with_numbers("It is 3.5 percent.", "To 3,5 procent.", "en", "pl") == "To 3,5 procent."


def test_the_package_that_ships_is_a_draft_wherever_it_lies(tmp_path: Path) -> None:
    (shipped,) = (Path(__file__).parents[1] / "models").glob("*.argosmodel")
    (tmp_path / shipped.name).symlink_to(shipped)
    caveat = ArgosTranslator(tmp_path / "cache", tmp_path).caveat("pl", "en")
    assert caveat is not None
    assert "a draft" in caveat
