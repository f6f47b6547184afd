"""What README says of the command line and of the files is so."""

import re
from pathlib import Path
from typing import Any

import typer

import align
from align.aligner import DEFAULT_THRESHOLD
from align.aligner.margin import DEFAULT_SPAN
from align.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group: Any, prefix: str = "align") -> dict[str, Any]:
    """Every command by its full name."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        full = f"{prefix} {name}"
        found |= commands(command, full) if hasattr(command, "commands") else {full: command}
    return found


COMMANDS = commands(typer.main.get_command(app))
OPTIONS = {option for command in COMMANDS.values() for p in command.params for option in p.opts if option[0] == "-"}


def test_every_option_in_readme_exists() -> None:
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) - {"--version", "--help", "--install-completion"}
    assert mentioned <= OPTIONS, mentioned - OPTIONS


def test_every_option_is_in_readme() -> None:
    missing = {option for option in OPTIONS if option.startswith("--")} - set(re.findall(r"--[a-z-]+", README))
    assert not missing


def test_the_default_threshold_is_what_readme_and_help_say() -> None:
    stated = f"{DEFAULT_THRESHOLD}; with"
    (option,) = [p for p in COMMANDS["align build"].params if p.name == "threshold"]
    assert f"default {stated}" in README
    assert str(option.show_default).startswith(stated)


def test_the_default_span_is_what_help_says() -> None:
    (option,) = [p for p in COMMANDS["align build"].params if p.name == "max_span"]
    assert option.show_default == str(DEFAULT_SPAN)


def test_every_command_is_in_readme() -> None:
    assert all(name in README for name in COMMANDS)


def test_every_module_is_in_readme() -> None:
    modules = {path.name for path in (ROOT / "align").glob("*.py") if not path.name.startswith("__")}
    mentioned = set(re.findall(r"`(?:align/)?(\w+\.py)`", README))
    assert modules <= mentioned, modules - mentioned


def test_readme_opens_with_the_two_commands() -> None:
    opening = README.split("## ")[0]
    assert "make build" in opening
    assert "align build" in opening


def test_the_example_is_what_a_run_of_the_seeds_gives(tmp_path: Path) -> None:
    """With another model or package it may not be: put what the message says into README, "What comes out"."""
    align.write(align.build([ROOT / "seeds"]), tmp_path / "o.tsv")
    header, *table = [line.split("\t") for line in (tmp_path / "o.tsv").read_text(encoding="utf-8").splitlines()]
    rows = [dict(zip(header, row, strict=True)) for row in table]
    counted = re.findall(r"From the seeds, .*: (\d+) rows", README)
    assert counted == [str(len(rows))], f"README counts {counted} rows of the seeds; there are {len(rows)}"
    for example in README.split("```text\n")[1].split("```")[0].strip().split("\n\n"):
        shown = dict(line.split(maxsplit=1) for line in example.splitlines())
        first = next(name for name in header[3:] if name in shown)
        row = next((row for row in rows if row[first] == shown[first]), None)
        assert row, f"README shows a row that is none now, take another: {shown[first]}"
        cells = {name: cell for name, cell in row.items() if cell}
        if abs(float(shown["score"]) - float(cells["score"])) < 0.02:  # processors differ
            shown["score"] = cells["score"]
        right = "\n".join(f"{name}  {cell}" for name, cell in cells.items())
        assert shown == cells, f"README should show\n{right}"


def test_make_targets_in_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    mentioned = {name for call in re.findall(r"`make ([a-z -]+)`", README) for name in call.split()}
    assert mentioned <= targets, mentioned - targets


def test_every_option_has_a_help_text() -> None:
    for name, command in COMMANDS.items():
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", "x"), f"{name} {parameter.name}"
