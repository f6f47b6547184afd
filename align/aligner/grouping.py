"""Partition spans into groups: correlation clustering with at most one span a document."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

_PASSES = 12
_LEAST_GAIN = 1e-6


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
        return sorted(sorted(members) for members in self.groups.values())

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

    def weakest_split(self, members: Sequence[int]) -> tuple[float, tuple[list[int], list[int]]]:
        """Where a group would come apart: the mean log-odds across, and the two halves.

        The halves are those that joining the nearest members first, by the mean log-odds between them, joins last;
        so two groups that are each of one mind show, and not only a member that the others do not support.
        """
        parts = {k: [item] for k, item in enumerate(members)}
        between = {(a, b): self.links[members[a]].get(members[b], self.absent) for a, b in combinations(parts, 2)}

        def mean(pair: tuple[int, int]) -> float:
            return between[pair] / (len(parts[pair[0]]) * len(parts[pair[1]]))

        for fresh in range(len(members), 2 * len(members) - 2):
            a, b = max(between, key=lambda pair: (mean(pair), -pair[0], -pair[1]))
            del between[a, b]
            merged = sorted(parts.pop(a) + parts.pop(b))
            for c in parts:
                between[c, fresh] = sum(between.pop((min(c, old), max(c, old))) for old in (a, b))
            parts[fresh] = merged
        (last,) = between
        return mean(last), (parts[last[0]], parts[last[1]])

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
        placed = {item for members in wanted for item in members}
        holders = {self._holder[sentence] for sentence in claimed if sentence in self._holder}
        touched = sorted({self._home[item] for item in holders | (placed & self._home.keys())})
        rest = [[i for i in self.groups[home] if i not in placed and i not in holders] for home in touched]
        remade = [members for members in [*wanted, *rest] if len(members) > 1]
        before = sum(self.value(self.groups[home]) for home in touched)
        return sum(self.value(members) for members in remade) - before, (touched, remade)

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
