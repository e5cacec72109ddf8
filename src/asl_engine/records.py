"""Records: the few things of `dataclasses` that this project uses, at a tenth of the time an import costs.

`dataclasses` imports `inspect` and compiles source for every class; with some forty classes that was 60 of the 110 ms
in which a fresh process imported the engine and ran three states. Type checkers see the real thing.
"""

from __future__ import annotations

TYPE_CHECKING = False

__all__ = ["field", "fields_of", "record", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import field, replace
else:
    MISSING = object()

    class Field:
        """What a class says of one of its fields."""

        def __init__(self, default=MISSING, default_factory=None, init=True, metadata=None):
            self.default = default
            self.default_factory = default_factory
            self.init = init
            self.metadata = metadata or {}

    def field(**parts):
        """A field with more to say than its default."""
        return Field(**parts)

    def record(*, frozen=False, slots=False, kw_only=False, eq=True):
        """Makes a class a record: its annotations are its fields. `slots` is a hint that is not followed here."""

        def decorate(cls):
            fields = _fields_of(cls)
            cls.__record_fields__ = fields
            names = tuple(name for name, spec in fields.items() if spec.init)
            cls.__match_args__ = () if kw_only else names
            cls.__init__ = _initializer(cls, fields, () if kw_only else names)
            cls.__repr__ = _show
            if eq:
                cls.__eq__ = _equal
                cls.__hash__ = _hash if frozen else None
            if frozen:
                cls.__setattr__ = cls.__delattr__ = _refuse
            return cls

        return decorate

    def replace(value, /, **changes):
        """A copy of a record with some fields changed."""
        given = {name: value.__dict__[name] for name, spec in value.__record_fields__.items() if spec.init}
        return type(value)(**(given | changes))

    def _fields_of(cls):
        """The fields of a class, inherited ones first; their defaults stay behind as class attributes."""
        fields = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(getattr(base, "__record_fields__", {}))
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():  # noqa: RUF063
            if annotation.startswith("ClassVar"):
                continue
            given = cls.__dict__.get(name, MISSING)
            spec = given if isinstance(given, Field) else Field(given)
            fields[name] = spec
            if spec.default is not MISSING:
                setattr(cls, name, spec.default)
            elif isinstance(given, Field):
                delattr(cls, name)
        return fields

    def _initializer(cls, fields, positional):
        allowed = frozenset(name for name, spec in fields.items() if spec.init)
        required = frozenset(
            name for name, spec in fields.items() if spec.init and spec.default is MISSING and not spec.default_factory
        )
        defaults = {name: spec.default for name, spec in fields.items() if spec.default is not MISSING}
        factories = {name: spec.default_factory for name, spec in fields.items() if spec.default_factory}
        after = getattr(cls, "__post_init__", None)

        def __init__(self, *values, **given):
            if len(values) > len(positional) or not allowed.issuperset(given):
                wrong = [name for name in given if name not in allowed] or values[len(positional) :]
                raise TypeError(f"{cls.__name__} does not take {wrong}")
            own = self.__dict__
            own.update(defaults)
            if values:
                own.update(zip(positional, values, strict=False))
            own.update(given)
            for name, make in factories.items():
                if name not in own:
                    own[name] = make()
            if not required.issubset(own):
                raise TypeError(f"{cls.__name__} needs {', '.join(sorted(required - own.keys()))}")
            if after is not None:
                after(self)

        return __init__

    def _show(self):
        parts = ", ".join(f"{name}={self.__dict__.get(name)!r}" for name in self.__record_fields__)
        return f"{type(self).__name__}({parts})"

    def _equal(self, other):
        return self.__dict__ == other.__dict__ if type(self) is type(other) else NotImplemented

    def _hash(self):
        return hash(tuple(self.__dict__.values()))

    def _refuse(self, name, value=None):
        raise AttributeError(f"{type(self).__name__} cannot be changed: {name}")


def fields_of(cls: type) -> dict[str, object]:
    """Field name -> what `field(metadata=...)` says of it under "asl", for the fields that say something."""
    specs = cls.__record_fields__.items()  # type: ignore[attr-defined]
    return {name: spec.metadata["asl"] for name, spec in specs if "asl" in spec.metadata}
