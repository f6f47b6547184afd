"""Partition spans into groups: correlation clustering with at most one span a document."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

Links = Sequence[Mapping[int, float]]
"""For every item, the log-odds that it says the same as each item it was compared with."""

ABSENT = -4.0
"""The log-odds of two items that were never compared because neither is near the other."""

_PASSES = 20


def group(links: Links, documents: Sequence[int]) -> list[list[int]]:
    """Groups of items, each sorted, that (locally) maximise the sum of the log-odds of all pairs within groups.

    The objective is that of correlation clustering (Bansal, Blum and Chawla
    2004): with p the probability that two items say the same, a partition is
    likelier than another by the product of p / (1 - p) over the pairs it joins.
    Two items of one document never meet. Greedy agglomeration by the mean
    log-odds between two groups, then moves of single items, out, elsewhere or
    in exchange for the item of the same document, until none gains.
    """
    clusters = _agglomerate(links, documents)
    return sorted(c for c in _improve(clusters, links, documents) if len(c) > 1)


def support(item: int, members: Iterable[int], links: Links) -> float:
    """The sum of the log-odds between an item and the members of a group, itself aside."""
    own = links[item]
    return sum(own.get(other, ABSENT) for other in members if other != item)


def _agglomerate(links: Links, documents: Sequence[int]) -> list[list[int]]:
    clusters: dict[int, list[int]] = {i: [i] for i in range(len(links))}
    between: dict[int, dict[int, float]] = {i: dict(own) for i, own in enumerate(links)}
    heap = [(-value, i, j) for i, own in enumerate(links) for j, value in own.items() if i < j and value > 0]
    heapq.heapify(heap)
    fresh = len(links)
    while heap:
        _, a, b = heapq.heappop(heap)
        if a not in clusters or b not in clusters:
            continue
        first, second = clusters[a], clusters[b]
        if {documents[i] for i in first} & {documents[i] for i in second}:
            continue
        del clusters[a], clusters[b]
        to_a, to_b = between.pop(a), between.pop(b)
        merged = sorted(first + second)
        clusters[fresh], between[fresh] = merged, {}
        for c in sorted((to_a.keys() | to_b.keys()) & clusters.keys()):
            size = len(clusters[c])
            total = to_a.get(c, ABSENT * len(first) * size) + to_b.get(c, ABSENT * len(second) * size)
            between[fresh][c] = between[c][fresh] = total
            if total > 0:
                heapq.heappush(heap, (-total / (size * len(merged)), c, fresh))
        fresh += 1
    return [clusters[c] for c in sorted(clusters)]


def _improve(clusters: list[list[int]], links: Links, documents: Sequence[int]) -> list[list[int]]:
    home = {i: number for number, members in enumerate(clusters) for i in members}
    for _ in range(_PASSES):
        moved = False
        for item in range(len(links)):
            moved |= _relocate(item, clusters, home, links, documents)
        if not moved:
            break
    return [sorted(members) for members in clusters]


def _relocate(
    item: int, clusters: list[list[int]], home: dict[int, int], links: Links, documents: Sequence[int]
) -> bool:
    """Make the best move of one item, if any gains; where its document is represented already, the two change places."""
    here = home[item]
    held = support(item, clusters[here], links)
    best, best_gain, best_rival = here, 1e-9, -1
    if len(clusters[here]) > 1 and -held > best_gain:
        best, best_gain = -1, -held
    for there in sorted({home[other] for other, value in links[item].items() if value > 0} - {here}):
        rival = next((i for i in clusters[there] if documents[i] == documents[item]), -1)
        others = [i for i in clusters[there] if i != rival]
        gain = support(item, others, links) - held
        if rival >= 0:
            back = support(rival, (i for i in clusters[here] if i != item), links)
            gain += max(back, 0.0) - support(rival, others, links)
        if gain > best_gain:
            best, best_gain, best_rival = there, gain, rival
    if best == here:
        return False
    if best < 0:
        clusters.append([])
        best = len(clusters) - 1
    _put(item, best, clusters, home)
    if best_rival >= 0:
        back = support(best_rival, clusters[here], links)
        if back <= 0 or not clusters[here]:
            clusters.append([])
            here = len(clusters) - 1
        _put(best_rival, here, clusters, home)
    return True


def _put(item: int, there: int, clusters: list[list[int]], home: dict[int, int]) -> None:
    clusters[home[item]].remove(item)
    clusters[there].append(item)
    home[item] = there
