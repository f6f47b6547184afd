"""The monotone aligner: the lattice against brute force, beads of two texts, rows of several."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from beads_of_texts import align_texts, two_sides

from align.aligner import beads as beads_module
from align.aligner.background import BACKGROUND
from align.aligner.beads import Weights
from align.aligner.lattice import NOWHERE, Lattice
from align.aligner.monotone import MonotoneAligner
from align.data import Alignment, Encode, FloatArray, Sentence

DIMENSIONS = 64


def encode(texts: Sequence[str]) -> FloatArray:
    """Unit vectors in a narrow cone, as E5's: a sum over words; the same meaning has the same letters before the dot.

    "en.sea" and "pl.sea" share most of their vector.
    """
    rows = []
    for text in texts:
        row = 3.0 * _word("cone")
        for word in text.split():
            lang, _, meaning = word.partition(".")
            row = row + _word(meaning) + 0.3 * _word(word) + 0.2 * _word(lang)
        rows.append(row / np.linalg.norm(row))
    return np.array(rows, np.float32)


def _word(word: str) -> FloatArray:
    return np.asarray(np.random.default_rng(list(word.encode())).normal(size=DIMENSIONS) / 8, np.float32)


def say(lang: str, *meanings: int) -> str:
    """A sentence that says each meaning with four words of its own."""
    return " ".join(f"{lang}.w{meaning}{part}" for meaning in meanings for part in "abcd")


def retell(lang: str, count: int, seed: int) -> tuple[list[str], list[tuple[int, ...]]]:
    """A telling of `count` meanings in order, some joined in one sentence, some left out; what each sentence says."""
    rng, at, said = random.Random(seed), 0, []
    while at < count:
        size = rng.choice([0, 1, 1, 1, 1, 1, 1, 2])
        if size:
            said.append(tuple(range(at, min(at + size, count))))
        at += max(size, 1)
    return [say(lang, *meanings) for meanings in said], said


def expected(left: Sequence[tuple[int, ...]], right: Sequence[tuple[int, ...]]) -> set[tuple[int, int]]:
    """The pairs of sentences that share a meaning."""
    return {(i, j) for i, x in enumerate(left) for j, y in enumerate(right) if set(x) & set(y)}


def links(beads: Iterable[tuple[Sequence[int], Sequence[int]]]) -> set[tuple[int, int]]:
    return {(i, j) for x, y in beads for i in x for j in y}


def sentences_of(texts: dict[str, list[str]]) -> list[Sentence]:
    return [Sentence(doc, doc[:2], 0, len(text), text) for doc, lines in texts.items() for text in lines]


def align(texts: dict[str, list[str]], threshold: float = 0.0, spans: Encode = encode) -> Alignment:
    sentences = sentences_of(texts)
    vectors = encode([s.text for s in sentences]) if sentences else np.zeros((0, 0), np.float32)
    return MonotoneAligner(threshold=threshold).align(sentences, vectors, vectors, spans)


# The lattice


def full_lattice(n: int, m: int, seed: int) -> tuple[Lattice, FloatArray]:
    shapes = [(1, 1), (1, 2), (2, 1), (2, 2)]
    lattice = Lattice.of((np.zeros(n + 1, np.int64), np.full(n + 1, m)), shapes)
    scores = np.random.default_rng(seed).normal(size=lattice.source.shape).astype(np.float32)
    scores[lattice.source == lattice.cells] = NOWHERE
    return lattice, scores


def all_paths(lattice: Lattice, scores: FloatArray, gap: float) -> list[tuple[float, list[tuple[int, int]]]]:
    """Every alignment as its score and its beads (shape, end cell)."""
    end = len(lattice.low) - 1, int(lattice.high[-1])

    def walk(i: int, j: int) -> list[tuple[float, list[tuple[int, int]]]]:
        if (i, j) == end:
            return [(0.0, [])]
        found = [
            (gap + s, b) for k, c in ((i + 1, j), (i, j + 1)) if k <= end[0] and c <= end[1] for s, b in walk(k, c)
        ]
        for shape, (n, m) in enumerate(lattice.shapes):
            if i + n <= end[0] and j + m <= end[1]:
                cell = int(lattice.find(np.array([i + n]), np.array([j + m]))[0])
                found += [(s + float(scores[shape, cell]), [(shape, cell), *b]) for s, b in walk(i + n, j + m)]
        return found

    return walk(0, 0)


@pytest.mark.parametrize(("n", "m", "seed"), [(1, 1, 0), (3, 3, 1), (4, 2, 2), (2, 4, 3), (1, 4, 4)])
def test_posteriors_and_best_path_against_brute_force(n: int, m: int, seed: int) -> None:
    lattice, scores = full_lattice(n, m, seed)
    paths = all_paths(lattice, scores, -0.5)
    total = sum(np.exp(score) for score, _ in paths)
    posterior = np.zeros(scores.shape)
    for score, beads in paths:
        for shape, cell in beads:
            posterior[shape, cell] += np.exp(score) / total
    np.testing.assert_allclose(lattice.posteriors(scores, -0.5), posterior, atol=1e-5)
    best = [(shape, cell) for *_, shape, cell in lattice.best(scores, -0.5) if shape is not None]
    assert best == max(paths, key=lambda path: path[0])[1]


def test_band_follows_the_path_and_is_connected() -> None:
    low, high = beads_module._around([(0, 0), (40, 5), (41, 400), (300, 420)], 300, 420)
    assert low[0] == 0
    assert high[-1] == 420
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    assert (low[1:] <= high[:-1]).all()
    assert (high - low).sum() < 300 * 120


# Two texts


@pytest.mark.parametrize(
    ("left", "right", "beads"),
    [
        ([(0,), (1,), (2,)], [(0,), (1,), (2,)], [([0], [0]), ([1], [1]), ([2], [2])]),
        ([(0, 1), (2,), (3,)], [(0,), (1,), (2,), (3,)], [([0], [0, 1]), ([1], [2]), ([2], [3])]),
        ([(0,), (1,), (2,), (3,)], [(0,), (1, 2), (3,)], [([0], [0]), ([1, 2], [1]), ([3], [2])]),
        (
            [(0,), (1,), (2,)],
            [(0,), (7,), (8,), (1,), (2,)],
            [([0], [0]), ([], [1]), ([], [2]), ([1], [3]), ([2], [4])],
        ),
        ([(0, 1), (2,), (3,)], [(0,), (1, 2), (3,)], [([0, 1], [0, 1]), ([2], [2])]),
    ],
    ids=["one to one", "split", "joined", "inserted", "crossing halves"],
)
def test_beads(
    left: list[tuple[int, ...]], right: list[tuple[int, ...]], beads: list[tuple[list[int], list[int]]]
) -> None:
    frame = [(k,) for k in range(20, 26)]  # more of the same story on both ends
    en, pl = ([say(lang, *x) for x in [*frame[:3], *side, *frame[3:]]] for lang, side in (("en", left), ("pl", right)))
    found = align_texts(en, pl, encode)
    assert found[:3] == [([k], [k]) for k in range(3)]
    inner = [([i - 3 for i in x], [j - 3 for j in y]) for x, y in found[3:-3]]
    assert inner == beads


@pytest.mark.parametrize("seed", range(4))
def test_every_sentence_once_in_order_and_the_same_again(seed: int) -> None:
    (left, said), (right, told) = retell("en", 120, seed), retell("pl", 120, seed + 50)
    found = align_texts(left, right, encode)
    assert [i for x, _ in found for i in x] == list(range(len(left)))
    assert [j for _, y in found for j in y] == list(range(len(right)))
    assert all(len(x) + len(y) <= 7 or len(x) == len(y) == 4 for x, y in found)
    want, have = expected(said, told), links(found)
    assert len(want & have) >= 0.95 * len(want)
    assert len(want & have) >= 0.9 * len(have)  # a sentence left out may be taken in by its neighbour's bead
    assert align_texts(left, right, encode) == found
    mirrored = align_texts(right, left, encode)
    assert len(links((y, x) for x, y in mirrored) & have) >= 0.97 * len(have)


def test_coarse_to_fine_finds_what_the_full_table_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chapter of sixty sentences is missing on one side, where no band along the diagonal would lead."""
    left = [say("en", k) for k in range(260)]
    right = [say("pl", k) for k in range(260) if not 70 <= k < 130]
    monkeypatch.setattr(beads_module, "_FULL", 10**9)
    full = align_texts(left, right, encode)
    monkeypatch.setattr(beads_module, "_FULL", 2_000)
    assert links(align_texts(left, right, encode)) == links(full)
    assert links(full) == {(k, k if k < 70 else k - 60) for k in range(260) if not 70 <= k < 130}


