"""Say what language an article is in, from its whole text."""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from align.data import UNDETERMINED
from align.settings import Settings

_OTHER_SCRIPTS = "\u0530"  # what comes before is Latin, Greek or Cyrillic
_LANGUAGES = {
    "ARMENIAN": "hy", "ETHIOPIC": "am", "GEORGIAN": "ka", "KHMER": "km", "LAO": "lo", "MYANMAR": "my", "SINHALA": "si",
    "THAANA": "dv", "TIBETAN": "bo",
}  # fmt: skip
"""Languages that langdetect lacks, by the script that mostly writes them."""
_loading = threading.Lock()


class Detector(Protocol):
    """Anything that names the language of a text."""

    def detect(self, text: str, /) -> str:
        """The BCP 47 code of the text's language, `und` when it cannot be told."""
        ...

    @property
    def signature(self) -> str:
        """The name and version of the implementation."""
        ...


class LangdetectDetector:
    """The package langdetect: naive Bayes over character n-grams, 55 languages (Shuyo 2010).

    It samples at random, so its factory is seeded: the same text gives the same
    answer. It takes what it has no profile for to be what is nearest, so scripts
    that write a language it lacks are told first.
    """

    def detect(self, text: str, /) -> str:
        """The BCP 47 code of the text's language, `und` when it cannot be told."""
        from langdetect import LangDetectException
        from langdetect.lang_detect_exception import ErrorCode

        letters = [character for character in text if character.isalpha()]
        scripts = Counter(unicodedata.name(c, "").partition(" ")[0] for c in letters if c > _OTHER_SCRIPTS)
        for script, count in scripts.most_common(1):
            if script in _LANGUAGES and count > len(letters) / 2:
                return _LANGUAGES[script]
        with _loading:
            detector = _factory().create()
        detector.append(text)
        try:
            code: str = detector.detect()
        except LangDetectException as exc:
            if exc.get_code() == ErrorCode.CantDetectError:
                return UNDETERMINED
            raise
        primary, _, region = code.partition("-")
        return f"{primary}-{region.upper()}" if region else primary

    @property
    def signature(self) -> str:
        """The name and version of the implementation."""
        from importlib.metadata import version

        return f"langdetect-{version('langdetect')}"


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
