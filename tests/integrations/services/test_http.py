"""HTTP tasks against a real server on this machine: what is sent, what comes back, how they fail."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from asl_engine import Execution, UnservedTaskError
from asl_engine.integrations.services.catalogue import Services
from asl_engine.integrations.services.http import ApiKey, Basic, Connection, HttpServices, OAuth, form_encoded
from tests.build import run_state
from tests.integrations.services.aws_world import service_task

ARN = "arn:aws:events:us-east-1:123456789012:connection/shop/1"


class Server:
    """A server that tells what it was asked; paths say what it answers: /status/404, /token, /never, else an echo."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.released = threading.Event()
        own = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                asked = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
                own.requests.append(asked)
                status, kind, text = own.reply(asked)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("X-Twice", "a")
                self.send_header("X-Twice", "b")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text if isinstance(text, bytes) else text.encode())

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def reply(self, asked: dict[str, Any]) -> tuple[int, str, str | bytes]:
        path = asked["path"].partition("?")[0]
        if path == "/never":
            self.released.wait(20)
        if path == "/token":
            return 200, "application/json", json.dumps({"access_token": f"t-{len(self.requests)}"})
        if path == "/text":
            return 200, "text/plain", "plain"
        if path.startswith("/status/"):
            return int(path.rpartition("/")[2]), "application/json", '{"message":"told"}'
        return 200, "application/json", json.dumps({"path": asked["path"], "body": asked["body"]})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    running.start()
    yield running
    running.stop()


def call(server: Server, parameters: dict[str, Any], resource: str = "http:invoke", **options: Any) -> Execution:
    """One call with the server in place of https://api.example.com."""
    http = HttpServices(endpoints={"https://api.example.com": server.url}, **options)
    return run_state(service_task(resource, parameters), services=Services(http=http))


def get(path: str, **parameters: Any) -> dict[str, Any]:
    return {"ApiEndpoint": f"https://api.example.com{path}", "Method": "GET", **parameters}


def authorised(**connections: Any) -> dict[str, Any]:
    return {"Authentication": {"ConnectionArn": ARN}}


def test_the_result_has_headers_body_status_and_its_text(server: Server) -> None:
    output = call(server, get("/a")).output
    assert sorted(output) == ["Headers", "ResponseBody", "StatusCode", "StatusText"]
    assert (output["StatusCode"], output["StatusText"]) == (200, "OK")
    assert output["ResponseBody"] == {"path": "/a", "body": ""}
    assert output["Headers"]["Content-Type"] == ["application/json"]
    assert output["Headers"]["X-Twice"] == ["a", "b"]


def test_a_body_that_is_no_json_is_text(server: Server) -> None:
    assert call(server, get("/text")).output["ResponseBody"] == "plain"


