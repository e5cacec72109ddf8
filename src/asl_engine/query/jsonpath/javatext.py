"""Values as Java prints them, where AWS shows a value outside of JSON: in `States.Format` and in path errors.

Recorded: an object prints as `{Id=arn:..., Name=x}`. Arrays print as JSON, as the array class of Jayway's own JSON
library does (run on Jayway 2.0.0: `Current context is: {a=1, t=[1,2]}`).
"""

from __future__ import annotations

from asl_engine.jsonvalue import Json, dumps


def java_text(value: Json) -> str:
    """The text of a value, a string as it is.

    >>> java_text({"a": 1.0, "b": {"c": None}, "d": [True, "x"]})
    '{a=1.0, b={c=null}, d=[true,"x"]}'
    """
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is dict:
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    if kind is float:
        return _double(value)
    return dumps(value)


def _double(value: float) -> str:
    """Java's Double.toString: plain from 0.001 up to 10,000,000, else one digit before the point and an exponent.

    >>> _double(12345678.0), _double(0.00012), _double(100.0)
    ('1.2345678E7', '1.2E-4', '100.0')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits, _, exponent = f"{value!r}e0".partition("e")
    exponent = exponent.partition("e")[0]
    whole, _, fraction = digits.lstrip("-").partition(".")
    significant = (whole + fraction).lstrip("0")
    power = int(exponent) + (len(whole) - 1 if whole != "0" else len(fraction.lstrip("0")) - len(fraction) - 1)
    sign = "-" if value < 0 else ""
    return f"{sign}{significant[0]}.{significant[1:].rstrip('0') or '0'}E{power}"
