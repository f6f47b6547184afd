"""The promise that nothing leaves the machine, and that nothing heavy is loaded on the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"

BLOCKED = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("the network was tried")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
import align
corpus = align.build([{seeds!r}], align.Settings(keep_results=False))
align.write(corpus, {output!r})
heavy = {{"torch", "transformers", "stanza", "spacy", "sentence_transformers"}} & set(sys.modules)
assert not heavy, heavy
"""


def test_sockets_blocked_and_no_torch(tmp_path: Path) -> None:
    code = BLOCKED.format(seeds=str(SEEDS), output=str(tmp_path / "o.tsv"))
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "o.tsv").stat().st_size > 1000


def test_without_any_network_device(tmp_path: Path) -> None:
    unshare = ["unshare", "--net", "--map-root-user"]
    try:
        allowed = subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("the kernel does not allow unshare -n")
    command = [
        *unshare,
        sys.executable,
        "-m",
        "align",
        "build",
        str(SEEDS),
        "-o",
        str(tmp_path / "o.tsv"),
        "--no-keep-results",
    ]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert result.returncode == 0, result.stderr


def test_import_is_light() -> None:
    heavy = {"torch", "ray", "argostranslate", "typer", "numpy", "ctranslate2", "langdetect"}
    code = f"import sys, align; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_what_is_exported_is_there() -> None:
    import align

    for name in align.__all__:
        assert getattr(align, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute"):
        align.nothing  # noqa: B018
