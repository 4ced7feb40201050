"""What the service answers, and what it refuses."""

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
from arabic_mtl.serving.texts import TooMuchError, texts_of
from support.messages import assert_names
from support.runs import Run
from support.service import ROLES, Model, annotation_of, asked, post

Client = TestClient[Any, Any]
FORM = '{"texts": ["…", …]}'


def test_texts_become_annotations_in_order() -> None:
    texts = ["الغرفة نظيفة", "", "wifi 😍"]
    status, answer = asked(Model(), lambda client: post(client, texts))
    assert status == 200
    assert answer == {"annotations": [annotation_of(text).as_dict() for text in texts]}


def test_many_clients_get_what_is_theirs() -> None:
    model = Model()

    async def talk(client: Client) -> Any:
        return await asyncio.gather(*(post(client, [f"text {n}"]) for n in range(40)))

    for number, (status, answer) in enumerate(asked(model, talk)):
        assert (status, answer["annotations"][0]["text"]) == (200, f"text {number}")
    assert len(model.batches) < 40  # some were read together


def test_annotations_are_those_of_the_annotator(trained: Run) -> None:
    annotator = arabic_mtl.load(trained.folder)
    texts = ["كانت الغرفة ممتازة وكذلك الموظفون", "العشاء باهظ"]
    _, answer = asked(annotator, lambda client: post(client, texts))
    assert answer["annotations"] == [annotator(text).as_dict() for text in texts]


SMALL = Limits(characters=10, texts=3)
BAD: list[tuple[bytes, int, dict[str, list[str]]]] = [  # what the parts of the error name
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
    (b'{"texts": ["\\ud800"]}', 400, {"rule": ["Unicode"], "found": ["texts[0]: "]}),
    (b'{"texts": ["aaaaaaaaaaa"]}', 413, {"found": ["texts[0]: 11 "], "expected": ["10"]}),
    (b'{"texts": ["a", "a", "a", "a"]}', 413, {"found": ["4 texts"], "expected": ["3"]}),
    (b'{"texts": ["' + 5000 * b"a" + b'"]}', 413, {"found": [str(SMALL.bytes)]}),
]


@pytest.mark.parametrize(("body", "status", "error"), BAD)
def test_what_is_no_request(body: bytes, status: int, error: dict[str, list[str]]) -> None:
    model = Model()

    async def talk(client: Client) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"}
        async with client.post("/annotate", data=body, headers=headers) as response:
            return response.status, await response.json()

    found, answer = asked(model, talk, characters=10, texts=3)
    assert found == status
    assert answer.keys() == {"error"}
    assert answer["error"].keys() == {"rule", "found", "expected"}
    for part, names in error.items():
        assert_names(answer["error"][part], *names)
    assert model.batches == []


@settings(max_examples=200)
@given(body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_request_or_an_error(body: bytes) -> None:
    try:
        texts = texts_of(body, Limits())
    except InputError:
        return
    assert all(isinstance(text, str) for text in texts)


@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_texts_are_understood(texts: list[str]) -> None:
    for ascii_only in (False, True):
        body = json.dumps({"texts": texts}, ensure_ascii=ascii_only).encode("utf-8")
        assert texts_of(body, Limits()) == texts


def test_a_request_that_uses_all_of_its_limits_is_small_enough() -> None:
    limits = Limits(characters=50, texts=4)
    body = json.dumps({"texts": ["😍" * 50] * 4}).encode()  # twelve bytes a letter
    assert limits.bytes - 1024 < len(body) <= limits.bytes
    assert len(texts_of(body, limits)) == 4
    with pytest.raises(TooMuchError):
        texts_of(json.dumps({"texts": ["ش" * 51]}).encode(), limits)


def test_a_body_that_is_not_what_its_headers_say() -> None:
    async def talk(client: Client) -> tuple[int, Any, str]:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        async with client.post("/annotate", data=b"not gzip", headers=headers) as response:
            policy = response.headers["X-Content-Type-Options"]
            return response.status, await response.json(), policy

    status, answer, policy = asked(Model(), talk)
    assert (status, policy) == (400, "nosniff")
    assert set(answer["error"]) >= {"rule", "found", "expected"}


def test_a_mistake_of_the_service_is_told_as_such(caplog: pytest.LogCaptureFixture) -> None:
    model = Model()
    model.error = ValueError("secret")
    status, answer = asked(model, lambda client: post(client, ["a"]))
    assert (status, answer["error"]["found"]) == (500, "ValueError")
    assert "secret" in caplog.text


def test_another_content_type() -> None:
    async def talk(client: Client) -> tuple[int, Any]:
        async with client.post("/annotate", data={"texts": "a"}) as response:
            return response.status, await response.json()

    status, answer = asked(Model(), talk)
    assert status == 415
    assert answer["error"]["found"] == "application/x-www-form-urlencoded"


def test_too_many_are_waiting() -> None:
    model = Model()
    model.may_go_on.clear()

    async def talk(client: Client) -> list[tuple[int, Any]]:
        first = asyncio.create_task(post(client, ["a"]))
        while not model.batches:
            await asyncio.sleep(0.001)
        second = asyncio.create_task(post(client, ["b", "c"]))
        await asyncio.sleep(0.05)
        async with client.post("/annotate", json={"texts": ["d"]}) as response:
            refused = response.status, await response.json()
            assert response.headers["Retry-After"] == "1"
        model.may_go_on.set()
        return [await first, await second, refused]

    first, second, refused = asked(model, talk, waiting=2, texts=2)
    assert (first[0], second[0], refused[0]) == (200, 200, 429)
    assert refused[1]["error"]["found"].split()[:2] == ["2", "texts"]
    assert model.batches == [["a"], ["b", "c"]]


def test_an_answer_takes_too_long() -> None:
    model = Model()
    model.may_go_on.clear()

    async def talk(client: Client) -> tuple[int, Any]:
        found = await post(client, ["a"])
        model.may_go_on.set()
        assert (await post(client, ["b"]))[0] == 200
        return found

    status, answer = asked(model, talk, seconds=0.2)
    assert (status, answer["error"]["found"].endswith(" 0.2 s")) == (503, True)


def test_health() -> None:
    async def talk(client: Client) -> Any:
        return await (await client.get("/health")).json()

    assert asked(Model(), talk) == {
        "status": "ok",
        "model": "model",
        "tasks": ["sentiment", "ner"],
        "roles": ROLES,
        "waiting": 0,
    }


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")],
)
def test_the_page_brings_all_it_needs(path: str, kind: str) -> None:
    async def talk(client: Client) -> Any:
        response = await client.get(path)
        assert response.content_type == kind
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        return await response.text()

    text = asked(Model(), talk)
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
def test_nothing_else_is_there(method: str, path: str, status: int) -> None:
    async def talk(client: Client) -> tuple[int, Any]:
        response = await client.request(method, path)
        return response.status, await response.json()

    found, answer = asked(Model(), talk)
    assert found == status
    assert "POST /annotate" in answer["error"]["expected"]


@pytest.mark.parametrize(
    ("name", "status"), [("localhost", 200), ("127.0.0.1:80", 200), ("evil.example", 421)]
)
def test_another_sites_name_for_this_machine(name: str, status: int) -> None:
    async def talk(client: Client) -> int:
        return (await client.get("/health", headers={"Host": name})).status

    assert asked(Model(), talk) == status


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
def test_limits_that_cannot_be(options: dict[str, Any], found: str) -> None:
    with pytest.raises(InputError) as caught:
        Limits(**options)
    assert caught.value.found == found
