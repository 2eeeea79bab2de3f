"""The head of an administrative document by its layout (Decree 30/2020/NĐ-CP, Phụ lục I): agency at the left, place and date at the right."""

from collections.abc import Mapping
from dataclasses import dataclass

from ocr.fields.layout import Layout, Token
from ocr.fields.templates import Template


@dataclass(frozen=True, slots=True)
class Head:
    """The tokens of one part of the head."""

    tokens: tuple[Token, ...]


def read_head(layout: Layout, template: Template) -> Mapping[str, Head]:
    """The parts found, by their names."""
    return {}
