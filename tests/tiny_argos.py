"""Make a genuine Argos package in a moment: a Transformer whose weights are set by hand to translate word for word.

The encoder passes on each word and its position; the decoder, at position t,
attends to the word at position t and writes what the dictionary says for it.
SentencePiece model, CTranslate2 model and metadata are real, so the package
goes the way that any Argos package goes.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

MAX_WORDS = 256  # as many positions as real packages know
_SPECIALS = ["<unk>", "<s>", "</s>"]


def write_tiny_package(
    folder: Path, source: str, target: str, dictionary: Mapping[str, str], *, version: str = "1.0", stutter: str = ""
) -> Path:
    """Write `translate-<source>_<target>-1_0.argosmodel` into `folder`; where it is.

    With `stutter`, the model writes that word of the target over and over, whatever it reads.
    """
    words = sorted(set(dictionary) | set(dictionary.values()))
    vocabulary = [*_SPECIALS, *(f"▁{word}" for word in words)]
    name = f"translate-{source}_{target}-{version.replace('.', '_')}"
    metadata = {
        "package_version": version,
        "argos_version": "1.9",
        "from_code": source,
        "from_name": source,
        "to_code": target,
        "to_name": target,
    }
    work = folder / f"{name}.work"
    (work / "model").mkdir(parents=True)
    (work / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    (work / "README.md").write_text("Made by a test.\n", encoding="utf-8")
    (work / "sentencepiece.model").write_bytes(_sentencepiece(words))
    table = {f"▁{left}": f"▁{right}" for left, right in dictionary.items()}
    _write_model(work / "model", vocabulary, table, f"▁{stutter}" if stutter else "")
    archive = folder / f"{name}.argosmodel"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path in sorted(work.rglob("*")):
            if path.is_file():
                opened.write(path, f"{name}/{path.relative_to(work)}")
    shutil.rmtree(work)
    return archive


def _sentencepiece(words: list[str]) -> bytes:
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(words)] * 2),
        model_writer=model,
        model_type="word",
        vocab_size=len(words) + 3,
        minloglevel=2,
    )
    return model.getvalue()


def _write_model(folder: Path, vocabulary: list[str], table: Mapping[str, str], stutter: str) -> None:
    hidden_torch = sys.modules.get("torch", "absent") == "absent"
    if hidden_torch:
        sys.modules["torch"] = None  # type: ignore[assignment]  # ctranslate2.specs would import it
    try:
        from ctranslate2.specs import TransformerSpec
    finally:
        if hidden_torch:
            del sys.modules["torch"]
    size = len(vocabulary)
    width = size + MAX_WORDS
    spec = TransformerSpec.from_config(1, 1, pre_norm=True)
    spec.config.add_source_eos = True
    for part, embeddings in ((spec.encoder, np.eye(size, width)), (spec.decoder, np.zeros((size, width)))):
        part.scale_embeddings = False
        table_spec = part.embeddings[0] if isinstance(part.embeddings, list) else part.embeddings
        table_spec.weight = embeddings.astype(np.float32)
        part.position_encodings.encodings = np.eye(MAX_WORDS, width, size, dtype=np.float32)
        _norm(part.layer_norm, width)
        layer = part.layer[0]
        _attend(layer.self_attention, width)
        _norm(layer.ffn.layer_norm, width)
        _linear(layer.ffn.linear_0, np.zeros((4, width)))
        _linear(layer.ffn.linear_1, np.zeros((width, 4)))
    positions = np.zeros((width, width))
    positions[size:, size:] = np.eye(MAX_WORDS)
    words = np.zeros((width, width))
    words[:size, :size] = np.eye(size)
    across = spec.decoder.layer[0].attention
    _norm(across.layer_norm, width)
    _linear(across.linear[0], 100 * positions)
    _linear(across.linear[1], np.concatenate([positions, words]))
    _linear(across.linear[2], 100 * words)
    output = np.zeros((size, width))
    place = {piece: number for number, piece in enumerate(vocabulary)}
    for left, right in {**table, "</s>": "</s>", "<unk>": "<unk>"}.items():
        output[place[right], place[left]] = 10
    bias = np.zeros(size)
    if stutter:
        output[:], bias[place[stutter]] = 0, 10
    _linear(spec.decoder.projection, output, bias)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize()
    spec.save(str(folder))


def _attend(attention: Any, width: int) -> None:
    """Self-attention that adds nothing."""
    _norm(attention.layer_norm, width)
    _linear(attention.linear[0], np.zeros((3 * width, width)))
    _linear(attention.linear[1], np.zeros((width, width)))


def _norm(spec: Any, width: int) -> None:
    spec.gamma, spec.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def _linear(spec: Any, weight: np.ndarray[Any, Any], bias: np.ndarray[Any, Any] | None = None) -> None:
    spec.weight = weight.astype(np.float32)
    spec.bias = (np.zeros(len(weight)) if bias is None else bias).astype(np.float32)
