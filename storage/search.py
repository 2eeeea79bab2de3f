"""Full-text search over pages and fields, with and without diacritics, in SQLite (FTS5) and PostgreSQL alike.

Both databases are given the same plain words, cut by us: lower case, NFC, the tone mark where the older spelling puts it
("hoà" and "hòa" are one word). A word of the query that carries diacritics must be found as it is written; one without is
found under any ("nguyen" finds "Nguyễn", "duong" finds "Đường").
"""

import re
import unicodedata
from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Connection, Engine, bindparam, insert, text

from storage.database import reading
from storage.model import SearchText
from storage.schema import page_texts

_WORD = re.compile(r"\w+")
_ACUTE = "\u0300\u0301\u0303\u0309\u0323"  # the five tone marks
_NEWER = re.compile(rf"(?<![qQ])(o[ae]|uy)([{_ACUTE}])(?!\w)")
_SNIPPET = 80


class Hit(Struct, frozen=True):
    """One page that matches; page 0 is the document's fields. `snippet` is a stretch of its text around the first word."""

    document: str
    page: int
    name: str
    snippet: str


class Search:
    """What was stored with finished documents."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @reading
    def find(self, tx: Connection, query: str, limit: int = 20, office: str | None = None) -> list[Hit]:
        """The pages on which every word of `query` stands, the best first. An empty query finds nothing."""
        wanted = tuple(words(query))
        if not wanted:
            return []
        exact = [word for word in wanted if fold(word) != word]
        plain = [word for word in wanted if fold(word) == word]
        values: dict[str, object] = {"limit": limit, "office": office}
        if tx.dialect.name == "sqlite":
            values["match"] = " AND ".join([*(f'words:"{word}"' for word in exact), *(f'folded:"{word}"' for word in plain)])
            statement = _SQLITE
        else:
            values |= {"exact": " ".join(exact), "plain": " ".join(plain)}
            statement = _POSTGRES
        rows = tx.execute(text(statement).bindparams(*map(bindparam, values)), values)
        return [Hit(row.document, row.page, row.name, _snippet(row.body, wanted)) for row in rows]


_WHERE_OFFICE = "(CAST(:office AS VARCHAR) IS NULL OR b.office = :office)"
_SQLITE = f"""
SELECT t.document, t.page, d.name, t.body FROM page_index
JOIN page_text t ON t.id = page_index.rowid JOIN document d ON d.id = t.document JOIN batch b ON b.id = d.batch
WHERE page_index MATCH :match AND {_WHERE_OFFICE} ORDER BY page_index.rank, t.id LIMIT :limit
"""  # noqa: S608 - constants of this module
_POSTGRES = f"""
SELECT t.document, t.page, d.name, t.body FROM page_text t JOIN document d ON d.id = t.document JOIN batch b ON b.id = d.batch
WHERE (:exact = '' OR to_tsvector('simple', t.words) @@ plainto_tsquery('simple', :exact))
  AND (:plain = '' OR to_tsvector('simple', t.folded) @@ plainto_tsquery('simple', :plain))
  AND {_WHERE_OFFICE}
ORDER BY ts_rank(to_tsvector('simple', t.folded), plainto_tsquery('simple', :plain)) DESC, t.id LIMIT :limit
"""  # noqa: S608 - constants of this module


_EARLIER = page_texts.delete().where(page_texts.c.document == bindparam("which"))


def store_texts(tx: Connection, document: str, texts: Iterable[SearchText]) -> None:
    """Make a document's texts findable, in the transaction that ends it; those of an earlier try go."""
    tx.execute(_EARLIER, {"which": document})
    rows = []
    for one in texts:
        body = unicodedata.normalize("NFC", one.body).replace("\x00", " ")
        found = " ".join(words(body))
        rows.append({"document": document, "page": one.page, "body": body, "words": found, "folded": fold(found)})
    if rows:
        tx.execute(insert(page_texts), rows)


def words(body: str) -> list[str]:
    """The words of a text as they are compared: lower case, NFC, tone marks in the older place."""
    apart = unicodedata.normalize("NFD", body.lower())
    return _WORD.findall(unicodedata.normalize("NFC", _NEWER.sub(lambda m: m[1][0] + m[2] + m[1][1], apart)))


def fold(body: str) -> str:
    """Without diacritics: "đường" becomes "duong"."""
    apart = unicodedata.normalize("NFD", body.lower())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("đ", "d")


def _snippet(body: str, wanted: Iterable[str]) -> str:
    # Folding keeps the number of letters of NFC Vietnamese, so that places in both are the same.
    plain = fold(body)
    places = [place for word in wanted if (place := plain.find(fold(word))) >= 0]
    start = max(0, min(places, default=0) - _SNIPPET // 2)
    return " ".join(body[start : start + _SNIPPET].split())
