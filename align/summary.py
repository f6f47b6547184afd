"""What is shown after a run: what became of every document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from align.data import PARTIAL, Corpus
from align.notes import counted

if TYPE_CHECKING:
    from rich.table import Table


def summary_of(corpus: Corpus, outputs: Sequence[str]) -> Iterator[Table | str]:
    """A table with a line a document, then lines: rows by size, what was dropped and why, seconds, signature."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("document", overflow="fold")
    table.add_column("language")
    for name in ("sentences", "translated", "aligned", "share"):
        table.add_column(name, justify="right")
    groups = corpus.alignment.groups
    placed = {i for group in groups for run in group.members for i in run}
    aligned = Counter(corpus.sentences[i].doc for i in placed)
    total = Counter(sentence.doc for sentence in corpus.sentences)
    translated = Counter(sentence.doc for sentence in corpus.sentences if sentence.pivot is not None)
    for d in corpus.documents:
        share = f"{aligned[d.id] / total[d.id]:.0%}" if total[d.id] else "-"
        table.add_row(d.id, d.lang, str(total[d.id]), str(translated[d.id]), str(aligned[d.id]), share)
    yield table
    sizes = Counter(len(group.members) for group in groups)
    shape = ", ".join(f"{count} with {size} documents" for size, count in sorted(sizes.items(), reverse=True))
    yield f"{counted(len(groups), 'row')}{f': {shape}' if shape else ''}"
    if partial := sum(group.grade == PARTIAL for group in groups):
        yield f"{partial} of them partial: they show a sentence beside one that says the same in part"
    reasons = Counter(left.reason for left in corpus.alignment.unaligned)
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"{counted(count, 'sentence')} unaligned: {reason}"
    for path, why in sorted(corpus.dropped.items()):
        yield f"dropped {path}: {why}"
    for note in corpus.notes:
        yield f"note: {note}"
    yield "seconds: " + ", ".join(f"{name} {value:.2f}" for name, value in corpus.seconds.items())
    yield corpus.signature
    yield f"wrote {', '.join('standard output' if path == '-' else path for path in outputs)}"