@pytest.mark.parametrize(("left", "right"), [(0, 0), (0, 3), (2, 0)])
def test_an_empty_text(left: int, right: int) -> None:
    en, pl = ([say(lang, k) for k in range(count)] for lang, count in (("en", left), ("pl", right)))
    assert align_texts(en, pl, encode) == [([i], []) for i in range(left)] + [([], [j]) for j in range(right)]


def test_numbers_and_names_decide_where_the_vectors_cannot() -> None:
    """An encoder that knows nothing: altitude and name tell which sentence the other text has added."""
    left = ["Der Gipfel misst 4478 m.", "Dort oben stand Whymper zuerst."]
    right = ["Quelle journée !", "Le sommet mesure 4478 m.", "Là-haut, Whymper fut le premier."]
    large = tuple((n, m, -9.0) for n, m, _ in Weights().shapes)
    weights = Weights(match=-1.0, length=0.0, shapes=large, four=-9.0, shared=3.0, gap=-0.4)

    def mute(texts: Sequence[str]) -> FloatArray:
        return np.zeros((len(texts), 2), np.float32)

    told = [([], [0]), ([0], [1]), ([1], [2])]
    assert align_texts(left, right, mute, weights, ("de", "fr")) == told
    assert align_texts(left, right, mute, replace(weights, shared=0.0), ("de", "fr")) != told


