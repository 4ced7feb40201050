"""The responses of the service, and the requests that it rejects."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

import arabic_mtl
from arabic_mtl.errors import InputError
from arabic_mtl.serving import Limits
from arabic_mtl.serving.texts import TooLargeError, parse_texts
from support.messages import assert_names
from support.runs import Run
from support.service import ROLES, Model, annotate, post, run_client

Client = TestClient[Any, Any]
FORM = '{"texts": ["…", …]}'


def test_annotations_are_in_the_order_of_the_texts() -> None:
    texts = ["الغرفة نظيفة", "", "wifi 😍"]
    status, content = run_client(Model(), lambda client: post(client, texts))
    assert status == 200
    assert content == {"annotations": [annotate(text).as_dict() for text in texts]}


def test_each_client_gets_its_own_annotations() -> None:
    model = Model()

    async def talk(client: Client) -> Any:
        return await asyncio.gather(*(post(client, [f"text {n}"]) for n in range(40)))

    for number, (status, content) in enumerate(run_client(model, talk)):
        assert (status, content["annotations"][0]["text"]) == (200, f"text {number}")
    assert len(model.batches) < 40  # some requests were batched


def test_annotations_equal_those_of_the_annotator(trained: Run) -> None:
    annotator = arabic_mtl.load(trained.folder)
    texts = ["كانت الغرفة ممتازة وكذلك الموظفون", "العشاء باهظ"]
    _, content = run_client(annotator, lambda client: post(client, texts))
    assert content["annotations"] == [annotator(text).as_dict() for text in texts]


def test_pairs_are_given_to_the_model_as_tuples() -> None:
    model = Model()
    texts = ["نعم", ["السؤال", "الجواب"]]
    status, content = run_client(model, lambda client: post(client, texts))
    assert status == 200
    assert [each["text"] for each in content["annotations"]] == ["نعم", "السؤال"]
    assert model.batches == [["نعم", ("السؤال", "الجواب")]]


SMALL = Limits(characters=10, texts=3)
BAD: list[tuple[bytes, int, dict[str, list[str]]]] = [  # names in the fields of the error
    (b"", 400, {"rule": ["JSON"], "expected": [FORM]}),
    (b"{", 400, {"rule": ["JSON"]}),
    (b"[" * 1200, 400, {"rule": ["JSON"]}),
    (b'{"texts": ["\xff"]}', 400, {"rule": ["UTF-8"], "found": ["0xff", " 12"]}),
    (b'["a"]', 400, {"rule": ["`texts`"], "found": ["list"]}),
    (b'{"text": "a"}', 400, {"found": ["['text']"], "expected": [FORM]}),
    (b'{"texts": ["a"], "model": 1}', 400, {"found": ["['model', 'texts']"]}),
    (b'{"texts": []}', 400, {"rule": ["`texts`"], "found": [" list"]}),
    (b'{"texts": "a"}', 400, {"rule": ["`texts`"], "found": ["str"]}),
    (b'{"texts": ["a", 1]}', 400, {"found": ["texts[1]: int"]}),
    (b'{"texts": [null]}', 400, {"found": ["texts[0]: NoneType"]}),
    (b'{"texts": [["a"]]}', 400, {"rule": ["pair"], "found": ["texts[0]: a list of 1"]}),
    (b'{"texts": [["a", ["b"]]]}', 400, {"found": ["texts[0][1]: list"], "expected": ["pair"]}),
    (b'{"texts": [["aaaaaa", "aaaaa"]]}', 413, {"found": ["texts[0]: 11 "]}),
    (b'{"texts": ["\\ud800"]}', 400, {"rule": ["Unicode"], "found": ["texts[0]: "]}),
    (b'{"texts": ["aaaaaaaaaaa"]}', 413, {"found": ["texts[0]: 11 "], "expected": ["10"]}),
    (b'{"texts": ["a", "a", "a", "a"]}', 413, {"found": ["4 texts"], "expected": ["3"]}),
    (b'{"texts": ["' + 5000 * b"a" + b'"]}', 413, {"found": [str(SMALL.bytes)]}),
]


@pytest.mark.parametrize(("body", "status", "error"), BAD)
def test_invalid_requests_are_rejected(
    body: bytes, status: int, error: dict[str, list[str]]
) -> None:
    model = Model()

    async def talk(client: Client) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"}
        async with client.post("/annotate", data=body, headers=headers) as response:
            return response.status, await response.json()

    code, content = run_client(model, talk, characters=10, texts=3)
    assert code == status
    assert content.keys() == {"error"}
    assert content["error"].keys() == {"rule", "found", "expected"}
    for part, names in error.items():
        assert_names(content["error"][part], *names)
    assert model.batches == []


@settings(max_examples=200)
@given(body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_parsed_or_rejected(body: bytes) -> None:
    try:
        texts = parse_texts(body, Limits())
    except InputError:
        return
    assert all(isinstance(text, str | tuple) for text in texts)


@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_texts_are_parsed(texts: list[str]) -> None:
    for ascii_only in (False, True):
        body = json.dumps({"texts": texts}, ensure_ascii=ascii_only).encode("utf-8")
        assert parse_texts(body, Limits()) == texts


def test_request_at_all_limits_fits_the_byte_limit() -> None:
    limits = Limits(characters=50, texts=4)
    body = json.dumps({"texts": ["😍" * 50] * 4}).encode()  # twelve bytes per character
    assert limits.bytes - 1024 < len(body) <= limits.bytes
    assert len(parse_texts(body, limits)) == 4
    with pytest.raises(TooLargeError):
        parse_texts(json.dumps({"texts": ["ش" * 51]}).encode(), limits)


def test_body_with_wrong_encoding_header_is_rejected() -> None:
    async def talk(client: Client) -> tuple[int, Any, str]:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        async with client.post("/annotate", data=b"not gzip", headers=headers) as response:
            policy = response.headers["X-Content-Type-Options"]
            return response.status, await response.json(), policy

    status, content, policy = run_client(Model(), talk)
    assert (status, policy) == (400, "nosniff")
    assert set(content["error"]) >= {"rule", "found", "expected"}


def test_internal_errors_get_status_500(caplog: pytest.LogCaptureFixture) -> None:
    model = Model()
    model.error = ValueError("secret")
    status, content = run_client(model, lambda client: post(client, ["a"]))
    assert (status, content["error"]["found"]) == (500, "ValueError")
    assert "secret" in caplog.text


def test_other_content_types_get_status_415() -> None:
    async def talk(client: Client) -> tuple[int, Any]:
        async with client.post("/annotate", data={"texts": "a"}) as response:
            return response.status, await response.json()

    status, content = run_client(Model(), talk)
    assert status == 415
    assert content["error"]["found"] == "application/x-www-form-urlencoded"


def test_full_queue_gets_status_429() -> None:
    model = Model()
    model.may_proceed.clear()

    async def talk(client: Client) -> list[tuple[int, Any]]:
        first = asyncio.create_task(post(client, ["a"]))
        while not model.batches:
            await asyncio.sleep(0.001)
        second = asyncio.create_task(post(client, ["b", "c"]))
        await asyncio.sleep(0.05)
        async with client.post("/annotate", json={"texts": ["d"]}) as response:
            rejected = response.status, await response.json()
            assert response.headers["Retry-After"] == "1"
        model.may_proceed.set()
        return [await first, await second, rejected]

    first, second, rejected = run_client(model, talk, waiting=2, texts=2)
    assert (first[0], second[0], rejected[0]) == (200, 200, 429)
    assert rejected[1]["error"]["found"].split()[:2] == ["2", "texts"]
    assert model.batches == [["a"], ["b", "c"]]


def test_timeout_gets_status_503() -> None:
    model = Model()
    model.may_proceed.clear()

    async def talk(client: Client) -> tuple[int, Any]:
        response = await post(client, ["a"])
        model.may_proceed.set()
        assert (await post(client, ["b"]))[0] == 200
        return response

    status, content = run_client(model, talk, seconds=0.2)
    assert (status, content["error"]["found"].endswith(" 0.2 s")) == (503, True)


def test_health_describes_the_model() -> None:
    async def talk(client: Client) -> Any:
        return await (await client.get("/health")).json()

    assert run_client(Model(), talk) == {
        "status": "ok",
        "model": "model",
        "tasks": ["sentiment", "ner"],
        "roles": ROLES,
        "reads_texts": True,
        "reads_pairs": True,
        "waiting": 0,
    }


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")],
)
def test_page_loads_nothing_from_other_hosts(path: str, kind: str) -> None:
    async def talk(client: Client) -> Any:
        response = await client.get(path)
        assert response.content_type == kind
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        return await response.text()

    text = run_client(Model(), talk)
    assert "http:" not in text
    assert "https:" not in text
    assert "innerHTML" not in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/annotate", 405),
        ("POST", "/health", 405),
        ("GET", "/page.html", 404),
        ("GET", "/../pyproject.toml", 404),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404),
    ],
)
def test_other_routes_are_rejected(method: str, path: str, status: int) -> None:
    async def talk(client: Client) -> tuple[int, Any]:
        response = await client.request(method, path)
        return response.status, await response.json()

    code, content = run_client(Model(), talk)
    assert code == status
    assert "POST /annotate" in content["error"]["expected"]


@pytest.mark.parametrize(
    ("name", "status"), [("localhost", 200), ("127.0.0.1:80", 200), ("evil.example", 421)]
)
def test_other_host_names_get_status_421(name: str, status: int) -> None:
    async def talk(client: Client) -> int:
        return (await client.get("/health", headers={"Host": name})).status

    assert run_client(Model(), talk) == status


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"texts": 0}, "--texts 0"),
        ({"seconds": float("nan")}, "--seconds nan"),
        ({"batch_size": -1}, "--batch-size -1"),
        ({"characters": 200_000}, "--characters 200000"),
        ({"texts": 9, "waiting": 8}, "--texts 9, --waiting 8"),
    ],
)
def test_bad_limits_are_rejected(options: dict[str, Any], found: str) -> None:
    with pytest.raises(InputError) as caught:
        Limits(**options)
    assert caught.value.found == found
