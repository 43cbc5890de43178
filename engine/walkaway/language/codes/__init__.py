"""Every finding walkaway can give: its code, and the page that explains it.

The first digit names the room that finds it: 1 source, 2 policy, 3 expressions, 4 tables and layers, 5 decoding
events, 6 events against their deal, 7 lints. A code is never reused. Knows nothing of where a finding stands.
"""

from enum import StrEnum


class Code(StrEnum):
    """A finding's code; the member's name, lower case with hyphens, names the pattern it finds."""

    NOT_UTF8 = "WA101"
    BROKEN_YAML = "WA102"
    DUPLICATE_KEY = "WA103"
    ALIAS = "WA104"
    TAG = "WA105"
    TOO_DEEP = "WA106"
    TOO_LARGE = "WA107"
    MANY_DOCUMENTS = "WA108"
    NOT_A_KEY = "WA109"
    LAYOUT_NOT_KEPT = "WA110"

    UNKNOWN_KEY = "WA201"
    WALK_PAST_WANT = "WA202"
    MISSING_KEY = "WA203"
    WRONG_SHAPE = "WA204"
    BAD_NAME = "WA205"
    BAD_CHOICE = "WA206"
    BAD_VALUE = "WA207"
    MILDER_THAN_BUILT_IN = "WA208"
    EFFECT_INCOMPLETE = "WA209"
    SAY_TELLS_LIMIT = "WA210"
    BAD_DATE = "WA211"
    UNKNOWN_ROLE = "WA212"
    NAME_TAKEN = "WA213"
    LOOSER_THAN_LAYER = "WA214"
    LAYER_NOT_READABLE = "WA215"
    PATTERN_SHAPE = "WA216"
    WORTH_SHAPE = "WA217"
    AMOUNT_NOT_CONVERTED = "WA218"
    SELECTOR = "WA219"

    SYNTAX = "WA301"
    UNKNOWN_FACT = "WA302"
    KINDS_DIFFER = "WA303"
    UNGUARDED = "WA304"
    NOT_LINEAR = "WA305"
    CONCLUSION_CYCLE = "WA306"
    DEFINE_CYCLE = "WA307"
    UNKNOWN_SYMBOL = "WA308"
    NOT_A_CONDITION = "WA309"
    NOT_FIXED = "WA310"
    OUT_OF_RANGE = "WA311"
    TOO_COMPLEX = "WA312"
    NEVER_KNOWN = "WA313"
    DERIVED = "WA314"
    LINES = "WA315"

    TABLE_NOT_READABLE = "WA401"
    TABLE_SHAPE = "WA402"
    TABLE_CELL = "WA403"
    TABLE_GAP = "WA404"
    TABLE_OVERLAP = "WA405"
    TABLE_ROW_UNREACHED = "WA406"
    LAYER_ORDER = "WA407"
    RATE_CHANGED = "WA408"

    NOT_JSON = "WA501"
    UNKNOWN_EVENT_TYPE = "WA502"
    EVENT_FIELD = "WA503"
    EVENT_VALUE = "WA504"
    UNKNOWN_ISSUE = "WA505"
    UNKNOWN_DEAL_FACT = "WA506"
    BAD_INSTANT = "WA507"
    REPEATED_JSON_KEY = "WA508"
    UNKNOWN_SIGNAL = "WA509"
    UNKNOWN_EVENT_ROLE = "WA510"
    LINE_TOO_LONG = "WA511"
    ROLE_OF_ANOTHER = "WA512"

    NOT_OPENED = "WA601"
    OPENED_TWICE = "WA602"
    LATE = "WA603"
    ID_REUSED = "WA604"
    DEAL_CLOSED = "WA605"
    NOTHING_TO_ACCEPT = "WA606"
    LIMIT_LOOSENED = "WA607"
    FACT_FIXED = "WA608"
    NOT_IN_FORCE = "WA609"
    OTHER_POLICY = "WA610"
    WORTH_OUT_OF_RANGE = "WA611"
    WAIVER_REFUSED = "WA612"
    DEAL_NOT_FOLDED = "WA613"
    NOT_OWED = "WA614"
    OTHER_LINES = "WA615"

    NEVER_FIRES = "WA701"
    ALWAYS_HIDDEN = "WA702"
    UNUSED = "WA703"
    SAME_RULE = "WA704"
    DEAD_RULE = "WA705"
    HIDDEN_RULE = "WA706"
    OVERLAPPING_RULE = "WA707"
    CONTRADICTED_RULE = "WA708"
    UNCONDITIONAL = "WA709"
    DEAF_TO_ACCEPTANCES = "WA710"
    DEAF_TO_OFFERS = "WA711"
    COMPARED_WITH_LAST_SAID = "WA712"
    LIFTED_BY_REPETITION = "WA713"
    ENDLESS_WORTH = "WA714"
    SOLD_AGAIN = "WA715"
    IDLE_WALK = "WA716"
    NEVER_NEEDS_A_RATE = "WA717"
    APPROVAL_CROSSES_TERM = "WA718"

    @property
    def pattern(self) -> str:
        """Return the name of the pattern, as in `walk-past-want`."""
        return self.name.lower().replace("_", "-")


def page(code: Code) -> str:
    """Return the page of *code*: what it finds, why, a bad example and the same put right (Markdown)."""
    from pkgutil import get_data  # few ask for a page

    text = get_data(__name__, f"{code.value}.md")
    assert text is not None, "the pages lie beside this module"
    return text.decode()
