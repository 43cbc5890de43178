"""CloudEvents 1.0 in the plain form of events: `subject` is the deal, `time` the instant, `data` all else."""

import re
from typing import Any

from walkaway.deal.decode.reported import Reported, Unreadable
from walkaway.language.codes import Code
from walkaway.language.values import shorten

_KNOWN = frozenset({"specversion", "id", "source", "type", "subject", "time", "data", "datacontenttype", "dataschema"})
_NEEDED = ("id", "subject", "time")


def unwrapped(raw: dict[str, Any], line: Reported) -> dict[str, Any]:
    """Return a CloudEvent's content in the plain form; a plain event as it is.

    Raises:
        Unreadable: Where it is a CloudEvent of another sort.
    """
    if "specversion" not in raw:
        return raw
    if raw["specversion"] != "1.0":
        what, hint = "this CloudEvent is not of version 1.0", 'write `"specversion": "1.0"`'
        line.stop(Code.UNKNOWN_EVENT_TYPE, what, hint, '"specversion"')
    sort = raw.get("type")
    if not isinstance(sort, str) or not sort.startswith("walkaway."):
        said = sort.rpartition(".")[2] if isinstance(sort, str) else ""
        hint = (
            f'write `"type": "walkaway.{shorten(said)}"`' if said else 'write `"type": "walkaway.offer"`, or what it is'
        )
        near = '"type"' if "type" in raw else '"specversion"'
        line.stop(Code.UNKNOWN_EVENT_TYPE, "this CloudEvent has no type `walkaway.…`", hint, near)
    if "data_base64" in raw:
        what = "`data_base64` is not read, so nobody knows what this CloudEvent says"
        line.stop(Code.EVENT_FIELD, what, "send its content as a JSON object, in `data`", '"data_base64"')
    data = raw.get("data")
    if data is None:
        data = {}
    if not isinstance(data, dict):
        line.stop(Code.EVENT_FIELD, "`data` of a CloudEvent is an object", near='"data"')
    for key in [k for k in raw if k not in _KNOWN]:
        if not re.fullmatch("[a-z0-9]{1,20}", key):
            line.report(Code.EVENT_FIELD, f"`{shorten(key)}` is no CloudEvents attribute", near=f'"{key}"')
    clash = data.keys() & {"id", "deal", "at", "type"}
    if clash:
        line.stop(Code.EVENT_FIELD, f"`{min(clash)}` stands in `data` and in the CloudEvent itself", near='"data"')
    for key in _NEEDED:
        if raw.get(key) is None:
            line.report(Code.EVENT_FIELD, f"the CloudEvent lacks `{key}`", f'add `"{key}": …`', '"specversion"')
    if line.findings:
        raise Unreadable
    outer = {
        "id": raw.get("id"),
        "deal": raw.get("subject"),
        "at": raw.get("time"),
        "type": sort.removeprefix("walkaway."),
    }
    return {**{k: v for k, v in outer.items() if v is not None}, **data}
