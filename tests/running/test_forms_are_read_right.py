"""Reading a form fast must read it right: the same as the standard library, for anything."""

import json
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

from hypothesis import given
from hypothesis import strategies as st

from bot.running.inbound import form_fields, read_json

FORM = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=200), max_size=4)


@given(FORM)
def test_what_was_written_comes_out(fields):
    assert form_fields(urlencode(fields)) == fields


@given(st.text(max_size=300), st.sampled_from([quote, quote_plus, lambda t: quote(t, safe="=/:?[]{}\"' ")]))
def test_however_it_is_quoted_it_reads_as_the_standard_library_does(text, quoting):
    form = f"payload={quoting(text)}&x=1"
    if "&" not in quoting(text):
        assert form_fields(form) == dict(parse_qsl(form, keep_blank_values=True))


@given(st.text(alphabet="%=+&aF0 \n\r\t_é", max_size=60))
def test_nonsense_reads_as_the_standard_library_does(text):
    expected = dict(parse_qsl(text, keep_blank_values=True))
    assert {k: v for k, v in form_fields(text).items() if k in expected} == expected


def test_characters_that_no_text_has_are_left_out():
    payload = json.dumps({"type": "x", "a": ["b\x00c\x7f", {"d": "\ud800e"}], "ok": "line\nend \U0001f600"})
    assert read_json(payload) == {"type": "x", "a": ["bc", {"d": "e"}], "ok": "line\nend \U0001f600"}


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whatever_comes_in_can_be_stored(value):
    text = json.dumps(read_json(json.dumps({"type": "x", "value": value})))
    assert "\\u0000" not in text
    read_json(text)["type"].encode()
    json.dumps(read_json(text), ensure_ascii=False).encode()
