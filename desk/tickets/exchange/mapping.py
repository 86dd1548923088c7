"""What a file's columns and values mean: from a mapping file, else by the headings of our export."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from desk.tickets.exchange.sheets import SheetError

# A ticket's field → the heading it has in an export.
HEADINGS = {
    "number": "编号",
    "type": "诉求类型",
    "topic": "事项",
    "description": "诉求内容",
    "place": "地点",
    "phone": "电话",
    "department": "承办单位",
    "state": "状态",
    "urgency": "紧急程度",
    "created": "受理时间",
}
# In a mapping of values: what is not named otherwise.
ANY = "*"


class FileMapping(BaseModel):
    """How to read another system's list of tickets.

    `columns`: field → heading, or several whose values are joined by a blank. `values`: field →
    what the file says → our code, with `*` for all that is not named. `defaults`: field → code
    where the file says nothing. `empty`: texts that mean nothing. `source` names the other system:
    the same number from the same source is the same ticket.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(default="file", pattern=r"^[a-z0-9_-]{1,40}$")
    columns: dict[str, tuple[str, ...]] = Field(
        default_factory=lambda: {field: (heading,) for field, heading in HEADINGS.items()}
    )
    values: dict[str, dict[str, str]] = Field(default_factory=dict[str, dict[str, str]])
    defaults: dict[str, str] = Field(default_factory=dict)
    empty: tuple[str, ...] = ()

    @field_validator("columns", mode="before")
    @classmethod
    def _one_or_several(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        return {k: (v,) if isinstance(v, str) else v for k, v in raw.items()}  # pyright: ignore[reportUnknownVariableType]

    @field_validator("columns", "values", "defaults")
    @classmethod
    def _known_fields(cls, given: dict[str, object]) -> dict[str, object]:
        for field in given:
            if field not in HEADINGS:
                raise ValueError(f"未知的字段 {field}，可用的有 {'、'.join(HEADINGS)}")
        return given

    def missing(self, headings: Mapping[str, str]) -> list[str]:
        """Headings that the mapping needs and a file does not have. Of the export's own headings
        only what a ticket cannot do without."""
        needed = self.columns if "columns" in self.model_fields_set else ("number", "description")
        return [
            heading
            for field in needed
            for heading in self.columns[field]
            if heading not in headings
        ]

    def value(self, row: Mapping[str, str], field: str) -> str:
        """What a row says for a field, in our words as far as the mapping has them."""
        parts = [row.get(heading, "") for heading in self.columns.get(field, ())]
        said = " ".join(part for part in parts if part and part not in self.empty)
        if not said:
            return self.defaults.get(field, "")
        known = self.values.get(field, {})
        return known.get(said) or known.get(ANY) or said


def read_mapping(file: Path | None) -> FileMapping:
    """The mapping of a YAML file; without one the headings of our own export. Raises SheetError."""
    if file is None:
        return FileMapping()
    try:
        return FileMapping.model_validate(yaml.safe_load(file.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise SheetError(f"没有对照表 {file}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise SheetError(f"对照表 {file} 不是 YAML") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SheetError(f"对照表 {file} 的 {where}：{first['msg']}") from None
