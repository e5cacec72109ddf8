"""The parser: text -> tree, by operator precedence (Pratt). `PREFIX` says what a symbol means where a term is expected,
`INFIX` what it means after one, `BINDING` how tightly it binds there."""

from __future__ import annotations

from collections.abc import Callable

from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.signature import parse_signature
from asl_engine.query.jsonata.tokens import Token, next_token

BINDING: dict[str, int] = {
    "[": 80,
    "(": 80,
    "@": 80,
    "#": 80,
    ".": 75,
    "{": 70,
    "*": 60,
    "/": 60,
    "%": 60,
    "+": 50,
    "-": 50,
    "&": 50,
    "=": 40,
    "!=": 40,
    "<": 40,
    ">": 40,
    "<=": 40,
    ">=": 40,
    "^": 40,
    "in": 40,
    "~>": 40,
    "and": 30,
    "or": 25,
    "?": 20,
    ":=": 10,
}
MAX_NESTING = 180
"""How deep expressions may nest: each level takes a few frames of Python's stack, here and when it is compiled."""


def parse(text: str) -> s.Tree:
    """The tree of an expression. Raises JsonataError with an S code."""
    try:
        return _Parser(text).whole()
    except RecursionError:
        raise JsonataError("U1001") from None


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.nesting = 0
        self.unfinished = False
        self.token, self.end = next_token(text, 0, True)

    def whole(self) -> s.Tree:
        tree = self.expression(0)
        if self.token.kind != "end":
            raise JsonataError("S0201", self.token.position, token=str(self.token))
        if self.unfinished:
            raise JsonataError("S0207", self.token.position, token="(end)")
        return tree

    def expression(self, binding: int) -> s.Tree:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise JsonataError("U1001", self.token.position)
        token = self.token
        tree = self.term(token)
        while self.token.kind == "symbol" and binding < BINDING.get(self.token.value, 0):
            token = self.token
            tree = INFIX.get(token.value, _Parser.binary)(self, tree, token)
        self.nesting -= 1
        return tree

    def term(self, token: Token) -> s.Tree:
        if token.kind == "symbol":
            prefix = PREFIX.get(token.value)
            if prefix is None:
                raise JsonataError("S0204" if token.value in "!~" else "S0211", token.position, token=token.value)
            return prefix(self, token)
        if token.kind == "end":  # what an open bracket misses is told first: S0203 before S0207
            self.unfinished = True
            return s.Literal(None, position=token.position)
        self.advance(operand=False)
        if token.kind == "variable":
            return s.Variable(token.value, position=token.position)
        if token.kind == "name":
            return s.Name(token.value, position=token.position)
        if token.kind == "regex":
            return s.Regex(token.value[0], token.value[1], position=token.position)
        return s.Literal(token.value, position=token.position)

    def advance(self, *, operand: bool = True) -> None:
        self.token, self.end = next_token(self.text, self.end, operand)

    def at(self, symbol: str) -> bool:
        return self.token.kind == "symbol" and self.token.value == symbol

    def expect(self, symbol: str, *, operand: bool = True) -> None:
        if not self.at(symbol):
            code = "S0203" if self.token.kind == "end" else "S0202"
            raise JsonataError(code, self.token.position, token=str(self.token), value=symbol)
        self.advance(operand=operand)

    # What a symbol means where a term is expected.

    def word(self, token: Token) -> s.Tree:
        """`and`, `or`, `in` name a field where no operator can stand."""
        self.advance(operand=False)
        return s.Name(token.value, position=token.position)

    def negate(self, token: Token) -> s.Tree:
        self.advance()
        operand = self.expression(70)
        if isinstance(operand, s.Literal) and type(operand.value) in (int, float):
            return s.Literal(-operand.value, position=token.position)
        return s.Negate(operand, position=token.position)

    def wildcard(self, token: Token) -> s.Tree:
        self.advance(operand=False)
        return s.Wildcard(position=token.position)

    def descendants(self, token: Token) -> s.Tree:
        self.advance(operand=False)
        return s.Descendants(position=token.position)

    def parent(self, token: Token) -> s.Tree:
        self.advance(operand=False)
        return s.Parent(position=token.position)

    def block(self, token: Token) -> s.Tree:
        self.advance()
        expressions = []
        while not self.at(")"):
            expressions.append(self.expression(0))
            if not self.at(";"):
                break
            self.advance()
        self.expect(")", operand=False)
        return s.Block(tuple(expressions), position=token.position)

    def array(self, token: Token) -> s.Tree:
        self.advance()
        items = []
        while not self.at("]"):
            items.append(self.array_item())
            if not self.at(","):
                break
            self.advance()
            if self.at("]"):
                raise JsonataError("S0211", self.token.position, token="]")
        self.expect("]", operand=False)
        return s.ArrayOf(tuple(items), position=token.position)

    def array_item(self) -> s.Tree:
        item = self.expression(0)
        if not self.at(".."):
            return item
        position = self.token.position
        self.advance()
        return s.Binary("..", item, self.expression(0), position=position)

    def object(self, token: Token) -> s.Tree:
        return s.ObjectOf(self.pairs(), position=token.position)

    def pairs(self) -> tuple[tuple[s.Tree, s.Tree], ...]:
        self.advance()
        pairs = []
        if not self.at("}"):
            while True:
                key = self.expression(0)
                self.expect(":")
                pairs.append((key, self.expression(0)))
                if not self.at(","):
                    break
                self.advance()
        self.expect("}", operand=False)
        return tuple(pairs)

    def transform(self, token: Token) -> s.Tree:
        self.advance()
        pattern = self.expression(0)
        self.expect("|")
        update = self.expression(0)
        delete = None
        if self.at(","):
            self.advance()
            delete = self.expression(0)
        self.expect("|", operand=False)
        return s.Transform(pattern, update, delete, position=token.position)

    # What a symbol means after a term.

    def binary(self, lhs: s.Tree, token: Token) -> s.Tree:
        self.advance()
        rhs = self.expression(BINDING[token.value])
        return s.Binary(token.value, lhs, rhs, position=token.position)

    def apply(self, lhs: s.Tree, token: Token) -> s.Tree:
        self.advance()
        return s.Apply(lhs, self.expression(BINDING["~>"]), position=token.position)

    def bind(self, lhs: s.Tree, token: Token) -> s.Tree:
        if not isinstance(lhs, s.Variable):
            raise JsonataError("S0212", lhs.position, token=str(getattr(lhs, "value", "")))
        self.advance()
        return s.Bind(lhs.name, self.expression(BINDING[":="] - 1), position=token.position)

    def condition(self, test: s.Tree, token: Token) -> s.Tree:
        self.advance()
        then, otherwise = self.expression(0), None
        if self.at(":"):
            self.advance()
            otherwise = self.expression(0)
        return s.Condition(test, then, otherwise, position=token.position)

    def bracket(self, lhs: s.Tree, token: Token) -> s.Tree:
        self.advance()
        if self.at("]"):
            self.advance(operand=False)
            return s.Keep(lhs, position=token.position)
        predicate = self.expression(0)
        self.expect("]", operand=False)
        return s.Filter(lhs, predicate, position=token.position)

    def group(self, lhs: s.Tree, token: Token) -> s.Tree:
        return s.Group(lhs, self.pairs(), position=token.position)

    def order(self, lhs: s.Tree, token: Token) -> s.Tree:
        self.advance()
        self.expect("(")
        terms = []
        while True:
            descending = self.at(">")
            if descending or self.at("<"):
                self.advance()
            terms.append((descending, self.expression(0)))
            if not self.at(","):
                break
            self.advance()
        self.expect(")", operand=False)
        return s.Sort(lhs, tuple(terms), position=token.position)

    def focus(self, lhs: s.Tree, token: Token) -> s.Tree:
        return s.Focus(lhs, self.bound_name(token), position=token.position)

    def index(self, lhs: s.Tree, token: Token) -> s.Tree:
        return s.Index(lhs, self.bound_name(token), position=token.position)

    def bound_name(self, token: Token) -> str:
        self.advance()
        name = self.token
        if name.kind != "variable":
            raise JsonataError("S0214", name.position, token=token.value)
        self.advance(operand=False)
        return str(name.value)

    def call(self, procedure: s.Tree, token: Token) -> s.Tree:
        self.advance()
        arguments: list[s.Tree] = []
        while not self.at(")"):
            if self.at("?"):
                arguments.append(s.Placeholder(position=self.token.position))
                self.advance()
            else:
                arguments.append(self.expression(0))
            if not self.at(","):
                break
            self.advance()
            if self.at(")"):
                raise JsonataError("S0211", self.token.position, token=")")
        self.expect(")", operand=False)
        if isinstance(procedure, s.Name) and procedure.value in ("function", "λ"):
            return self.function(arguments, token)
        partial = any(isinstance(argument, s.Placeholder) for argument in arguments)
        return (s.Partial if partial else s.Call)(procedure, tuple(arguments), position=token.position)

    def function(self, arguments: list[s.Tree], token: Token) -> s.Tree:
        for index, argument in enumerate(arguments):
            if not isinstance(argument, s.Variable):
                text = str(getattr(argument, "value", "?"))
                raise JsonataError("S0208", argument.position, token=text, value=index + 1)
        signature = self.signature() if self.at("<") else None
        self.expect("{")
        body = self.expression(0)
        self.expect("}", operand=False)
        names = tuple(argument.name for argument in arguments)
        return s.Lambda(names, body, signature, position=token.position)

    def signature(self) -> str:
        start = self.token.position
        depth, parts = 0, []
        while not self.at("{") and self.token.kind != "end":
            depth += self.at("<") - self.at(">")
            parts.append(str(self.token))
            self.advance(operand=False)
            if depth == 0:
                break
        if depth:
            code = "S0203" if self.token.kind == "end" else "S0202"
            raise JsonataError(code, self.token.position, token=str(self.token), value=">")
        text = "".join(parts)
        parse_signature(text, start)
        return text


PREFIX: dict[str, Callable[[_Parser, Token], s.Tree]] = {
    "and": _Parser.word,
    "or": _Parser.word,
    "in": _Parser.word,
    "-": _Parser.negate,
    "*": _Parser.wildcard,
    "**": _Parser.descendants,
    "%": _Parser.parent,
    "(": _Parser.block,
    "[": _Parser.array,
    "{": _Parser.object,
    "|": _Parser.transform,
}
INFIX: dict[str, Callable[[_Parser, s.Tree, Token], s.Tree]] = {
    "~>": _Parser.apply,
    ":=": _Parser.bind,
    "?": _Parser.condition,
    "[": _Parser.bracket,
    "{": _Parser.group,
    "^": _Parser.order,
    "@": _Parser.focus,
    "#": _Parser.index,
    "(": _Parser.call,
}
