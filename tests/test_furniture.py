"""What an outlet prints around an article, and what looks like it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from align.aligner.furniture import is_furniture, is_notice, printed_around
from align.data import Sentence
from align.text import is_finished

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


def test_a_headline_that_articles_share_belongs_to_them() -> None:
    pages = ["Bridge collapses in Lorn", "Bridges in the news", "It was old."], ["Bridge collapses in Lorn", "It fell."]
    below = ["It fell.", "Bridges in the news"]
    sentences = [Sentence(str(doc), "en", 0, 9, text) for doc, page in enumerate((*pages, below)) for text in page]
    assert printed_around(sentences).tolist() == [False, True, False, False, False, False, True]


def test_finished_sentences_end_as_such() -> None:
    assert is_finished("He said: “Stop.”")
    assert is_finished("结束了。")
    assert not is_finished("Flood in the town")


NOTICES = {
    "en": [
        "Legal notice",
        "Privacy policy Terms of use Contact us",
        "Accept all cookies",
        "Manage preferences",
        "We value your privacy",
        "Print version",
        "Pinned post",
        "Support us",
        "Donate now",
        "Become a member",
        "You have 2 free articles left",
        "You’ve reached your limit of free articles",
        "This article is for subscribers",
        "10 most read stories",
        "Today 12°C / 4°C, cloudy",
        "Feels like 9 °C",
        "1,234 views",
        "1.2K shares",
        "56 comments",
        "Home News Sport Culture Opinion",
        "Listen 4 min",
        "0:00 / 3:45",
        "Play audio file 0:00 / 3:45 Settings",
        "Paid content",
        "Get it on Google Play",
        "Hide replies (3)",
        "Report an error",
        "Accessibility links",
        "About the author",
        "View all posts by Ada Lorn",
        "Image caption",
        "AFP via Getty Images",
        "Read more: how the bridge fell",
        "Sign up for our daily briefing, free in your inbox.",
        "This article is for subscribers only.",
        "We use cookies and similar technologies to personalise content and ads.",
        "By continuing to browse this site you agree to our use of cookies.",
        "You have read 3 of your 5 free articles this month.",
        "Your browser does not support the video tag.",
        "Comments are closed.",
    ],
    "pl": ["Akceptuję wszystkie", "Pozostały Ci 2 darmowe artykuły", "Wersja do druku", "Kraj Świat Sport Kultura"],
    "de": ["Alle akzeptieren", "Artikel anhören (4 Min)", "Politik Wirtschaft Sport Kultur", "Als PDF speichern"],
    "fr": ["Tout accepter", "Il vous reste 3 articles gratuits", "Téléchargez l’application", "À propos de l’auteur"],
    "es": ["Aceptar todas las cookies", "Reportar un error", "Foto de archivo", "Te quedan 2 artículos gratis"],
    "it": ["Accetta tutti i cookie", "I più commentati", "Contenuto sponsorizzato", "Sei già abbonato? Accedi"],
    "pt": ["Aceitar todos", "Torne-se membro", "Previsão do tempo", "Já é assinante? Entrar"],
    "nl": ["Alles accepteren", "Over de auteur", "Dit artikel is alleen voor leden"],
    "cs": ["Přijmout vše", "Nahlásit chybu", "Ilustrační foto", "Komerční sdělení"],
    "hu": ["Összes elfogadása", "Kapcsolódó cikkek", "Ez a cikk csak előfizetőknek érhető el"],
    "ru": ["Принять все", "12 тыс. просмотров", "Об авторе", "Политика Экономика Общество Спорт"],
    "uk": ["Прийняти всі", "Підтримайте нас", "Зв’язатися з редакцією", "Версія для друку"],
    "zh": ["责任编辑：王伟 李娜", "本文仅供订阅者阅读", "首页 新闻 体育 财经 娱乐"],
    "tr": ["Tümünü kabul et", "İlgili haberler", "Yazar hakkında"],
}
ARTICLES = {
    "en": [
        "Donate blood, doctors urge",
        "Accept all refugees, mayor tells council",
        "Home News wins award",
        "Home sport culture wins",
        "World politics",
        "Support us or lose us, farmers warn",
        "Become a member of the council at 18",
        "Register to vote before Monday, officials say",
        "Print this gun at home, police warn",
        "Weather forecast worries farmers",
        "Heat hits 40°C",
        "From 12°C to 30°C overnight",
        "Most popular names revealed",
        "File photo shows the old bridge",
        "Image caption contest won by Lorn",
        "Listen to the people, says mayor",
        "Read more books, the minister told pupils.",
        "Sign up for the army or go to prison, the judge told him.",
        "Sign up for military service doubles",
        "Subscribe to peace, pope tells leaders",
    ],
    "pl": [
        "Akceptuję wszystkie warunki, mówi burmistrz",
        "Zgłoś błąd i wygraj, kusi urząd",
        "Wpłać teraz albo stracisz dom",
    ],
    "de": ["Alle akzeptieren den Plan", "Jetzt spenden Nachbarn Blut", "Politik und Sport streiten"],
    "fr": ["Tout accepter ou partir, dit le maire", "Faire un don sauve des vies"],
    "es": ["Aceptar todas las condiciones, pide Lorn", "El tiempo mejora en Lorn"],
    "it": ["Sostieni il nostro ponte, dice il sindaco", "In diretta dal ponte di Lorn"],
    "ru": ["Принять всех беженцев", "Погода сегодня удивила Лорн"],
    "zh": ["洪水袭击洛恩市中心地区"],
    "tr": ["Ana sayfa tasarımı ödül aldı"],
}


@pytest.mark.parametrize(("lang", "line"), [(lang, line) for lang, lines in NOTICES.items() for line in lines])
def test_what_is_around_an_article_is_told(lang: str, line: str) -> None:
    assert is_notice(line, lang)


@pytest.mark.parametrize(("lang", "line"), [(lang, line) for lang, lines in ARTICLES.items() for line in lines])
def test_headlines_that_begin_as_notices_do_are_none(lang: str, line: str) -> None:
    assert not is_notice(line, lang)
