"""`http:invoke`: developer guide "Call HTTPS APIs in Step Functions workflows". Real HTTP, by httpx.

Any status of 400 or more fails the task with States.Http.StatusCode.<n>; a request that gets no answer, or none within
60 seconds, with States.Http.Socket; headers that a task may not set, a body that cannot be joined with the connection's
and an answer that is no text with States.Runtime. What authorises a request is a connection, from a table that the user
gives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from http import HTTPStatus
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from asl_engine.errors import RUNTIME, StatesError
from asl_engine.integrations.services.action import HTTP, Call, action
from asl_engine.integrations.services.shapes import unfit
from asl_engine.jsonvalue import Json, JsonTextError, dumps, loads
from asl_engine.states.resource import Resource

if TYPE_CHECKING:
    import httpx

SECONDS = 60
SOCKET = "States.Http.Socket"


class Basic(NamedTuple):
    """A connection with a user name and a password."""

    username: str
    password: str


class ApiKey(NamedTuple):
    """A connection with a header of its own."""

    name: str
    value: str


class OAuth(NamedTuple):
    """A connection with OAuth 2 client credentials: a token is fetched before the first request."""

    token_url: str
    client_id: str
    client_secret: str
    method: str = "POST"
    scope: str | None = None


class Connection(NamedTuple):
    """A connection with parameters of its own, which are added to each request and win over the task's."""

    authorization: Basic | ApiKey | OAuth | None = None
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    body: Mapping[str, Json] = {}


class Asked(NamedTuple):
    """A request, before HTTP adds its own headers."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None


class Exchange(NamedTuple):
    """A request and its answer, None until it came. `given` is the request without what the connection adds."""

    given: Asked
    sent: Asked
    answer: httpx.Response | None


class HttpServices:
    """How `http:invoke` and `apigateway:invoke` reach the network.

    `connections`: connection ARN -> Basic, ApiKey, OAuth or Connection. `endpoints`: the beginning of a URL -> what is
    asked in its place, such as {"https://api.example.com": "http://127.0.0.1:8080"}. `timeout_seconds`: at most 60.
    `watch` is called with each exchange of an `http:invoke`, before it is sent and when it is answered.
    """

    watch: Callable[[Exchange], None] | None = None

    def __init__(
        self,
        *,
        connections: Mapping[str, Basic | ApiKey | OAuth | Connection] | None = None,
        endpoints: Mapping[str, str] | None = None,
        timeout_seconds: float = SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.connections = {
            arn: given if isinstance(given, Connection) else Connection(given)
            for arn, given in (connections or {}).items()
        }
        self._endpoints = dict(endpoints or {})
        self.timeout_seconds = min(timeout_seconds, SECONDS)
        self._transport = transport
        self._tokens: dict[OAuth, str] = {}

    def url(self, asked: str) -> str:
        """The URL that stands for what a task asks."""
        for beginning in sorted(self._endpoints, key=len, reverse=True):
            if asked.startswith(beginning):
                return self._endpoints[beginning] + asked[len(beginning) :]
        return asked

    def send(self, method: str, url: str, failed: Callable[[str], StatesError], **request: Any) -> httpx.Response:
        """Sends a request and reads its answer; `failed` makes the error of a request that got none, or not all of it
        in time."""
        import httpx

        def exchange() -> httpx.Response:
            with httpx.Client(transport=self._transport, timeout=self.timeout_seconds, trust_env=False) as client:
                return client.request(method, self.url(url), **request)

        try:
            return _within(self.timeout_seconds, exchange)
        except (httpx.TimeoutException, TimeoutError):
            raise failed(f"The request timed out after {self.timeout_seconds:g} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise failed(f"{type(error).__name__}: {error}") from None

    def token(self, grant: OAuth) -> str:
        """The access token of a grant, fetched once."""
        if grant not in self._tokens:
            self._tokens[grant] = self._fetch(grant)
        return self._tokens[grant]

    def _fetch(self, grant: OAuth) -> str:
        form = {"grant_type": "client_credentials", "client_id": grant.client_id, "client_secret": grant.client_secret}
        if grant.scope is not None:
            form["scope"] = grant.scope
        where = {"params": form} if grant.method == "GET" else {"data": form}
        answer = self.send(grant.method, grant.token_url, _socket, **where)
        token = _body(answer).get("access_token") if isinstance(_body(answer), dict) else None
        if answer.status_code >= 400 or not isinstance(token, str):
            raise StatesError("Events.ConnectionResource.InvalidConnectionState", answer.text)
        return token

    def forget(self, connection: Connection) -> None:
        """Fetches the connection's token anew next time."""
        if isinstance(connection.authorization, OAuth):
            self._tokens.pop(connection.authorization, None)


