"""The aligner: its grouping, and what it promises whatever it is given."""

from __future__ import annotations

import hashlib
import itertools
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from align.aligner import ALIGNERS, MarginAligner, similarity
from align.aligner.features import FEATURES, Odds, pair_features, span_features
from align.aligner.grouping import Grouping
from align.aligner.items import all_pairs, make_items
from align.aligner.model import default_model
from align.aligner.similarity import centred, nearest
from align.data import EQUIVALENT, PARTIAL, Alignment, FloatArray, Sentence
from align.encoder import unit
from align.errors import SettingsError
from align.settings import Settings

WORDS = "river flood mayor army bridge school hospital water night soldiers town record damage rain dam crest".split()


def encode(texts: Sequence[str]) -> FloatArray:
    """A bag of words as a unit vector: the same words, the same vector."""
    rows = np.full((len(texts), 64), 0.05, np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.lower().split():
            seed = int.from_bytes(hashlib.sha256(word.strip(".,").encode()).digest()[:4], "big")
            row += np.random.default_rng(seed).normal(size=64).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def sentences_of(documents: dict[str, list[str]]) -> list[Sentence]:
    found = []
    for doc, texts in sorted(documents.items()):
        start = 0
        for text in texts:
            found.append(Sentence(doc, "en", start, start + len(text), text))
            start += len(text) + 1
    return found


def align(documents: dict[str, list[str]], aligner: MarginAligner | None = None) -> tuple[list[Sentence], Alignment]:
    sentences = sentences_of(documents)
    vectors = encode([s.text for s in sentences]) if sentences else np.zeros((0, 0), np.float32)
    return sentences, (aligner or MarginAligner()).align(sentences, vectors, vectors, encode)


def story(documents: int = 3, size: int = 12) -> dict[str, list[str]]:
    texts = [" ".join(WORDS[(k * step) % 16] for step in range(1, 6)) + f" number{k}." for k in range(size)]
    return {f"doc{d}": texts[d:] + texts[:d] for d in range(documents)}


def assert_complete(sentences: Sequence[Sentence], alignment: Alignment) -> None:
    placed = [i for group in alignment.groups for member in group.members for i in member]
    placed += [unaligned.sentence for unaligned in alignment.unaligned]
    assert sorted(placed) == list(range(len(sentences)))
    for group in alignment.groups:
        docs = [sentences[member[0]].doc for member in group.members]
        assert len(set(docs)) == len(docs) > 1
        assert 0 <= group.score <= 1
        for member in group.members:
            assert list(member) == list(range(member[0], member[-1] + 1))
    assert all(0 <= unaligned.score <= 1 and unaligned.reason for unaligned in alignment.unaligned)


def test_finds_the_same_sentences_in_any_order() -> None:
    sentences, alignment = align(story())
    assert_complete(sentences, alignment)
    assert len(alignment.groups) == 12
    for group in alignment.groups:
        assert len({sentences[member[0]].text for member in group.members}) == 1
        assert len(group.members) == 3
        assert {"cosine", "margin", "weakest_link"} <= group.evidence.keys()


@pytest.mark.parametrize(
    "documents",
    [
        {},
        {"a": ["One sentence."]},
        {"a": ["One sentence.", "Another one."]},
        {"a": ["One sentence."], "b": ["One sentence."]},
        {"a": [""], "b": [""]},
        {"a": ["."], "b": ["!", "?"]},
        {"a": ["Same."] * 5, "b": ["Same."] * 4, "c": ["Same."]},
        {name: [f"only {name}"] for name in "abcdefgh"},
    ],
)
def test_degenerate_documents_are_placed_whole(documents: dict[str, list[str]]) -> None:
    sentences, alignment = align(documents)
    assert_complete(sentences, alignment)


def test_one_document_is_not_compared() -> None:
    _, alignment = align({"a": ["One sentence.", "Another one."]})
    assert not alignment.groups
    assert {unaligned.reason for unaligned in alignment.unaligned} == {"there is no other document to compare it with"}
    assert {unaligned.candidate for unaligned in alignment.unaligned} == {None}


def test_a_repeated_caption_is_reported() -> None:
    documents = story()
    documents["doc0"].insert(0, documents["doc0"][0])
    sentences, alignment = align(documents)
    assert_complete(sentences, alignment)
    assert [(u.sentence in (0, 1), "repeats" in u.reason) for u in alignment.unaligned] == [(True, True)]
    assert alignment.unaligned[0].candidate is not None


def test_what_two_hundred_documents_print_is_in_one_row_in_either_wording() -> None:
    copied = " ".join(WORDS[8:])
    worded = [" ".join([*WORDS[:8], f"word{k}", f"other{k}"]) for k in range(2)]
    sentences, alignment = align({f"doc{d:03}": [worded[d % 2], copied] for d in range(200)})
    assert_complete(sentences, alignment)
    assert [len(group.members) for group in alignment.groups] == [200, 200]
    assert min(group.evidence["margin"] for group in alignment.groups) > 0.5, "a copy is no rival"


def test_what_stands_under_every_article_is_in_no_row() -> None:
    documents = {doc: [*texts, "All rights reserved."] for doc, texts in story().items()}
    sentences, alignment = align(documents)
    assert_complete(sentences, alignment)
    assert len(alignment.groups) == 12
    placed = {sentences[i].text for group in alignment.groups for member in group.members for i in member}
    assert "All rights reserved." not in placed


def test_a_sentence_whose_span_of_partners_is_taken_says_so() -> None:
    """One outlet says in one sentence what the others, closer to each other, say in two."""
    documents = story(3, 8)
    whole = " ".join(documents["doc0"][3:5]).replace(".", "", 1)
    sentences, alignment = align({**documents, "whole": [whole, *documents["doc1"][5:7]]})
    assert_complete(sentences, alignment)
    (left,) = alignment.unaligned
    assert sentences[left.sentence].text == whole
    assert "is in a row" in left.reason
    assert left.score > 0.5


def test_the_same_input_gives_the_same_output() -> None:
    assert align(story()) == align(story())


def test_the_threshold_only_removes() -> None:
    counts = [len(align(story(2), MarginAligner(threshold=t))[1].groups) for t in (0.0, 0.5, 0.9, 1.0)]
    assert counts == sorted(counts, reverse=True)


def test_a_sentence_in_no_row_comes_beside_the_one_that_it_overlaps() -> None:
    documents = story()
    documents["doc0"] += ["Flood army school.", documents["doc0"][0], "Nothing like it."]
    _, without = align(documents)
    sentences, alignment = align(documents, MarginAligner(partial=True))
    assert [replace(group, grade=EQUIVALENT) for group in without.groups] == [
        group for group in alignment.groups if group.grade == EQUIVALENT
    ]
    (partial,) = (group for group in alignment.groups if group.grade == PARTIAL)
    texts = [sentences[number].text for run in partial.members for number in run]
    assert texts == ["Flood army school.", "flood mayor army bridge school number1."]
    assert partial.score >= 0.65
    left = [sentences[unaligned.sentence].text for unaligned in alignment.unaligned]
    assert left == [documents["doc0"][0], "Nothing like it."]


def test_probabilities_are_those_of_the_model_whatever_is_joined_on_trial() -> None:
    documents = story(2)
    documents["doc0"].append("Flood army school.")
    model = default_model()
    found = [
        align(documents, MarginAligner(threshold=threshold, model=replace(model, prior=prior)))[1]
        for threshold in (0.0, 1.0)
        for prior in (model.prior, model.prior + 0.5)
    ]
    links = [{group.members: group.evidence["weakest_link"] for group in alignment.groups} for alignment in found[:2]]
    both = links[0].keys() & links[1].keys()
    assert both
    assert all(links[0][members] == pytest.approx(links[1][members], abs=1e-3) for members in both)
    scores = [[unaligned.score for unaligned in alignment.unaligned] for alignment in found[2:]]
    assert max(scores[0]) > 0
    assert scores[0] == pytest.approx(scores[1], abs=1e-3)


def test_a_very_long_sentence_takes_little_memory() -> None:
    documents = story(2, 40)
    documents["doc0"].append(" ".join(f"word{number}" for number in range(2000)))
    tracemalloc.start()
    try:
        sentences, alignment = align(documents)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert_complete(sentences, alignment)
    assert peak < 200e6


def test_many_spans_take_little_memory() -> None:
    def wide(texts: Sequence[str]) -> FloatArray:
        return np.pad(encode(texts), ((0, 0), (0, 960)))

    (texts,) = story(1, 8).values()
    sentences = sentences_of({"a": texts, "b": [" ".join(texts[k : k + 2]) for k in range(0, 8, 2)]})
    vectors = wide([s.text for s in sentences])
    items, neighbours = make_items(sentences, vectors, vectors, wide, 2)
    pairs = all_pairs(items, neighbours)
    spans = pairs[(items.size[pairs] > 1).any(1)]
    many = np.tile(spans, (20_000 // len(spans), 1))
    known = Odds(pairs[:0], np.zeros(0, np.float32), len(items.first))
    features = np.zeros((len(many), len(FEATURES)), np.float32)
    tracemalloc.start()
    try:
        span_features(items, neighbours, many, features, known)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60e6


def test_neighbours_among_many_take_memory_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = encode([f"word{k}" for k in range(4000)])
    documents = np.repeat([0, 1], [500, 3500])
    expected = nearest([vectors], documents, 5)
    monkeypatch.setattr(similarity, "_CELLS", 100_000)
    tracemalloc.start()
    try:
        found = nearest([vectors], documents, 5)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found.ids == expected.ids).all()
    assert peak < 8e6


def test_settings_reach_the_aligner() -> None:
    for settings in (Settings(partial=True), Settings(max_span=2)):
        with pytest.raises(SettingsError, match="leave it or --monotone out"):
            ALIGNERS["monotone"](settings)
    aligner = ALIGNERS["margin"](Settings(threshold=0.25, max_span=2, partial=True))
    assert aligner == MarginAligner(threshold=0.25, max_span=2, partial=True)
    assert aligner.signature == f"margin@{default_model().digest},threshold=0.25,span=2,partial"


def test_centring_takes_off_what_a_language_shares() -> None:
    rng = np.random.default_rng(0)
    content = rng.normal(size=(800, 8)).astype(np.float32)
    languages = np.repeat(rng.normal(size=(2, 8)) * 9, 400, axis=0).astype(np.float32)
    raw = content + languages
    vectors = centred(raw, ["a"] * 400 + ["b"] * 400, np.arange(800), raw.mean(axis=0))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.abs(vectors[:400].mean(0) @ languages[0]) < 5


def test_centring_leaves_something_of_the_only_sentence_in_its_language() -> None:
    rng = np.random.default_rng(0)
    vectors = centred(
        rng.normal(size=(21, 8)).astype(np.float32), ["a"] * 20 + ["b"], np.arange(21), np.zeros(8, np.float32)
    )
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_neighbours_are_of_other_documents_and_in_order() -> None:
    vectors = encode([f"word{k}" for k in range(30)])
    documents = np.arange(30) % 3
    found = nearest([vectors], documents, 5)
    assert (documents[found.ids] != documents[:, None]).all()
    assert (np.diff(found.similarities, axis=1) <= 0).all()


def test_neighbours_among_very_many_are_almost_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    documents = np.repeat([0, 1], 3073)  # the last block has one row
    meanings = rng.standard_normal((3073, 64))
    noisy = (np.tile(meanings, (2, 1)) + rng.standard_normal((6146, 64)) for _ in range(2))
    views = [unit(view.astype(np.float32)) for view in noisy]
    exact = nearest(views, documents, 8)
    monkeypatch.setattr(similarity, "_EXACT_PAIRS", 0)
    found, again = nearest(views, documents, 8), nearest(views, documents, 8)
    assert (found.ids == again.ids).all()
    assert (found.similarities == again.similarities).all()
    assert (documents[found.ids] != documents[:, None]).all()
    assert (np.diff(np.sort(found.ids, axis=1), axis=1) > 0).all(), "one twice"
    assert np.mean(found.ids[:, 0] == exact.ids[:, 0]) > 0.98
    assert np.mean([len(np.intersect1d(*both)) / 8 for both in zip(found.ids, exact.ids, strict=True)]) > 0.95


def best_partition(links: list[dict[int, float]], documents: list[int], absent: float) -> float:
    """The objective's maximum, by trying every partition."""

    def partitions(items: list[int]) -> list[list[list[int]]]:
        if not items:
            return [[]]
        first, *rest = items
        found = []
        for partition in partitions(rest):
            found.append([[first], *partition])
            found += [
                [*partition[:k], [first, *partition[k]], *partition[k + 1 :]]
                for k in range(len(partition))
                if documents[first] not in {documents[i] for i in partition[k]}
            ]
        return found

    def value(partition: list[list[int]]) -> float:
        return sum(links[i].get(j, absent) for group in partition for i, j in itertools.combinations(group, 2))

    return max(value(partition) for partition in partitions(list(range(len(documents)))))


@pytest.mark.parametrize("seed", range(20))
def test_grouping_comes_near_the_best_partition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    documents = [0, 0, 1, 1, 2, 2, 3]
    links: list[dict[int, float]] = [{} for _ in documents]
    for i, j in itertools.combinations(range(len(documents)), 2):
        if documents[i] != documents[j]:
            links[i][j] = links[j][i] = round(float(rng.normal(0, 3)), 3)
    grouping = Grouping(links, documents, [range(i, i + 1) for i in range(len(documents))], -4.0)
    grouping.solve()
    found = sum(grouping.value(group) for group in grouping.rows())
    assert found >= 0.85 * best_partition(links, documents, -4.0)


def test_one_bad_link_does_not_fuse_two_groups() -> None:
    documents = [0, 1, 2, 3, 4, 5]
    links: list[dict[int, float]] = [{} for _ in documents]
    for i, j in itertools.combinations(range(6), 2):
        value = 3.0 if i // 3 == j // 3 else -3.0
        links[i][j] = links[j][i] = value
    links[2][3] = links[3][2] = 5.0
    grouping = Grouping(links, documents, [range(i, i + 1) for i in range(6)], -4.0)
    grouping.solve()
    assert grouping.rows() == [[0, 1, 2], [3, 4, 5]]


def test_a_group_of_two_minds_comes_apart_between_them() -> None:
    links: list[dict[int, float]] = [{1: 6.0, 2: 0.5, 3: 0.5}, {0: 6.0}, {0: 0.5, 3: 6.0}, {0: 0.5, 2: 6.0}]
    grouping = Grouping(links, [0, 1, 2, 3], [range(i, i + 1) for i in range(4)], -2.0)
    part = grouping.part([0, 1, 2, 3])
    assert part.weakest == (0.5 + 0.5 - 2 - 2) / 4
    assert sorted(half.members for half in part.halves) == [[0, 1], [2, 3]]
    assert part.total == grouping.value([0, 1, 2, 3])
    assert [(half.weakest, len(half.halves)) for half in part.halves] == [(6.0, 2)] * 2


@pytest.mark.parametrize("seed", range(10))
def test_a_move_is_weighed_by_what_it_changes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    links: list[dict[int, float]] = [{} for _ in range(9)]
    for i, j in itertools.combinations(range(9), 2):
        if rng.random() < 0.8:
            links[i][j] = links[j][i] = float(rng.normal(0, 3))
    runs = [range(i, i + 1) for i in range(8)] + [range(7, 9)]  # the last holds a sentence of the one before
    grouping = Grouping(links, list(range(9)), runs, -1.0, {0: [0, 1, 2], 1: [3, 4], 2: [5, 7]})
    for home, members in grouping.groups.items():
        for item in members:
            grouping._home[item] = home
            grouping._holder.update(dict.fromkeys(runs[item], item))
    items = rng.permutation([0, 1, 3, 5, 6, 8]).tolist()
    gain, (touched, remade) = grouping._weigh([items[:3], items[3:]])
    before = sum(grouping.value(grouping.groups[home]) for home in touched)
    assert gain == pytest.approx(sum(map(grouping.value, remade)) - before)


def test_a_span_takes_the_place_of_its_part() -> None:
    links: list[dict[int, float]] = [{2: 1.0}, {}, {0: 1.0, 3: 4.0}, {2: 4.0}]
    grouping = Grouping(links, [0, 0, 1, 0], [range(1), range(1, 2), range(2, 3), range(2)], -4.0)
    grouping.solve()
    assert grouping.rows() == [[2, 3]]


@pytest.mark.parametrize("seed", range(30))
def test_no_sentence_is_in_two_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    starts = [(document, start) for document in range(4) for start in range(6 * document, 6 * document + 6)]
    spans = [(document, range(start, start + size)) for size in (1, 2, 3) for document, start in starts]
    spans = [(document, run) for document, run in spans if run.stop <= 6 * document + 6]
    links: list[dict[int, float]] = [{} for _ in spans]
    for (i, one), (j, other) in itertools.combinations(enumerate(spans), 2):
        if one[0] != other[0] and rng.random() < 0.3:
            links[i][j] = links[j][i] = float(rng.normal(0, 4))
    grouping = Grouping(links, [document for document, _ in spans], [run for _, run in spans], -4.0)
    grouping.solve()
    placed = [sentence for members in grouping.rows() for item in members for sentence in spans[item][1]]
    assert len(placed) == len(set(placed))
    for members in grouping.rows():
        assert len({spans[item][0] for item in members}) == len(members) > 1


def test_a_reprint_leaves_the_closeness_of_the_others_as_it_is() -> None:
    report = story(1)["doc0"]
    retold = [f"{text.split()[0]} {text.split()[1]} elsewhere at dusk word{k}." for k, text in enumerate(report)]

    def closeness(documents: dict[str, list[str]]) -> float:
        sentences = sentences_of(documents)
        vectors = encode([s.text for s in sentences])
        items, neighbours = make_items(sentences, vectors, vectors, encode, 1)
        pairs = all_pairs(items, neighbours)
        columns = dict(zip(FEATURES, pair_features(items, neighbours, pairs).T, strict=True))
        others = [{sentences[i].doc, sentences[j].doc} == {"report", "retold"} for i, j in pairs.tolist()]
        (value,) = set((columns["closeness"] - columns["remoteness"])[others].tolist())
        return float(value)

    alone = closeness({"report": report, "retold": retold})
    assert alone < 0.2
    assert closeness({"report": report, "retold": retold, "reprint": report}) == pytest.approx(alone, abs=0.1)
