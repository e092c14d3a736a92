"""Settings of handlers: what each type of field makes of what people send."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.automation.handlers import own_fields
from sidecar.automation.handlers.fields import Field, InvalidSetting, read, sanitized
from sidecar.automation.handlers.presentation import Labels, item
from sidecar.automation.handlers.site import Site, Taxonomy

NEWS = Taxonomy("category", "Categories", True, ("post",), {"3": "News"})
SITE = Site({"post": "Post", "page": "Page"}, (NEWS,), {"7": "Ann"})


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "  a\n <b>b</b>  c ", "a b c"),
        ("text", "1 < 2", "1 < 2"),
        ("text", ["no", "text"], ""),
        ("textarea", " a\n<i>b</i> ", "a\nb"),
        ("password", "  s<b>ecret ", "  s<b>ecret "),
        ("url", "example.com/feed", "http://example.com/feed"),
        ("url", " https://example.com/?a=1&b=2 ", "https://example.com/?a=1&b=2"),
        ("url", "javascript:alert(1)", ""),
        ("url", "file:///etc/passwd", ""),
        ("url", "http://[::1", ""),
        ("url_list", "http://a.b\nnonsense\nhttp://c.d", ["http://a.b", "http://c.d"]),
        ("number", "-5", 5),
        ("number", "3 apples", 3),
        ("number", "x", 0),
        ("number", 10**30, 0),
        ("number", "9" * 5000, 100),
        ("number", None, 0),
        ("checkbox", "1", True),
        ("checkbox", True, True),
        ("checkbox", 1, True),
        ("checkbox", "on", True),
        ("checkbox", "0", False),
        ("checkbox", "false", False),
        ("checkbox", "", False),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("json", {"a": 1}, {"a": 1}),
        ("json", "", {}),
        ("something_of_a_plugin", " <u>x</u> ", "x"),
    ],
)
def test_values_by_type(kind: str, given: Any, kept: Any) -> None:
    assert sanitized(Field("k", kind, min=0, max=100), given) == kept


@pytest.mark.parametrize(
    ("given", "kept"), [("publish", "publish"), ("bogus", "draft"), (["draft"], "draft")]
)
def test_a_select_holds_one_of_its_options(given: Any, kept: str) -> None:
    field = Field("s", "select", default="draft", options={"draft": "Draft", "publish": "Published"})
    assert sanitized(field, given) == kept


@pytest.mark.parametrize("given", ["", "   ", "javascript:x", None])
def test_what_is_required_is_missed(given: Any) -> None:
    with pytest.raises(InvalidSetting, match=r"^feed_url is required\.$"):
        sanitized(Field("feed_url", "url", required=True), given)


def test_json_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="params is no JSON"):
        sanitized(Field("params", "json"), "{")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"a": "A", 2: "B"}, {"a": "A", "2": "B"}),
        (["A", "B"], {"0": "A", "1": "B"}),
        ([{"value": "a", "label": "A"}, {"value": 5}], {"a": "A", "5": "5"}),
        (None, None),
    ],
)
def test_specifications_of_others_are_read_as_they_come(options: Any, expected: Any) -> None:
    field = read("k", {"type": "select", "label": "L", "options": options, "required": 1, "max": "x"})
    assert (field.options, field.required, field.max) == (expected, True, None)


@pytest.mark.parametrize("value", ["", "none", None, [], {}, float("nan")])
def test_what_is_no_number_is_the_default(value: object) -> None:
    """0 means no limit for most: an emptied box of a form does not mean that."""
    assert sanitized(read("max_items", {"type": "number", "default": 1, "min": 0}), value) == 1


def test_a_specification_says_only_what_it_says() -> None:
    spec = {"type": "number", "label": "L", "description": "", "default": 0, "min": 0}
    assert read("k", spec).spec() == spec


def test_fields_of_the_product() -> None:
    rss = {field.key: field for field in own_fields.fields("rss", lambda: SITE) or []}
    assert list(rss) == ["feed_url", "timeframe_limit", "search", "exclude_keywords", "max_items"]
    assert list(rss["timeframe_limit"].options or {}) == [
        "all_time",
        "24_hours",
        "72_hours",
        "7_days",
        "30_days",
    ]
    publish = [field.key for field in own_fields.fields("wordpress_publish", lambda: SITE) or []]
    assert publish == [
        "link_handling",
        "include_images",
        "dedup_enabled",
        "dedup_lookback_days",
        "post_type",
        "post_status",
        "post_author",
        "taxonomy_category_selection",
    ]
    assert own_fields.fields("of_a_plugin", lambda: SITE) is None


@pytest.mark.parametrize(
    ("key", "taxonomy"),
    [
        ("taxonomy_category_filter", "category"),
        ("taxonomy_my_tax_selection", "my_tax"),
        ("taxonomy__filter", None),
        ("taxonomy_filter", None),
        ("post_type", None),
    ],
)
def test_the_taxonomy_in_a_key(key: str, taxonomy: str | None) -> None:
    assert own_fields.taxonomy_of(key) == taxonomy


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        (Field("post_type", "select", options={"page": "Page"}), "page", "Page"),
        (Field("taxonomy_category_filter", "select", default="0", options={"3": "News"}), 3, "News"),
        (Field("taxonomy_category_filter", "select", default="0"), "0", None),
        (Field("search"), "", None),
        (Field("flag", "checkbox"), False, "No"),
        (Field("api_key"), "k-123", "********"),
        (Field("smtp", "password"), "k-123", "********"),
        (Field("tags"), ["a", "b"], "a, b"),
        (Field("map", "json"), {"a": 1}, '{"a":1}'),
    ],
)
def test_settings_as_people_read_them(field: Field, value: Any, shown: str | None) -> None:
    found = item(field, value, Labels("x"))
    assert (found and found["display_value"]) == shown
    if shown == "********":
        assert "k-123" not in str(found)