def _within(seconds: float, exchange: Callable[[], httpx.Response]) -> httpx.Response:
    """What an exchange gives, if it does so in time. httpx bounds each wait for bytes, not their sum: a server that
    sends a byte now and then would hold the caller for ever. Raises TimeoutError and what the exchange raises."""
    answered: Future[httpx.Response] = Future()

    def run() -> None:
        try:
            answered.set_result(exchange())
        except BaseException as error:  # the waiting thread raises it
            answered.set_exception(error)

    Thread(target=run, name="http:invoke", daemon=True).start()
    return answered.result(seconds)


_OBJECTS = ("Authentication", "Headers", "InvocationConfig", "QueryParameters", "Transform")
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
_FORBIDDEN = frozenset(
    [
        "a-im",
        "accept-charset",
        "accept-datetime",
        "accept-encoding",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-md5",
        "date",
        "expect",
        "forwarded",
        "from",
        "host",
        "http2-settings",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "origin",
        "pragma",
        "proxy-authorization",
        "referer",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "warning",
    ]
)
_FORBIDDEN_BEGINNINGS = ("x-forwarded-", "x-amz-", "x-amzn-")
"""Headers that a task may not set; a connection may."""


def check_parameters(resource: Resource, parameters: Json, service: str | None) -> None:
    """What an HTTP task needs, and may not ask for. Raises StatesError, in the words that are recorded of other
    integrations where there are such."""
    given = parameters if isinstance(parameters, dict) else {}
    wrong = unknown_fields(given, {*_OBJECTS, "ApiEndpoint", "Method", "RequestBody"})
    wrong += missing_fields(given, "ApiEndpoint", "Method")
    wrong += [
        f"The value of the field '{name}' has an invalid format"
        for name in _OBJECTS
        if not isinstance(given.get(name), dict | None)
    ]
    method, headers = given.get("Method"), given.get("Headers")
    if method is not None and method not in METHODS:
        wrong.append("The value of the field 'Method' has an invalid format")
    if isinstance(headers, dict):
        wrong += [f"The header '{name}' may not be set" for name in headers if _is_forbidden(name.lower())]
    if wrong:
        raise unfit(parameters, ", ".join(wrong))


def unknown_fields(given: Iterable[str], known: Collection[str]) -> list[str]:
    """What AWS tells of fields that an integration has not."""
    return [f'The field "{name}" is not supported by Step Functions' for name in given if name not in known]


def missing_fields(given: Mapping[str, Json], *needed: str) -> list[str]:
    """What is told of fields that are not there."""
    return [f"The field '{name}' is required but was missing" for name in needed if given.get(name) is None]


def _is_forbidden(name: str) -> bool:
    return name in _FORBIDDEN or name.startswith(_FORBIDDEN_BEGINNINGS)


@action("http:invoke", needs=HTTP, check=check_parameters)
def invoke(call: Call) -> Json:
    """{Headers, ResponseBody, StatusCode, StatusText}."""
    http, given, region = http_of(call), call.parameters, call.run.identity.region
    connection = _connection(http, given)
    asked = _asked(http, given, connection, region)
    if http.watch is not None:
        http.watch(Exchange(_asked(http, given, Connection(), region), asked, None))
    sent = header_bytes(asked.headers.items())
    answer = http.send(asked.method, asked.url, _socket, headers=sent, content=asked.content)
    if http.watch is not None:
        http.watch(Exchange(_asked(http, given, Connection(), region), asked, answer))
    if answer.status_code == 401:
        http.forget(connection)
    if answer.status_code >= 400:
        raise StatesError(f"States.Http.StatusCode.{answer.status_code}", answer.text)
    _check_text(answer)
    return result_of(answer)


