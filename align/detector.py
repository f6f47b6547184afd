"""Detect the language of an article, from samples of its whole text."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from math import exp, log
from typing import Any, NamedTuple, Protocol

from align.data import UNDETERMINED
from align.forms import table
from align.settings import Settings

_OTHER_SCRIPTS = "\u0530"  # what comes before is Latin, Greek or Cyrillic
_LANGUAGES = {
    "ARMENIAN": "hy", "ETHIOPIC": "am", "GEORGIAN": "ka", "KHMER": "km", "LAO": "lo", "MYANMAR": "my", "ORIYA": "or",
    "SINHALA": "si", "THAANA": "dv", "TIBETAN": "bo",
}  # fmt: skip
"""Languages that langdetect lacks, by the script that mostly writes them."""
_WITH_HAN = {"zh-cn": "CJK", "zh-tw": "CJK", "ja": "HIRAGANA", "ko": "HANGUL"}
"""Languages that may be written with Han characters, as langdetect calls them, by a script that each has in any text.

langdetect takes traditional Chinese for Korean, and Chinese with some Latin names for Norwegian.
"""
_LEAST = 0.1  # share of such letters among those of these scripts; Japanese has some 0.4, Chinese the odd title
_FOREIGN = 0.001  # per cent that a letter has in a language that lacks it
_WORD = re.compile(r"[^\W\d_]+")
_STRETCHES = 10
_MOSTLY = 0.5  # of the share that its letters have in a language
_loading = threading.Lock()


class Detected(NamedTuple):
    """The language of a text (BCP 47, `und` when it cannot be told), and how probable it is, 0 to 1."""

    lang: str
    confidence: float


class Detector(Protocol):
    """Anything that names the language of a text."""

    def detect(self, text: str, /) -> Detected:
        """The text's language."""
        ...

    @property
    def signature(self) -> str:
        """The name and version of the implementation."""
        ...


class LangdetectDetector:
    """The package langdetect: naive Bayes over character n-grams, 55 languages (Shuyo 2010).

    It samples at random, so its factory is seeded: the same text gives the same
    answer. A language that it has no profile for it takes for the most similar
    one, often with probability 1, so such languages are recognised first, by
    letters of their own where they have any.
    """

    def detect(self, text: str, /) -> Detected:
        """The text's language."""
        from langdetect import LangDetectException
        from langdetect.lang_detect_exception import ErrorCode

        letters = [character for character in text if character.isalpha()]
        scripts = Counter(unicodedata.name(c, "").partition(" ")[0] for c in letters if c > _OTHER_SCRIPTS)
        script, count = next(iter(scripts.most_common(1)), ("", 0))
        if script in _LANGUAGES and count > len(letters) / 2:
            return Detected(_LANGUAGES[script], 1.0)
        with _loading:
            factory = _factory()
            detector = factory.create()
        told = _by_letters(text)
        if told and told.lang not in factory.langlist:
            return told
        if script == "CJK" and count > len(letters) / 3:  # a Han character says as much as three letters
            least = _LEAST * scripts.total()
            detector.set_prior_map({lang: float(scripts[name] >= least) for lang, name in _WITH_HAN.items()})
        detector.append(_sampled(text, detector.max_text_length))
        try:
            best = next(iter(detector.get_probabilities()), None)
        except LangDetectException as exc:
            if exc.get_code() != ErrorCode.CantDetectError:
                raise
            best = None
        if best is None:
            return Detected(UNDETERMINED, 0.0)
        primary, _, region = best.lang.partition("-")
        return Detected(f"{primary}-{region.upper()}" if region else primary, best.prob)

    @property
    def signature(self) -> str:
        """The name and version of the implementation."""
        from importlib.metadata import version

        return f"langdetect-{version('langdetect')}"


def _sampled(text: str, length: int) -> str:
    """A text, or where it is longer than this stretches from its beginning to its end, about as long together."""
    if len(text) <= length:
        return text
    stretch = length // _STRETCHES - 1
    starts = [number * (len(text) - stretch) // (_STRETCHES - 1) for number in range(_STRETCHES)]
    return " ".join(text[start : start + stretch] for start in starts)


def _by_letters(text: str) -> Detected | None:
    """The most likely language by a text's letters; None where most letters typical of that language are missing.

    Naive Bayes over letters that some languages have and their neighbours lack. The table gives
    their shares of all letters, in per cent. It also has languages that langdetect knows, so that
    these are not taken for others. For ten languages the shares were counted (lingua 1.3.5), for
    the others they are estimates. Capitalised words do not count: they may be names from anywhere.
    """
    shares: dict[str, dict[str, float]] = table("letters")
    telling = {letter for own in shares.values() for letter in own}
    letters = Counter(letter for word in _WORD.findall(text) if word == word.lower() for letter in word)
    found = {letter: count for letter, count in letters.items() if letter in telling}
    rest = letters.total() - sum(found.values())

    def log_likelihood(own: Mapping[str, float]) -> float:
        of_found = sum(count * log(own.get(letter, _FOREIGN) / 100) for letter, count in found.items())
        return of_found + rest * log(1 - sum(own.values()) / 100)

    likely = {lang: log_likelihood(own) for lang, own in shares.items()}
    lang = max(likely, key=likely.__getitem__)
    own = shares[lang]
    there = sum(min(100 * found.get(letter, 0), share * letters.total()) for letter, share in own.items())
    if there <= _MOSTLY * sum(own.values()) * letters.total():
        return None
    return Detected(lang, 1 / sum(exp(other - likely[lang]) for other in likely.values()))


@cache
def _factory() -> Any:
    """A factory of langdetect's with its profiles; its own can be seen while they are loaded, in part."""
    from langdetect import LangDetectException
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    factory = DetectorFactory()
    factory.set_seed(0)
    try:
        factory.load_profile(PROFILES_DIRECTORY)
    except LangDetectException as exc:
        raise exc.__context__ or exc from None  # it makes even Ctrl-C an error in its profiles
    return factory


DETECTORS: dict[str, Callable[[Settings], Detector]] = {"langdetect": lambda _: LangdetectDetector()}
"""Makers of detectors, by name."""
