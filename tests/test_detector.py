from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from align.detector import LangdetectDetector, _factory

ARTICLES = {
    "en": "The minister arrived on Wednesday and met the president, who had been waiting since the morning.",
    "pl": "Minister przyjechał w środę i spotkał się z prezydentem, który czekał na niego od samego rana.",
    "de": "Der Minister traf am Mittwoch ein und sprach mit dem Präsidenten, der seit dem Morgen gewartet hatte.",
    "fr": "Le ministre est arrivé mercredi et a rencontré le président, qui l'attendait depuis le matin.",
    "uk": "Міністр прибув у середу і зустрівся з президентом, який чекав на нього від самого ранку.",
    "ka": "მინისტრი ოთხშაბათს ჩავიდა და პრეზიდენტს შეხვდა, რომელიც დილიდან ელოდა მას.",
    "hy": "Նախարարը ժամանեց չորեքշաբթի օրը և հանդիպեց նախագահին։",
    "zh-CN": "部长星期三抵达，会见了从早上就开始等待他的总统。双方讨论了新的合作协议。",
}


@pytest.mark.parametrize(("lang", "text"), ARTICLES.items())
def test_articles(lang: str, text: str) -> None:
    assert LangdetectDetector().detect(text).lang == lang


@pytest.mark.parametrize("text", ["", "12345 67 – 89", "!!! ... ???", "\n\n"])
def test_text_without_letters_is_undetermined(text: str) -> None:
    assert LangdetectDetector().detect(text) == ("und", 0)


def test_the_same_text_gives_the_same_answer() -> None:
    ambiguous = "Madrid Paris Roma taxi hotel restaurant"
    assert len({LangdetectDetector().detect(ambiguous) for _ in range(20)}) == 1


@pytest.fixture
def not_loaded() -> Iterator[None]:
    """A process that has not read langdetect's profiles yet."""
    _factory.cache_clear()
    yield
    _factory.cache_clear()


@pytest.mark.usefixtures("not_loaded")
def test_ctrl_c_while_langdetect_reads_its_profiles_is_no_answer() -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("langdetect.detector_factory.DetectorFactory.add_profile", interrupted)
        with pytest.raises(KeyboardInterrupt):
            LangdetectDetector().detect("It rained.")
    assert LangdetectDetector().detect(ARTICLES["pl"]).lang == "pl"


@pytest.mark.usefixtures("not_loaded")
def test_threads_that_come_first_together_wait_for_the_profiles() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(LangdetectDetector().detect, list(ARTICLES.values()) * 2))
    assert [lang for lang, _ in found] == list(ARTICLES) * 2


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("zh-TW", "部長星期三抵達，會見了從早上就開始等待他的總統。雙方討論了新的合作協議。"),
        ("zh-TW", "總統朴正浩（박정호）星期三抵達，會見了從早上就開始等待他的記者。雙方討論了新的合作協議。"),
        ("zh-CN", "部长看了日本电影《となり》，然后会见了从早上就开始等待他的总统。"),
        ("zh-CN", "电影《Old Town》由 Harper 出品，今日在各地上映，导演是 Miller。"),
        ("ja", "大臣は水曜日に到着し、朝から待っていた大統領と会談した。"),
        ("ko", "長官은 水曜日에 到着하여 大統領과 새 協定을 論議하였다."),
        ("or", "ମନ୍ତ୍ରୀ ବୁଧବାର ପହଞ୍ଚିଲେ ଏବଂ ରାଷ୍ଟ୍ରପତିଙ୍କୁ ଭେଟିଲେ।"),
    ],
)
def test_languages_of_asia_are_told_by_their_scripts(lang: str, text: str) -> None:
    assert LangdetectDetector().detect(text).lang == lang