_NO_TEXT = ("application/octet-stream", "image/", "video/", "audio/")


def _check_text(answer: httpx.Response) -> None:
    """An answer that is no text cannot be a task's result. Raises StatesError."""
    kind = answer.headers.get("Content-Type", "").lower()
    try:
        answer.content.decode(answer.encoding or "utf-8")
    except (UnicodeDecodeError, LookupError):
        raise StatesError(RUNTIME, "The response could not be read as text") from None
    if kind.startswith(_NO_TEXT):
        raise StatesError(RUNTIME, f"The response has the unsupported content type '{kind}'")


def _asked(http: HttpServices, given: Mapping[str, Json], connection: Connection, region: str) -> Asked:
    """The request that a task's parameters and a connection make together."""
    headers = {name: _header(held) for name, held in (given.get("Headers") or {}).items() if held is not None}
    _set(headers, connection.headers)
    _set(headers, {"User-Agent": f"Amazon|StepFunctions|HttpInvoke|{region}", "Range": "bytes=0-262144"})
    _authorise(headers, connection, http)
    body = given.get("RequestBody")
    if connection.body:
        if not isinstance(body, dict | None):
            raise StatesError(RUNTIME, "The request body must be an object to be joined with that of the connection")
        body = {**(body or {}), **connection.body}
    content = _content(body, headers, given.get("Transform"))
    query = _query({**(given.get("QueryParameters") or {}), **connection.query})
    url = str(given.get("ApiEndpoint", ""))
    if query:
        url += ("&" if "?" in url else "?") + query
    return Asked(str(given.get("Method", "GET")), url, headers, content)


def _header(value: Json) -> str:
    """A header's text; of several values, all of them."""
    return ", ".join(map(_text, value)) if isinstance(value, list) else _text(value)


def header_bytes(headers: Iterable[tuple[str, Json]]) -> list[tuple[bytes, bytes]]:
    """Headers as they are sent, in UTF-8; httpx by itself takes ASCII only."""
    return [(name.encode(), _text(held).encode()) for name, held in headers]


def http_of(call: Call) -> HttpServices:
    """How the call's run reaches the network."""
    http = call.run.services.http
    assert http is not None, "an action that needs HTTP was asked for without it"
    return http


def _connection(http: HttpServices, given: Mapping[str, Json]) -> Connection:
    named = given.get("Authentication") or given.get("InvocationConfig")
    arn = named.get("ConnectionArn") if isinstance(named, dict) else None
    if arn is None:
        return Connection()
    if not isinstance(arn, str) or arn not in http.connections:
        raise StatesError("Events.ConnectionResource.ResourceNotFound", f"Connection '{arn}' does not exist.")
    return http.connections[arn]


