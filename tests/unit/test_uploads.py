"""Forms that send files: read exactly as they were sent, or refused."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import encode_multipart_formdata

from chalicelib.console.framework.uploads import MAX_UPLOAD_BYTES, Upload, read_multipart

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


def read(fields: dict[str, object]) -> tuple[list[tuple[str, str]], dict[str, Upload]]:
    body, content_type = encode_multipart_formdata(fields)  # type: ignore[arg-type]
    return read_multipart(content_type, body, 200)


@given(texts, st.binary(min_size=1, max_size=3000))
def test_what_was_sent_is_read_to_the_byte(text: str, content: bytes) -> None:
    fields, files = read({"a": text, "f": ("x.bin", content), "b": "2"})
    assert fields == [("a", text), ("b", "2")]
    assert files == {"f": Upload("x.bin", content)}


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"--", b"\x00", b"From "]), min_size=1))
def test_line_ends_and_dashes_are_content_like_any_other(parts: list[bytes]) -> None:
    content = b"".join(parts)
    assert read({"f": ("x", content)})[1]["f"].content == content


def test_a_file_not_chosen_is_none() -> None:
    assert read({"f": ("", b""), "a": "1"}) == ([("a", "1")], {})


NO_NAME = b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"
NO_BLANK = b'--x\r\nContent-Disposition: form-data; name="a"\r\n--x--\r\n'
HEAD = b'--x\r\nContent-Disposition: form-data; name="a"'


@pytest.mark.parametrize(
    "body",
    [
        HEAD + b'; a="b"' * 100_000 + b"\r\n\r\nv\r\n--x--\r\n",  # its parser takes the square
        HEAD
        + b"".join(  # and calls itself for each form within a form
            b"\r\nContent-Type: multipart/mixed; boundary=y%d\r\n\r\n--y%d" % (n, n)
            for n in range(5000)
        ),
        HEAD + b"\r\nX: y" * 100_000 + b"\r\n\r\nv\r\n--x--\r\n",
        b"--x\r\n\r\n" * 100_000,
    ],
)
def test_a_hostile_form_is_refused_at_once(body: bytes) -> None:
    """Whoever is not signed in has it read too, to find its token."""
    began = time.process_time()
    with pytest.raises(ValueError, match=r"."):
        read_multipart("multipart/form-data; boundary=x", body, 200)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"a=1"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n"),
        ("multipart/form-data; boundary=x", NO_NAME),
        ("multipart/form-data; boundary=x", NO_BLANK),
        ("multipart/form-data; boundary=x", b"x" * (MAX_UPLOAD_BYTES + 1)),
    ],
)
def test_what_is_no_such_form_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_multipart(content_type, body, 200)


def test_a_form_of_too_many_fields_is_refused() -> None:
    body, content_type = encode_multipart_formdata({f"a{n}": "1" for n in range(9)})
    with pytest.raises(ValueError, match="count exceeded"):
        read_multipart(content_type, body, 8)
