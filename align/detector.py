"""Say what language an article is in, from its whole text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from align.data import UNDETERMINED
from align.settings import Settings


class Detector(Protocol):
    """Anything that names the language of a text."""

    def detect(self, text: str, /) -> str:
        """The BCP 47 code of the text's language, `und` when it has no letters to tell by."""
        ...

    @property
    def signature(self) -> str:
        """The name and version of the implementation."""
        ...


class LangdetectDetector:
    """The package langdetect: naive Bayes over character n-grams, 55 languages (Shuyo 2010).

    It samples at random, so its factory is seeded: the same text gives the same answer.
    """

    def detect(self, text: str, /) -> str:
        """The BCP 47 code of the text's language, `und` when it has no letters to tell by."""
        from langdetect import DetectorFactory, LangDetectException, detect
        from langdetect.lang_detect_exception import ErrorCode

        DetectorFactory.seed = 0
        try:
            code: str = detect(text)
        except LangDetectException as exc:
            if exc.get_code() == ErrorCode.CantDetectError:
                return UNDETERMINED
            raise exc.__context__ or exc from None  # it makes even Ctrl-C an error in its profiles
        primary, _, region = code.partition("-")
        return f"{primary}-{region.upper()}" if region else primary

    @property
    def signature(self) -> str:
        """The name and version of the implementation."""
        from importlib.metadata import version

        return f"langdetect-{version('langdetect')}"


DETECTORS: dict[str, Callable[[Settings], Detector]] = {"langdetect": lambda _: LangdetectDetector()}
"""Makers of detectors, by name."""