def _authorise(headers: dict[str, str], connection: Connection, http: HttpServices) -> None:
    match connection.authorization:
        case Basic(username, password):
            from base64 import b64encode

            _set(headers, {"Authorization": f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"})
        case ApiKey(name, value):
            _set(headers, {name: value})
        case OAuth() as grant:
            _set(headers, {"Authorization": f"Bearer {http.token(grant)}"})


def _set(headers: dict[str, str], more: Mapping[str, str]) -> None:
    """Sets headers, whatever the case in which they stood before."""
    for name, text in more.items():
        for same in [old for old in headers if old.lower() == name.lower()]:
            del headers[same]
        headers[name] = text


def _content(body: Json, headers: dict[str, str], transform: Json) -> bytes | None:
    """The bytes of a body: JSON text, or a form where Transform says so."""
    transform = transform if isinstance(transform, dict) else {}
    if body is None:
        return None
    kinds = {name.lower() for name in headers}
    if transform.get("RequestBodyEncoding") == "URL_ENCODED":
        options = transform.get("RequestEncodingOptions")
        arrays = options.get("ArrayFormat") if isinstance(options, dict) else None
        _set(headers, {"Content-Type": "application/x-www-form-urlencoded"})
        return form_encoded(body, arrays or "INDICES").encode()
    if "content-type" not in kinds:
        headers["Content-Type"] = "application/json; charset=UTF-8"
    return (body if isinstance(body, str) else dumps(body)).encode()


_ARRAYS: dict[str, Callable[[str, int], str]] = {
    "INDICES": lambda name, index: f"{name}[{index}]",
    "BRACKETS": lambda name, index: f"{name}[]",
    "REPEAT": lambda name, index: name,
}
"""ArrayFormat -> the name of an array's element. NONE writes no element, COMMAS joins them."""


def form_encoded(body: Json, arrays: str = "INDICES") -> str:
    """A JSON value as a form, nested names in brackets.

    >>> form_encoded({"a": {"b": 1}, "c": ["x", "y z"]})
    'a[b]=1&c[0]=x&c[1]=y+z'
    >>> form_encoded({"c": ["x", "y"]}, "COMMAS"), form_encoded({"c": ["x", "y"]}, "BRACKETS")
    ('c=x,y', 'c[]=x&c[]=y')
    """
    if not isinstance(body, dict):
        return _text(body)
    return "&".join(pair for name, held in body.items() for pair in _pairs(_quoted(name), held, arrays))


def _pairs(name: str, held: Json, arrays: str) -> list[str]:
    if isinstance(held, dict):
        return [pair for key, value in held.items() for pair in _pairs(f"{name}[{_quoted(key)}]", value, arrays)]
    if not isinstance(held, list):
        return [f"{name}={_quoted(_text(held))}"]
    if arrays == "COMMAS":
        return [f"{name}={','.join(_quoted(_text(each)) for each in held)}"]
    if arrays not in _ARRAYS:
        return []
    named = _ARRAYS[arrays]
    return [pair for index, each in enumerate(held) for pair in _pairs(named(name, index), each, arrays)]


def _quoted(text: str) -> str:
    return quote(text, safe="").replace("%20", "+")


def _query(parameters: Mapping[str, Json]) -> str:
    """Query parameters; one that is an array stands once for each element."""
    pairs = [(name, each) for name, held in parameters.items() for each in (held if isinstance(held, list) else [held])]
    return "&".join(f"{quote(name, safe='')}={quote(_text(each), safe='')}" for name, each in pairs if each is not None)


def query_of(parameters: Json) -> str:
    """The query of parameters as tasks give them, "" for none."""
    return _query(parameters) if isinstance(parameters, dict) else ""


def _text(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)


def result_of(answer: httpx.Response) -> dict[str, Json]:
    """An answer as the task's result: each header an array, a body in JSON parsed."""
    headers: dict[str, Json] = {}
    for name, text in answer.headers.multi_items():
        headers.setdefault(_header_name(name, answer), []).append(text)
    status = answer.status_code
    phrase = answer.reason_phrase or (HTTPStatus(status).phrase if status in set(HTTPStatus) else "")
    return {"Headers": headers, "ResponseBody": _body(answer), "StatusCode": status, "StatusText": phrase}


def _header_name(name: str, answer: httpx.Response) -> str:
    """The name as the server wrote it; httpx gives it in small letters."""
    raw = (key.decode("ascii", "replace") for key, _ in answer.headers.raw)
    return next((key for key in raw if key.lower() == name), name)


def _body(answer: httpx.Response) -> Json:
    """The body: parsed where it says that it is JSON, else as text."""
    if "json" in answer.headers.get("Content-Type", ""):
        try:
            return loads(answer.text) if answer.text else ""
        except JsonTextError:
            return answer.text
    return answer.text


def _socket(told: str) -> StatesError:
    return StatesError(SOCKET, told)
