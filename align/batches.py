"""Run a model over token lists so that no result depends on what else is in the batch.

Only lists of equal length share a batch. Padding is what lets one text change
another's result in the last bits; without it, CTranslate2's results are the
same whatever the batch, so results can be cached text by text and reruns are
byte-identical. It is also the faster way: nothing is computed on padding.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import TypeVar

from align.store import Done

Result = TypeVar("Result")
Tokens = TypeVar("Tokens", bound=Sequence[object])


def workers() -> int:
    """How many batches run at once: one a core this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def run_batches(
    items: Sequence[Tokens],
    run: Callable[[list[Tokens]], Sequence[Result]],
    *,
    max_tokens: int,
    on_done: Done | None = None,
) -> list[Result]:
    """`run` over batches of `items` of equal length, longest first; the results in the order of `items`.

    A batch holds at most `max_tokens` tokens, or one item. `on_done` gets
    the number of items done after each batch.
    """
    order = sorted(range(len(items)), key=lambda i: len(items[i]), reverse=True)
    batches: list[list[int]] = []
    for length, same in groupby(order, key=lambda i: len(items[i])):
        places, size = list(same), max(1, max_tokens // max(1, length))
        batches += [places[at : at + size] for at in range(0, len(places), size)]
    results: dict[int, Result] = {}
    with ThreadPoolExecutor(workers()) as pool:
        outputs = pool.map(lambda batch: run([items[i] for i in batch]), batches)
        for batch, output in zip(batches, outputs, strict=True):
            results.update(zip(batch, output, strict=True))
            if on_done:
                on_done(len(batch))
    return [results[i] for i in range(len(items))]