def test_shared_terms_of_each_cell() -> None:
    """Against a count by hand, in a band that leaves cells out; a spelled number counts in its language."""
    left, right = ["mit Whymper 1865", "dreiundzwanzig", "nichts"], ["rien", "avec Whymper 23", "1865"]
    sides = two_sides(left, right, encode, ("de", "fr"))
    band = np.array([0, 0, 0, 0]), np.array([3, 3, 2, 3])
    lattice = Lattice.of(band, [(1, 1)])
    found = beads_module._shared(*sides, lattice)
    places = zip(lattice.row.tolist(), lattice.column.tolist(), found.tolist(), strict=True)
    assert {(row, column) for row, column, weight in places if weight} == {(1, 2), (1, 3), (2, 2)}


def test_a_bead_that_breaks_off_within_brackets_is_worth_less() -> None:
    left = [say("en", k) for k in range(8)]
    left[3], left[4] = f"{left[3]} (", f"{left[4]} )"
    right = [say("pl", k) for k in range(8)]
    split, joined = (align_texts(left, right, encode, Weights(unclosed=odds, gap=-30.0)) for odds in (0.0, -40.0))
    assert split[3:5] == [([3], [3]), ([4], [4])]
    assert joined[3] == ([3, 4], [3, 4])


def test_what_a_scanner_sees_in_specks_stays_alone() -> None:
    left, right = [say("en", k) for k in range(8)], [say("pl", k) for k in range(8)]
    left[4:4] = ["24 a !"]
    right[6:6] = ["..... -"]
    joined, alone = (align_texts(left, right, encode, Weights(specks=odds, gap=-12.0)) for odds in (0.0, -12.0))
    assert all(x and y for x, y in joined)
    assert [bead for bead in alone if not all(bead)] == [([4], []), ([], [6])]


def test_a_sentence_told_in_six() -> None:
    left = [say("en", k) for k in (0, 1)] + [say("en", *range(10, 16))] + [say("en", k) for k in (2, 3)]
    right = [say("pl", k) for k in (0, 1, *range(10, 16), 2, 3)]
    assert ([2], [2, 3, 4, 5, 6, 7]) in align_texts(left, right, encode)


@pytest.mark.parametrize("part", [range(4), range(6, 10), range(13, 18), range(0, 18, 2)], ids=str)
def test_a_version_of_a_part_of_the_text(part: range) -> None:
    left, right = [say("en", k) for k in range(18)], [say("pl", k) for k in part]
    assert [bead for bead in align_texts(left, right, encode) if bead[1]] == [([k], [n]) for n, k in enumerate(part)]


def test_few_spans_are_encoded() -> None:
    asked: list[str] = []

    def counting(texts: Sequence[str]) -> FloatArray:
        asked.extend(texts)
        return encode(texts)

    left, right = ([say(lang, k) for k in range(200)] for lang in ("en", "pl"))
    align_texts(left, right, counting)
    singles = [*left, *right, *BACKGROUND]
    assert set(singles) <= set(asked)
    assert len(set(asked) - set(singles)) < 200  # of some 1,200 spans of two to four sentences


# Several texts


def check_whole(alignment: Alignment, sentences: Sequence[Sentence]) -> None:
    """Every sentence once, members runs within one document, each document once a row, rows never crossing."""
    members = [member for group in alignment.groups for member in group.members]
    seen = [i for member in members for i in member] + [item.sentence for item in alignment.unaligned]
    assert sorted(seen) == list(range(len(sentences)))
    last: dict[str, int] = {}
    for group in alignment.groups:
        docs = [sentences[member[0]].doc for member in group.members]
        assert len(docs) == len(set(docs)) > 1
        assert 0.0 <= group.score <= 1.0
        assert list(group.members) == sorted(group.members)
        for doc, member in zip(docs, group.members, strict=True):
            assert all(b == a + 1 for a, b in pairwise(member))
            assert sentences[member[-1]].doc == doc
            assert member[0] > last.get(doc, -1)
            last[doc] = member[-1]
    assert all(0.0 <= item.score <= 1.0 and item.reason for item in alignment.unaligned)