def test_a_body_is_sent_as_json_with_headers_and_query(server: Server) -> None:
    parameters = {"Method": "POST", "RequestBody": {"n": 1}, "Headers": {"X-Mine": "1"}}
    call(server, {**get("/a", QueryParameters={"q": "a b", "many": ["1", "2"]}), **parameters})
    (asked,) = server.requests
    assert (asked["method"], asked["body"], asked["headers"]["X-Mine"]) == ("POST", '{"n":1}', "1")
    assert asked["headers"]["Content-Type"] == "application/json; charset=UTF-8"
    assert asked["headers"]["User-Agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"
    assert asked["headers"]["Range"] == "bytes=0-262144"
    assert asked["path"] == "/a?q=a%20b&many=1&many=2"


@pytest.mark.parametrize(
    ("arrays", "sent"),
    [
        (None, "a=1&b[c]=x+y&d[0]=p&d[1]=q"),
        ("INDICES", "a=1&b[c]=x+y&d[0]=p&d[1]=q"),
        ("BRACKETS", "a=1&b[c]=x+y&d[]=p&d[]=q"),
        ("REPEAT", "a=1&b[c]=x+y&d=p&d=q"),
        ("COMMAS", "a=1&b[c]=x+y&d=p,q"),
        ("NONE", "a=1&b[c]=x+y"),
    ],
)
def test_a_transform_makes_a_form_of_the_body(server: Server, arrays: str | None, sent: str) -> None:
    options = {} if arrays is None else {"RequestEncodingOptions": {"ArrayFormat": arrays}}
    transform = {"RequestBodyEncoding": "URL_ENCODED", **options}
    body = {"a": 1, "b": {"c": "x y"}, "d": ["p", "q"]}
    call(server, get("/f", Method="POST", RequestBody=body, Transform=transform))
    (asked,) = server.requests
    assert asked["body"] == sent
    assert asked["headers"]["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_form_quotes_what_would_end_a_pair() -> None:
    assert form_encoded({"a&b": "c=d"}) == "a%26b=c%3Dd"


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_status_of_400_or_more_fails_the_task(server: Server, status: int) -> None:
    execution = call(server, get(f"/status/{status}"))
    assert (execution.error, execution.cause) == (f"States.Http.StatusCode.{status}", '{"message":"told"}')


@pytest.mark.parametrize("status", [201, 302])
def test_a_lower_status_is_a_result(server: Server, status: int) -> None:
    assert call(server, get(f"/status/{status}")).output["StatusCode"] == status


def test_nobody_listening_is_a_socket_error() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        asked = {"ApiEndpoint": url, "Method": "GET"}
        execution = run_state(service_task("http:invoke", asked), services=Services(http=HttpServices()))
    assert execution.error == "States.Http.Socket"
    assert "ConnectError" in (execution.cause or "")


def test_no_answer_in_time_is_a_socket_error(server: Server) -> None:
    execution = call(server, get("/never"), timeout_seconds=0.05)
    assert execution.error == "States.Http.Socket"
    assert execution.cause == "The request timed out after 0.05 seconds"


def dripping(beginning: bytes) -> str:
    """The address of a server that answers one request with this, and then a byte now and then."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as connected:
            connected.recv(65536)
            connected.sendall(beginning)
            with contextlib.suppress(OSError):
                for _ in range(40):
                    connected.sendall(b"x")
                    time.sleep(0.05)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"])
def test_the_timeout_is_that_of_the_whole_request(beginning: bytes) -> None:
    http = HttpServices(timeout_seconds=0.3)
    asked = {"ApiEndpoint": dripping(beginning), "Method": "GET"}
    execution = run_state(service_task("http:invoke", asked), services=Services(http=http))
    assert execution.error == "States.Http.Socket"
    assert execution.cause == "The request timed out after 0.3 seconds"


@pytest.mark.parametrize("field", ["Authentication", "Headers", "QueryParameters", "Transform"])
@pytest.mark.parametrize("value", ["text", [1]])
def test_a_field_that_must_be_an_object_fails_the_state(server: Server, field: str, value: Any) -> None:
    execution = call(server, get("/a", **{field: value}))
    assert execution.error == "States.Runtime"
    assert (execution.cause or "").endswith(f"[The value of the field '{field}' has an invalid format]")
    assert server.requests == []


def test_a_header_may_be_any_text(server: Server) -> None:
    assert call(server, get("/a", Headers={"X-Name": "Zoë"})).status == "SUCCEEDED"
    assert server.requests[0]["headers"]["X-Name"].encode("latin-1").decode() == "Zoë"


@pytest.mark.parametrize("headers", [{"Ü": "a"}, {"X Y": "a"}, {"X": "a\nb"}])
def test_a_header_that_cannot_be_sent_is_a_socket_error(server: Server, headers: dict[str, str]) -> None:
    assert call(server, get("/a", Headers=headers)).error == "States.Http.Socket"


def test_the_timeout_is_never_more_than_60_seconds() -> None:
    assert HttpServices(timeout_seconds=600).timeout_seconds == 60


@pytest.mark.parametrize(
    ("connection", "header", "text"),
    [
        (Basic("u", "p"), "Authorization", "Basic dTpw"),
        (ApiKey("X-Key", "secret"), "X-Key", "secret"),
        (Connection(Basic("u", "p"), headers={"X-More": "m"}), "X-More", "m"),
    ],
)
def test_a_connection_authorises_the_request(server: Server, connection: Any, header: str, text: str) -> None:
    call(server, get("/a", **authorised()), connections={ARN: connection})
    assert server.requests[0]["headers"][header] == text


def test_a_connection_wins_over_the_tasks_own_headers(server: Server) -> None:
    parameters = get("/a", Headers={"x-key": "mine"}, **authorised())
    call(server, parameters, connections={ARN: ApiKey("X-Key", "secret")})
    headers = {name.lower(): text for name, text in server.requests[0]["headers"].items()}
    assert headers["x-key"] == "secret"


def test_a_text_cannot_be_joined_with_the_body_of_a_connection(server: Server) -> None:
    parameters = get("/a", Method="PUT", RequestBody="text", **authorised())
    execution = call(server, parameters, connections={ARN: Connection(body={"tenant": "t"})})
    assert (execution.error, server.requests) == ("States.Runtime", [])


def test_a_connection_adds_query_and_body(server: Server) -> None:
    connection = Connection(query={"key": "k"}, body={"tenant": "t"})
    parameters = get("/a", Method="PUT", RequestBody={"n": 1}, **authorised())
    call(server, parameters, connections={ARN: connection})
    assert server.requests[0]["path"] == "/a?key=k"
    assert json.loads(server.requests[0]["body"]) == {"n": 1, "tenant": "t"}


def test_client_credentials_fetch_one_token_for_many_requests(server: Server) -> None:
    grant = OAuth(f"{server.url}/token", "id", "secret", scope="read")
    http = HttpServices(connections={ARN: grant}, endpoints={"https://api.example.com": server.url})
    for _ in range(2):
        run_state(service_task("http:invoke", get("/a", **authorised())), services=Services(http=http))
    assert [asked["path"] for asked in server.requests] == ["/token", "/a", "/a"]
    assert server.requests[0]["body"] == "grant_type=client_credentials&client_id=id&client_secret=secret&scope=read"
    assert server.requests[2]["headers"]["Authorization"] == "Bearer t-1"


def test_a_token_that_is_refused_is_fetched_anew(server: Server) -> None:
    http = HttpServices(
        connections={ARN: OAuth(f"{server.url}/token", "id", "secret")},
        endpoints={"https://api.example.com": server.url},
    )
    for path in ("/status/401", "/a"):
        run_state(service_task("http:invoke", get(path, **authorised())), services=Services(http=http))
    assert [asked["path"] for asked in server.requests] == ["/token", "/status/401", "/token", "/a"]


def test_an_unknown_connection_fails_the_task(server: Server) -> None:
    execution = call(server, get("/a", **authorised()))
    assert execution.error == "Events.ConnectionResource.ResourceNotFound"
    assert server.requests == []


def test_a_connection_that_gets_no_token_is_in_no_valid_state(server: Server) -> None:
    grant = OAuth(f"{server.url}/status/403", "id", "secret")
    execution = call(server, get("/a", **authorised()), connections={ARN: grant})
    assert execution.error == "Events.ConnectionResource.InvalidConnectionState"


FORBIDDEN = [
    "Authorization",
    "host",
    "Date",
    "Accept-Encoding",
    "TE",
    "x-amz-date",
    "X-Amzn-Trace-Id",
    "X-Forwarded-For",
]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_header_that_a_task_may_not_set_starts_no_task(server: Server, name: str) -> None:
    execution = call(server, get("/a", Headers={"X-Mine": "1", name: "2"}))
    assert execution.error == "States.Runtime"
    assert (execution.cause or "").endswith(f"[The header '{name}' may not be set]")
    assert [event["type"] for event in execution.history[1:]] == ["TaskStateEntered", "ExecutionFailed"]
    assert server.requests == []


def test_a_header_may_have_several_values(server: Server) -> None:
    call(server, get("/a", Headers={"X-Mine": ["a", "b"]}))
    assert server.requests[0]["headers"]["X-Mine"] == "a, b"


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"Method": "GET"}, "[The field 'ApiEndpoint' is required but was missing]"),
        ({"ApiEndpoint": "https://api.example.com"}, "[The field 'Method' is required but was missing]"),
        (get("/a", Body={}), '[The field "Body" is not supported by Step Functions]'),
        (get("/a", Method="TRACE"), "[The value of the field 'Method' has an invalid format]"),
        (get("/a", Method="get"), "[The value of the field 'Method' has an invalid format]"),
    ],
)
def test_what_an_http_task_needs_is_told(server: Server, parameters: dict[str, Any], told: str) -> None:
    execution = call(server, parameters)
    assert execution.error == "States.Runtime"
    assert (execution.cause or "").endswith(told)


@pytest.mark.parametrize("kind", ["application/octet-stream", "image/png", "Video/mp4", "audio/ogg; a=b", "text/plain"])
def test_an_answer_that_is_no_text_fails_the_task(server: Server, kind: str) -> None:
    body = b"\xff\xfe" if kind.startswith("text") else b"text"
    server.reply = lambda asked: (200, kind, body)  # type: ignore[method-assign]
    assert call(server, get("/a")).error == "States.Runtime"


def test_http_is_not_called_unless_it_was_given() -> None:
    with pytest.raises(UnservedTaskError):
        run_state(service_task("http:invoke", get("/a")), services=Services())


# --- API Gateway ------------------------------------------------------------------------------------------------------


def api(**parameters: Any) -> dict[str, Any]:
    return {"ApiEndpoint": "api.example.com", "Stage": "prod", "Path": "/pets", "Method": "POST", **parameters}


def test_an_api_is_asked_at_its_stage_and_path(server: Server) -> None:
    parameters = api(RequestBody={"n": 1}, Headers={"X-Mine": ["a", "b"]}, QueryParameters={"p": ["1", "2"]})
    execution = call(server, parameters, "apigateway:invoke")
    (asked,) = server.requests
    assert (asked["path"], asked["body"]) == ("/prod/pets?p=1&p=2", '{"n":1}')
    assert sorted(execution.output) == ["Headers", "ResponseBody", "StatusCode", "StatusText"]


def test_an_apis_error_has_its_status_in_its_name(server: Server) -> None:
    execution = call(server, api(Stage=None, Path="/status/403"), "apigateway:invoke")
    assert (execution.error, execution.cause) == ("ApiGateway.403", '{"message":"told"}')


@pytest.mark.parametrize("field", ["Headers", "QueryParameters"])
@pytest.mark.parametrize("value", ["text", {"name": "text"}, [1]])
def test_a_header_or_query_that_is_no_array_fails_before_the_task_is_scheduled(
    server: Server, field: str, value: Any
) -> None:
    execution = call(server, api(**{field: value}), "apigateway:invoke")
    assert execution.error == "States.Runtime"
    assert (execution.cause or "").endswith(f"[The value of the field '{field}' has an invalid format]")
    assert [event["type"] for event in execution.history[1:]] == ["TaskStateEntered", "ExecutionFailed"]
    assert server.requests == []


@pytest.mark.parametrize(
    ("allowed", "sent"),
    [({}, {"a": 1, "b": [{"d": 2}]}), ({"AllowNullValues": True}, {"a": 1, "n": None, "b": [{"c": None, "d": 2}]})],
)
def test_null_values_of_a_body_are_sent_only_where_they_are_allowed(server: Server, allowed: Any, sent: Any) -> None:
    body = {"a": 1, "n": None, "b": [{"c": None, "d": 2}]}
    call(server, api(RequestBody=body, **allowed), "apigateway:invoke")
    assert json.loads(server.requests[0]["body"]) == sent


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        (api(Body={}), '[The field "Body" is not supported by Step Functions]'),
        (api(Method=None), "[The field 'Method' is required but was missing]"),
        (api(Method="TRACE"), "[The value of the field 'Method' has an invalid format]"),
    ],
)
def test_what_an_api_cannot_be_asked_starts_no_task(server: Server, parameters: Any, told: str) -> None:
    execution = call(server, parameters, "apigateway:invoke")
    assert (execution.error, server.requests) == ("States.Runtime", [])
    assert (execution.cause or "").endswith(told)
