"""Read, clean and deduplicate the parallel text of `../shared/mt`."""

from __future__ import annotations

import gzip
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

SOURCES: dict[str, int] = {
    # quality A, and prose from the web
    "paracrawl1_sample": 80_000,
    "openstax": 30_000,
    "tatoeba": 48_000,
    "literature_other": 32_000,
    "literature_sienkiewicz": 42_000,
    "global_storybooks": 500,
    "stellarium_skycultures": 1_600,
    "wesnoth": 18_000,
    "cataclysm_dda": 14_000,
    "freeciv": 4_500,
    "rpg_games": 2_400,
    "shattered_pixel_dungeon": 4_000,
    "widelands": 2_500,
    "covid_apps": 1_600,
    "mozilla_legal": 450,
    "mozilla_www": 1_900,
    "opensource_guide": 680,
    "bitcoin_org": 750,
    "djangogirls": 660,
    "fillets_ng": 1_100,
    "pmpc_fsfe": 70,
    "debian_handbook": 640,
    # technical, held down
    "msdocs_human": 2_500,
    "darktable_docs": 950,
    "gnome_help": 1_500,
    "python_docs": 800,
    "debian_ddtp": 3_000,
    # dictionary entries and names
    "cldr_names": 2_500,
    "iso_codes": 3_500,
    "freedict": 20_000,
    "wordnet_pl": 8_000,
}
"""The sources used, and how many pairs of each at most: those whose words fit each other best (`lexicon.align`)."""

NEWS = Path(__file__).parent / "news"
"""Pairs of this recipe's own, a file a topic."""
DICTIONARIES = {"cldr_names", "iso_codes", "freedict", "wordnet_pl"}
MAX_WORDS = 60

_POLISH_MARKS = set("ąćęłńśźż")
_POLISH_WORDS = frozenset("i w z na do nie się jest to że o od za po jak a co był dla przez ale ten ta te go".split())
_ENGLISH_WORDS = frozenset(
    """
    the a an of to in and is are was were for on with that this it he she you we they i not be as at by his her
    my your what have has had do does did can will if from or there who how no
    """.split()
)
_QUOTES = str.maketrans({**dict.fromkeys("’‘", "'"), **dict.fromkeys("“”„«»", '"'), "\u00a0": " ", "…": "..."})
_JUNK = re.compile(r"https?:|www\.|[{}<>|=\\_^~@#$\[\]]|&\w+;|\bhref\b")
_NUMBER = re.compile(r"\d+")
_NOT_WORD = re.compile(r"[\W_]+")
_LETTER = re.compile(r"[^\W\d_]|\s")
_BULLET = re.compile(r"^\s*(?:[:*•·-]\s+)+")


@dataclass(frozen=True, slots=True)
class Pair:
    """A Polish text, its English translation and the name of the file it comes from."""

    polish: str
    english: str
    source: str


def read_pairs(folder: Path) -> list[Pair]:
    """The clean, distinct pairs of every file in `SOURCES`; what was dropped is logged with its reason."""
    pairs: list[Pair] = []
    seen: set[str] = set()
    dropped: Counter[str] = Counter()
    for source, path in files(folder, SOURCES):
        for polish, english in rows(path):
            polish, english = normalise(polish), normalise(english)
            reason = fault(polish, english, source)
            keys = {"pl " + _key(polish), "en " + _key(english)}
            if reason is None and keys & seen:
                reason = "repeated"
            if reason is None:
                seen |= keys
                pairs.append(Pair(polish, english, source))
            else:
                dropped[reason] += 1
    logger.info("pairs kept: %d; dropped: %s", len(pairs), dict(dropped.most_common()))
    return pairs


