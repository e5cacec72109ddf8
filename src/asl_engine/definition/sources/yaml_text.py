"""YAML text as a `Document`: built from the events of ruamel.yaml's parser, with a stack of its own.

No constructor of ruamel.yaml runs: a value is what `yaml_scalars` says of it, so that no tag can make anything. Every
container knows its weight, the size of its text with aliases written out, and the weight is bounded before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from asl_engine.definition.sources.codes import (
    INVALID_JSON_DESCRIPTION,
    MISSING_DEPENDENCY,
    UNSUPPORTED_YAML,
    refused,
)
from asl_engine.definition.sources.documents import Document, Node, Text
from asl_engine.definition.sources.source import SourceError
from asl_engine.definition.sources.yaml_places import scalar_offsets
from asl_engine.definition.sources.yaml_scalars import NoJson, Plain, plain
from asl_engine.jsonvalue import MAX_DEPTH, TOO_DEEP, Json

ALIASES_MAY_MULTIPLY_BY = 10
ALIASES_MAY_ADD = 100_000
"""The text, with all aliases written out, may be so many times as long, plus so many characters."""

_BARE_NAMES = ("Ref", "Condition")
_FUNCTIONS = (
    *("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Length"),
    *("Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"),
)
SHORT_FORMS = {f"!{name}": name for name in _BARE_NAMES} | {f"!{name}": f"Fn::{name}" for name in _FUNCTIONS}
"""CloudFormation's tags -> the key of the object that each is short for."""

_STANDARD = "tag:yaml.org,2002:"
_TEXT_TAGS = ("!", f"{_STANDARD}str")
_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
    "map": (dict,),
    "seq": (list,),
}
_NONE: Mapping[str, Node] = {}
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Item(NamedTuple):
    """A finished value. `height`: how deep it nests; `weight`: the size of its text with aliases written out."""

    value: Json
    members: Mapping[str, Node]
    height: int
    weight: int


class _Open:
    """A mapping or sequence whose end was not met yet, or the document around them all."""

    __slots__ = (
        *("anchor", "height", "is_mapping", "key", "members", "merged"),
        *("name", "start", "tag", "value", "weight"),
    )

    def __init__(self, is_mapping: bool, start: int = 0, anchor: str | None = None, tag: str | None = None) -> None:
        self.is_mapping = is_mapping
        self.start = start
        self.anchor = anchor
        self.tag = tag
        self.value: Any = {} if is_mapping else []
        self.members: dict[str, Node] = {}
        self.height = 0
        self.weight = 1
        self.name: str | None = None
        self.key: tuple[int, int] | None = None
        self.merged: list[_Item] | None = None


def read_yaml(text: Text) -> Document:
    """The document in a YAML text, which must be one. Raises SourceError."""
    return _Reader(text).document()


