"""Whole journeys through the web app in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import expect

from tests.backend.conftest import PASSWORD
from tests.factories import unique
from tests.web.conftest import DESKTOP, House, Visit, Visiting

FIRST_LOAD = 200_000  # bytes of script and style, gzipped


async def signed_in(at: Visit, handle: str) -> None:
    await at.go("/sign-in")
    await at.page.get_by_label("Handle").fill(handle)
    await at.page.get_by_label("Password").fill(PASSWORD)
    await at.page.get_by_role("button", name="Sign in", exact=True).click()
    await at.page.wait_for_selector(".feed")


async def test_a_friend_joins_watches_and_answers(house: House, visit: Visiting) -> None:
    maya = await house.join("Maya")
    video = await house.published(maya, "bread, at last")
    code = (await maya.http.get("/invites")).json()["data"][0]["code"]
    leo, handle = await visit(), unique("leo")
    page = leo.page
    await leo.go(f"/join/{code}")
    await expect(page.get_by_text("invites you to Castmate")).to_be_visible()
    await leo.shot("join")
    await page.get_by_label("Name", exact=True).fill("Leo")
    await page.get_by_label("Handle").fill(f"@{handle}")
    await page.get_by_label("Date of birth").fill("1991-02-03")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Join").click()
    clip = page.get_by_role("article", name="A clip by Maya")
    await expect(clip).to_be_visible()
    await page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")
    await leo.shot("feed")
    await clip.get_by_role("button", name="Like").click()
    await expect(clip.get_by_role("button", name="Take the like back")).to_have_text("1")
    await clip.get_by_role("button", name="Comments").click()
    await page.get_by_role("textbox", name=re.compile("Say something at")).fill("one loaf for me")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("one loaf for me")).to_be_visible()
    await leo.shot("comments")
    await page.keyboard.press("Escape")
    told = (await maya.http.get(f"/videos/{video}/comments")).json()["data"]
    assert [(one["author"], one["text"]) for one in told] == [(handle, "one loaf for me")]
    assert told[0]["at_s"] is not None

    inbox = await visit(DESKTOP, "light")
    await signed_in(inbox, maya.handle)
    await inbox.page.get_by_role("link", name="Inbox").click()
    await expect(inbox.page.get_by_text(f"@{handle} commented on your clip")).to_be_visible()
    await inbox.shot("inbox-desktop")
    await inbox.page.get_by_role("link", name="Me", exact=True).click()
    await expect(inbox.page.get_by_text("1 friends")).to_be_visible()
    await inbox.shot("profile-desktop")


async def test_a_report_takes_the_clip_away_and_reaches_the_queue(house: House, visit: Visiting) -> None:
    maya, ada = await house.join("Noor"), await house.join("Ada", "moderator")
    leo = await house.join("Leo", code=(await maya.http.get("/invites")).json()["data"][0]["code"])
    video = await house.published(maya, "not nice", 0.2)
    at = await visit(DESKTOP, "light")
    await signed_in(at, leo.handle)
    clip = at.page.get_by_role("article", name="A clip by Noor")
    await clip.get_by_role("button", name="More").click()
    await at.page.get_by_role("button", name="Report").click()
    await at.shot("report")
    await at.page.get_by_label("Hateful").check()
    await at.page.get_by_role("button", name="Send report").click()
    await expect(clip).to_have_count(0)
    queue = (await ada.http.get("/moderation/queue")).json()["data"]
    assert video in [one["subject"]["id"] for one in queue]


async def test_what_was_typed_wrongly_is_said_where_it_stands(house: House, visit: Visiting) -> None:
    maya = await house.join("Maya")
    at = await visit()
    at.expected |= {"/v1/sessions", "/v1/accounts", "/v1/invites/NOTACODE"}
    await at.go("/")
    await at.page.wait_for_url("**/app/sign-in**")
    await at.page.get_by_label("Handle").fill(maya.handle)
    await at.page.get_by_label("Password").fill("not her password")
    await at.page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(at.page.get_by_text("Handle or password is not right.")).to_be_visible()
    await at.shot("sign-in")
    await at.go("/join/NOTACODE")
    await at.page.get_by_label("Name", exact=True).fill("Leo")
    await at.page.get_by_label("Handle").fill(unique("leo"))
    await at.page.get_by_label("Date of birth").fill("1991-02-03")
    await at.page.get_by_label("Password").fill(PASSWORD)
    await at.page.get_by_role("button", name="Join").click()
    await expect(at.page.get_by_label("Invitation code")).to_have_attribute("aria-invalid", "true")


async def test_a_line_is_typed_looked_at_and_made(house: House, visit: Visiting) -> None:
    maya = await house.join("Maya")
    at = await visit()
    at.expected |= {"/permission?prompt=%40nobody.here%20sings"}
    await signed_in(at, maya.handle)
    await at.page.get_by_role("link", name="Make", exact=True).click()
    box = at.page.get_by_label("What happens")
    await box.fill("@nobody.here sings")
    await box.press("Home")
    await expect(at.page.get_by_text("Nobody here is called that.")).to_be_visible()
    await box.fill("a lighthouse in the fog")
    await at.page.get_by_role("button", name="4 s").click()
    await at.page.get_by_role("button", name="See the shots").click()
    await expect(at.page.locator(".shot").first).to_be_visible()
    await at.shot("make")
    await at.page.get_by_role("button", name="Make it").click()
    await expect(at.page.get_by_text("Waiting for its turn")).to_be_visible()
    await at.shot("making")
    await at.page.get_by_role("button", name="Stop").click()
    await expect(at.page.get_by_text("It does not count towards today's clips.")).to_be_visible()
    assert (await maya.http.get("/me/quota")).json()["used"] == 0


async def test_without_a_network_the_shell_is_there_and_says_so(house: House, visit: Visiting) -> None:
    maya = await house.join("Maya")
    at = await visit()
    await signed_in(at, maya.handle)
    await at.page.evaluate("navigator.serviceWorker.ready")
    await at.page.reload()
    await at.page.wait_for_selector(".feed")
    await at.page.context.set_offline(True)
    await at.page.reload()
    await expect(at.page.get_by_text("There is no connection.")).to_be_visible()
    assert {one.split(" ")[-1] for one in at.wrong} <= {"net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED"}
    at.wrong.clear()


def test_the_first_load_is_small(shell: dict[str, int]) -> None:
    assert {"js/app.js", "style/app.css", "vendor/htm-preact.js", "api/client.js"} <= set(shell)
    assert sum(shell.values()) <= FIRST_LOAD, shell


def test_what_the_page_loads_first_is_all_that_its_first_module_needs(shell: dict[str, int]) -> None:
    """No phone walks the tree of imports over a slow network."""
    folder = Path(__file__).parent.parent.parent / "backend" / "web"
    wanted, seen = ["js/app.js"], set()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        file = folder / name if name.startswith("api/") else folder / "app" / name
        for found in re.findall(r'^(?:import|export) .*?from "(\.[^"]+)"', file.read_text("utf-8"), re.MULTILINE):
            path = (Path("/") / name).parent / found
            part = str(Path(*_flat(path.parts)))
            if part not in seen:
                wanted.append(part)
    assert seen <= set(shell)


def _flat(parts: tuple[str, ...]) -> list[str]:
    kept: list[str] = []
    for one in parts[1:]:
        if one == "..":
            kept.pop()
        elif one != ".":
            kept.append(one)
    return kept
