"""Articles that report the same event, in any mix of languages, as an N-way parallel corpus, offline.

>>> import align
>>> corpus = align.build(["seeds"])
>>> align.write(corpus, "corpus.tsv")

What is exported here is imported when it is first used, so `import align` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from align.data import Alignment, Corpus, Document, Group, Sentence, Unaligned
    from align.errors import AlignError
    from align.exporter import Export, write, write_unaligned
    from align.pipeline import build
    from align.settings import Settings

__all__ = [
    "AlignError",
    "Alignment",
    "Corpus",
    "Document",
    "Export",
    "Group",
    "Sentence",
    "Settings",
    "Unaligned",
    "build",
    "write",
    "write_unaligned",
]

_MODULES = {
    "AlignError": "errors",
    "Export": "exporter",
    "Settings": "settings",
    "build": "pipeline",
    "write": "exporter",
    "write_unaligned": "exporter",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'align' has no attribute {name!r}")
    return getattr(import_module(f"align.{_MODULES.get(name, 'data')}"), name)


def __dir__() -> list[str]:
    return __all__