class _Reader:
    """One reading of a text: the containers that are open, and what was noticed."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.limit = ALIASES_MAY_MULTIPLY_BY * len(text.characters) + ALIASES_MAY_ADD
        self.stack = [_Open(False)]
        self.anchors: dict[str, _Item | None] = {}
        self.scalars: dict[int, str | None] = {}
        self.remarks: list[tuple[int, int, str]] = []
        self.tags: list[tuple[int, str]] = []

    def document(self) -> Document:
        """Reads to the end."""
        for event in _events(self.text):
            _READ[type(event).__name__](self, event)
        root = self.stack[0].members.get("0")
        if root is None:
            raise self.refusal(0, "is empty", INVALID_JSON_DESCRIPTION)
        characters, styles = self.text.characters, self.scalars
        return Document(
            text=self.text,
            value=self.stack[0].value[0],
            tree=lambda: root,
            offsets=lambda node, value: scalar_offsets(characters, node, styles.get(node.start), value),
            remarks=tuple(self.remarks),
            tags=tuple(self.tags),
        )

    def refusal(self, offset: int, message: str, code: str = UNSUPPORTED_YAML) -> SourceError:
        """The error about what stands at an offset."""
        return refused(code, message, self.text.point(offset))

    def ignore(self, event: Any) -> None:
        """Begins and ends that say nothing."""

    def begin_document(self, event: Any) -> None:
        """A second document is refused."""
        if self.stack[0].members:
            raise self.refusal(event.start_mark.index, "holds more than one document")

    def begin_container(self, event: Any) -> None:
        """A mapping or a sequence."""
        start = event.start_mark.index
        self.check_depth(len(self.stack), start)
        if self.stack[-1].is_mapping and self.stack[-1].name is None:
            raise self.refusal(start, "a mapping or a sequence as a key is not supported")
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(type(event).__name__ == "MappingStartEvent", start, event.anchor, _tag(event)))

    def end_container(self, event: Any) -> None:
        """The end of a mapping or a sequence."""
        done = self.stack.pop()
        self.merge(done)
        item = _Item(done.value, done.members, done.height + 1, done.weight)
        end = max(event.end_mark.index, done.start + 1)
        self.finish(item, done.start, end, done.anchor, done.tag)

    def read_scalar(self, event: Any) -> None:
        """A scalar: a key, or a value."""
        start, end, tag, words = event.start_mark.index, event.end_mark.index, _tag(event), event.value
        if _SURROGATE.search(words):
            raise self.refusal(start, "holds a lone surrogate", INVALID_JSON_DESCRIPTION)
        is_text = event.style is not None if tag is None else tag in _TEXT_TAGS or tag in SHORT_FORMS
        meaning = Plain(words) if is_text else self.meaning(words, start)
        here = self.stack[-1]
        if here.is_mapping and here.name is None:
            self.read_key(here, event, meaning)
            return
        if meaning.remark:
            self.remarks.append((start, end, meaning.remark))
        self.scalars[start] = event.style
        self.finish(_Item(meaning.value, _NONE, 0, len(words) + 1), start, end, event.anchor, tag)

    def meaning(self, words: str, start: int) -> Plain:
        """The value of a plain scalar."""
        try:
            return plain(words)
        except NoJson as error:
            raise self.refusal(start, str(error), INVALID_JSON_DESCRIPTION) from None

    def read_key(self, here: _Open, event: Any, meaning: Plain) -> None:
        """A key is its text, whatever a value of that text would be; a remark says so."""
        start, end, name = event.start_mark.index, event.end_mark.index, event.value
        if event.anchor:
            self.anchors[event.anchor] = _Item(name, _NONE, 0, len(name) + 1)
        if _tag(event) not in (None, *_TEXT_TAGS):
            raise self.refusal(start, f"a key with the tag {_shown(_tag(event))} is not supported")
        is_merge = name == "<<" and event.style is None
        if name in here.value or (is_merge and here.merged is not None):
            message = f"the key {name!r:.60} occurs more than once in one mapping"
            raise self.refusal(start, message, INVALID_JSON_DESCRIPTION)
        if not isinstance(meaning.value, str) or meaning.remark:
            self.remarks.append((start, end, f"the key {name:.60} is read as text; put quotes around it"))
        here.name, here.key = name, (start, end)
        if is_merge:
            here.merged = []

    def read_alias(self, event: Any) -> None:
        """An alias is what its anchor stands at; the places inside are those of the anchored text."""
        start, end, name = event.start_mark.index, event.end_mark.index, event.anchor
        if name not in self.anchors:
            raise self.refusal(start, f"the alias *{name:.60} has no anchor before it", INVALID_JSON_DESCRIPTION)
        item = self.anchors[name]
        if item is None:
            raise self.refusal(start, f"the alias *{name:.60} stands inside its own anchor: it has no end")
        here = self.stack[-1]
        if here.is_mapping and here.name is None:
            raise self.refusal(start, f"the alias *{name:.60} as a key is not supported")
        self.check_depth(len(self.stack) + item.height - 1, start)
        self.finish(item, start, end, None, None)

    def finish(self, item: _Item, start: int, end: int, anchor: str | None, tag: str | None) -> None:
        """A value is complete: it becomes a member of what is around it."""
        item = self.tagged(item, start, end, tag)
        if anchor:
            self.anchors[anchor] = item
        here = self.stack[-1]
        here.weight += item.weight
        here.height = max(here.height, item.height)
        if here.weight > self.limit:
            raise self.refusal(start, f"is longer than {self.limit} characters with its aliases written out")
        node = Node(start, end, here.key, item.members)
        if here.is_mapping:
            self.put(here, node, item)
        else:
            here.members[str(len(here.value))] = node
            here.value.append(item.value)

    def put(self, here: _Open, node: Node, item: _Item) -> None:
        """A member of a mapping; those of `<<` wait for its end."""
        name = here.name or ""
        if here.merged == []:
            self.note_merge(here, node, item)
        else:
            here.value[name] = item.value
            here.members[name] = node
            here.weight += len(name)
        here.name = here.key = None

    def note_merge(self, here: _Open, node: Node, item: _Item) -> None:
        """What `<<` names: a mapping, or mappings, of which the first wins."""
        values = item.value if isinstance(item.value, list) else [item.value]
        nodes = list(item.members.values()) if isinstance(item.value, list) else [node]
        if not values or not all(isinstance(value, dict) for value in values):
            raise self.refusal(node.start, "the merge key << takes a mapping, or a sequence of mappings")
        here.merged = [_Item(value, at.members, 0, 0) for value, at in zip(values, nodes, strict=True)]

    def merge(self, done: _Open) -> None:
        """Members that were merged give way to a mapping's own."""
        for item in done.merged or ():
            for name, value in item.value.items():
                if name not in done.value:
                    done.value[name] = value
                    done.members[name] = item.members[name]

    def tagged(self, item: _Item, start: int, end: int, tag: str | None) -> _Item:
        """What a tag makes of a value. CloudFormation's tags make objects; all else must be what YAML itself knows."""
        if tag is None or tag == "!":
            return item
        if tag in SHORT_FORMS:
            self.tags.append((start, tag))
            self.check_depth(len(self.stack) + item.height, start)
            return _function(SHORT_FORMS[tag], item, start, end)
        wanted = _KINDS.get(tag.removeprefix(_STANDARD)) if tag.startswith(_STANDARD) else None
        if wanted is None:
            raise self.refusal(start, f"the tag {_shown(tag)} is not supported")
        is_other = isinstance(item.value, bool) and bool not in wanted
        if is_other or not isinstance(item.value, wanted):
            raise self.refusal(start, f"is not what its tag {_shown(tag)} says", INVALID_JSON_DESCRIPTION)
        return item

    def check_depth(self, depth: int, start: int) -> None:
        """Refuses what `jsonvalue` would."""
        if depth > MAX_DEPTH:
            raise self.refusal(start, TOO_DEEP, INVALID_JSON_DESCRIPTION)


