"""Everything a run can be told, in one frozen object that is checked when it is made."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from align.errors import SettingsError

DEFAULT_ENCODER = "e5-small"

_TWO_LETTERS = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu
    ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na
    nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn
    so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """.split()
)
"""The codes of two letters that languages have (ISO 639-1)."""

_TYPES: dict[str, tuple[type, str]] = {
    **dict.fromkeys(("detector", "segmenter", "translator", "encoder", "aligner"), (str, "a name")),
    **dict.fromkeys(("partial", "allow_download", "keep_results"), (bool, "True or False")),
}
"""The types of settings, and how they are called."""

_BCP47 = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*")


def default_cache() -> Path:
    """Where models are built and results kept: $ALIGN_CACHE, or the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("ALIGN_CACHE") or user_cache_path("align", appauthor=False))


def shipped_models() -> Path:
    """The `models/` that ships with align: inside the wheel, or at the top of the checkout."""
    inside = Path(__file__).parent / "models"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "models"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to build a corpus.

    Attributes:
        pivot: the language (BCP 47) that documents in others are translated into.
        langs: languages stated rather than detected, by document id.
        detector, segmenter, aligner: names of implementations.
        translator: `argos`, or `none` to align through the encoder alone.
        encoder: `e5-small`, or a sentence-transformers model by name or folder.
        models: a folder of Argos packages to prefer.
        beam_size: hypotheses kept while translating.
        threshold: least probability that a row's members are equivalent; None: the aligner's own.
        max_span: most consecutive sentences that one member of a row may hold; None: the aligner's own.
        partial: whether sentences in no row are put beside those that say the same in part, in rows marked as such.
        allow_download: whether an encoder named may be fetched from the hub.
        cache: the folder for built models and kept results.
        keep_results: whether translations and vectors are kept for the next run.

    Raises:
        SettingsError: a value is out of range or no language code.
    """

    pivot: str = "en"
    langs: Mapping[str, str] = field(default_factory=dict)
    detector: str = "langdetect"
    segmenter: str = "sentencex"
    translator: str = "argos"
    encoder: str = DEFAULT_ENCODER
    aligner: str = "margin"
    models: Path | None = None
    beam_size: int = 4
    threshold: float | None = None
    max_span: int | None = None
    partial: bool = False
    allow_download: bool = False
    cache: Path = field(default_factory=default_cache)
    keep_results: bool = True

    @property
    def encoder_folder(self) -> Path:
        """Where the default encoder is built."""
        return self.cache / "models"

    @property
    def packages_folder(self) -> Path:
        """Where archives of translation packages are unpacked."""
        return self.cache / "packages"

    @property
    def results_file(self) -> Path | None:
        """Where translations and vectors are kept for the next run, if they are."""
        from importlib.metadata import version

        return self.cache / f"results-{version('align')}.sqlite" if self.keep_results else None

    def __post_init__(self) -> None:
        try:
            self._check()
        except (TypeError, AttributeError) as exc:
            raise SettingsError(f"a setting is of the wrong type ({exc})") from exc

    def _check(self) -> None:
        """Bring the values into shape, or raise a SettingsError that says which is wrong."""
        object.__setattr__(self, "cache", Path(self.cache))
        object.__setattr__(self, "models", None if self.models is None else Path(self.models))
        object.__setattr__(self, "pivot", _known(self.pivot, "the pivot"))
        langs = {doc: _known(code, f"the language of {doc}") for doc, code in self.langs.items()}
        object.__setattr__(self, "langs", {unicodedata.normalize("NFC", doc): code for doc, code in langs.items()})
        for name, (kind, what) in _TYPES.items():
            if not isinstance(getattr(self, name), kind):
                raise SettingsError(f"{name} is {what}, not {getattr(self, name)!r}")
        if self.threshold is not None and (
            not isinstance(self.threshold, int | float) or isinstance(self.threshold, bool)
        ):
            raise SettingsError(f"threshold is a number, not {self.threshold!r}")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise SettingsError(f"the threshold is a probability between 0 and 1, not {self.threshold}")
        if not self.encoder.strip():
            raise SettingsError(
                f"{self.encoder!r} names no encoder; give {DEFAULT_ENCODER}, or a model by name or folder"
            )
        for number in (self.beam_size, self.max_span):
            if number is not None and type(number) is not int:
                raise SettingsError(f"the beam size and the longest span are whole numbers, not {number!r}")
        if self.max_span is not None and not 1 <= self.max_span <= 10:
            raise SettingsError(f"the longest span is of 1 to 10 sentences, not {self.max_span}")
        if self.beam_size < 1:
            raise SettingsError(f"the beam size is at least 1, not {self.beam_size}")


def is_language_code(text: str) -> bool:
    """Whether a text has the form of a BCP 47 code: language, script, region, variants."""
    return bool(_BCP47.fullmatch(text))


def language_code(text: str) -> str:
    """A BCP 47 code as it is usually written: `pl`, `zh-Hant`, `pt-BR`.

    Raises:
        SettingsError: it is none.
    """
    if not is_language_code(text):
        raise SettingsError(f"{text!r} is no language code; give one such as pl, en or pt-BR")
    language, *others = text.lower().split("-")
    cased = [part.upper() if len(part) < 4 else part.title() if len(part) == 4 else part for part in others]
    return "-".join([language, *cased])


def _known(text: str, what: str) -> str:
    """As `language_code`, and a code of two letters is one that a language has; `what` it is a code of."""
    try:
        code = language_code(text)
    except SettingsError as exc:
        raise SettingsError(f"{what}: {exc}") from exc
    language = code.partition("-")[0]
    if len(language) == 2 and language not in _TWO_LETTERS:
        raise SettingsError(f"{what}: {text!r}: no language has the code {language}; give one such as pl, en or pt-BR")
    return code


def base_of(code: str) -> str:
    """The language of a BCP 47 code, regions and scripts aside: "pt" of pt-BR, "no" of nb, which is Norwegian too."""
    base = code.partition("-")[0].lower()
    return "no" if base == "nb" else base


def same_language(first: str, second: str) -> bool:
    """Whether two BCP 47 codes name one language, regions and scripts aside."""
    return base_of(first) == base_of(second)
