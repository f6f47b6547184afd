"""The development stories that the aligner is fitted and measured on: their sentences, gold, and what the aligner sees.

Reads the development benchmark: news, synthetic stories from FLORES dev, the mining set, and this also with FLORES
lines on its left that nothing translates; news stories of our own, `retellings/`, and opposites, `contrasts/`, in the
form of the benchmark's news; of these kinds but mining every story also cut down to two of its documents, where it has
more than three, and to a few sentences of each; documents of different stories together, in which nothing says the
same; copies of articles; a few lines of FLORES in several languages; Text+Berg in any order; and lines of manuals from
the training data in ../mt beside the benchmark.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from quality import flores_texts  # noqa: E402

from align.aligner.features import pair_features  # noqa: E402
from align.aligner.items import Items, all_pairs, make_items  # noqa: E402
from align.aligner.similarity import Neighbours  # noqa: E402
from align.data import Document, Encode, FloatArray, IntArray, Sentence  # noqa: E402
from align.detector import LangdetectDetector  # noqa: E402
from align.encoder import make_encoder, unit_vectors  # noqa: E402
from align.pipeline import with_pivots  # noqa: E402
from align.scorefiles import read_beads  # noqa: E402
from align.scorer import NWayGold  # noqa: E402
from align.segmenter import SentencexSegmenter  # noqa: E402
from align.settings import Settings  # noqa: E402
from align.store import Store  # noqa: E402
from align.translator import ArgosTranslator  # noqa: E402
from models.train.corpus import clean, files  # noqa: E402

OURS = "retellings", "contrasts"  # folders beside this file
PARTS = 6  # of Text+Berg
MINING = ("mining", "mining untranslated", "mining manuals")
MANUALS = (
    "debian_handbook", "djangogirls", "react_docs", "python_docs", "bitcoin_org", "shattered_pixel_dungeon",
    "fillets_ng", "msdocs_human", "libreoffice_help", "darktable_docs", "gnome_help", "widelands",
)  # fmt: skip
MANUAL_LINES = 600  # of each, at most
MANUAL_WORDS = range(4, 37)
MANUAL_SIDES = ((0, 1), (0.25, 0.5), (0.4, 0.5))  # where the right side begins and the left ends, of all pairs of a set
UNTRANSLATED = {"zh": 1, "de": 2, "cs": 5, "es": 10}  # languages of FLORES; of the right side one line in so many
EQUAL, UNEQUAL, PART = 1, 0, -1
SHORT = 1, 2, 4  # sentences of short notices
BRIEF = range(1, 9)  # lines of short translations
BRIEF_LINES = range(660, 900)  # of FLORES dev; neither `parts` nor `many` of quality.py has them
BRIEF_TEXTS = 240
_WHOLE = 0.8  # of a gold sentence's characters: what an item holds to hold it whole

Texts = Sequence[str]
FactsOf = Callable[[str, dict[str, Any]], dict[int, frozenset[Any]]]
Translate = Callable[[list[Sentence]], list[Sentence]]
Label = Callable[[list[Sentence], Items, IntArray, dict[str, Any]], IntArray]


@dataclass
class Story:
    """One story, its gold, and what the aligner sees in it."""

    kind: str
    name: str
    sentences: list[Sentence]
    gold: NWayGold
    items: Items
    neighbours: Neighbours
    pairs: IntArray
    features: FloatArray
    labels: IntArray
    odds: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))
    span_features: FloatArray = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    @property
    def is_span(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which pairs have an item of several sentences."""
        return np.asarray((self.items.size[self.pairs] > 1).any(1))


