# Over 400 lines: every screen is looked at with the same server, browser and signed-in people.
"""The pages in Chromium: every screen in both themes and at both widths, with and without scripts, and by keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "playwright"):
    pytest.importorskip(name, reason="the extras `serve` and `browser` are not installed")

from playwright.sync_api import Browser, Page, expect  # noqa: E402
from tests.helpers.browsing import AXE, CHROMIUM, SCREENS, Seen, opened_as, violations, visit  # noqa: E402
from tests.helpers.screens import serving_the_example  # noqa: E402
from tests.helpers.serving import POLICY, Client, Server, new_token  # noqa: E402

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

DEAL = "/deals/D-1042"
ASKED = f"{DEAL}?t.discount=19.5%25"
ROLES = tuple(SCREENS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server over the example deal, in which an approval was asked for."""
    with serving_the_example(tmp_path_factory.mktemp("pages")) as found:
        yield found


@pytest.fixture(scope="module")
def states(server: Server, browser: Browser) -> dict[str, Any]:
    """Return the cookies of each role's visit."""
    roles = {"rep": ("rep", "ana"), "approver": ("approver:director", "dana"), "auditor": ("auditor", "otto")}
    roles |= {"sales-ops": ("sales-ops", "sara"), "customer": ("customer", "cora")}
    return {
        role: opened_as(browser, server.url, new_token(server.folder, words, sub=sub))
        for role, (words, sub) in roles.items()
    }


@pytest.fixture
def rep(server: Server, browser: Browser, states: dict[str, Any]) -> Iterator[Page]:
    """Return a rep's page, at a desk."""
    with visit(browser, states["rep"], width=1280) as (page, _):
        yield page


@pytest.mark.skipif(AXE is None, reason="WALKAWAY_AXE names no axe-core")
@pytest.mark.parametrize("role", ROLES)
def test_every_screen_can_be_used_by_everybody(
    server: Server, browser: Browser, states: dict[str, Any], role: str
) -> None:
    """Nothing is found against WCAG 2.2 AA or good practice, in both themes, on a phone and at a desk."""
    with visit(browser, states.get(role), width=360, trusting=True) as (page, _):
        for path in SCREENS[role]:
            page.goto(server.url + path)
            for details in page.locator("details").all():
                details.evaluate("each => each.open = true")
            assert violations(page) == [], path


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("role", ROLES)
def test_a_screen_fits_and_speaks_to_nobody_else(
    server: Server, browser: Browser, states: dict[str, Any], role: str, scripted: bool
) -> None:
    """No sideways scroll, down to 320 px (400 % zoom); no request off origin or that fails, no word on the console."""
    with visit(browser, states.get(role), width=1280, scripted=scripted) as (page, seen):
        for path in SCREENS[role]:
            response = page.goto(server.url + path)
            assert response is not None
            assert response.status == 200, path
            for width in (1280, 360, 320):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert page.title().endswith("walkaway")
            assert page.locator("h1").count() == 1
            assert not any(each.is_visible() for each in page.locator("[hidden]").all()), path
        assert seen == Seen()


def test_pages_are_small(server: Server) -> None:
    """Scripts and style stay a few thousand bytes."""
    client = Client(server.url)
    assert len(client.get("/static/page.js").body) < 8_000
    assert len(client.get("/static/style.css").body) < 12_000


def test_no_page_lets_another_site_in(server: Server, rep: Page) -> None:
    """Each is sent with a policy that allows its own server only, and cannot be framed."""
    response = rep.goto(server.url + DEAL)
    assert response is not None
    said = response.headers["content-security-policy"]
    assert "default-src 'self'" in said
    assert "frame-ancestors 'none'" in said
    assert rep.evaluate("document.querySelectorAll('[style], style, script:not([src])').length") == 0
    assert rep.context.cookies()[0]["httpOnly"]


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "no scripts"])
def test_an_offer_is_checked_and_its_address_keeps_the_question(
    server: Server, browser: Browser, states: dict[str, Any], scripted: bool
) -> None:
    """With scripts the answer comes while somebody types; without them by the button; the link is the question."""
    with visit(browser, states["rep"], width=1280, scripted=scripted) as (page, _):
        page.goto(server.url + DEAL)
        page.get_by_label("Discount", exact=True).first.fill("19.5%")
        if not scripted:
            page.get_by_role("button", name="Check").click()
        page.get_by_role("status").get_by_text("ESCALATE").wait_for()
        assert "t.discount=19.5%25" in page.url
        for text in ("near-the-floor", "Would pass instead", "director: must cover discount 19.5%"):
            page.locator("#answer").get_by_text(text).first.wait_for()
        address = page.url
        page.goto(address)
        assert page.get_by_role("status").inner_text().startswith("▲ ESCALATE")
        assert page.get_by_label("Discount", exact=True).first.input_value() == "19.5%"


