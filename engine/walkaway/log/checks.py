"""What is checked of every store that is opened, before anything is read from it or changed in it."""

from walkaway.language.values import shorten
from walkaway.log.problems import StoreProblem
from walkaway.log.schema import FORM
from walkaway.log.store import Store, check_numbers
from walkaway.log.verify.forms import FORMS, built, flaws, form_of, is_store, overlong


def check(store: Store, *, writable: bool, sound: bool) -> None:
    """See to it that this is a store, built as one of its form is, and of a form that may be written.

    Args:
        sound: Otherwise it may be built in any way, of a form that this release knows or of none.

    Raises:
        StoreProblem: Where it is not.
    """
    found = built(store)
    if not is_store(found):
        raise StoreProblem(f"{store.name} is no store of decisions")
    form = form_of(store, found)
    if form is not None and form not in FORMS:
        raise StoreProblem(
            f"{store.name} has tables of form {shorten(form)}; this release reads forms {' and '.join(FORMS)}"
        )
    if not sound:
        return
    wrong = flaws(store, form or FORM, found) or overlong(store, form or FORM, is_sound=True)
    if wrong or form is None:
        what = wrong[0] if wrong else "it names no form"
        raise StoreProblem(f"{store.name} is not built as a store is: {what}; `walkaway log verify` tells all")
    if writable and form != FORM:
        how = "which this release reads and does not write: `walkaway log upgrade --to NEW` copies it"
        raise StoreProblem(f"{store.name} has tables of form {form}, {how}")
    check_numbers(store)