def read_stories(
    folder: Path, kind: str, facts_of: FactsOf, encode: Encode, translate: Translate, max_span: int
) -> Iterator[Story]:
    """The stories of a folder that stories.py or news.py built; their first two and last two documents; short ones."""
    for path in sorted(folder.glob("*.gold.json")):
        name = path.name.removesuffix(".gold.json")
        gold = json.loads(path.read_text(encoding="utf-8"))
        sentences: list[Sentence] = []
        for file in sorted((folder / name).glob("*.txt"), key=lambda file: file.stem):
            text = file.read_text(encoding="utf-8")
            lang = LangdetectDetector().detect(text).lang
            sentences += SentencexSegmenter().segment(Document(file.stem, text, str(file), lang=lang))
        sentences, facts = translate(sentences), facts_of(name, gold)
        docs = sorted({s.doc for s in sentences})
        labels = partial(label, facts=facts)
        yield _story(kind, name, sentences, gold, labels, encode, max_span)
        for two in (docs[:2], docs[-2:]) if len(docs) > 3 else ():
            few = [s for s in sentences if s.doc in two]
            yield _story(f"{kind} of two", name, few, _restricted(gold, few), labels, encode, max_span)
        for length, notices in itertools.product(SHORT, (docs, docs[:3])):
            few = _cut_short([s for s in sentences if s.doc in notices], gold, length, random.Random(name))
            yield _story("short", name, few, _restricted(gold, few), labels, encode, max_span)


def _story(
    kind: str, name: str, sentences: list[Sentence], gold: dict[str, Any], label_pairs: Label, encode: Encode,
    max_span: int,
) -> Story:  # fmt: skip
    vectors, pivots = encode([s.text for s in sentences]), encode([s.in_pivot for s in sentences])
    items, neighbours = make_items(sentences, vectors, pivots, encode, max_span)
    pairs = all_pairs(items, neighbours)
    labels = label_pairs(sentences, items, pairs, gold)
    features = pair_features(items, neighbours, pairs)
    return Story(kind, name, sentences, NWayGold.of(gold), items, neighbours, pairs, features, labels)


def _gold_of(sentences: Sequence[Sentence], groups: list[list[int]]) -> dict[str, Any]:
    """The gold of a story that was put together here."""
    spans = [{"id": at, "doc": s.doc, "start": s.start, "end": s.end} for at, s in enumerate(sentences)]
    return {"sentences": spans, "groups": groups, "ignore": []}


def _restricted(gold: dict[str, Any], sentences: Sequence[Sentence]) -> dict[str, Any]:
    """The gold of some of the sentences."""
    within = {(s.doc, place) for s in sentences for place in range(s.start, s.end)}
    kept = {s["id"] for s in gold["sentences"] if {(s["doc"], s["start"]), (s["doc"], s["end"] - 1)} <= within}
    groups = [[i for i in group if i in kept] for group in gold["groups"]]
    return {
        "sentences": [s for s in gold["sentences"] if s["id"] in kept],
        "groups": [group for group in groups if len(group) > 1],
        "ignore": [pair for pair in gold["ignore"] if kept.issuperset(pair)],
    }


def _cut_short(sentences: Sequence[Sentence], gold: dict[str, Any], length: int, rng: random.Random) -> list[Sentence]:
    """Neighbouring sentences of each document, such that all documents of some row keep what they have of it."""
    group = rng.choice(gold["groups"])
    wanted = {s["doc"]: s["start"] for s in gold["sentences"] if s["id"] in group}
    kept = []
    for doc in sorted({s.doc for s in sentences}):
        own = [s for s in sentences if s.doc == doc]
        place = sum(s.start < wanted[doc] for s in own) if doc in wanted else rng.randrange(len(own))
        first = max(0, min(place - rng.randrange(length), len(own) - length))
        kept += own[first : first + length]
    return kept


def read_mining(bench: Path, encode: Encode, translate: Translate, max_span: int) -> Iterator[Story]:
    """The mining set as stories of two documents, a sentence a line: half of the left with all of the right.

    Then a third of FLORES in languages that nothing translates, with the same right side, thinned out, and so without
    some of their partners.
    """
    left, right = (_lines(bench / "mining" / name) for name in ("left.pl", "right.en"))
    gold = {int(a): int(b) for a, b in (line.split("\t")[:2] for line in _lines(bench / "mining" / "gold.tsv"))}
    for half in range(2):
        chosen = range(half, len(left), 2)
        partners = [gold.get(k) for k in chosen]
        sentences = translate(_side("left", "pl", [left[k] for k in chosen]) + _side("right", "en", right))
        yield _mining_story("mining", f"mining{half}", sentences, partners, encode, max_span)
    flores = {name: _lines(bench / "flores" / f"dev.{name}")[::3] for name in ("en", *UNTRANSLATED)}
    for lang, thin in UNTRANSLATED.items():
        place = {text: at for at, text in enumerate(right[::thin])}
        partners = [place.get(text) for text in flores["en"]]
        sentences = _side("left", lang, flores[lang]) + _side("right", "en", right[::thin])
        yield _mining_story("mining untranslated", f"mining {lang}", sentences, partners, encode, max_span)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _side(doc: str, lang: str, texts: Texts) -> list[Sentence]:
    return [Sentence(doc, lang, 1000 * at, 1000 * at + len(t), " ".join(t.split())) for at, t in enumerate(texts)]


