"""How `just site` builds the documentation: Sphinx over the Markdown of the repository, with a search for its names.

`sphinx-build -c docs . build/site` is all there is to it; the pages are opened from the disk, the search too.
"""

import re
from itertools import chain

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

project = "walkaway"
author = "walkaway developers"
copyright = "walkaway developers"  # noqa: A001
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "engine/README.md",
    "engine/DECISIONS.md",
    "engine/walkaway/language/codes/*.md",
    "features/calculus/README.md",
    "findings/README.md",
    "tests/benchmarks/README.md",
    "tests/hunt/README.md",
]
exclude_patterns = [".venv", "build", "dist", "node_modules"]
suppress_warnings = ["misc.highlighting_failure", "toc.not_included"]
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
html_theme = "furo"
html_title = "walkaway"
html_show_sphinx = False
html_copy_source = False
html_extra_path = ["site"]


UNSEARCHED = ("CHANGELOG", "engine/DECISIONS")
"""Long pages of record, in which every word stands: they are read, and not searched."""


class WordsAndNames(SearchEnglish):
    """English, and names by their parts and as a whole: `as-of` too, of which both parts are stop words."""

    js_splitter_code = """
    var splitQuery = (query) => {
      const words = query.split(/[^\\p{L}\\p{N}_]+/u).filter((word) => word);
      const names = query.match(/[\\p{L}\\p{N}_]+(?:[.-][\\p{L}\\p{N}_]+)+/gu) || [];
      const unheard = words.length > 1 && words.every((word) => stopwords.has(word.toLowerCase()));
      return [...words, ...names.map((name) => name.replace(/[.-]/g, "_")), ...(unheard ? [words.join("_")] : [])];
    };
    """
    _name = re.compile(r"\w+(?:[.-]\w+)+")

    def split(self, input: str) -> list[str]:  # noqa: A002
        """Return the words of a text, and the names in it, joined."""
        names = (re.sub("[.-]", "_", name) for name in self._name.findall(input))
        return list(chain(super().split(input), names))


def leave_out(app: Sphinx, doctree: nodes.document) -> None:
    """Keep pages of record out of the search."""
    if app.env.docname in UNSEARCHED:
        app.env.metadata[app.env.docname]["nosearch"] = True


def setup(app: Sphinx) -> None:
    """Put the search to use."""
    app.add_search_language(WordsAndNames)
    app.config.html_search_language = "en"
    app.connect("doctree-read", leave_out)