def test_an_untouched_form_asks_for_nothing(server: Server, rep: Page) -> None:
    """What stands in the fields is where we stand: no field changes a value on its way."""
    rep.goto(server.url + DEAL)
    rep.get_by_role("button", name="Check").click()
    rep.wait_for_url("**act=offer**")
    assert rep.get_by_role("status").count() == 0
    assert [f.input_value() for f in rep.locator("#check input[inputmode]").all()] == ["18.5%", "36 months"]


def test_an_answer_that_was_overtaken_is_dropped(server: Server, rep: Page) -> None:
    """Of two questions the later decides what is shown, whichever is answered first."""
    rep.goto(server.url + DEAL)
    held: list[Any] = []

    def late(route: Any) -> None:
        if "19.5" in route.request.url and not held:
            held.append(route)
        else:
            route.continue_()

    rep.route("**part=answer**", late)
    field = rep.get_by_label("Discount", exact=True).first
    field.fill("19.5%")
    while not held:
        rep.wait_for_timeout(50)
    field.fill("30%")
    rep.get_by_role("status").get_by_text("REFUSE").wait_for()
    held[0].continue_()
    rep.wait_for_timeout(500)
    assert "REFUSE" in rep.get_by_role("status").inner_text()
    assert "30%25" in rep.url


def test_what_is_wrong_stands_at_its_field(server: Server, rep: Page) -> None:
    """A value that cannot be read is told under its field, which says so to a screen reader too."""
    rep.goto(f"{server.url}{DEAL}?t.discount=12&t.term=soon")
    field = rep.get_by_label("Discount", exact=True).first
    assert field.get_attribute("aria-invalid") == "true"
    told = [rep.locator(f"#{i}").inner_text() for i in str(field.get_attribute("aria-describedby")).split()]
    assert "discount: 12 is not a percentage; write 12%" in told
    assert rep.locator("p.wrong").count() == 2
    assert field.input_value() == "12"


def test_copying_takes_the_sentence_and_nothing_else(server: Server, browser: Browser, states: dict[str, Any]) -> None:
    """On the clipboard is exactly what may be said."""
    with visit(browser, states["rep"], width=1280) as (page, _):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(server.url + ASKED)
        page.get_by_role("button", name="Copy the sentence").first.click()
        page.get_by_role("button", name="Copied").wait_for()
        said = page.locator("blockquote p").first.inner_text()
        assert page.evaluate("navigator.clipboard.readText()") == said


def test_a_shared_screen_shows_nothing_that_was_told(server: Server, rep: Page) -> None:
    """No limit, reason, approval, room or verdict stands on the page that the other side sees."""
    rep.goto(f"{server.url}{DEAL}?audience=customer&t.discount=19.5%25")
    shown = rep.locator("main").inner_text() + rep.content()
    assert "Our offer stands" in shown
    for told in ("near-the-floor", "escalate", "ESCALATE", "director", "20%", "80,000", "Room", "needed", "sha256"):
        assert told not in shown, told