def _mining_story(
    kind: str, name: str, sentences: list[Sentence], partners: Sequence[int | None], encode: Encode, max_span: int
) -> Story:
    """Two documents, of whose first the sentences have these partners in the second."""
    groups = [[at, len(partners) + partner] for at, partner in enumerate(partners) if partner is not None]
    return _story(kind, name, sentences, _gold_of(sentences, groups), _label_lines, encode, max_span)


def _label_lines(_: list[Sentence], __: Items, pairs: IntArray, gold: dict[str, Any]) -> IntArray:
    """Whether each pair is in the gold, which is of single lines: these come first among the items."""
    wanted = {tuple(group) for group in gold["groups"]}
    return np.array([int(tuple(pair) in wanted) for pair in pairs.tolist()], np.int64)


def read_manuals(data: Path, encode: Encode, max_span: int) -> Iterator[Story]:
    """Lines of manuals and games as mining sets, Polish untranslated, of which all, half or few have a partner.

    From sources that the encoder's adapter was not trained on.
    """
    rng = random.Random(1)
    pairs: list[tuple[str, str]] = []
    seen: set[str] = set()
    for source, path in files(data, MANUALS):
        lines = list(clean(source, path, MANUAL_WORDS))
        for pair in rng.sample(lines, min(len(lines), MANUAL_LINES)):
            if seen.isdisjoint(pair):
                seen.update(pair)
                pairs.append(pair)
    rng.shuffle(pairs)
    for part, (start, end) in enumerate(MANUAL_SIDES):
        own = pairs[part :: len(MANUAL_SIDES)]
        left, right = own[: int(end * len(own))], own[int(start * len(own)) :]
        rng.shuffle(right)
        place = {pair: at for at, pair in enumerate(right)}
        sentences = _side("left", "pl", [polish for polish, _ in left]) + _side("right", "en", [e for _, e in right])
        partners = [place.get(pair) for pair in left]
        yield _mining_story("mining manuals", f"manuals {part}", sentences, partners, encode, max_span)


