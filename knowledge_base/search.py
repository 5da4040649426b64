"""FAISS over the vetted replies and their example questions: built aside, swapped in whole, held to its manifest."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import faiss
import numpy as np
import numpy.typing as npt

from knowledge_base.errors import IndexMismatch
from knowledge_base.replies import Replies
from knowledge_base.schema import Sentence, Variant
from knowledge_base.vectors import (  # fmt: skip
    FloatArray,
    Method,
    RowArray,
    index_of,
    method_for,
    nearest,
    read_index,
    vectors_in,
    write_index,
)

FORMAT = 3  # of the files below; a change makes old indexes refuse
NEIGHBOURS = 60  # entries fetched for one part; each reply has about ten entries a language


class Encoder(Protocol):
    """Whatever turns texts into unit vectors; the caller brings it."""

    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One indexed text: an example question of a reply, or the reply's own wording."""

    reply_id: str
    language: str
    kind: str  # "question" | "text" | "request"
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A reply found for a text: the best of its entries, with its cosine in -1..1."""

    reply_id: str
    score: float
    entry: Entry


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the index was made of; any difference to what is in use refuses to serve."""

    format: int
    encoder: str
    revision: str
    dim: int
    corpus: str
    entries: int
    method: Method
    sums: Mapping[str, str] = field(default_factory=dict, compare=False)  # what each saved file hashes to

    @classmethod
    def of(cls, encoder: Encoder, corpus: str, entries: int) -> "Manifest":
        """What an index over so many entries is to be made of today."""
        return cls(FORMAT, encoder.name, encoder.revision, encoder.dim, corpus, entries, method_for(entries))


def _sums(folder: Path, suffix: str) -> dict[str, str]:
    """Of the files beside the manifest (SHA-256): a turned bit would change what is found, and no one would know."""
    return {
        name: sha256((folder / f"{name}{suffix}").read_bytes()).hexdigest() for name in ("index.faiss", "entries.json")
    }


def entries_of(replies: Replies, requests: dict[str, dict[str, tuple[str, ...]]]) -> list[Entry]:
    """All texts to index, in a stable order. `requests` are the wordings of special requests: language -> kind -> texts."""
    entries = []
    for (reply_id, language), variant in sorted(replies.variants.items()):
        if variant.vetting.vetted:
            entries += [Entry(reply_id, language, "question", text) for text in variant.questions]
            if variant.questions:
                entries.append(
                    Entry(reply_id, language, "text", _plain(variant, replies.get_situation(reply_id).sentences))
                )
    for language, kinds in sorted(requests.items()):
        entries += [
            Entry(f"special_request:{kind}", language, "request", text)
            for kind, texts in sorted(kinds.items())
            for text in texts
        ]
    return entries


def _plain(variant: Variant, sentences: Sequence[Sentence]) -> str:
    return " ".join(variant.sentences[sentence.id] for sentence in sentences if sentence.id in variant.sentences)[:600]