def read_tsv(path: Path, source: str) -> list[Pair]:
    """The pairs of a file of this recipe's own, a Polish sentence, a tab and its English on each line."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [Pair(normalise(polish), normalise(english), source) for polish, english in rows]


def read_news() -> list[Pair]:
    """The pairs of `NEWS`, those of a topic together."""
    return [pair for path in sorted(NEWS.glob("*.tsv")) for pair in read_tsv(path, "news")]


def read_english(path: Path, limit: int) -> list[str]:
    """Up to `limit` English sentences of 6 to 34 words without junk, three quarters of them of 12 words or more.

    Raises:
        SystemExit: there is no such file.
    """
    if not path.exists():
        raise SystemExit(f"{path}: is not here; give the folder that has it")
    sentences: dict[str, None] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = normalise(line)
            words = text.split()
            if 6 <= len(words) <= 34 and text[:1].isupper() and text[-1] in '.?!"' and not _JUNK.search(text):
                sentences[text] = None
    prose = [text for text in sentences if len(text.split()) >= 12]
    short = [text for text in sentences if len(text.split()) < 12]
    step = max(1, len(prose) * 4 // (limit * 3))
    chosen = prose[::step][: limit * 3 // 4]
    return chosen + short[:: max(1, len(short) // max(1, limit - len(chosen)))][: limit - len(chosen)]


def normalise(text: str) -> str:
    """NFC, straight quotes, single spaces, no list bullet."""
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return " ".join(_BULLET.sub("", text).split())


def fault(polish: str, english: str, source: str) -> str | None:
    """Why a pair is unfit for training, or None."""
    left, right = polish.split(), english.split()
    if not left or not right:
        return "empty"
    if source in DICTIONARIES:
        odd = ":" in polish or "(" in polish or (polish == english and source in {"freedict", "wordnet_pl"})
        return "dictionary entry" if odd or max(len(left), len(right)) > 5 else None
    if max(len(left), len(right)) > MAX_WORDS or min(len(left), len(right)) < 2:
        return "length"
    if not 0.55 < len(polish) / len(english) < 1.9 and len(left) > 4:
        return "length ratio"
    if _JUNK.search(polish) or _JUNK.search(english):
        return "markup"
    if polish == english or english.isupper():
        return "equal or capitals"
    return _mark_fault(polish, english, source) or _language_fault(left, right, polish)


def _mark_fault(polish: str, english: str, source: str) -> str | None:
    if min(_letter_share(polish), _letter_share(english)) < 0.72:
        return "few letters"
    if {n for n in _NUMBER.findall(polish) if len(n) > 1} != {n for n in _NUMBER.findall(english) if len(n) > 1}:
        return "numbers differ"
    if polish.endswith("...") != english.endswith("...") or (source.startswith("para") and english.endswith("...")):
        return "cut short"
    if (polish[-1] in ".?!") != (english[-1] in ".?!"):
        return "final punctuation"
    return None


def _language_fault(left: list[str], right: list[str], polish: str) -> str | None:
    if len(left) > 5 and not (_POLISH_MARKS & set(polish.lower()) and _POLISH_WORDS & {w.lower() for w in left}):
        return "not Polish"
    if len(right) > 5 and not _ENGLISH_WORDS & {w.lower() for w in right}:
        return "not English"
    if sum(bool(_POLISH_MARKS & set(w.lower())) for w in right) > max(1, len(right) // 6):
        return "not English"
    return None


def _letter_share(text: str) -> float:
    return len(_LETTER.findall(text)) / len(text)


def _key(text: str) -> str:
    return _NOT_WORD.sub("", text.lower()) or text


def read_flores(folder: Path) -> tuple[list[str], list[str]]:
    """FLORES dev in Polish and in English, line by line."""
    polish, english = ((folder / f"dev.{lang}").read_text(encoding="utf-8").splitlines() for lang in ("pl", "en"))
    return polish, english


def files(folder: Path, sources: Iterable[str]) -> list[tuple[str, Path]]:
    """These sources with their files; those that the folder lacks are logged.

    Raises:
        SystemExit: it has none of them.
    """
    wanted = [(source, folder / f"{source}.tsv.gz") for source in sources]
    found = [(source, path) for source, path in wanted if path.exists()]
    if not found:
        raise SystemExit(f"{folder}: none of the sources is here, such as {wanted[0][1].name}; give their folder")
    if len(found) < len(wanted):
        missing = [path.name for _, path in wanted if not path.exists()]
        logger.warning("%s lacks %s; going on without", folder, ", ".join(missing))
    return found


def clean(source: str, path: Path, words: range) -> Iterator[tuple[str, str]]:
    """The normalised pairs of a source that have no fault and as many English words."""
    for polish, english in rows(path):
        pair = normalise(polish), normalise(english)
        if fault(*pair, source) is None and len(pair[1].split()) in words:
            yield pair


def rows(path: Path) -> Iterator[tuple[str, str]]:
    """The pairs of a file of lines `Polish<TAB>English`; lines of another shape are left out."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            polish, separator, english = line.rstrip("\n").partition("\t")
            if separator and "\t" not in english:
                yield polish, english
