"""The command line: a leaf around the library, and the one place that exits and knows exit codes.

0 done, 1 an error of ours with what to do about it, 2 wrong usage, 3 a bug, 130 stopped with Ctrl-C.
Data go to standard output or the named file, everything else to standard error.
"""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from align.errors import AlignError, SettingsError
from align.settings import Settings, default_cache, language_code, same_language

if TYPE_CHECKING:
    from align.pipeline import Progress

DEFAULTS = Settings()

app = typer.Typer(
    help="Turn articles that report the same event, in any mix of languages, into an N-way parallel corpus, offline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models = typer.Typer(help="The translation packages on this machine.", no_args_is_help=True)
app.add_typer(models, name="models")


def main() -> None:
    """Run the command line and exit with its code."""
    logging.basicConfig(format="align: %(message)s", stream=sys.stderr, level=logging.WARNING)
    if sys.stdout is not None:  # it may be closed
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    try:
        try:
            app()  # typer itself ends with 130 after Ctrl-C, and with 1 when nobody reads on
        finally:
            if sys.stdout is not None and not sys.stdout.closed:
                sys.stdout.flush()  # or Python does, after the last chance to say that it cannot
    except AlignError as exc:
        print(f"align: error: {exc}", file=sys.stderr)
        sys.exit(2 if isinstance(exc, SettingsError) else 1)
    except Exception as exc:
        if isinstance(exc, OSError) and exc.errno in {errno.ENOSPC, errno.EPIPE}:
            with suppress(OSError):
                sys.stdout.close()  # Python would try again at its end
            if exc.errno == errno.ENOSPC:
                print(f"align: error: standard output: cannot be written ({exc.strerror})", file=sys.stderr)
            sys.exit(1)
        logging.exception("this is a bug in align; please report it with the lines below")
        sys.exit(3)


def _hush(quiet: bool) -> bool:
    if quiet:
        logging.getLogger().setLevel(logging.ERROR)
    return quiet


ModelsFolder = Annotated[Path | None, typer.Option("--models", help="A folder of Argos packages to prefer.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", callback=_hush, help="Say only what failed or could not be read.")
]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"align {version('align')}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def build(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Articles: files, folders, - for standard input.", show_default="seeds")
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", "-o", help="A .tsv or .jsonl file, or - (repeatable).", show_default="corpus.tsv"),
    ] = None,
    pivot: Annotated[str, typer.Option(help="The language to translate into.")] = DEFAULTS.pivot,
    lang: Annotated[
        list[str] | None, typer.Option(help="State a language: DOC=CODE, DOC as the summary names it (repeatable).")
    ] = None,
    segmenter: Annotated[str, typer.Option(help="sentencex, or lines for one sentence a line.")] = DEFAULTS.segmenter,
    translator: Annotated[str, typer.Option(help="argos, or none to align without translating.")] = DEFAULTS.translator,
    models: ModelsFolder = None,
    beam: Annotated[int, typer.Option(help="Hypotheses kept while translating.")] = DEFAULTS.beam_size,
    encoder: Annotated[
        str, typer.Option(help="e5-small, or a sentence-transformers model by name or folder.")
    ] = DEFAULTS.encoder,
    allow_download: Annotated[
        bool, typer.Option("--allow-download", help="Let the named encoder be fetched from the hub.")
    ] = False,
    monotone: Annotated[
        bool, typer.Option("--monotone", help="The documents are translations of one text, in one order.")
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Least probability that a row's members are equivalent, 0 to 1.",
            show_default="0.65; with --monotone, 0",
        ),
    ] = None,
    max_span: Annotated[
        int | None,
        typer.Option(help="Most consecutive sentences in one cell, 1 to 10; not with --monotone.", show_default="3"),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Also put sentences in no row beside those that they overlap, marked so; not with --monotone.",
        ),
    ] = False,
    layout: Annotated[str, typer.Option(help="Of tables: wide, long or pairs.")] = "wide",
    pair: Annotated[
        str | None, typer.Option(help="Two languages, such as pl-en, for a plain two-column bitext.")
    ] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="Add columns with the evidence for each score.")] = False,
    keep_empty: Annotated[
        bool, typer.Option("--keep-empty", help="Give a sentence in no row a row of its own.")
    ] = False,
    unaligned: Annotated[
        str | None, typer.Option(help="Also write every sentence in no row, with the reason and its best candidate.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder of built models and kept results.", show_default="$ALIGN_CACHE or the user's"),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither use nor keep results of other runs.")] = False,
    quiet: Quiet = False,
) -> None:
    """Build a parallel corpus from articles (default: the folder seeds, to corpus.tsv)."""
    from align import exporter, pipeline

    outputs = output or ["corpus.tsv"]
    inputs = paths or _seeds()
    export = exporter.Export(layout, pair, evidence, keep_empty)
    if partial and pair:
        raise SettingsError("a bitext has no place for partial rows: leave out --pair or --partial")
    exporter.check_outputs(outputs, unaligned, inputs, export)
    settings = Settings(
        pivot=pivot,
        langs=_langs(lang or []),
        segmenter=segmenter,
        translator=translator,
        encoder=encoder,
        aligner="monotone" if monotone else "margin",
        models=models,
        beam_size=beam,
        threshold=threshold,
        max_span=max_span,
        partial=partial,
        allow_download=allow_download,
        cache=cache or default_cache(),
        keep_results=not no_cache,
    )
    with _progress(quiet) as on_progress:
        corpus = pipeline.build(inputs, settings, on_progress)
    corpus = exporter.without_own(corpus, exporter.written_by(outputs, unaligned))
    exporter.write_all(corpus, outputs, unaligned, export)
    if quiet:
        for path, why in sorted(corpus.dropped.items()):
            if not why.startswith("not read"):  # what could not be read is no choice
                print(f"align: dropped {path}: {why}", file=sys.stderr)
    else:
        from align.summary import print_summary

        print_summary(corpus, [*outputs, *([unaligned] if unaligned else [])])