class ReplyIndex:
    """Read-only once made, so that searches need no lock; an edit makes a new one."""

    def __init__(self, manifest: Manifest, entries: Sequence[Entry], index: faiss.Index) -> None:
        self.manifest = manifest
        self._entries = entries
        self._index = index
        self._replies = _numbered([entry.reply_id for entry in entries])

    @property
    def vectors(self) -> FloatArray:
        """Of all entries, (n, dim), unit length."""
        return vectors_in(self._index)

    @classmethod
    def build(
        cls, entries: Sequence[Entry], corpus: str, encoder: Encoder, progress: Callable[[int, int], None] | None = None
    ) -> "ReplyIndex":
        """Encodes all entries; `progress(done, total)` is called after each batch."""
        vectors = np.zeros((len(entries), encoder.dim), dtype=np.float32)
        for start in range(0, len(entries), 256):
            batch = entries[start : start + 256]
            vectors[start : start + len(batch)] = encoder.encode([entry.text for entry in batch])
            if progress:
                progress(start + len(batch), len(entries))
        return cls(Manifest.of(encoder, corpus, len(entries)), list(entries), index_of(vectors))

    def rebuilt(self, entries: Sequence[Entry], corpus: str, encoder: Encoder) -> "ReplyIndex":
        """A new index over other entries; only texts that this one does not hold are encoded. This one goes on serving."""
        manifest = Manifest.of(encoder, corpus, len(entries))
        if list(entries) == list(self._entries):
            return ReplyIndex(manifest, self._entries, self._index)
        rows = {entry.text: row for row, entry in enumerate(self._entries)}
        new = list(dict.fromkeys(entry.text for entry in entries if entry.text not in rows))
        vectors = self.vectors
        if new:
            rows |= {text: len(vectors) + place for place, text in enumerate(new)}
            vectors = np.concatenate([vectors, encoder.encode(new)])
        chosen = vectors[[rows[entry.text] for entry in entries]].reshape(-1, encoder.dim)
        return ReplyIndex(manifest, list(entries), index_of(chosen))

    @classmethod
    def load(cls, folder: Path, corpus: str, encoder: Encoder) -> "ReplyIndex":
        """Raises IndexMismatch where the folder is absent, damaged, or made of something else than is in use."""
        try:
            manifest = Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
            entries = [Entry(**row) for row in json.loads((folder / "entries.json").read_text(encoding="utf-8"))]
            if manifest.sums != _sums(folder, ""):
                raise ValueError("a file is not what was written")
            index = read_index(folder / "index.faiss")
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise IndexMismatch(f"no usable index in {folder} ({error}); run: countersign knowledge index") from error
        wanted = Manifest.of(encoder, corpus, len(entries))
        if manifest != wanted or index.ntotal != len(entries):
            raise IndexMismatch(
                f"the index in {folder} was made of other content or by another encoder; run: countersign knowledge index"
            )
        return cls(manifest, entries, index)

    def save(self, folder: Path) -> None:
        """Writes beside the old index and moves the new one into its place, the manifest last."""
        folder.mkdir(parents=True, exist_ok=True)
        write_index(self._index, folder / "index.faiss.new")
        (folder / "entries.json.new").write_text(
            json.dumps([asdict(entry) for entry in self._entries], ensure_ascii=False), encoding="utf-8"
        )
        told = asdict(self.manifest) | {"sums": _sums(folder, ".new")}
        (folder / "manifest.json.new").write_text(json.dumps(told, indent=2), encoding="utf-8")
        for name in ("index.faiss", "entries.json", "manifest.json"):
            (folder / f"{name}.new").replace(folder / name)

    def search(
        self, vectors: FloatArray, allowed: Callable[[Entry], bool] | None = None, neighbours: int | None = None
    ) -> list[list[Hit]]:
        """For each of the `(n, dim)` unit vectors the replies found, best first; `allowed` filters the entries, `neighbours` is how many are looked at."""
        if not len(self._entries) or not len(vectors):
            return [[] for _ in vectors]
        wide = neighbours or (NEIGHBOURS if allowed is None else NEIGHBOURS * 8)
        scores, rows = nearest(self._index, vectors, min(wide, len(self._entries)))
        return [self._best(*found, allowed) for found in zip(scores, rows, strict=True)]

    def _best(self, scores: FloatArray, rows: RowArray, allowed: Callable[[Entry], bool] | None) -> list[Hit]:
        """The best entry of each reply, in the order of the scores."""
        best = self._firsts(scores[rows >= 0], rows[rows >= 0])
        if allowed is None or all(allowed(hit.entry) for hit in best):
            return best
        usable = np.array([row >= 0 and allowed(self._entries[row]) for row in rows.tolist()], dtype=np.bool_)
        return self._firsts(scores[usable], rows[usable])

    def _firsts(self, scores: FloatArray, rows: RowArray) -> list[Hit]:
        """The first entry of each reply."""
        first = np.sort(np.unique(self._replies[rows], return_index=True)[1])
        found = zip(scores[first].tolist(), (self._entries[row] for row in rows[first].tolist()), strict=True)
        return [Hit(entry.reply_id, score, entry) for score, entry in found]


def _numbered(names: Sequence[str]) -> npt.NDArray[np.int64]:
    """A number for each name, the same for equal ones."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], dtype=np.int64)