@pytest.mark.parametrize(
    ("deal", "width", "scripted"), [("D-desk", 1280, True), ("D-phone", 360, False)], ids=["desk", "phone"]
)
def test_a_deal_is_played_from_its_opening_to_its_end(
    server: Server, browser: Browser, states: dict[str, Any], deal: str, width: int, scripted: bool
) -> None:
    """A rep opens it, records, asks; a director approves; what was sent is allowed, and the deal is won."""
    with (
        visit(browser, states["rep"], width=width, scripted=scripted) as (rep, _),
        visit(browser, states["approver"], width=width, scripted=scripted) as (dana, _),
    ):
        rep.goto(server.url + "/deals")
        rep.get_by_text("Open a deal").click()
        rep.get_by_label("Name of the deal").fill(deal)
        rep.get_by_label("List price").fill("100,000 USD")
        rep.get_by_label("Segment").select_option("enterprise")
        rep.get_by_role("group", name="Decision maker known").get_by_label("yes").check()
        rep.get_by_role("button", name="Open the deal").click()
        rep.get_by_role("heading", name=deal, level=1).wait_for()
        for discount in ("30%", "25%"):
            rep.get_by_text("Record what they did").click()
            rep.locator("details").get_by_label("Discount").fill(discount)
            rep.get_by_role("button", name="Record it").click()
            rep.get_by_role("cell", name=f"discount {discount}").wait_for()

        _offer(rep, scripted, discount="9%", term="36 months")
        rep.get_by_role("status").get_by_text("ESCALATE").wait_for()
        rep.get_by_label("A word to whoever approves").fill("They sign this week.")
        rep.get_by_role("button", name="Ask manager for approval").click()
        rep.get_by_text("asks manager").first.wait_for()

        dana.goto(server.url + "/approvals")
        card = dana.locator("article").filter(has=dana.get_by_role("link", name=deal))
        card.get_by_label("Until").fill("2036-12-31")
        card.get_by_role("button", name="Approve").click()
        dana.get_by_text(f"{deal}: discount 9%").wait_for()

        rep.goto(f"{server.url}/deals/{deal}")
        _offer(rep, scripted, discount="9%", term="36 months")
        rep.get_by_role("status").get_by_text("PROCEED").wait_for()
        rep.get_by_role("button", name="Record as sent", exact=True).click()
        rep.get_by_role("cell", name="discount 9%").first.wait_for()
        rep.get_by_text("Record what they did").click()
        rep.get_by_label("accept our offer").check()
        rep.get_by_role("button", name="Record it").click()
        rep.get_by_role("cell", name="accept").first.wait_for()
        rep.get_by_text("Close the deal").click()
        rep.get_by_label("won").check()
        rep.get_by_role("button", name="Close it for good").click()
        rep.get_by_text("over, won").wait_for()
    events = server.client("auditor", sub="otto").get(f"/v1/deals/{deal}/events").json["events"]
    assert [e["verdict"] for e in events][-3:] == ["proceed"] * 3
    assert {e["actor"] for e in events if e["by"] != "them"} <= {"ana", ""}


def _offer(page: Page, scripted: bool, **terms: str) -> None:
    for issue, value in terms.items():
        page.locator("#check").get_by_label(issue.capitalize()).fill(value)
    terms_said = page.locator("#check").get_by_role("group", name="Prepay")
    terms_said.get_by_label("yes").check()
    if not scripted:
        page.get_by_role("button", name="Check").click()


def test_a_form_that_is_sent_twice_records_once(server: Server, rep: Page) -> None:
    """The same form again finds the same event; one of a deal that has moved on records nothing, and says so."""
    ana = server.client("rep")
    ana.opens("D-form")
    rep.goto(f"{server.url}/deals/D-form?t.term=24+months")
    form = rep.locator("form").filter(has=rep.get_by_role("button", name="Record as sent", exact=True))
    fields = {str(f.get_attribute("name")): f.input_value() for f in form.locator("input").all()}
    address, sent = server.url + str(form.get_attribute("action")), {"Origin": server.url}
    for _ in range(2):
        assert rep.request.post(address, form=fields, headers=sent).status == 200
    assert len(ana.get("/v1/deals/D-form").json["events"]) == 2
    late = rep.request.post(address, form={**fields, "event": "w-other"}, headers=sent)
    assert (late.status, "has moved on" in late.text()) == (412, True)
    assert len(ana.get("/v1/deals/D-form").json["events"]) == 2


def test_the_rep_of_a_deal_cannot_approve_on_the_page(server: Server, browser: Browser) -> None:
    """Where somebody asked themselves, the page says why there is no button."""
    both = opened_as(browser, server.url, new_token(server.folder, "rep", "approver:cfo", sub="Ana"))
    with visit(browser, both, width=1280) as (page, _):
        page.goto(server.url + "/approvals")
        card = page.locator("article").filter(has=page.get_by_role("link", name="D-1042"))
        card.get_by_text("You cannot approve this: you asked for this approval yourself.").wait_for()
        assert card.get_by_role("button").count() == 0


