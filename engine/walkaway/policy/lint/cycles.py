"""Order names so that each stands behind those it needs; names that need themselves are shown as a circle."""

from collections.abc import Collection, Mapping

MOST_SHOWN = 8


def ordered(needs: Mapping[str, Collection[str]]) -> tuple[list[str], list[list[str]]]:
    """Return the names that can be ordered, and each circle with its first name again at its end.

    Args:
        needs: Name → the names it needs; others than its keys are left out.
    """
    from graphlib import CycleError, TopologicalSorter  # only for policies that define something

    left = {name: [n for n in sorted(needed) if n in needs] for name, needed in needs.items()}
    circles: list[list[str]] = []
    while True:
        try:
            return list(TopologicalSorter(left).static_order()), circles
        except CycleError as error:
            circle: list[str] = error.args[1][::-1]
            start = circle.index(min(circle))
            circles.append([*circle[start:-1], *circle[:start], circle[start]])
            left = {n: [o for o in others if o not in circle] for n, others in left.items() if n not in circle}


def shown(circle: list[str]) -> str:
    """Show a circle, a long one shortened."""
    return " → ".join(circle if len(circle) <= MOST_SHOWN else [*circle[: MOST_SHOWN - 1], "…", circle[-1]])
