"""`align score`: agreement with the benchmark's own script, the three kinds of gold, and what it refuses."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from scripts import load

from align.errors import InputError, SettingsError
from align.scorefiles import score_files
from align.scorer import Rate, score_beads

HERE = Path(__file__).parent
BENCH_SCORE = HERE.parent.parent / "shared" / "bench" / "score.py"
BEAD_CASES = json.loads((HERE / "cases" / "beads.json").read_text(encoding="utf-8"))

GOLD: dict[str, Any] = {
    "sentences": [
        {"id": 0, "doc": "a", "start": 0, "end": 10},
        {"id": 1, "doc": "a", "start": 11, "end": 21},
        {"id": 2, "doc": "b", "start": 0, "end": 10},
        {"id": 3, "doc": "b", "start": 11, "end": 21},
        {"id": 4, "doc": "c", "start": 0, "end": 30},
    ],
    "groups": [[0, 2, 4], [1, 3]],
    "ignore": [[1, 2]],
}
LEFT = "The ferry was late.\n\nNobody minded.\nThe sea was calm.\n"
RIGHT = "Prom się spóźnił.\nNikt się nie skarżył.\nMorze było spokojne.\nZjedliśmy kolację.\n"


def member(doc: str, start: int, end: int, **more: Any) -> dict[str, Any]:
    return {"doc": doc, "start": start, "end": end, **more}


def write(path: Path, content: Any) -> Path:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def rows(*groups: list[dict[str, Any]]) -> str:
    return "".join(json.dumps({"members": group}, ensure_ascii=False) + "\n" for group in groups)


def line_member(doc: str, text: str, number: int) -> dict[str, Any]:
    line = text.split("\n")[number]
    start = text.index(line)
    return member(doc, start, start + len(line), text=line)


# Groups


def test_groups_by_hand(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.json", GOLD)
    found = rows([member("a", 0, 10), member("b", 0, 10)], [member("a", 12, 21), member("b", 0, 21)])
    scores = score_files([gold], [write(tmp_path / "out.jsonl", found)])
    # pairs: (0,2), then 1 with 2 (ignored) and 3; gold: (0,2) (0,4) (2,4) (1,3)
    assert scores.rates["pairs"] == Rate(2, 2, 2, 4)
    assert scores.rates["rows"] == Rate(0, 2, 0, 2)


def test_both_layouts_score_alike(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.json", GOLD)
    body = [[member("a", 0, 10), member("c", 0, 20)], [member("a", 11, 21), member("b", 11, 21)]]
    plain = write(tmp_path / "plain.jsonl", rows(*body))
    lines = ["group\tscore\tdoc\tlang\tstart\tend\ttext\tpivot"]
    lines += [
        f'{n}\t0.9\t{m["doc"]}\ten\t{m["start"]}\t{m["end"]}\ta "quoted\t' for n, row in enumerate(body) for m in row
    ]
    long = write(tmp_path / "long.tsv", "\n".join(lines) + "\n")
    reference = score_files([gold], [plain])
    assert reference.rates["rows"] == Rate(1, 2, 1, 2)
    assert score_files([gold], [long]) == reference


def test_partial_rows_do_not_count(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.json", GOLD)
    whole, part = [member("a", 0, 10), member("b", 0, 10)], [member("a", 11, 21), member("c", 0, 20)]
    reference = score_files([gold], [write(tmp_path / "whole.jsonl", rows(whole))])
    graded = {"equivalent": whole, "partial": part}
    objects = [json.dumps({"grade": grade, "members": row}) for grade, row in graded.items()]
    lines = ["group\tgrade\tdoc\tstart\tend"]
    for grade, row in graded.items():
        lines += [f"{grade}\t{grade}\t{m['doc']}\t{m['start']}\t{m['end']}" for m in row]
    for name, text in (("out.jsonl", "\n".join(objects)), ("long.tsv", "\n".join(lines))):
        assert score_files([gold], [write(tmp_path / name, text + "\n")]) == reference


def random_story(rng: random.Random) -> tuple[dict[str, Any], str]:
    """Gold and a prediction that is wrong in every way there is: shifted, merged, repeated, unknown documents."""
    sentences: list[dict[str, Any]] = []
    for doc in "abcd":
        at = 0
        for _ in range(rng.randrange(1, 9)):
            length = rng.randrange(1, 30)
            sentences.append({"id": len(sentences), **member(doc, at, at + length)})
            at += length + rng.randrange(2)
    ids = [item["id"] for item in sentences]
    groups = [rng.sample(ids, min(len(ids), rng.randrange(1, 5))) for _ in range(rng.randrange(7))]
    ignore = [rng.sample(ids, 2) for _ in range(3)]
    predicted = []
    for group in [*groups, rng.sample(ids, 3)]:
        if rng.random() < 0.8:
            parts = []
            for name in group:
                item = sentences[name]
                start = max(0, item["start"] + rng.choice([0, 0, 0, 3, -3, 12]))
                parts.append(member(item["doc"], min(start, item["end"] - 1), item["end"] + rng.choice([0, 0, 8])))
            predicted.append(parts)
    return {"sentences": sentences, "groups": groups, "ignore": ignore}, rows(*predicted, [])


@pytest.mark.skipif(not BENCH_SCORE.exists(), reason="the benchmark is not beside the checkout")
def test_agrees_with_the_benchmark_to_the_digit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = load(BENCH_SCORE)
    rng = random.Random(11)
    golds, guesses = [], []
    for number in range(60):
        gold, predicted = random_story(rng)
        golds.append(write(tmp_path / f"{number}.gold.json", gold))
        guesses.append(write(tmp_path / f"{number}.jsonl", predicted))
        pairs, found = (score_files(golds[-1:], guesses[-1:]).rates[name] for name in ("pairs", "rows"))
        assert (pairs.right, pairs.predicted, pairs.expected, found.found, found.expected) == bench.counts(
            golds[-1], guesses[-1]
        )
    bench.main([str(path) for both in zip(golds, guesses, strict=True) for path in both])
    pairs, found = (score_files(golds, guesses).rates[name] for name in ("pairs", "rows"))
    assert capsys.readouterr().out.strip() == (
        f"pairs P {pairs.precision:.4f} R {pairs.recall:.4f} F1 {pairs.f1:.4f} "
        f"({pairs.right}/{pairs.predicted}/{pairs.expected})  "
        f"rows {found.found}/{found.expected} {found.recall:.4f}"
    )
    assert 0.2 < pairs.f1 < 1  # the comparison above means something


# Beads and line pairs


@pytest.mark.parametrize("case", BEAD_CASES, ids=lambda case: str(case["label"]))
def test_beads(case: dict[str, Any], tmp_path: Path) -> None:
    gold, predicted = write(tmp_path / "gold", case["gold"]), write(tmp_path / "guess", case["predicted"])
    rates = score_files([gold], [predicted]).rates
    assert rates == {"strict": Rate(*case["strict"]), "lax": Rate(*case["lax"])}


def test_strict_is_never_above_lax_and_gold_scores_one() -> None:
    rng = random.Random(5)
    for _ in range(50):
        beads, other = ([(tuple(rng.sample(range(9), k)), (rng.randrange(9),)) for k in (0, 1, 2, 1)] for _ in range(2))
        rates = score_beads(beads, other)
        assert rates["strict"].f1 <= rates["lax"].f1
        assert score_beads(beads, beads)["strict"].f1 == 1.0


def test_our_result_against_beads(tmp_path: Path) -> None:
    """Lines in no row become beads with an empty side; a blank line is no sentence but keeps its number."""
    left, right = write(tmp_path / "book.en", LEFT), write(tmp_path / "book.pl", RIGHT)
    result = rows(
        [line_member("book", LEFT, 0), line_member("tmp/book", RIGHT, 0)],
        [line_member("book", LEFT, 2), line_member("tmp/book", RIGHT, 1)],
    )
    guess = write(tmp_path / "out.jsonl", result)
    gold = write(tmp_path / "gold", "[0]:[0]\n[2]:[1]\n[3]:[2]\n[]:[3]\n")
    rates = score_files([gold], [guess], [left, right]).rates
    assert rates["strict"] == Rate(3, 5, 2, 3)
    with pytest.raises(SettingsError, match="give the two aligned texts"):
        score_files([gold], [guess])
    with pytest.raises(InputError, match="is neither"):
        score_files([gold], [guess], [right, right])
    beyond = write(tmp_path / "beyond", "[0]:[0]\n[40]:[1]\n")
    with pytest.raises(InputError, match=r"names line 40 of .*book\.en, whose 4 lines are counted from 0"):
        score_files([beyond], [guess], [left, right])


def test_line_pairs_as_in_bucc(tmp_path: Path) -> None:
    left, right = write(tmp_path / "l.txt", LEFT), write(tmp_path / "r.txt", RIGHT)
    gold = write(tmp_path / "gold.tsv", "0\t0\n2\t1\n3\t2\n")
    guess = write(tmp_path / "guess.tsv", "0\t0\t1.2\n2\t3\t1.1\n")
    assert score_files([gold], [guess]).rates == {"pairs": Rate(1, 2, 1, 3)}
    result = write(tmp_path / "out.jsonl", rows([line_member("l", LEFT, 0), line_member("r", RIGHT, 0)]))
    assert score_files([gold], [result], [left, right]).rates == {"pairs": Rate(1, 1, 1, 3)}


LIKE = ["2024\nHello there.\nBye.\n", "2024\nWitaj tam.\n"]


@pytest.mark.parametrize("names", [("z.txt", "a.txt"), ("a.txt", "z.txt")])
def test_which_text_is_which(tmp_path: Path, names: tuple[str, str]) -> None:
    """Where what a document has stands in both texts, the other document or the names tell."""
    sides = [write(tmp_path / name, text) for name, text in zip(names, LIKE, strict=True)]
    left, right = (Path(name).stem for name in names)
    gold = write(tmp_path / "gold", "0\t0\n1\t1\n")
    first = [line_member(left, LIKE[0], 0), line_member(right, LIKE[1], 0)]
    second = [line_member(left, LIKE[0], 1), line_member(right, LIKE[1], 1)]
    for found in ([first], [second], [first, second]):
        for row in found:
            plain = [{key: value for key, value in item.items() if key != "text"} for item in row]
            for members in (row, plain, [row[0], plain[1]]):
                guess = write(tmp_path / "guess.jsonl", rows(members))
                assert score_files([gold], [guess], sides).rates == {"pairs": Rate(1, 1, 1, 2)}
    strangers = [member("x", 0, 4), member("y", 0, 4)]
    with pytest.raises(InputError, match=r"could be .* as well as"):
        score_files([gold], [write(tmp_path / "guess.jsonl", rows(strangers))], sides)


# Results and refusals


def test_files_are_pooled_and_shown(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold", "[0]:[0]\n[1]:[1]\n")
    bad = write(tmp_path / "bad", "[0]:[1]\n")
    scores = score_files([gold, str(gold)], [gold, bad])
    assert scores.rates["strict"] == Rate(2, 3, 2, 4)
    assert scores.figures()["strict"]["precision"] == pytest.approx(2 / 3)
    assert str(scores).splitlines()[1].split() == ["strict", "0.6667", "0.5000", "0.5714", "2/3", "2/4"]


@pytest.mark.parametrize(
    ("gold", "predicted", "error", "message"),
    [
        ("", "", InputError, "not gold"),
        ("some prose", "", InputError, "not gold"),
        ('{"groups": [[1]]}', "", InputError, r"not gold \('sentences' is missing\). Expected"),
        ('{"groups": [], "sentences": ["x"]}', "", InputError, r"not gold. Expected"),
        (
            '{"groups": [], "sentences": [{"id": 1, "doc": "a", "start": "six", "end": 5}]}',
            "",
            InputError,
            r"\(sentence 1: 'start' is 'six' and no whole number\)",
        ),
        ('{"groups": [],\n"sentences": [', "", InputError, r"not gold \(line 2: "),
        ('{"groups": ' + "[" * 100_000, "", InputError, r"not gold \(.*recursion"),
        (
            '{"groups": [], "sentences": [{"id": 1, "doc": "a", "start": 6, "end": 5}]}',
            "",
            InputError,
            "sentence 1: from 6 to 5 there is no text",
        ),
        (GOLD, '{"members": [{"doc": "a", "start": 10, "end": 0}]}\n', InputError, "guess:1: .*from 10 to 0 there"),
        (GOLD, '{"members": [{"doc": "a", "start": 0.5, "end": 9}]}\n', InputError, "guess:1: .*0.5 and no whole"),
        (GOLD, '{"members": [{"doc": "a", "start": true, "end": 9}]}\n', InputError, "guess:1: .*True and no whole"),
        ('{"groups": [[1, 7]], "sentences": []}', "", InputError, "not in 'sentences'"),
        (
            '{"groups": [], "sentences": [], "ignore": [[1, 2]]}',
            "",
            InputError,
            "'ignore' names sentences",
        ),
        (GOLD | {"ignore": [[1]]}, "", InputError, "a pair of two sentences"),
        (GOLD | {"sentences": [{"id": 1, "doc": "a", "start": 0, "end": 1}] * 2}, "", InputError, "have one id"),
        (GOLD, '{"head": 1}\n{"rows": []}\n', InputError, r"guess:1: not a row"),
        (GOLD, '{"members": [{"doc": "a"}]}\n', InputError, r"guess:1: not a row .*'start'"),
        (GOLD, '{"members": []}\n{"members": [\n', InputError, r"guess:2: not a row \(column 14: Expecting value\)"),
        (GOLD, '{"members": ["x"]}\n', InputError, r"guess:1: not a row"),
        (GOLD, '{"members": {"a": 1}}\n', InputError, r"guess:1: not a row"),
        (GOLD, '{"members": [{"doc": "a", "start": Infinity, "end": 1}]}\n', InputError, r"guess:1: not a row"),
        (GOLD, '{"members": []}\n[{"doc": "a"}]\n', InputError, r"guess:2: not a row"),
        (GOLD, '{"members": []}\nnull\n', InputError, r"guess:2: not a row"),
        (GOLD, "group\tscore\tsize\ta\n", SettingsError, "layout wide has no offsets"),
        (GOLD, "left_doc\tright_doc\tleft_lang\n", SettingsError, "layout pairs has no offsets"),
        (GOLD, '{"signature": "align:0.1.0",\n "groups": 13}', InputError, "guess:1: not a row"),
        ('{"signature": "align:0.1.0",\n "groups": 13}', "", InputError, "not gold. Expected JSON"),
        ('{"groups": {}, "sentences": []}', "", InputError, "not gold. Expected JSON"),
        (GOLD, "group\tdoc\tstart\tend\n1\ta\tx\t5\n", InputError, r"guess:2: not a member"),
        (GOLD, "[0]:[0]\n", InputError, "guess: beads, which the gold is not made of"),
        ("0\t0\n", "[0]:[0]\n", InputError, "guess: beads, which the gold is not made of"),
        (GOLD, '{"sentences": [], "groups": []}', InputError, "guess: gold, and no result"),
        (GOLD, "some prose", InputError, r"guess: nothing to score \(there is no tab"),
        (GOLD, '[{"members": []}]', InputError, r"guess: nothing to score \(a JSON array"),
        (GOLD, '"group"\t"doc"\n', InputError, r"guess: nothing to score \(its cells are quoted"),
        ("[0]:[0]\n[x]:[1]\n", "", InputError, r"gold:2: not a bead"),
        ("0\t0\n1 1\n", "", InputError, r"gold:2: not a pair of lines"),
        (f"[0]:[0]\n[{'1' * 5000}]:[1]\n", "", InputError, r"gold:2: not a bead"),
        (f"0\t0\n{'1' * 5000}\t1\n", "", InputError, r"gold:2: not a pair of lines"),
    ],
)
def test_bad_files_are_named(gold: Any, predicted: str, error: type[Exception], message: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        score_files([write(tmp_path / "gold", gold)], [write(tmp_path / "guess", predicted)])


def test_files_that_do_not_go_together(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    beads, lines = write(tmp_path / "beads", "[0]:[0]\n"), write(tmp_path / "lines", "0\t0\n")
    with pytest.raises(SettingsError, match="one predicted file a gold file"):
        score_files([beads], [])
    with pytest.raises(SettingsError, match="different kinds"):
        score_files([beads, lines], [beads, lines])
    with pytest.raises(SettingsError, match="its left and its right: 2, not 1"):
        score_files([beads], [beads], [lines])
    with pytest.raises(InputError, match="No such file"):
        score_files([tmp_path / "missing"], [beads])
    (tmp_path / "latin").write_bytes("żółw".encode("cp1250"))
    with pytest.raises(InputError, match="not UTF-8"):
        score_files([tmp_path / "latin"], [beads])
    alone = {"id": 5, "doc": "d", "start": 0, "end": 9}  # in no group: nothing of it can be missing
    gold = write(tmp_path / "g", GOLD | {"sentences": [*GOLD["sentences"], alone]})
    guess = write(tmp_path / "p", rows([member("zoo", 0, 5), member("a", 0, 5)]))
    score_files([gold], [guess])
    assert "not counted: zoo" in caplog.text
    assert f"no row with these documents of the gold {gold}: b, c\n" in caplog.text
    with pytest.raises(SettingsError, match="leave out --text"):
        score_files([gold], [guess], [lines, lines])
    empty = write(tmp_path / "e", GOLD | {"groups": []})
    score_files([empty, gold], [guess, guess])
    assert "nothing to find" not in caplog.text
    score_files([empty], [guess])
    assert "the gold has nothing to find" in caplog.text


def test_columns_of_a_long_table_may_stand_in_any_order(tmp_path: Path) -> None:
    gold = write(tmp_path / "g", GOLD)
    table = "doc\tstart\tend\tgroup\na\t0\t5\t1\nb\t0\t5\t1\n"
    ordered = "group\tdoc\tstart\tend\n1\ta\t0\t5\n1\tb\t0\t5\n"
    both = [score_files([gold], [write(tmp_path / "p", text)]) for text in (table, ordered)]
    assert both[0] == both[1]
    assert both[0].rates["pairs"].predicted == 1


def test_rows_that_come_twice_count_once_and_those_of_one_document_not_at_all(tmp_path: Path) -> None:
    gold = write(tmp_path / "g", GOLD)
    row = [member("a", 0, 5), member("b", 0, 5)]
    once, more = (write(tmp_path / name, rows(*found)) for name, found in (("p", [row]), ("q", [row, row, row[:1]])))
    assert score_files([gold], [once]) == score_files([gold], [more])


def test_lines_of_old_macs(tmp_path: Path) -> None:
    gold = write(tmp_path / "g", "[1,0]:[0]\n")
    sides = [write(tmp_path / "l", "One.\rTwo.\r"), write(tmp_path / "r", "Eins und zwei.\r")]
    guess = write(tmp_path / "p", rows([member("l", 0, 9), member("r", 0, 14)]))
    assert score_files([gold], [guess], sides).rates["strict"].f1 == 1.0