def test_the_keyboard_reaches_everything_in_order(server: Server, rep: Page) -> None:
    """Tab goes from the content link through the form to the button; Enter checks; no focus is hidden by the bar."""
    rep.goto(server.url + ASKED)
    reached = []
    for _ in range(24):
        rep.keyboard.press("Tab")
        reached.append(
            rep.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()")
        )
        inside = rep.evaluate(
            "(() => { const e = document.activeElement.getBoundingClientRect();"
            " const at = document.elementFromPoint(e.x + e.width / 2, e.y + e.height / 2);"
            " return at === null || document.activeElement.contains(at) || at.contains(document.activeElement); })()"
        )
        assert inside, reached
    order = [
        "Skip to the content",
        "Deals",
        "Approvals",
        "Decisions",
        "Leave",
        "for a shared screen",
        "Discount",
        "Term",
    ]
    order += ["yes", "yes", "Support", "offer this", "Check", "A word to whoever approves", "Ask director for approval"]
    assert reached[: len(order)] == order
    rep.get_by_label("Discount", exact=True).first.focus()
    rep.keyboard.press("Control+A")
    rep.keyboard.type("30%")
    rep.keyboard.press("Enter")
    rep.get_by_role("status").get_by_text("REFUSE").wait_for()


def test_colours_that_are_forced_hide_nothing(server: Server, browser: Browser, states: dict[str, Any]) -> None:
    """With the colours of the system, word and shape of the verdict still stand there."""
    with visit(browser, states["rep"], width=1280, forced=True) as (page, _):
        page.goto(server.url + ASKED)
        assert page.get_by_role("status").inner_text().startswith("▲ ESCALATE")
        assert page.get_by_role("button", name="Check").is_visible()


def test_what_is_printed_is_the_decision(server: Server, rep: Page) -> None:
    """On paper there are no controls, and the verdict with its reasons."""
    rep.goto(server.url + ASKED)
    rep.emulate_media(media="print")
    assert rep.get_by_role("status").is_visible()
    assert rep.get_by_text("near-the-floor").first.is_visible()
    assert not rep.get_by_role("button", name="Check").is_visible()
    assert rep.pdf()[:5] == b"%PDF-"


def test_auditors_read_the_very_lines_that_decided(server: Server, browser: Browser, states: dict[str, Any]) -> None:
    """From a search to a decision to the line of the policy as it was."""
    with visit(browser, states["auditor"], width=1280) as (page, _):
        page.goto(server.url + "/decisions")
        page.get_by_label("Rule").fill("near-the-floor")
        page.get_by_label("Deal").fill("D-1042")
        page.get_by_role("button", name="Find").click()
        page.get_by_text("sent anyway").wait_for()
        page.get_by_role("link", name="#6").click()
        page.get_by_text("when:").first.wait_for()
        text = (POLICY / "policy.yaml").read_text(encoding="utf-8")
        line = text.splitlines().index("  near-the-floor:") + 1
        page.get_by_role("link", name=f"policy.yaml:{line}").click()
        assert page.locator(":target").inner_text().strip() == "near-the-floor:"


def test_whoever_leaves_is_out(server: Server, browser: Browser) -> None:
    """After leaving, and with no token, every page leads to where a token is asked for."""
    state = opened_as(browser, server.url, new_token(server.folder, "rep", sub="gone"))
    with visit(browser, state, width=1280) as (page, _):
        page.goto(server.url + "/deals")
        page.get_by_role("button", name="Leave").click()
        page.wait_for_url("**/login")
        page.goto(server.url + DEAL)
        assert page.url.endswith("/login")
        page.get_by_label("Your token").fill("wa_nothing")
        page.get_by_role("button", name="Come in").click()
        page.get_by_role("alert").get_by_text("lets nobody in").wait_for()


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "no scripts"])
def test_a_customer_asks_by_the_button_alone(
    server: Server, browser: Browser, states: dict[str, Any], scripted: bool
) -> None:
    """Typing asks nothing, so that nothing is counted before the button is pressed; the answer is one sentence."""
    ana = server.client("rep")
    deal = f"D-asked-{scripted}"
    assert ana.opens(deal, party=f"Harbour {scripted}").status == 201
    with visit(browser, states["customer"], width=360, scripted=scripted) as (page, seen):
        page.goto(f"{server.url}/talks")
        page.get_by_role("link", name=deal).click()
        page.get_by_label("Discount").fill("39%")
        page.wait_for_timeout(300)
        assert len(ana.get(f"/v1/deals/{deal}/events").json["events"]) == 1
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.get_by_role("status")).to_have_text("We cannot agree to these terms as they stand.")
        expect(page.get_by_label("Discount")).to_have_value("39%")
        assert len(ana.get(f"/v1/deals/{deal}/events").json["events"]) == 2
        assert seen == Seen()
