"""A JSON text becomes YAML, value by value as it was written.

Strings stand plain where every reader of YAML takes them for strings, YAML 1.1's too (`yes`, `1_000`, `12:30`); texts
of several lines become block scalars, and long expressions are folded at their spaces. The rule: what is read back is
equal to what was written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from asl_engine.rewriting.json_text import Array, Atom, Node, Object, parse

WIDTH: Final = 100

_PLAIN = r"(?a)[A-Za-z_$/][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]*"
_UNSAFE = r": |:$| #|^\s|\s$|[\t]"
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_LITERAL = r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]*"


def yaml_of(text: str) -> str:
    """The YAML text of a JSON text; a placeholder such as `${Max}` stays. Raises FormatError."""
    tree = parse(text)
    if isinstance(tree, Atom) or not _below(tree):
        return f"{_inline(tree)}\n"
    return "".join(f"{line}\n" for line in _block(tree, ""))


def _below(node: Node) -> int:
    return len(node.items) if isinstance(node, Array) else len(node.members) if isinstance(node, Object) else 0


def _block(node: Node, indent: str) -> Iterator[str]:
    """The lines of an array or object that is not empty."""
    if isinstance(node, Array):
        for item in node.items:
            yield from _entry(f"{indent}-", item, f"{indent}  ", inside=True)
    elif isinstance(node, Object):
        for written, value in node.members.values():
            yield from _entry(f"{indent}{_scalar(json.loads(written))}:", value, f"{indent}  ", inside=False)


def _entry(head: str, node: Node, indent: str, *, inside: bool) -> Iterator[str]:
    """What stands behind a key or a dash; `inside`: a block may begin on the dash's own line."""
    if _below(node):
        lines = _block(node, indent)
        if inside:
            head = f"{head} {next(lines)[len(indent) :]}"
        yield head
        yield from lines
    elif isinstance(node, Atom) and node.text.startswith('"'):
        yield from _string(head, json.loads(node.text), indent)
    else:
        yield f"{head} {_inline(node)}"


def _inline(node: Node) -> str:
    """A value on one line: a number, a word, or nothing in brackets."""
    if isinstance(node, Atom) and node.text.startswith('"'):
        return _scalar(json.loads(node.text))
    return node.flat


def _string(head: str, text: str, indent: str) -> Iterator[str]:
    if "\n" in text and re.fullmatch(_LITERAL, text) and text.strip("\n") and text[0] not in " \n":
        ends = len(text) - len(text.rstrip("\n"))
        yield f"{head} |{'-' if not ends else '' if ends == 1 else '+'}"
        lines = text.split("\n")[: None if not ends else -1]
        yield from (f"{indent}{line}" if line else "" for line in lines)
    elif len(text) > WIDTH and _folds(text):
        yield f"{head} >-"
        yield from (f"{indent}{line}" for line in _folded(text, WIDTH - len(indent)))
    else:
        yield f"{head} {_scalar(text)}"


def _folds(text: str) -> bool:
    """Whether each break can be at a single space."""
    return bool(re.fullmatch(_LITERAL, text)) and "\n" not in text and "  " not in text and text == text.strip()


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _scalar(text: str) -> str:
    """A string on one line: plain, in single quotes, or in double quotes with escapes."""
    plain = re.fullmatch(_PLAIN, text) and not re.search(_UNSAFE, text)
    if plain and text.lower() not in _WORDS:
        return text
    doubled = text.replace("'", "''")
    return f"'{doubled}'" if re.fullmatch(_LITERAL, text) and "\n" not in text else _escaped(text)


def _escaped(text: str) -> str:
    """Double quotes. JSON's escapes are YAML's too, but for characters beyond 16 bits, which stand as they are."""
    ascii_safe = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", ascii_safe)
