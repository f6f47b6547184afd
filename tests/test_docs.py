"""What README says of the command line and of the files is so."""

import re
from pathlib import Path
from typing import Any

import typer

from align.aligner import DEFAULT_THRESHOLD
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


def test_make_targets_in_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    mentioned = {name for call in re.findall(r"`make ([a-z -]+)`", README) for name in call.split()}
    assert mentioned <= targets, mentioned - targets


def test_every_option_has_a_help_text() -> None:
    for name, command in COMMANDS.items():
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", "x"), f"{name} {parameter.name}"
