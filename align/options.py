"""What `align build` and other commands can be told, each with what `--help` says of it.

The library's defaults are repeated here as text, since `--help` imports nothing heavy; tests check that they agree.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer


def _hush(quiet: bool) -> bool:
    if quiet:
        logging.getLogger().setLevel(logging.ERROR)
    return quiet


ModelsFolder = Annotated[Path | None, typer.Option("--models", help="A folder of Argos packages to prefer.")]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache", help="Folder of built models and kept results.", show_default="$ALIGN_CACHE or your cache folder"
    ),
]
BeamSize = Annotated[int, typer.Option(help="Hypotheses kept while translating.")]
Articles = Annotated[
    list[str] | None, typer.Argument(help="Articles: files, folders, - for standard input.", show_default="seeds")
]
OutputFiles = Annotated[
    list[str] | None,
    typer.Option("--output", "-o", help="A .tsv or .jsonl file, or - (repeatable).", show_default="corpus.tsv"),
]
Pivot = Annotated[str, typer.Option(help="The language to translate into.")]
StatedLangs = Annotated[
    list[str] | None,
    typer.Option("--lang", help="State a language: DOC=CODE, with DOC as named in the summary (repeatable)."),
]
SegmenterName = Annotated[str, typer.Option(help="sentencex, or lines for one sentence a line.")]
TranslatorName = Annotated[str, typer.Option(help="argos, or none to align without translating.")]
EncoderName = Annotated[str, typer.Option(help="e5-small, or a sentence-transformers model by name or folder.")]
AllowDownload = Annotated[bool, typer.Option("--allow-download", help="Let the named encoder be fetched from the hub.")]
Monotone = Annotated[bool, typer.Option("--monotone", help="The documents are translations of one text, in one order.")]
Threshold = Annotated[
    float | None,
    typer.Option(
        help="Least probability that a row's members are equivalent, 0 to 1.",
        show_default="0.6; with --monotone, 0",
    ),
]
MaxSpan = Annotated[
    int | None,
    typer.Option(help="Most consecutive sentences in one cell, 1 to 10; not with --monotone.", show_default="3"),
]
Partial = Annotated[
    bool,
    typer.Option(
        "--partial",
        help="Also put sentences in no row beside one that says the same in part, marked so; not with --monotone.",
    ),
]
LayoutName = Annotated[str, typer.Option(help="Of tables: wide, long or pairs.")]
Pair = Annotated[str | None, typer.Option(help="Two languages, such as pl-en, for a plain two-column bitext.")]
WithEvidence = Annotated[
    bool, typer.Option("--evidence", help="Add columns with the evidence for each score to the wide layout.")
]
KeepEmpty = Annotated[
    bool, typer.Option("--keep-empty", help="Give a sentence in no row a row of its own; not with --pair.")
]
UnalignedFile = Annotated[
    str | None, typer.Option(help="Also write every sentence in no row, with the reason and its best candidate.")
]
NoKeepResults = Annotated[
    bool, typer.Option("--no-keep-results", help="Neither read nor keep translations and vectors of other runs.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", callback=_hush, help="Report only errors, and articles empty or unreadable.")
]
