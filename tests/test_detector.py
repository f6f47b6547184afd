import pytest
from langdetect.lang_detect_exception import ErrorCode, LangDetectException

from align.detector import LangdetectDetector

ARTICLES = {
    "en": "The minister arrived on Wednesday and met the president, who had been waiting since the morning.",
    "pl": "Minister przyjechał w środę i spotkał się z prezydentem, który czekał na niego od samego rana.",
    "de": "Der Minister traf am Mittwoch ein und sprach mit dem Präsidenten, der seit dem Morgen gewartet hatte.",
    "fr": "Le ministre est arrivé mercredi et a rencontré le président, qui l'attendait depuis le matin.",
    "uk": "Міністр прибув у середу і зустрівся з президентом, який чекав на нього від самого ранку.",
    "zh-CN": "部长星期三抵达，会见了从早上就开始等待他的总统。双方讨论了新的合作协议。",
}


@pytest.mark.parametrize(("lang", "text"), ARTICLES.items())
def test_articles(lang: str, text: str) -> None:
    assert LangdetectDetector().detect(text) == lang


@pytest.mark.parametrize("text", ["", "12345 67 – 89", "!!! ... ???", "\n\n"])
def test_text_without_letters_is_undetermined(text: str) -> None:
    assert LangdetectDetector().detect(text) == "und"


def test_the_same_text_gives_the_same_answer() -> None:
    ambiguous = "Madrid Paris Roma taxi hotel restaurant"
    assert len({LangdetectDetector().detect(ambiguous) for _ in range(20)}) == 1


def test_ctrl_c_while_langdetect_reads_its_profiles_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: str) -> str:  # a bare except in langdetect makes this of it
        error = LangDetectException(ErrorCode.FormatError, "Profile format error")
        error.__context__ = KeyboardInterrupt()
        raise error

    monkeypatch.setattr("langdetect.detect", interrupted)
    with pytest.raises(KeyboardInterrupt):
        LangdetectDetector().detect("It rained.")
