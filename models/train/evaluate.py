"""Measure a package: BLEU and chrF with their signatures, speed, and degenerate repetition."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from align.packages import install
from models.train.corpus import read_flores

BEAM = 4
THREADS = 2


def scores(translations: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    """BLEU (13a) and chrF2 with sacreBLEU's signatures."""
    from sacrebleu.metrics import BLEU, CHRF

    bleu, chrf = BLEU(tokenize="13a"), CHRF()
    first = bleu.corpus_score(list(translations), [list(references)])
    second = chrf.corpus_score(list(translations), [list(references)])
    return {
        "bleu": round(first.score, 2),
        "chrf": round(second.score, 2),
        "bleu_signature": str(bleu.get_signature()),
        "chrf_signature": str(chrf.get_signature()),
    }


def repeats(text: str) -> bool:
    """Whether one to four words come at least four times in a row, or any 12 characters more than five times in all."""
    words = text.lower().split()
    for size in range(1, 5):
        for start in range(len(words) - 4 * size + 1):
            unit = words[start : start + size]
            if all(words[start + k * size : start + (k + 1) * size] == unit for k in range(1, 4)):
                return True
    letters = Counter(text[i : i + 12] for i in range(len(text) - 11))
    return any(count > 5 and gram.strip() for gram, count in letters.items())


def evaluate(package: Path, polish: Sequence[str], english: Sequence[str]) -> dict[str, Any]:
    """All measurements of one package on one set of sentences, with their conditions.

    Of the model by itself: `align` translates with a length penalty, and again what came out degenerate.
    """
    import ctranslate2
    import sentencepiece

    with tempfile.TemporaryDirectory() as temporary:
        folder = install(package, Path(temporary))
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
        model = ctranslate2.Translator(str(folder / "model"), inter_threads=1, intra_threads=THREADS)
        started = time.monotonic()
        found = model.translate_batch(
            [pieces.encode(sentence, out_type=str) for sentence in polish],
            beam_size=BEAM,
            max_batch_size=1024,
            batch_type="tokens",
            replace_unknowns=True,
            max_decoding_length=200,
        )
        translations = ["".join(one.hypotheses[0]).replace("▁", " ").strip() for one in found]
        seconds = time.monotonic() - started
    result = scores(translations, english)
    result |= {"sentences": len(polish), "beam": BEAM, "threads": THREADS, "megabytes": package.stat().st_size / 1e6}
    result |= {"sentences_a_second": round(len(polish) / seconds, 1)}
    result |= {"degenerate": sum(map(repeats, translations))}
    return result


def main() -> None:
    """`python -m models.train.evaluate PACKAGE FLORES_FOLDER`: write the measurements of FLORES dev as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("flores", type=Path)
    arguments = parser.parse_args()
    json.dump(evaluate(arguments.package, *read_flores(arguments.flores)), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
