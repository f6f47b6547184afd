"""`tests/quality/quality.py` fails where it has measured nothing, or too little."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from scripts import load

from align.scorer import Rate, Scores

QUALITY = Path(__file__).parent / "quality" / "quality.py"


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script with one task, in which half is right and half is found, and floors of its own."""
    module = load(QUALITY)
    monkeypatch.setattr(module, "TASKS", {"half": lambda _bench, _work: Scores({"pairs": Rate(1, 2, 1, 2)})})
    monkeypatch.setattr(module, "BASELINE", tmp_path / "floors.json")
    return module


def run(gate: ModuleType, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["quality.py", str(gate.BASELINE.parent), *options])
    return int(gate.main())


@pytest.mark.parametrize("tasks", [[], ["news"], ["all"], ["seeds", "news"]])
def test_without_the_bench_it_fails(tmp_path: Path, tasks: list[str]) -> None:
    command = [sys.executable, str(QUALITY), str(tmp_path / "typo"), *tasks]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout
    assert "is not here" in result.stdout


@pytest.mark.parametrize(("floor", "code"), [(0.49, 0), (0.51, 1)])
def test_a_figure_under_its_floor_fails(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch, floor: float, code: int
) -> None:
    gate.BASELINE.write_text(json.dumps({"half": {"pairs f1": floor}}))
    assert run(gate, monkeypatch) == code


def test_a_task_without_floors_fails_until_they_are_set(gate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(gate, monkeypatch) == 1
    assert run(gate, monkeypatch, "--raise-floors") == 0
    assert run(gate, monkeypatch) == 0


def test_floors_only_rise(gate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.BASELINE.write_text(json.dumps({"half": {"pairs f1": 0.9, "pairs recall": 0.1}}))
    run(gate, monkeypatch, "--raise-floors")
    assert json.loads(gate.BASELINE.read_text()) == {
        "half": {"pairs precision": 0.49, "pairs recall": 0.49, "pairs f1": 0.9}
    }


def test_a_figure_with_a_floor_that_is_not_measured_fails_and_keeps_it(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.BASELINE.write_text(json.dumps({"half": {"rows f1": 0.4}}))
    assert run(gate, monkeypatch) == 1
    run(gate, monkeypatch, "--raise-floors")
    assert json.loads(gate.BASELINE.read_text())["half"]["rows f1"] == 0.4
