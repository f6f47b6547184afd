"""Measure a package: BLEU and chrF with their signatures, speed, and degenerate repetition."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


class Package:
    """An unpacked `.argosmodel`, translating whole sentences in batches."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        import ctranslate2
        import sentencepiece

        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
        self.model = ctranslate2.Translator(str(folder / "model"), inter_threads=1, intra_threads=threads)

    def translate(self, sentences: Sequence[str], beam: int = 4) -> list[str]:
        """One English sentence for each Polish one."""
        tokens = [self.pieces.encode(sentence, out_type=str) for sentence in sentences]
        results = self.model.translate_batch(
            tokens,
            beam_size=beam,
            max_batch_size=1024,
            batch_type="tokens",
            replace_unknowns=True,
            max_decoding_length=200,
        )
        return ["".join(r.hypotheses[0]).replace("▁", " ").strip() for r in results]


def unpack(package: Path, folder: Path) -> Path:
    """Extract the package; return its single top folder."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return next(p for p in folder.iterdir() if p.is_dir())


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


def is_degenerate(text: str) -> bool:
    """Whether some run of one to four words comes at least four times in a row."""
    words = text.lower().split()
    for size in range(1, 5):
        for start in range(len(words) - 4 * size + 1):
            unit = words[start : start + size]
            if all(words[start + k * size : start + (k + 1) * size] == unit for k in range(1, 4)):
                return True
    letters = Counter(text[i : i + 12] for i in range(len(text) - 11))
    return any(count > 5 and gram.strip() for gram, count in letters.items())


def evaluate(package: Path, polish: Sequence[str], english: Sequence[str], threads: int = 2) -> dict[str, Any]:
    """All measurements of one package on one set of sentences, with their conditions."""
    with tempfile.TemporaryDirectory() as folder:
        model = Package(unpack(package, Path(folder)), threads)
        started = time.monotonic()
        translations = model.translate(polish)
        seconds = time.monotonic() - started
    result = scores(translations, english)
    result |= {"sentences": len(polish), "beam": 4, "threads": threads, "megabytes": package.stat().st_size / 1e6}
    result |= {"sentences_a_second": round(len(polish) / seconds, 1)}
    result |= {"degenerate": sum(map(is_degenerate, translations))}
    return result


def main() -> None:
    """`python -m models.train.evaluate PACKAGE FLORES_FOLDER`: write the measurements of FLORES dev as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("flores", type=Path)
    arguments = parser.parse_args()
    polish, english = (
        (arguments.flores / f"dev.{language}").read_text(encoding="utf-8").splitlines() for language in ("pl", "en")
    )
    json.dump(evaluate(arguments.package, polish, english), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