def _seeds() -> list[str]:
    if not Path("seeds").is_dir():
        raise SettingsError("there is no folder seeds here: name the articles, for example 'align build FOLDER'")
    return ["seeds"]


def _langs(stated: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in stated:
        document, equals, code = text.rpartition("=")
        if not equals or not document:
            raise SettingsError(f"--lang takes DOC=CODE, for example --lang article=pl, not {text!r}")
        if found.setdefault(document, code) != code:
            raise SettingsError(f"--lang says that {document} is in {found[document]} and in {code}: leave one out")
    return found


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress | None]:
    """Bars on a terminal, one a stage; nothing when standard error is piped, but what takes long is said."""
    if quiet:
        yield None
    elif not sys.stderr.isatty():
        yield _announce
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        tasks: dict[str, Any] = {}
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

            def show(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage, total=total or None)
                bars.update(tasks[stage], completed=done, total=total or None)

            yield show


def _announce(stage: str, _done: int, _total: int) -> None:
    if stage.startswith("building"):
        print(f"align: {stage} ...", file=sys.stderr)


@app.command()
def translate(
    source: Annotated[str, typer.Option("--from", help="The language of the lines.")],
    target: Annotated[str, typer.Option("--to", help="The language to translate into.")],
    files: Annotated[list[str] | None, typer.Argument(help="Files of lines.", show_default="standard input")] = None,
    models: ModelsFolder = None,
    beam: Annotated[int, typer.Option(help="Hypotheses kept while translating.")] = DEFAULTS.beam_size,
    cache: Annotated[Path | None, typer.Option(help="Folder where packages are unpacked.")] = None,
    quiet: Quiet = False,
) -> None:
    """Translate lines offline: a line out for every line in."""
    from align.exporter import STDOUT, write_lines
    from align.reader import STDIN, read_lines
    from align.store import Tally
    from align.text import is_blank
    from align.translator import ArgosTranslator

    settings = Settings(models=models, beam_size=beam, cache=cache or default_cache())
    source, target = language_code(source), language_code(target)
    if same_language(source, target):
        raise SettingsError(f"--from {source} --to {target}: these are one language; name two")
    lines = [(f"{path}:{n}", line) for path in files or [STDIN] for n, line in enumerate(read_lines(path), 1)]
    wanted = [line for _, line in lines if not is_blank(line)]
    with _progress(quiet) as on_progress:
        tally = Tally(partial(on_progress, "translate") if on_progress else None, len(wanted))
        translator = ArgosTranslator.of(settings)
        found = iter(translator.translate(wanted, source, target, on_progress=tally))
    translations = ["" if is_blank(line) else next(found) for _, line in lines]
    write_lines(STDOUT, (translation or "" for translation in translations))
    if caveat := translator.caveat(source, target):
        logging.warning("note: %s", caveat)
    failed = [place for (place, _), translation in zip(lines, translations, strict=True) if translation is None]
    if failed:
        raise AlignError(f"no translation but a degenerate one, so left empty: {', '.join(failed)}")


@app.command()
def score(
    files: Annotated[
        list[Path], typer.Argument(metavar="GOLD PREDICTED [GOLD PREDICTED]...", help="Gold and predicted, in turn.")
    ],
    text: Annotated[
        list[Path] | None,
        typer.Option(help="The texts, one sentence a line: left and right of each gold, if it is beads or line pairs."),
    ] = None,
) -> None:
    """Score alignments against gold: pairs and exact rows, strict and lax beads, or mined line pairs."""
    from align.scorefiles import score_files

    if len(files) % 2:
        raise SettingsError("give a predicted file after each gold file")
    print(score_files(files[::2], files[1::2], text or []))


@models.command("list")
def list_models(models: ModelsFolder = None) -> None:
    """List the translation packages on this machine, the preferred first."""
    from align.packages import find_packages

    print("from", "to", "version", "origin", "sha256", "path", sep="\t")
    for package in find_packages(models):
        try:
            digest = package.sha256()[:12]
        except AlignError as exc:
            digest = "damaged"
            print(f"align: {exc}", file=sys.stderr)
        print(package.source, package.target, package.version, package.origin, digest, package.path, sep="\t")


@models.command()
def install(file: Annotated[Path, typer.Argument(help="A package: a file ending in .argosmodel.")]) -> None:
    """Install a local Argos package, after checking that it is safe to unpack."""
    from align.packages import install

    print(f"installed in {install(file)}", file=sys.stderr)


@models.command()
def pull(
    source: Annotated[str, typer.Argument(help="The language to translate from.")],
    target: Annotated[str, typer.Argument(help="The language to translate into.")],
    quiet: Quiet = False,
) -> None:
    """Fetch a package from Argos' official index and install it: the one command that uses the network."""
    from align.packages import pull, recorded_sha256

    source, target = language_code(source), language_code(target)
    with _progress(quiet) as on_progress:
        folder = pull(source, target, lambda done, total: on_progress("download", done, total) if on_progress else None)
    print(f"installed in {folder} (sha256 {recorded_sha256(folder)})", file=sys.stderr)


@app.command()
def doctor(
    models: ModelsFolder = None, cache: Annotated[Path | None, typer.Option(help="The cache folder.")] = None
) -> None:
    """Show every model file with its hash and origin, the versions, and what alone uses a network."""
    from align.doctor import report

    healthy = True
    for line, fine in report(Settings(models=models, cache=cache or default_cache())):
        print(line)
        healthy &= fine
    if not healthy:
        raise AlignError("something above needs attention")
