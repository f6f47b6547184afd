"""Partition spans into groups: correlation clustering with at most one span a document."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

_PASSES = 12  # over all items, at most; where no move gains it ends earlier
_LEAST_GAIN = 1e-6  # more than what rounding makes of a sum, or moves could go in circles


@dataclass(frozen=True, slots=True)
class Part:
    """A group, or a part of one.

    Attributes:
        members: items.
        total: the sum of the log-odds between all of them.
        weakest: the mean log-odds between its halves; 0 where there are none.
        halves: the two parts that it would come apart into; none if it has one member.
    """

    members: list[int]
    total: float = 0.0
    weakest: float = 0.0
    halves: tuple[Part, ...] = ()


@dataclass(slots=True)
class Grouping:
    """A partition of spans into groups that grows better move by move.

    The objective is that of correlation clustering (Bansal, Blum and Chawla
    2004): the sum, over the pairs within groups, of the log-odds that the two
    say the same. So a partition is preferred as the pairs that it joins are
    likelier, and each member answers to all others of its group. No two spans
    of a group are of one document, and no sentence is in two groups.

    Attributes:
        links: for every item, the log-odds with each item it was compared with.
        documents: of every item.
        runs: the sentences of every item.
        absent: the log-odds of items that were never compared because neither is near the other.
        groups: sorted lists of items, each by a number of its own; none before `solve`.
    """

    links: Sequence[Mapping[int, float]]
    documents: Sequence[int]
    runs: Sequence[range]
    absent: float
    groups: dict[int, list[int]] = field(default_factory=dict)
    _home: dict[int, int] = field(default_factory=dict)
    _holder: dict[int, int] = field(default_factory=dict)
    _fresh: int = 0

    def rows(self) -> list[list[int]]:
        """The groups, each a sorted list of items, in order."""
        return sorted(self.groups.values())

    def solve(self) -> None:
        """Find the groups by greedy agglomeration, then by local moves until none gains, `_PASSES` times at most."""
        for members in self._agglomerate():
            self._add(members)
        for _ in range(_PASSES):
            moved = False
            for item in range(len(self.links)):
                moved |= self._relocate(item)
                moved |= self._propose(item)
            if not moved:
                break

    def support(self, item: int, members: Iterable[int]) -> float:
        """The sum of the log-odds between an item and the members of a group, itself aside."""
        own = self.links[item]
        return sum(own.get(other, self.absent) for other in members if other != item)

    def value(self, members: Sequence[int]) -> float:
        """What a group adds to the objective."""
        if len(members) < 2:
            return 0.0
        return sum(self.support(item, members) for item in members) / 2

    def part(self, members: Sequence[int]) -> Part:
        """A group, with where it would come apart, and each half again.

        The halves are those that joining the nearest members first, by the mean log-odds between them (UPGMA, Sokal and
        Michener 1958), joins last; so two groups that are each of one mind show, and not only a member that the others
        do not support.
        """
        parts = [Part([item]) for item in members]
        between = np.array([[self.links[i].get(j, self.absent) for j in members] for i in members])
        sizes = np.ones(len(parts))
        means = between.copy()
        np.fill_diagonal(means, -np.inf)
        for _ in range(1, len(parts)):
            a, b = divmod(int(means.argmax()), len(parts))
            halves, joined = (parts[a], parts[b]), float(between[a, b])
            both = sorted(halves[0].members + halves[1].members)
            total = halves[0].total + halves[1].total + joined
            parts[a] = Part(both, total, joined / float(sizes[a] * sizes[b]), halves)
            between[a] += between[b]
            between[:, a] = between[a]
            sizes[a] += sizes[b]
            means[b] = means[:, b] = -np.inf
            others = np.isfinite(means[a])
            means[a, others] = means[others, a] = between[a, others] / (sizes[a] * sizes[others])
        return parts[0]

    def _agglomerate(self) -> list[list[int]]:
        """Join single sentences, the groups with the highest mean log-odds between them first."""
        singles = [i for i, run in enumerate(self.runs) if len(run) == 1]
        clusters = {i: [i] for i in singles}
        between = {i: {j: v for j, v in self.links[i].items() if j in clusters} for i in singles}
        heap = [(-v, i, j) for i in singles for j, v in between[i].items() if i < j and v > 0]
        heapq.heapify(heap)
        fresh = len(self.links)
        while heap:
            _, a, b = heapq.heappop(heap)
            if a not in clusters or b not in clusters or not self._compatible(clusters[a], clusters[b]):
                continue
            first, second, to_a, to_b = clusters.pop(a), clusters.pop(b), between.pop(a), between.pop(b)
            merged = sorted(first + second)
            clusters[fresh], between[fresh] = merged, {}
            for c in sorted((to_a.keys() | to_b.keys()) & clusters.keys()):
                size = len(clusters[c])
                total = to_a.get(c, self.absent * len(first) * size) + to_b.get(c, self.absent * len(second) * size)
                between[fresh][c] = between[c][fresh] = total
                if total > 0:
                    heapq.heappush(heap, (-total / (size * len(merged)), c, fresh))
            fresh += 1
        return [members for _, members in sorted(clusters.items()) if len(members) > 1]

    def _compatible(self, first: Sequence[int], second: Sequence[int]) -> bool:
        return not {self.documents[i] for i in first} & {self.documents[i] for i in second}

    def _relocate(self, item: int) -> bool:
        """The best single move of an item, if any gains: out of its group, into another, or in exchange."""
        here = [i for i in self.groups.get(self._home.get(item, -1), ()) if i != item]
        options = [[[item]]] if self.support(item, here) < 0 else []
        seen: set[int] = set()
        for other, value in self.links[item].items():
            home = self._home.get(other, -1)
            if value <= 0 or (home >= 0 and (home in seen or item in self.groups[home])):
                continue
            seen.add(home)
            there = self.groups.get(home, [other])
            rivals = [i for i in there if self.documents[i] == self.documents[item]]
            joined = [*(i for i in there if i not in rivals), item]
            options.append([joined])
            if here and rivals:
                options.append([joined, [*here, *rivals]])
        return self._take_best(options)

    def _propose(self, item: int) -> bool:
        """A whole group grown round an item, whatever its members belong to now, if that gains."""
        if len(self.runs[item]) == 1 and item in self._home:
            return False
        clique = [item]
        for _, other in sorted((-value, other) for other, value in self.links[item].items() if value > 0):
            if self._compatible(clique, [other]) and self.support(other, clique) > 0:
                clique.append(other)
        return len(clique) > 1 and self._take_best([[clique]])

    def _take_best(self, options: Iterable[list[list[int]]]) -> bool:
        """Put the best of several sets of new groups in the place of what they touch, if it gains."""
        best, best_gain = None, _LEAST_GAIN
        for option in options:
            gain, change = self._weigh(option)
            if gain > best_gain:
                best, best_gain = change, gain
        if best is None:
            return False
        touched, remade = best
        for home in touched:
            self._drop(home)
        for members in remade:
            self._add(members)
        return True

    def _weigh(self, wanted: list[list[int]]) -> tuple[float, tuple[list[int], list[list[int]]]]:
        """The gain of making some groups, and the change: the groups to drop, and all that take their place.

        What is left of the groups dropped stays together, less the spans that hold a sentence of the groups wanted.
        The groups wanted have no sentence in common.
        """
        claimed = {sentence for members in wanted for item in members for sentence in self.runs[item]}
        placed = {item: number for number, members in enumerate(wanted) for item in members}
        holders = {self._holder[sentence] for sentence in claimed if sentence in self._holder}
        touched = sorted({self._home[item] for item in holders | (placed.keys() & self._home.keys())})
        rest = [[i for i in self.groups[home] if i not in placed and i not in holders] for home in touched]
        remade = [*wanted, *rest]
        after = {item: number for number, members in enumerate(remade) for item in members}
        blocks: dict[tuple[int, int], list[int]] = {}  # items by the group that they are in and the one that they go to
        for item in sorted({*placed, *(i for home in touched for i in self.groups[home])}):
            blocks.setdefault((self._home.get(item, -1), after.get(item, -1)), []).append(item)
        gain = 0.0
        for (at, to), block in blocks.items():
            if (change := (to >= 0) - (at >= 0)) != 0:
                gain += change * self.value(block)
        for (left, first), (right, second) in combinations(blocks.items(), 2):
            if (change := (left[1] == right[1] >= 0) - (left[0] == right[0] >= 0)) != 0:
                few, many = sorted((first, second), key=len)
                gain += change * sum(self.support(item, many) for item in few)
        return gain, (touched, [members for members in remade if len(members) > 1])

    def _add(self, members: Sequence[int]) -> None:
        self.groups[self._fresh] = sorted(members)
        for item in members:
            self._home[item] = self._fresh
            self._holder.update(dict.fromkeys(self.runs[item], item))
        self._fresh += 1

    def _drop(self, home: int) -> None:
        for item in self.groups.pop(home):
            del self._home[item]
            for sentence in self.runs[item]:
                del self._holder[sentence]
