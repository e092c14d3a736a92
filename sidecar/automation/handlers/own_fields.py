"""The settings of the product's own handlers, and of step types that are configured without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sidecar import hooks
from sidecar.automation.handlers.fields import SECTION, Field
from sidecar.automation.handlers.site import Site

#: Asks WordPress what the site offers; only selects of posts need it.
ReadSite = Callable[[], Site]

TIMEFRAMES = {
    "all_time": "All Time",
    "24_hours": "Last 24 Hours",
    "72_hours": "Last 72 Hours",
    "7_days": "Last 7 Days",
    "30_days": "Last 30 Days",
}
SKIP, AI_DECIDES = "skip", "ai_decides"


def fields(slug: str, read_site: ReadSite) -> list[Field] | None:
    """The settings of one of our own, in order; None when the slug is not ours."""
    make = _OWN.get(slug)
    return None if make is None else make(read_site)


def taxonomy_of(key: str) -> str | None:
    """The taxonomy of ``taxonomy_{name}_filter`` or ``taxonomy_{name}_selection``, else None."""
    for ending in ("_filter", "_selection"):
        if key.startswith("taxonomy_") and key.endswith(ending) and len(key) > len("taxonomy_") + len(ending):
            return key[len("taxonomy_") : -len(ending)]
    return None


def common_fetch() -> list[Field]:
    """What every fetch handler has. The filter ``datamachine_timeframe_limit`` may add timeframes."""
    offered = hooks.apply_filters("datamachine_timeframe_limit", dict(TIMEFRAMES), None)
    options = offered if isinstance(offered, Mapping) else TIMEFRAMES
    return [
        Field(
            "timeframe_limit",
            "select",
            "Process Items Within",
            "Only items that are not older than this.",
            default="all_time",
            options={str(key): str(label) for key, label in options.items()},
        ),
        Field(
            "search",
            "text",
            "Search Term Filter",
            "Only items that hold one of these words, separated by commas.",
        ),
        Field(
            "exclude_keywords",
            "text",
            "Exclude Keywords",
            "No items that hold one of these words, separated by commas.",
        ),
        Field(
            "max_items",
            "number",
            "Max Items",
            "How many items a run takes; 0 for no limit.",
            default=1,
            min=0,
            max=100,
        ),
    ]


def common_publish() -> list[Field]:
    """What publish handlers have."""
    return [
        Field(
            "link_handling",
            "select",
            "Source URL Handling",
            "Whether the address of the source is put below the content.",
            default="append",
            options={"none": "No link", "append": "Append to the content"},
        ),
        Field(
            "include_images",
            "checkbox",
            "Include Images",
            "Makes the image of the source the featured image.",
            default=False,
        ),
        Field(
            "dedup_enabled",
            "checkbox",
            "Skip Duplicates",
            "Makes no second post of the same title.",
            default=True,
        ),
        Field(
            "dedup_lookback_days",
            "number",
            "Duplicate Lookback Days",
            "How old a post of the same title may be to count.",
            default=14,
            min=1,
            max=90,
        ),
    ]


def _posts(read_site: ReadSite) -> list[Field]:
    site = read_site()
    filters = [
        Field(
            f"taxonomy_{one.name}_filter",
            "select",
            one.label,
            f"Only posts with this term of {one.label}.",
            default="0",
            options={"0": f"All {one.label}", **one.terms},
        )
        for one in site.taxonomies
    ]
    return [
        *common_fetch(),
        Field(
            "source_url",
            "url",
            "Specific Post URL",
            "Takes this post of the site alone, whatever the other settings say.",
        ),
        Field(
            "post_type",
            "select",
            "Post Type",
            "The type of the posts.",
            default="any",
            options={"any": "Any", **site.post_types},
        ),
        Field(
            "post_status",
            "select",
            "Post Status",
            "The status of the posts.",
            default="publish",
            options={
                "publish": "Published",
                "draft": "Draft",
                "pending": "Pending",
                "private": "Private",
                "any": "Any",
            },
        ),
        *filters,
        Field(
            "randomize_selection",
            "checkbox",
            "Randomize Selection",
            "Takes posts at random instead of those that were changed last.",
            default=False,
        ),
    ]


def _media(_read_site: ReadSite) -> list[Field]:
    return [
        *common_fetch(),
        Field(
            "include_parent_content",
            "checkbox",
            "Include Parent Content",
            "Adds the content of the post an image was uploaded to.",
            default=False,
        ),
        Field(
            "randomize_selection",
            "checkbox",
            "Randomize Selection",
            "Takes media at random instead of the newest.",
            default=False,
        ),
    ]


def _api(_read_site: ReadSite) -> list[Field]:
    return [
        Field(
            "endpoint_url",
            "url",
            "API Endpoint URL",
            "The whole address of a collection, such as https://example.com/wp-json/wp/v2/posts.",
            required=True,
        ),
        *common_fetch(),
    ]


def _rss(_read_site: ReadSite) -> list[Field]:
    return [
        Field("feed_url", "url", "Feed URL", "The address of an RSS or Atom feed.", required=True),
        *common_fetch(),
    ]


def _files(_read_site: ReadSite) -> list[Field]:
    return [
        Field("file_upload_section", SECTION, "File Upload", "Files are uploaded to the flow."),
        Field(
            "auto_cleanup_enabled",
            "checkbox",
            "Auto-cleanup Old Files",
            "Removes uploaded files a week after they were uploaded.",
            default=False,
        ),
    ]


def _publish(read_site: ReadSite) -> list[Field]:
    site = read_site()
    return [
        *common_publish(),
        Field(
            "post_type",
            "select",
            "Post Type",
            "The type of the new post.",
            default="post",
            options=site.post_types,
        ),
        Field(
            "post_status",
            "select",
            "Post Status",
            "The status of the new post.",
            default="draft",
            options={
                "draft": "Draft",
                "publish": "Publish",
                "pending": "Pending Review",
                "private": "Private",
            },
        ),
        Field(
            "post_author",
            "select",
            "Post Author",
            "Whose post it is; the one the step works for unless said.",
            options=site.authors,
        ),
        *_selections(site),
    ]


def _update(read_site: ReadSite) -> list[Field]:
    return [
        Field(
            "allow_title_updates",
            "checkbox",
            "Allow Title Updates",
            "Lets the model change the title.",
            default=True,
        ),
        Field(
            "allow_content_updates",
            "checkbox",
            "Allow Content Updates",
            "Lets the model change the content.",
            default=True,
        ),
        *_selections(read_site()),
    ]


def _selections(site: Site) -> list[Field]:
    return [
        Field(
            f"taxonomy_{one.name}_selection",
            "select",
            one.label,
            f"Which {one.label} the post gets.",
            default=SKIP,
            options={SKIP: "Skip", AI_DECIDES: "AI Decides", **one.terms},
        )
        for one in site.taxonomies
    ]


def _webhook_gate(_read_site: ReadSite) -> list[Field]:
    return [
        Field(
            "timeout_hours",
            "number",
            "Timeout (hours)",
            "The job fails when no request came by then; 0 waits for ever.",
            default=0,
            min=0,
            max=8760,
        ),
        Field("description", "textarea", "Description", "What the gate waits for."),
    ]


def _system_task(_read_site: ReadSite) -> list[Field]:
    return [
        Field("task", "text", "Task", "The task to run.", required=True),
        Field("params", "json", "Parameters", "What the task is given, as a JSON object."),
    ]


_OWN: dict[str, Callable[[ReadSite], list[Field]]] = {
    "wordpress_posts": _posts,
    "wordpress_media": _media,
    "wordpress_api": _api,
    "rss": _rss,
    "files": _files,
    "wordpress_publish": _publish,
    "wordpress_update": _update,
    "webhook_gate": _webhook_gate,
    "system_task": _system_task,
}
