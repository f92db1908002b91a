"""Reading a form fast must read it right: the same as the standard library, for anything."""

from urllib.parse import parse_qsl, quote, quote_plus, urlencode

from hypothesis import given
from hypothesis import strategies as st

from bot.web import form_fields

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
