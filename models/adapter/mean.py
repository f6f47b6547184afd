"""The mean of adapters, as one: `python -m models.adapter.mean OUT ADAPTER ADAPTER...`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from models.adapter.train import save

Matrices = Mapping[str, NDArray[np.float16]]


def mean(adapters: Sequence[Matrices]) -> tuple[dict[str, NDArray[np.float16]], float]:
    """The mean of the changes that adapters of one rank make, at that rank by its largest singular values.

    Also the share of the squares of all changes that this leaves out (Eckart and Young 1936: the least possible).
    """
    found, whole, kept = {}, 0.0, 0.0
    for name in sorted(key.removesuffix(".up") for key in adapters[0] if key.endswith(".up")):
        products = [part[f"{name}.up"].astype(np.float64) @ part[f"{name}.down"] for part in adapters]
        left, values, right = np.linalg.svd(np.mean(products, axis=0), full_matrices=False)
        rank = len(adapters[0][f"{name}.down"])
        root = np.sqrt(values[:rank])
        found[f"{name}.up"] = (left[:, :rank] * root).astype(np.float16)
        found[f"{name}.down"] = (root[:, None] * right[:rank]).astype(np.float16)
        whole, kept = whole + float((values**2).sum()), kept + float((values[:rank] ** 2).sum())
    return found, 1 - kept / whole


def main() -> None:
    """Read, average, write."""
    parser = argparse.ArgumentParser(prog="python -m models.adapter.mean", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("adapters", type=Path, nargs="+")
    arguments = parser.parse_args()
    found, lost = mean([load_file(path) for path in arguments.adapters])
    save(found, arguments.out)
    print(f"{arguments.out}: {lost:.3f} of the squares left out")


if __name__ == "__main__":
    main()
