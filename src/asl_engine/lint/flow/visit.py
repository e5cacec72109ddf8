"""One visit of a state: what its fields read, over the shapes of the state's input and of its variables.

A visit only gathers: what it found out is told in `tellings` and `unset`, and `failures` counts what is sure to fail
the state if it is evaluated. Whoever drives the visit decides what a failure is a failure of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from asl_engine.definition.fields import JSONATA, nearest
from asl_engine.jsonvalue import Json, text_size
from asl_engine.lint.flow.context import context_shape
from asl_engine.lint.flow.intrinsics import result_of, unfit
from asl_engine.lint.flow.read import CONTEXT, DOCUMENT, Missing, field_names, follow_path, in_words, path_text, why
from asl_engine.lint.flow.shape import (
    ANYTHING,
    MOST_BYTES,
    Key,
    Member,
    Shape,
    array_of,
    container_size,
    is_never,
    kinds,
    member,
    object_of,
    scalar,
    with_field,
)
from asl_engine.lint.visits import Where, for_short_texts, pointer_of
from asl_engine.query.intrinsics.syntax import Argument, Call, Literal, Reference, parse_call

UNSET_FIELD = "UNSET_FIELD"
TYPE_MISMATCH = "TYPE_MISMATCH"
RULE_NEVER_MATCHES = "RULE_NEVER_MATCHES"
PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"

PAYLOAD_LIMIT = 262_144
_ITEM_VALUE = ("Map", "Item", "Value")


class Telling(NamedTuple):
    """Something found out about a place in the definition."""

    code: str
    pointer: str
    message: str
    suggestion: str | None = None


class View(NamedTuple):
    """What expressions see at one point of a state. `roots`: in JSONPath `$`, in JSONata the fields of `$states`.
    `variables`: an object with the variables as its fields."""

    roots: Mapping[str, Shape]
    variables: Shape


class Visit:
    """One look at a state, whose input and variables have the given shapes. `item` says that there is a Map around it,
    or that it is one."""

    def __init__(self, state: Any, input: Shape, variables: Shape, *, token: bool, item: bool) -> None:
        self.state = state
        self.pointer: str = state.pointer
        self.jsonata = state.query_language == JSONATA
        self.input = input
        self.variables = variables
        self.token = token
        self.in_map = item
        self.item: Shape | None = None
        self.tellings: list[Telling] = []
        self.unset: list[tuple[Where, str]] = []
        self.failures = 0

    def view(self, document: Shape, **more: Shape) -> View:
        """What expressions see: in JSONPath the document, in JSONata the state's input and what else is named."""
        return View({"input": self.input, **more} if self.jsonata else {DOCUMENT: document}, self.variables)

    def fails(self, code: str, pointer: Where, message: str, suggestion: str | None = None) -> None:
        """Tells something that is sure to fail the state where it is evaluated."""
        self.failures += 1
        self.tellings.append(Telling(code, pointer_of(pointer), message, suggestion))

    def bound(self, least: int, pointer: Where, what: str) -> None:
        """Tells a payload of at least so many bytes, if the service's limit is below."""
        if PAYLOAD_LIMIT < least < MOST_BYTES:
            message = f"{what} has at least {least} bytes as JSON text, more than the limit of {PAYLOAD_LIMIT}"
            self.fails(PAYLOAD_TOO_LARGE, pointer, message, "keep large data in Amazon S3 and pass its key")

    # --- JSONPath -----------------------------------------------------------------------------------------------------

    def path(self, text: str, view: View, pointer: Where, *, needed: bool = True) -> Shape:
        """What a path selects. Unless `needed`, it may find nothing."""
        path = path_text(text)
        if path.root == DOCUMENT:
            found, missing = follow_path(view.roots[DOCUMENT], path)
        elif path.root == CONTEXT:
            start, passed = self.in_context(path.keys)
            found, missing = follow_path(start, path._replace(keys=path.keys[len(passed) :]))
        else:
            variable = self.variable(path.root, view, pointer, needed=needed)
            found, missing = follow_path(variable, path)
        if missing is not None and needed:
            root = path.root if path.root in (DOCUMENT, CONTEXT) else f"${path.root}"
            self.unset_field(text, missing, root, pointer)
        return found

    def in_context(self, keys: Sequence[Key]) -> tuple[Shape, Sequence[Key]]:
        """Where a path into the context object begins, and the keys that lead there: of a Map's item more is known."""
        if self.item is not None and keys[:3] == _ITEM_VALUE:
            return self.item, _ITEM_VALUE
        return context_shape(token=self.token, item=self.in_map), ()

    def variable(self, name: str, view: View, pointer: Where, *, needed: bool = True) -> Shape:
        """The shape of a variable; one that may be unset is noted."""
        found = member(view.variables, name)
        if needed and not found.always:
            self.unset.append((pointer, name))
        return ANYTHING if is_never(found.shape) else found.shape

    def unset_field(self, text: str, missing: Missing, root: str, pointer: Where) -> None:
        """Tells a path that is sure to find nothing."""
        key = missing.keys[missing.place]
        near = nearest(key, field_names(missing.at), 0.75) if isinstance(key, str) else None
        message = f"'{text}' finds nothing: {why(missing, root)}"
        self.fails(UNSET_FIELD, pointer, message, near)

    def text(self, text: str, view: View, pointer: Where) -> Shape:
        """What a path or an intrinsic function call gives."""
        return self.path(text, view, pointer) if text.startswith("$") else self._call(_parsed(text), view, pointer)

    def _call(self, call: Call, view: View, pointer: Where) -> Shape:
        arguments = [self._argument(argument, view, pointer) for argument in call.arguments]
        wrong = unfit(call.name, arguments)
        if wrong is None:
            return result_of(call.name, arguments)
        if all(isinstance(argument, Literal) for argument in call.arguments):  # INTRINSIC_ALWAYS_FAILS tells it
            self.failures += 1
            return ANYTHING
        place, needed = wrong
        given = in_words(kinds(arguments[place]))
        message = f"argument {place + 1} of '{call.text}' must be {in_words(needed)}, but is always {given}"
        self.fails(TYPE_MISMATCH, pointer, message)
        return ANYTHING

    def _argument(self, argument: Argument, view: View, pointer: Where) -> Shape:
        if isinstance(argument, Literal):
            return scalar(argument.value)
        if isinstance(argument, Reference):
            return self.path(argument.text, view, pointer)
        return self._call(argument, view, pointer)

    # --- templates of both languages ----------------------------------------------------------------------------------

    def template(self, template: Json, view: View, pointer: Where) -> Shape:
        """What a payload template is filled to."""
        if isinstance(template, dict):
            return object_of(dict(self._entry(key, item, view, pointer) for key, item in template.items()))
        if isinstance(template, list):
            return array_of([self.template(item, view, (pointer, n)) for n, item in enumerate(template)])
        if self.jsonata and isinstance(template, str) and template.startswith("{%"):
            from asl_engine.lint.flow.jsonata import expression_shape

            return expression_shape(self, template[2:-2].strip(), view, pointer)
        return scalar(template)

    def _entry(self, key: str, item: Json, view: View, pointer: Where) -> tuple[str, Member]:
        if isinstance(item, (dict, list)) or (self.jsonata and isinstance(item, str)):
            return key, Member(self.template(item, view, (pointer, key)), True)
        if isinstance(item, str) and key.endswith(".$"):
            return key[:-2], Member(self.text(item, view, (pointer, key)), True)
        return key, Member(scalar(item), True)

    def size(self, template: Json, view: View, pointer: Where) -> int:
        """The `least` of what a template is filled to: as `template`, where nobody asks for the rest of the shape."""
        if isinstance(template, list):
            return container_size([1 + self.size(item, view, (pointer, n)) for n, item in enumerate(template)])
        if not isinstance(template, dict):
            return self.template(template, view, pointer).least
        sizes: dict[str, int] = {}
        for key, item in template.items():
            if isinstance(item, (dict, list)):
                sizes[key] = self.size(item, view, (pointer, key))
            elif self.jsonata or not isinstance(item, str):
                sizes[key] = self.template(item, view, (pointer, key)).least
            elif key.endswith(".$"):
                sizes[key[:-2]] = self.text(item, view, (pointer, key)).least
            else:
                sizes[key] = text_size(item)
        return container_size([2 + text_size(name) + size for name, size in sizes.items()])

    def of_kind(self, shape: Shape, allowed: frozenset[str], text: Json, pointer: Where) -> None:
        """Tells a value that is never of a type that its field takes."""
        if kinds(shape) and not kinds(shape) & allowed:
            message = f"must be {in_words(allowed)}, but '{text}' is always {in_words(kinds(shape))}"
            self.fails(TYPE_MISMATCH, pointer, message)

    def assigned(self, template: Json, view: View, above: Where) -> Shape:
        """The variables after the Assign of a state, a rule or a catcher."""
        if not isinstance(template, dict):
            return view.variables
        pointer = (above, "Assign")
        values = self.template(template, view, pointer)
        for name, (shape, _) in values.fields.known.items() if values.fields else ():
            self.bound(shape.least, pointer, f"the variable '${name}'")
        return overlaid(view.variables, values)


def overlaid(variables: Shape, values: Shape) -> Shape:
    """The variables once the fields of `values` are assigned."""
    if variables.fields is None or values.fields is None:
        return variables
    for name, (shape, _) in values.fields.known.items():
        variables = with_field(variables, name, shape)
    return variables


_parsed = for_short_texts(parse_call)