def read_translations(bench: Path, encode: Encode, max_span: int) -> Iterator[Story]:
    """Text+Berg, German and French, in parts: a book and its translation, which nothing translates, in any order."""
    sides = [_lines(bench / "textberg" / f"dev.{lang}") for lang in ("de", "fr")]
    path = bench / "textberg" / "dev.defr"
    beads = read_beads(path)
    for part in range(PARTS):
        chosen = beads[part * len(beads) // PARTS : (part + 1) * len(beads) // PARTS]
        groups: list[list[int]] = [[] for _ in chosen]
        facts: dict[int, frozenset[Any]] = {}
        sentences: list[Sentence] = []
        told = [_stretches([[len(sides[s][line]) for line in bead[s]] for s in (0, 1)]) for bead in chosen]
        for side, lang in enumerate(("de", "fr")):
            stretches = [(number, stretch) for number, bead in enumerate(told) for stretch in bead[side]]
            for i, (number, stretch) in enumerate(stretches, len(sentences)):
                groups[number].append(i)
                facts[i] = frozenset((number, k) for k in stretch)
            sentences += _side(lang, lang, [sides[side][line] for bead in chosen for line in bead[side]])
        gold = _gold_of(sentences, [group for group, bead in zip(groups, chosen, strict=True) if all(bead)])
        labels = partial(label, facts=facts)
        yield _story("translations", f"translations {part}", sentences, gold, labels, encode, max_span)


def _stretches(lengths: Sequence[Sequence[int]]) -> list[list[list[int]]]:
    """Of each sentence on each side of a bead, given their lengths, the stretches of the whole that it tells.

    What is not known is taken as in proportion; a stretch lies between two neighbouring ends of either side.
    """
    ends = [(np.cumsum(side) / max(sum(side), 1)).tolist() for side in lengths]
    cuts = sorted({round(end, 6) for side in ends for end in side})
    places = [[0, *(cuts.index(round(end, 6)) + 1 for end in side)] for side in ends]
    return [[list(range(start, end)) for start, end in itertools.pairwise(side)] for side in places]


def read_brief(bench: Path, encode: Encode, translate: Translate, max_span: int) -> Iterator[Story]:
    """Two or three versions of a few neighbouring lines of FLORES, which share all of them, half or none."""
    flores = {lang: _lines(path) for lang, path in flores_texts(bench).items()}
    for number in range(BRIEF_TEXTS):
        rng = random.Random(number)
        length, share = BRIEF[number % len(BRIEF)], (1, 0.5, 0)[number // len(BRIEF) % 3]
        langs = rng.sample(sorted(flores), rng.choice((2, 2, 3)))
        start = rng.randrange(BRIEF_LINES.start, BRIEF_LINES.stop - 3 * length)
        common = round(share * length)
        sentences: list[Sentence] = []
        told: list[int] = []
        for k, lang in enumerate(langs):
            alone = start + common + k * (length - common)  # where the lines begin that this version alone has
            chosen = [*range(start, start + common), *range(alone, alone + length - common)]
            rng.shuffle(chosen)
            sentences += _side(lang, lang, [flores[lang][line] for line in chosen])
            told += chosen
        groups = [[at for at, line in enumerate(told) if line == common] for common in sorted(set(told))]
        gold = _gold_of(sentences, [group for group in groups if len(group) > 1])
        facts = {at: frozenset([line]) for at, line in enumerate(told)}
        labels = partial(label, facts=facts)
        yield _story("brief", f"brief {number}", translate(sentences), gold, labels, encode, max_span)


def mix_unrelated(stories: Sequence[Story], encode: Encode, max_span: int) -> Iterator[Story]:
    """One document of each of four stories, twelve times: nothing in these says the same."""
    for kind, shift in itertools.product(("news", "stories"), range(6)):
        pool = [story for story in stories if story.kind == kind]
        sentences: list[Sentence] = []
        for number in range(4):
            chosen = pool[(shift + 2 * number) % len(pool)].sentences
            docs = sorted({s.doc for s in chosen})
            doc = docs[(shift + number) % len(docs)]
            sentences += [replace(s, doc=f"{number} {doc}") for s in chosen if s.doc == doc]
        gold = _gold_of(sentences, [])
        yield _story("unrelated", f"unrelated {kind} {shift}", sentences, gold, _label_lines, encode, max_span)


def repeat(stories: Sequence[Story], encode: Encode, max_span: int) -> Iterator[Story]:
    """The beginnings of news articles, each two to six times word for word, as agencies' texts are printed."""
    pool = [story.sentences for story in stories if story.kind in ("news", "retellings")]
    for number, (sentences, length, times) in enumerate(
        zip(pool, itertools.cycle((2, 4, 8)), itertools.cycle((2, 2, 3, 6)))
    ):
        own = [s for s in sentences if s.doc == sentences[0].doc][:length]
        copies = [replace(s, doc=f"{copy}") for copy in range(times) for s in own]
        groups = [list(range(at, len(copies), length)) for at in range(length)]
        gold = _gold_of(copies, groups)
        facts = {i: frozenset([i % length]) for i in range(len(copies))}
        yield _story("copies", f"copies {number}", copies, gold, partial(label, facts=facts), encode, max_span)


def label(
    sentences: list[Sentence], items: Items, pairs: IntArray, gold: dict[str, Any], facts: dict[int, frozenset[Any]]
) -> IntArray:
    """Whether the items of each pair say the same, something else, or the same in part."""
    stated = [
        _stated(sentences, range(first, first + size), gold, facts)
        for first, size in zip(items.first.tolist(), items.size.tolist(), strict=True)
    ]

    def compare(i: int, j: int) -> int:
        (left, left_whole), (right, right_whole) = stated[i], stated[j]
        if not left & right:
            return UNEQUAL
        return EQUAL if left == right and left_whole and right_whole else PART

    found = []
    for i, j in pairs.tolist():
        value = compare(i, j)
        parts = list(itertools.product(run_of(items, i), run_of(items, j)))
        if len(parts) > 1 and (value == PART or any(compare(*part) == EQUAL for part in parts)):
            value = UNEQUAL  # a span is right only where it is needed, and whole
        found.append(value)
    return np.array(found, np.int64)


def run_of(items: Items, i: int) -> range:
    return range(int(items.first[i]), int(items.first[i] + items.size[i]))


def _stated(
    sentences: list[Sentence], run: range, gold: dict[str, Any], facts: dict[int, frozenset[Any]]
) -> tuple[frozenset[Any], bool]:
    """The facts that a run of sentences states, and whether it holds the gold sentences that it touches whole."""
    start, end, doc = sentences[run[0]].start, sentences[run[-1]].end, sentences[run[0]].doc
    found: set[Any] = set()
    whole = True
    for sentence in gold["sentences"]:
        held = min(end, sentence["end"]) - max(start, sentence["start"])
        if sentence["doc"] == doc and held > 0:
            whole &= held >= _WHOLE * (sentence["end"] - sentence["start"])
            whole &= bool(facts[sentence["id"]]) or len(run) == 1
            found |= facts[sentence["id"]]
    return frozenset(found), whole


def stories_of(
    work: Path, bench: Path, encode: Encode, translate: Translate = list, *, mining: bool = True, max_span: int = 3
) -> list[Story]:
    """The development stories of all kinds; `work`: a folder to lay them out in."""
    sys.path.insert(0, str(bench))
    from news import lay_out  # type: ignore[import-not-found]

    def news_facts(folder: Path, name: str, gold: dict[str, Any]) -> dict[int, frozenset[Any]]:
        story = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        facts = {(d["doc"], start): stated for d in story["documents"] for start, _, stated in lay_out(d)[1]}
        return {s["id"]: facts[s["doc"], s["start"]] for s in gold["sentences"]}

    def story_facts(name: str, gold: dict[str, Any]) -> dict[int, frozenset[Any]]:
        group = {i: number for number, members in enumerate(gold["groups"]) for i in members}
        return {s["id"]: frozenset([group.get(s["id"], f"alone {s['id']}")]) for s in gold["sentences"]}

    stories: list[Story] = []

    def read(script: str, source: Path, kind: str, facts_of: FactsOf) -> None:
        with tempfile.TemporaryDirectory(dir=work) as folder:
            subprocess.run([sys.executable, bench / script, source, folder], check=True)
            stories.extend(read_stories(Path(folder), kind, facts_of, encode, translate, max_span))

    for kind, source in (("news", bench / "news"), *((kind, Path(__file__).with_name(kind)) for kind in OURS)):
        read("news.py", source, kind, partial(news_facts, source))
    read("stories.py", bench / "flores", "stories", story_facts)
    stories += read_brief(bench, encode, translate, max_span)
    stories += mix_unrelated(stories, encode, max_span)
    stories += repeat(stories, encode, max_span)
    stories += read_translations(bench, encode, max_span)
    if mining:
        stories += read_mining(bench, encode, translate, max_span)
        stories += read_manuals(bench.parent / "mt", encode, max_span)
    return stories


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options that the scripts share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=ROOT / "../shared/bench")
    parser.add_argument("--work", type=Path, default=Path("/tmp/align-calibrate"))
    return parser


def open_models(work: Path) -> tuple[Encode, Translate]:
    """The default encoder and the package shipped for Polish, their results kept in the work folder."""
    work.mkdir(parents=True, exist_ok=True)
    store = Store(work / "results.sqlite")
    settings = Settings(models=ROOT / "models")
    encoder, translator = make_encoder(settings), ArgosTranslator.of(settings)

    def translate(sentences: list[Sentence]) -> list[Sentence]:
        return with_pivots(sentences, translator, "en", store, lambda *_: None)[0]

    return partial(unit_vectors, encoder, store), translate
