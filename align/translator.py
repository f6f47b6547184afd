"""Translate sentences offline, with Argos packages.

argostranslate's own `translate` splits its input into sentences by a model that
it may have to fetch, translates them one a call, and imports stanza and torch.
Here the segmenter splits what is not split yet, and the package's tokenizer and
its CTranslate2 model are used directly, all sentences in one go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from align.batches import run_batches, workers
from align.boundaries import RULES, sentences_of
from align.dates import with_months_in_words
from align.errors import PackageError
from align.packages import (
    ArgosPackage,
    find_packages,
    find_route,
    how_to_get,
    language_of,
    metadata_of,
    reading,
    unpacked,
)
from align.repairs import with_numbers
from align.settings import Settings
from align.store import Done
from align.text import extent

if TYPE_CHECKING:
    import ctranslate2

_REPAIRS = 14  # raised when what is done to texts or translations changes, so that those kept from before are not used
_MAX_TOKENS = 400  # in a batch; small, since a beam multiplies it
_LONGEST = 160  # tokens translated in one go; models know some 256 positions, and lose the thread before that
_SHORT = 20  # letters; below this, lengths say nothing
_RATIO = 3.5  # of lengths (`extent`) between a sentence and its translation; real ones stay under 2.5
_UNSPACED = 30  # letters without a space, which are a word in few languages
_REPEATED = re.compile(r"(\S.{0,30}?)(?:\s*\1){5}|(\S.{3,40}?)(?:\s*\2){3}")
"""A stretch of 1 to 31 characters six times in a row, or one of 4 to 41 four times."""


_LATIN = r"[^\s\u2e80-\U0010ffff]"
_ADDRESS = re.compile(rf"(?<!{_LATIN}){_LATIN}*(?:https?://|www\.|\w@\w){_LATIN}*")
"""An address on the web or of mail, with the marks on both sides of it."""


class Translator(Protocol):
    """Anything that translates sentences."""

    def signature(self, source: str, target: str, /) -> str | None:
        """What translates `source` to `target` (BCP 47), in its version and as set; None if nothing can."""
        ...

    def caveat(self, source: str, target: str, /) -> str | None:
        """What one should know before relying on translations of `source` to `target`; None for nothing."""
        ...

    def translate(
        self, texts: Sequence[str], source: str, target: str, /, on_done: Done | None = None
    ) -> list[str | None]:
        """A translation for each text, None where only a degenerate one was to be had.

        `on_done` gets how many more texts are done.
        """
        ...


@dataclass(frozen=True)
class ArgosTranslator:
    """Argos packages run by CTranslate2, without stanza or torch; by two packages in turn where no one leads there.

    Attributes:
        cache: where package archives are unpacked.
        models: a folder of packages to prefer.
        beam_size: hypotheses kept while searching.
    """

    cache: Path
    models: Path | None = None
    beam_size: int = 4

    @classmethod
    def of(cls, settings: Settings) -> ArgosTranslator:
        """As the settings say."""
        translator = cls(settings.packages_folder, settings.models, settings.beam_size)
        if settings.models is not None:
            _ = translator._packages  # a folder that holds none is an error, whatever there is to translate
        return translator

    @cached_property
    def _packages(self) -> list[ArgosPackage]:
        return find_packages(self.models)

    def _route(self, source: str, target: str) -> tuple[ArgosPackage, ...]:
        return find_route(self._packages, source, target)

    def signature(self, source: str, target: str, /) -> str | None:
        """For example `argos-pl_en-1.9@1a2b3c4d,beam=4,rules=7,repairs=14,ctranslate2-4.8.1,sentencex-1.0.32`.

        None if no packages lead there. `rules` are those by which texts are split into sentences.
        """
        route = self._route(source, target)
        if not route:
            return None
        packages = "+".join(f"argos-{package.name}@{package.sha256()[:8]}" for package in route)
        programs = ",".join(f"{name}-{version(name)}" for name in ("ctranslate2", "sentencex"))
        return f"{packages},beam={self.beam_size},rules={RULES},repairs={_REPAIRS},{programs}"

    def caveat(self, source: str, target: str, /) -> str | None:
        """That a package which ships with align is a draft, wherever it lies."""
        shipped = {package.name for package in self._packages if package.origin == "shipped"}
        drafts = [package for package in self._route(source, target) if package.name in shipped]
        if not drafts:
            return None
        return (
            f"{source} was translated by the package that ships with align, a draft: read it for the gist and do not "
            f"quote it ('align models pull {drafts[0].source} {drafts[0].target}' fetches Argos' own, which is used "
            "instead)"
        )

    def translate(
        self, texts: Sequence[str], source: str, target: str, /, on_done: Done | None = None
    ) -> list[str | None]:
        """A translation for each text; None where only a degenerate one was to be had of one of its sentences.

        Models know single sentences and leave out what follows, so a text of
        several is translated sentence by sentence. A degenerate translation
        (see `is_degenerate`) is tried again with repetition forbidden, and
        dates and numbers are put right (see `align.repairs`). Addresses on the web and of
        mail stay as they are, and what is around them is translated apart.

        Raises:
            PackageError: no package leads from `source` to `target`, or one is damaged.
        """
        route = self._route(source, target)
        if not route:
            raise PackageError(f"no Argos package translates {source} to {target}: {how_to_get(source, target)}")
        parts = {text: _parts(text, source) for text in texts}
        pieces = dict.fromkeys(chain.from_iterable(parts.values()))
        sentences = [piece for piece in pieces if not _ADDRESS.fullmatch(piece)]
        on_sentences = on_done and _in_proportion(on_done, len(sentences), len(texts))
        translations: list[str | None] = list(sentences)
        for package in route:
            known = {text: None for text in translations if text is not None}
            results = self._hop(package, list(known), on_sentences if package is route[-1] else None)
            found = dict(zip(known, results, strict=True))
            translations = [None if text is None else found[text] for text in translations]
        translated = dict(zip(sentences, translations, strict=True))
        return [_joined([translated.get(piece, piece) for piece in parts[text]]) for text in texts]

    def _hop(self, package: ArgosPackage, texts: list[str], on_done: Done | None) -> list[str | None]:
        folder = unpacked(package, self.cache)
        with reading(package.path):
            model = _load_model(folder)
            tokenizer, prefix = _load_tokenizer(folder)
        tokens = [tokenizer.encode(text) for text in texts]
        search = partial(_search, package.path, model, tokenizer, prefix, self.beam_size)
        first = _translate_tokens(tokens, partial(search, {}), on_done)
        bad = [i for i, text in enumerate(texts) if is_degenerate(text, first[i])]
        guard = {"no_repeat_ngram_size": 3, "repetition_penalty": 1.2}
        retried = _translate_tokens([tokens[i] for i in bad], partial(search, guard), None)
        results: list[str | None] = list(first)
        for i, again in zip(bad, retried, strict=True):
            results[i] = None if is_degenerate(texts[i], again) else again
        languages = language_of(package.source), language_of(package.target)
        return [found and with_numbers(text, found, *languages) for text, found in zip(texts, results, strict=True)]


TRANSLATORS: dict[str, Callable[[Settings], Translator | None]] = {"argos": ArgosTranslator.of, "none": lambda _: None}
"""Makers of translators, by name."""


def is_degenerate(text: str, translation: str) -> bool:
    """Whether a translation is plainly none: empty, an echo, a repetition, or of an absurd length.

    A text of fewer than four words, none of which is as long as a sentence in a
    script without spaces, may come out as it went in (a name, a date), and so may
    a list of names; what the source itself repeats may be repeated.
    """
    if not translation.strip():
        return bool(text.strip())
    words = text.split()
    are_names = "," in text and all(word[0].isupper() and not word.isupper() for word in words)
    long = (len(words) >= 4 and not are_names) or any(
        not word.isascii() and extent(word) >= _UNSPACED for word in words
    )
    if long and text.casefold().strip() == translation.casefold().strip():
        return True
    if _REPEATED.search(translation) and not _REPEATED.search(text):
        return True
    shorter, longer = sorted((extent(text), extent(translation)))
    if longer >= _SHORT and longer > _RATIO * shorter + _SHORT:
        return True
    stutters = sum(a == b and a.isalpha() for a, b in pairwise(translation.casefold().split()))
    return stutters >= 3 and stutters > 0.2 * len(translation.split())


def _load_model(folder: Path) -> ctranslate2.Translator:
    import ctranslate2

    # No compute_type: forcing one is what was blamed for degenerate output (argos-translate #504, #522).
    return ctranslate2.Translator(str(folder / "model"), inter_threads=workers(), intra_threads=1)


def _load_tokenizer(folder: Path) -> tuple[Any, str]:
    """The package's own tokenizer, and the token that its translations must begin with ("" for none).

    Argos' class `Package` would make them too, but importing it makes folders in the user's home.
    """
    from argostranslate.tokenizer import BPETokenizer, SentencePieceTokenizer

    metadata = metadata_of(folder)
    sentencepiece, bpe = folder / "sentencepiece.model", folder / "bpe.model"
    if sentencepiece.exists():
        tokenizer: Any = SentencePieceTokenizer(sentencepiece)
    else:
        tokenizer = BPETokenizer(bpe, metadata["from_code"], metadata["to_code"])
    tokenizer.encode("")  # it is read only now
    return tokenizer, str(metadata.get("target_prefix", ""))


def _translate_tokens(
    sentences: list[list[str]],
    search: Callable[[list[list[str]]], list[str]],
    on_done: Done | None,
) -> list[str]:
    """The translation of each token list, of an overlong one stretch by stretch."""
    cut = [_stretches(tokens) for tokens in sentences]
    stretches = [stretch for parts in cut for stretch in parts]
    on_stretches = on_done and _in_proportion(on_done, len(stretches), len(cut))
    found = iter(run_batches(stretches, search, max_tokens=_MAX_TOKENS, on_done=on_stretches))
    return [" ".join(next(found) for _ in parts) for parts in cut]


def _in_proportion(on_done: Done, parts: int, wholes: int) -> Done:
    """A callback that counts parts as they are done and passes on to `on_done` the proportional number of wholes."""
    done = 0

    def more(count: int) -> None:
        nonlocal done
        before, done = done, done + count
        on_done(done * wholes // parts - before * wholes // parts)

    return more


def _parts(text: str, source: str) -> list[str]:
    """The sentences of a text, and the addresses between them: what is translated, or kept, separately."""
    return list(chain.from_iterable(map(_pieces, sentences_of(with_months_in_words(text, source), source))))


def _pieces(sentence: str) -> list[str]:
    """A sentence, parted where it has addresses."""
    pieces, end = [], 0
    for address in _ADDRESS.finditer(sentence):
        pieces += [sentence[end : address.start()].strip(), address[0]]
        end = address.end()
    return [piece for piece in (*pieces, sentence[end:].strip()) if piece]


def _joined(sentences: Sequence[str | None]) -> str | None:
    """The sentences of a text, unless one is missing."""
    known = [sentence for sentence in sentences if sentence is not None]
    return " ".join(known) if len(known) == len(sentences) else None


def _stretches(tokens: list[str]) -> list[list[str]]:
    """`tokens` cut where a word begins, so that no stretch is overlong; most sentences are one stretch."""
    stretches, begin = [], 0
    while len(tokens) - begin > _LONGEST:
        starts = [i for i in range(begin + _LONGEST // 2, begin + _LONGEST) if tokens[i].startswith("▁")]
        end = starts[-1] if starts else begin + _LONGEST
        stretches.append(tokens[begin:end])
        begin = end
    return [*stretches, tokens[begin:]]


def _search(
    path: Path,
    model: ctranslate2.Translator,
    tokenizer: Any,
    prefix: str,
    beam_size: int,
    guard: dict[str, Any],
    batch: list[list[str]],
) -> list[str]:
    """The best translation of each token list, decoded as Argos does; `path` is the package's, for errors."""
    try:
        results = model.translate_batch(
            batch,
            target_prefix=[[prefix]] * len(batch) if prefix else None,
            beam_size=beam_size,
            replace_unknowns=True,
            length_penalty=0.2,  # Argos' own
            max_decoding_length=min(250, 3 * len(batch[0]) + 20),  # far more than any sentence needs
            **guard,
        )
    except RuntimeError as exc:
        raise PackageError(f"{path}: its model cannot translate ({exc}); install another version of it") from exc
    texts = [tokenizer.decode(result.hypotheses[0]) for result in results]
    return [text.removeprefix(prefix).strip() for text in texts]
