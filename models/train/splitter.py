"""A sentence splitter for Polish in the form that argostranslate takes from a package: a MiniSBD ONNX model.

argostranslate 1.11 downloads a splitter at the first sentence unless the package brings one in `minisbd/`. This one is
not trained: two convolutions whose weights spell out the usual rule (a full stop, question or exclamation mark, perhaps
a closing quote, then a space, then a capital, a quote or a dash), with Polish abbreviations and initials excepted.
The file is written in the ONNX wire format directly, since that takes no more than a dependency would.
"""

from __future__ import annotations

import json
import string

import numpy as np
from numpy.typing import NDArray

LOWER = string.ascii_lowercase + "ąćęłńóśźż"
CLOSERS, OPENERS = "\"”')]»", '"„“«(–—-'
ABBREVIATIONS = """
    prof dr mgr inż ul al pl im św gen płk ppłk kpt por mjr np tzw tj in red ks bp abp hab os pt ok godz wg str
    nr zob ur zm sp woj min
""".split()

_FEATURES = ["end", "stop", "closer", "space", "start", "upper"]
_WINDOW = 7  # characters before the one looked at
_AFTER = 2


def splitter_model() -> bytes:
    """The ONNX file: character ids (batch, length) to scores of MiniSBD's five labels (batch, length, 5)."""
    alphabet = sorted(set(LOWER + LOWER.upper() + string.digits + string.punctuation + " …„”“«»–—’‘"))
    units = ["<PAD>", "<UNK>", *alphabet]
    table = np.zeros((len(units), len(_FEATURES) + len(LOWER)), np.float32)
    for number, unit in enumerate(units[2:], 2):
        table[number, : len(_FEATURES)] = [
            unit in ".?!…",
            unit == ".",
            unit in CLOSERS,
            unit == " ",
            unit.isupper() or unit in OPENERS,
            unit.isupper(),
        ]
        if unit.lower() in LOWER:
            table[number, len(_FEATURES) + LOWER.index(unit.lower())] = 1
    first, first_bias = _rules()
    second = np.zeros((5, first.shape[0], 1), np.float32)
    second[2, 0], second[2, 1:] = 4, -9  # a break, unless an exception holds
    second_bias = np.array([1, 0, 0, -9, -9], np.float32)
    config = {"max_seqlen": 1000, "batch_size": 32, "feat_funcs": ["space_before"], "skip_newline": False}
    vocabulary = {"lang": "pl", "_id2unit": units, "_unit2id": {unit: i for i, unit in enumerate(units)}}
    graph = b"".join(
        [
            _field(1, _node("Gather", ["table", "units"], "a")),
            _field(1, _node("Transpose", ["a"], "b", perm=[0, 2, 1])),
            _field(1, _node("Conv", ["b", "first", "first_bias"], "c", pads=[_WINDOW, _AFTER])),
            _field(1, _node("Relu", ["c"], "d")),
            _field(1, _node("Conv", ["d", "second", "second_bias"], "e", pads=[0, 0])),
            _field(1, _node("Transpose", ["e"], "scores", perm=[0, 2, 1])),
            _field(2, b"polish sentence ends"),
            _field(5, _tensor("table", table)),
            _field(5, _tensor("first", first)),
            _field(5, _tensor("first_bias", first_bias)),
            _field(5, _tensor("second", second)),
            _field(5, _tensor("second_bias", second_bias)),
            _field(11, _value("units", 7, ["batch", "length"])),
            _field(11, _value("features", 1, ["batch", "length", "one"])),
            _field(12, _value("scores", 1, ["batch", "length", "labels"])),
        ]
    )
    metadata = {"lang_code": "pl", "config": json.dumps(config), "vocab": json.dumps(vocabulary, ensure_ascii=False)}
    parts = [_field(1, 8), _field(2, b"align"), _field(7, graph), _field(8, _field(1, b"") + _field(2, 13))]
    parts += [_field(14, _field(1, k.encode()) + _field(2, v.encode())) for k, v in sorted(metadata.items())]
    return b"".join(parts)


def _rules() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (rules, features, places) and biases: row 0 is on at a sentence end, the others at its exceptions."""
    at = {name: number for number, name in enumerate(_FEATURES)}
    rows = 2 + len(ABBREVIATIONS)
    weight = np.zeros((rows, len(_FEATURES) + len(LOWER), _WINDOW + 1 + _AFTER), np.float32)
    bias = np.zeros(rows, np.float32)
    here = _WINDOW
    weight[0, at["end"], here], weight[0, at["closer"], here], weight[0, at["end"], here - 1] = 4, 2, 2
    weight[0, at["space"], here + 1], weight[0, at["start"], here + 2] = 4, 4
    bias[0] = -11
    weight[1, at["stop"], here] = weight[1, at["upper"], here - 1] = weight[1, at["space"], here - 2] = 1
    bias[1] = -2
    for row, word in enumerate(ABBREVIATIONS, 2):
        weight[row, at["stop"], here] = 1
        for back, letter in enumerate(reversed(word), 1):
            weight[row, len(_FEATURES) + LOWER.index(letter), here - back] = 1
        for name in ("space", "stop", "closer", "start"):
            weight[row, at[name], here - len(word) - 1] = 1
        bias[row] = -(len(word) + 1)
    return weight, bias


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: bytes | int) -> bytes:
    """A protocol buffer field: a varint, or bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _node(kind: str, inputs: list[str], output: str, **attributes: list[int]) -> bytes:
    parts = [_field(1, name.encode()) for name in inputs] + [_field(2, output.encode()), _field(4, kind.encode())]
    for name, values in attributes.items():
        numbers = b"".join(_field(8, value) for value in values)
        parts.append(_field(5, _field(1, name.encode()) + numbers + _field(20, 7)))
    return b"".join(parts)


def _tensor(name: str, array: NDArray[np.float32]) -> bytes:
    dims = b"".join(_field(1, size) for size in array.shape)
    return dims + _field(2, 1) + _field(8, name.encode()) + _field(9, array.astype("<f4").tobytes())


def _value(name: str, kind: int, dims: list[str]) -> bytes:
    shape = b"".join(_field(1, _field(2, dim.encode())) for dim in dims)
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))
