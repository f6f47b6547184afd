"""The Polish-English package that ships with align: is it the one the card describes, and is it fit for use?"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from align.translator import ArgosTranslator, is_degenerate

MODELS = Path(__file__).parent.parent / "models"
CASES = Path(__file__).parent / "cases" / "pl_en.json"
NEWS = CASES.with_name("pl_en_news.json")
DEVELOPMENT = Path(__file__).parent.parent.parent / "shared" / "bench" / "flores" / "dev.pl"
MEGABYTES = 60

OFFLINE = """
import socket, sys

def refuse(*_):
    raise AssertionError("a connection was tried")

socket.socket.connect = refuse
from argostranslate import package, translate

package.install_from_path(sys.argv[1])
text = "Burmistrz zamknął most. Policja szuka świadków wypadku."
sys.stdout.write(translate.translate(text, "pl", "en"))
"""


@pytest.fixture(scope="module")
def archive() -> Path:
    """The one package in `models/`."""
    (found,) = MODELS.glob("translate-pl_en-*.argosmodel")
    return found


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> ArgosTranslator:
    """The product's own translator, made to use the shipped package."""
    return ArgosTranslator(tmp_path_factory.mktemp("unpacked"), archive.parent)


def test_the_package_is_the_one_that_the_card_describes(archive: Path) -> None:
    card = (MODELS / "README.md").read_text(encoding="utf-8")
    stated = re.findall(rf"`{re.escape(archive.name)}`.*\b([0-9a-f]{{64}})\b", card)
    assert stated == [hashlib.sha256(archive.read_bytes()).hexdigest()]


def test_it_is_a_genuine_argos_package_of_bearable_size(archive: Path) -> None:
    assert archive.stat().st_size <= MEGABYTES * 1_000_000
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        (top,) = {name.partition("/")[0] for name in names}
        metadata = json.loads(opened.read(f"{top}/metadata.json"))
    expected = {"metadata.json", "README.md", "sentencepiece.model", "model/model.bin", "model/config.json"}
    assert expected <= {name.removeprefix(f"{top}/") for name in names}
    assert (metadata["from_code"], metadata["to_code"]) == ("pl", "en")


@pytest.mark.parametrize("written", [CASES, NEWS], ids=lambda path: path.stem)
def test_it_translates_as_well_as_the_card_says(translator: ArgosTranslator, written: Path) -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    cases = json.loads(written.read_text(encoding="utf-8"))
    polish, english = zip(*cases["pairs"], strict=True)
    translations = [text or "" for text in translator.translate(polish, "pl", "en")]
    bleu = sacrebleu.corpus_bleu(translations, [english], tokenize="13a").score
    assert bleu == pytest.approx(cases["bleu"], abs=cases["tolerance"]), "\n".join(translations)


def test_it_does_not_stutter(translator: ArgosTranslator) -> None:
    if not DEVELOPMENT.exists():
        pytest.skip(f"{DEVELOPMENT} is not here")
    polish = DEVELOPMENT.read_text(encoding="utf-8").splitlines()[:500]
    translations = translator.translate(polish, "pl", "en")
    bad = [(text, found) for text, found in zip(polish, translations, strict=True) if is_degenerate(text, found or "")]
    assert not bad


def test_numbers_survive(translator: ArgosTranslator) -> None:
    told = ["Rannych zostało {} osób, a {} trafiło do szpitala.", "Most o długości {} metrów zbudowano w {} roku."]
    polish = [text.format(a, b) for text in told for a, b in zip(range(31, 71), range(1980, 2020), strict=True)]
    translations = translator.translate(polish, "pl", "en")
    numbers = [[set(re.findall(r"\d+", text or "")) for text in texts] for texts in (polish, translations)]
    assert sum(there <= here for there, here in zip(*numbers, strict=True)) >= 0.95 * len(polish)


def test_names_survive_without_their_case_endings(translator: ArgosTranslator) -> None:
    """Names that training shows rarely or never: the package has to spell them from the pieces that they have."""
    men = "Whitaker Lindqvist Okafor Duvalier Ostrander Bergstrom Castellan Petrosyan Halloran Gallimard".split()
    others = "Ferreira Nakamura Mendoza Sarasota Ottawa Kinshasa Padova Maradona".split()
    foreign = ["University of Sheffield", "Deutsche Bank", "Star Tribune", "Whitehall Street", "Los Alamos"]
    foreign += ["Real Sociedad", "Bristol Rovers", "Le Figaro"]
    told_of_men = ["Sędzia {} ogłosił wyrok w piątek.", "Zdaniem {}a wybory były uczciwe."]
    told_of_men += ["Rozmowa z {}em trwała godzinę.", "Policja zatrzymała {}a na lotnisku."]
    told_of_others = ["{}a wygrała wybory.", "Nie ma tu nikogo z {}y.", "Mówiono z {}ą przez godzinę."]
    told_of_others += ["Widział {}ę w telewizji."]
    told_of_foreign = ["Informację podał {} w środę.", "Eksperci z {} zbadali sprawę."]
    cases = [(told.format(name), name) for name in men for told in told_of_men]
    cases += [(told.format(name[:-1]), name) for name in others for told in told_of_others]
    cases += [(told.format(name), name) for name in foreign for told in told_of_foreign]
    translations = translator.translate([polish for polish, _ in cases], "pl", "en")
    lost = [text for text, (_, name) in zip(translations, cases, strict=True) if name not in (text or "")]
    assert len(lost) <= 0.5 * len(cases), lost


def test_who_did_it_to_whom_survives_whichever_comes_first(translator: ArgosTranslator) -> None:
    """Nouns that the grammar of the recipe does not have, of which the package knows the English."""
    nouns = {
        "inżynier": ("inżyniera", "engineer"), "ogrodnik": ("ogrodnika", "gardener"), "rycerz": ("rycerza", "knight"),
        "profesor": ("profesora", "professor"), "kupiec": ("kupca", "merchant"), "pacjent": ("pacjenta", "patient"),
    }  # fmt: skip
    polish, expected = [], []
    for (doer, (_, first)), (_, (done_to, second)) in itertools.permutations(nouns.items(), 2):
        for verb in ("odwiedził", "pokonał", "znał"):
            polish += [f"{doer} {verb} {done_to}.".capitalize(), f"{done_to} {verb} {doer}.".capitalize()]
            expected += [(first, second)] * 2
    right = {True: 0, False: 0}  # by whether the subject comes first
    for place, translation in enumerate(translator.translate(polish, "pl", "en")):
        said = (translation or "").lower()
        found = re.search(r"{}.* {}|{} .*\bby .*{}".format(*expected[place], *reversed(expected[place])), said)
        right[place % 2 == 0] += bool(found)
    assert min(right.values()) >= 0.6 * len(polish) / 2, right


def test_every_sentence_of_a_line_is_translated(translator: ArgosTranslator) -> None:
    sentences = [polish for polish, _ in json.loads(CASES.read_text(encoding="utf-8"))["pairs"][:8]]
    (together,) = translator.translate([" ".join(sentences)], "pl", "en")
    alone = [translation or "" for translation in translator.translate(sentences, "pl", "en")]
    assert together == " ".join(alone)


def test_it_runs_in_argostranslate_without_a_network(archive: Path, tmp_path: Path) -> None:
    environment = os.environ | {"ARGOS_PACKAGES_DIR": str(tmp_path), "ARGOS_DEVICE_TYPE": "cpu"}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OFFLINE, str(archive)],
        env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.split()) >= 5
    assert "mayor" in run.stdout.lower() or "bridge" in run.stdout.lower()