_READ = {
    "StreamStartEvent": _Reader.ignore,
    "StreamEndEvent": _Reader.ignore,
    "DocumentStartEvent": _Reader.begin_document,
    "DocumentEndEvent": _Reader.ignore,
    "MappingStartEvent": _Reader.begin_container,
    "MappingEndEvent": _Reader.end_container,
    "SequenceStartEvent": _Reader.begin_container,
    "SequenceEndEvent": _Reader.end_container,
    "ScalarEvent": _Reader.read_scalar,
    "AliasEvent": _Reader.read_alias,
}


def _function(name: str, item: _Item, start: int, end: int) -> _Item:
    """The object that a short form stands for; `!GetAtt a.b` names its two parts in one word."""
    value, members = item.value, item.members
    if name == "Fn::GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return _Item({name: value}, {name: Node(start, end, None, members)}, item.height + 1, item.weight + len(name))


def _tag(event: Any) -> str | None:
    return None if event.tag is None else str(event.tag)


def _shown(tag: str | None) -> str:
    return f"{(tag or '').replace(_STANDARD, '!!'):.60}"


def _events(text: Text) -> Iterator[Any]:
    """The parser's events; whatever it finds wrong as a SourceError with a place."""
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        message = 'is YAML, and ruamel.yaml is not installed: pip install "asl-engine[yaml]"'
        raise refused(MISSING_DEPENDENCY, message, text.point(0)) from None
    try:
        yield from YAML(typ="safe", pure=True).parse(text.characters)
    except YAMLError as error:
        offset, message = _fault(error)
        raise refused(INVALID_JSON_DESCRIPTION, message, text.point(min(offset, len(text.characters)))) from None


def _fault(error: Any) -> tuple[int, str]:
    """Where a YAML error stands and what it says: a marked one, or one of the reader of characters."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        parts = (getattr(error, "context", None), getattr(error, "problem", None))
        return mark.index, f"is not YAML: {', '.join(part for part in parts if part):.200}"
    return getattr(error, "position", 0), f"is not YAML: {getattr(error, 'reason', 'a character is not allowed')}"