def test_rows_of_four_documents() -> None:
    tellings = {f"{lang}{n}": retell(lang, 60, n) for n, lang in enumerate(["en", "pl", "de", "en"])}
    texts = {doc: lines for doc, (lines, _) in tellings.items()}
    alignment = align(texts)
    sentences = sentences_of(texts)
    check_whole(alignment, sentences)
    meanings = [said for _, told in tellings.values() for said in told]
    sure = sum(
        bool(set().union(*(meanings[i] for i in x)) & set().union(*(meanings[i] for i in y)))
        for group in alignment.groups
        for x, y in pairwise(group.members)
    )
    assert sure >= 0.95 * sum(len(group.members) - 1 for group in alignment.groups)
    assert sum(len(group.members) == 4 for group in alignment.groups) >= 20
    assert align(texts) == alignment


def test_the_background_is_encoded_once() -> None:
    sentences = sentences_of({lang: [say(lang, k) for k in range(5)] for lang in ("en", "pl", "de")})
    vectors, asked = encode([sentence.text for sentence in sentences]), []

    def counting(texts: Sequence[str]) -> FloatArray:
        asked.append(tuple(texts))
        return encode(texts)

    MonotoneAligner().align(sentences, vectors, vectors, counting)
    assert asked.count(BACKGROUND) == 1


def test_what_the_medoid_lacks_still_meets_its_translations() -> None:
    told = list(range(30))
    texts = {
        "en1": [say("en", k) for k in told],
        "de1": [say("de", k) for k in told if k not in (10, 11)],
        "pl1": [say("pl", k) for k in told],
    }
    alignment = align(texts)
    rows = {group.members for group in alignment.groups}
    assert ((10,), (68,)) in rows
    assert ((11,), (69,)) in rows
    assert not alignment.unaligned


def test_a_sentence_of_one_document_only() -> None:
    texts = {"en": [say("en", k) for k in range(12)], "pl": [say("pl", k) for k in (*range(6), 40, *range(6, 12))]}
    alignment = align(texts)
    check_whole(alignment, sentences_of(texts))
    [left_out] = alignment.unaligned
    assert left_out.sentence == 12 + 6
    assert left_out.reason == "no partner at its place in the other documents"
    assert left_out.candidate in (5, 6)


def test_the_translation_counts_as_well() -> None:
    """Vectors of the originals that say nothing: only the translations can align."""
    order = list(range(15))
    english = [Sentence("en", "en", 0, 1, say("en", k)) for k in order]
    polish = [Sentence("pl", "pl", 0, 1, f"pl.zz{k}a pl.zz{k}b", say("en", k)) for k in order if k != 7]
    sentences = [*english, *polish]
    vectors, pivots = encode([s.text for s in sentences]), encode([s.pivot or s.text for s in sentences])
    alignment = MonotoneAligner().align(sentences, vectors, pivots, encode)
    check_whole(alignment, sentences)
    assert [item.sentence for item in alignment.unaligned] == [7]


def test_threshold_dissolves_rows() -> None:
    texts = {"en": [say("en", k) for k in range(8)], "pl": [say("pl", k) for k in range(8)]}
    alignment = align(texts, threshold=1.1)
    assert not alignment.groups
    assert {item.reason for item in alignment.unaligned} == {"its row scored below the threshold"}
    check_whole(alignment, sentences_of(texts))


@pytest.mark.parametrize("texts", [{}, {"en": [say("en", 1)]}, {"en": [say("en", 1), say("en", 2)]}])
def test_nothing_to_align_with(texts: dict[str, list[str]]) -> None:
    def refuse(_: Sequence[str]) -> FloatArray:
        raise AssertionError("nothing is to be encoded where there is nothing to compare")

    alignment = align(texts, spans=refuse)
    assert not alignment.groups
    assert {item.reason for item in alignment.unaligned} <= {"there is no other document to compare it with"}
    check_whole(alignment, sentences_of(texts))


def test_two_sentences_that_are_all_there_is() -> None:
    alignment = align({"en": [say("en", 1)], "pl": [say("pl", 1)]})
    assert [group.members for group in alignment.groups] == [((0,), (1,))]


def test_signature_names_the_weights() -> None:
    plain, other = MonotoneAligner(), MonotoneAligner(weights=Weights(gap=-3.0))
    assert plain.signature.startswith("monotone@")
    assert plain.signature.endswith(",threshold=0")
    assert plain.signature != other.signature
