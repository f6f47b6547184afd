"""The command line: a leaf around the library, and the one place that exits and knows exit codes.

0 done, 1 an error of ours with what to do about it, 2 wrong usage, 3 a bug, 130 stopped with Ctrl-C.
Data go to standard output or the named file, everything else to standard error.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from align import options
from align.errors import AlignError, SettingsError
from align.settings import Settings, default_cache, language_code, same_language

if TYPE_CHECKING:
    from rich.table import Table

    from align.data import Corpus
    from align.exporter import Export
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
    if sys.stderr is None:  # it is closed, and what is opened next would take its place
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (open to the end)
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
        if _is_interrupt(exc):
            sys.exit(130)
        logging.exception("this is a bug in align; please report it with the lines below")
        sys.exit(3)


def _is_interrupt(exc: BaseException | None) -> bool:
    """Whether it came of Ctrl-C, which a library in C that is just being loaded turns into an error of its own."""
    return exc is not None and (isinstance(exc, KeyboardInterrupt) or _is_interrupt(exc.__cause__ or exc.__context__))


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
    paths: options.Articles = None,
    output: options.OutputFiles = None,
    pivot: options.Pivot = DEFAULTS.pivot,
    langs: options.StatedLangs = None,
    segmenter: options.SegmenterName = DEFAULTS.segmenter,
    translator: options.TranslatorName = DEFAULTS.translator,
    models: options.ModelsFolder = None,
    beam_size: options.BeamSize = DEFAULTS.beam_size,
    encoder: options.EncoderName = DEFAULTS.encoder,
    allow_download: options.AllowDownload = False,
    monotone: options.Monotone = False,
    threshold: options.Threshold = None,
    max_span: options.MaxSpan = None,
    partial: options.Partial = False,
    layout: options.LayoutName = "wide",
    pair: options.Pair = None,
    evidence: options.WithEvidence = False,
    keep_empty: options.KeepEmpty = False,
    unaligned: options.UnalignedFile = None,
    cache: options.CacheFolder = None,
    no_keep_results: options.NoKeepResults = False,
    quiet: options.Quiet = False,
) -> None:
    """Build a parallel corpus from articles (default: the folder seeds, to corpus.tsv)."""
    from align.exporter import Export

    settings = Settings(
        pivot=pivot,
        langs=_stated(langs or []),
        segmenter=segmenter,
        translator=translator,
        encoder=encoder,
        aligner="monotone" if monotone else "margin",
        models=models,
        beam_size=beam_size,
        threshold=threshold,
        max_span=max_span,
        partial=partial,
        allow_download=allow_download,
        cache=cache or default_cache(),
        keep_results=not no_keep_results,
    )
    export = Export(layout, pair, evidence, keep_empty)
    _run(paths or _seeds(), settings, output or ["corpus.tsv"], unaligned, export, quiet)


def _run(
    inputs: list[str], settings: Settings, outputs: list[str], unaligned: str | None, export: Export, quiet: bool
) -> None:
    """Check what can be known before the work, do it, write what came out, and say so."""
    from align import exporter, pipeline
    from align.outputs import without_own, written_by
    from align.summary import summary_of

    if settings.partial and export.pair:
        raise SettingsError("a bitext has no place for partial rows: leave out --pair or --partial")
    exporter.check_outputs(outputs, unaligned, inputs, export)
    with _progress(quiet) as on_progress:
        corpus = pipeline.build(inputs, settings, on_progress, lambda found: exporter.check_documents(found, export))
    corpus = without_own(corpus, written_by(outputs, unaligned))
    exporter.write_all(corpus, outputs, unaligned, export)
    if quiet:
        _say_what_could_not_be_read(corpus)
    else:
        _show(summary_of(corpus, [*outputs, *([unaligned] if unaligned else [])]))


def _show(parts: Iterable[Table | str]) -> None:
    """Print to standard error, folded to a terminal's width."""
    from rich.console import Console

    console = Console(stderr=True, markup=False, emoji=False, highlight=False, soft_wrap=not sys.stderr.isatty())
    for part in parts:
        console.print(part)


def _say_what_could_not_be_read(corpus: Corpus) -> None:
    from align.data import PASSED_OVER

    for path, why in sorted(corpus.dropped.items()):
        if not why.startswith(PASSED_OVER):
            print(f"align: dropped {path}: {why}", file=sys.stderr)


def _seeds() -> list[str]:
    if not Path("seeds").is_dir():
        raise SettingsError("there is no folder seeds here: name the articles, for example 'align build FOLDER'")
    return ["seeds"]


def _stated(stated: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in stated:
        document, equals, code = text.rpartition("=")
        if not equals or not document:
            raise SettingsError(f"--lang takes DOC=CODE, for example --lang article=pl, not {text!r}")
        if found.setdefault(document, code).lower() != code.lower():
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
    models: options.ModelsFolder = None,
    beam_size: options.BeamSize = DEFAULTS.beam_size,
    cache: options.CacheFolder = None,
    quiet: options.Quiet = False,
) -> None:
    """Translate lines offline: a line out for every line in."""
    from align.outputs import STDOUT, write_lines
    from align.reader import STDIN, read_lines
    from align.store import Tally
    from align.text import is_blank
    from align.translator import ArgosTranslator

    settings = Settings(models=models, beam_size=beam_size, cache=cache or default_cache())
    source, target = language_code(source), language_code(target)
    if same_language(source, target):
        raise SettingsError(f"--from {source} --to {target}: these are one language; name two")
    lines = [(f"{path}:{n}", line) for path in files or [STDIN] for n, line in enumerate(read_lines(path), 1)]
    wanted = [line for _, line in lines if not is_blank(line)]
    with _progress(quiet) as on_progress:
        tally = Tally(partial(on_progress, "translate") if on_progress else None, len(wanted))
        translator = ArgosTranslator.of(settings)
        found = iter(translator.translate(wanted, source, target, on_done=tally))
    translations = ["" if is_blank(line) else next(found) for _, line in lines]
    write_lines(STDOUT, (translation or "" for translation in translations))
    if caveat := translator.caveat(source, target):
        logging.warning("note: %s", caveat)
    failed = [place for (place, _), translation in zip(lines, translations, strict=True) if translation is None]
    if failed:
        raise AlignError(f"no translation but a degenerate one, so left empty: {', '.join(failed)}")


@app.command()
def score(
    files: Annotated[list[Path], typer.Argument(metavar="GOLD PREDICTED", help="Gold and predicted, in turn.")],
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
def list_models(models: options.ModelsFolder = None) -> None:
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
    quiet: options.Quiet = False,
) -> None:
    """Fetch a package from Argos' official index and install it: the one command that uses the network."""
    from align.packages import pull

    source, target = language_code(source), language_code(target)
    with _progress(quiet) as on_progress:
        folder = pull(source, target, lambda done, total: on_progress("download", done, total) if on_progress else None)
    print(f"installed in {folder}", file=sys.stderr)


@app.command()
def doctor(models: options.ModelsFolder = None, cache: options.CacheFolder = None) -> None:
    """Show versions, model files with hash and origin, and what may use the network."""
    from align.doctor import report

    healthy = True
    for line, fine in report(Settings(models=models, cache=cache or default_cache())):
        print(line)
        healthy &= fine
    if not healthy:
        raise AlignError("something above needs attention")
