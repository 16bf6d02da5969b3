#!/usr/bin/env python3
"""The page as a browser has it: Debian's Chromium (`chromium-driver`, `python3-selenium`) without a window.

`e2e/page.py` looks at it while events come: figures move, light and dark, the width of a phone, the keyboard, the
login, and a dead letter that tries to be script. `e2e/page.py --screenshots` writes docs/images as well.
"""

import argparse
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from e2e.harness.checks import require, wait_for
from e2e.harness.postgres import Postgres
from e2e.harness.program import ROOT, main, work_folder
from e2e.harness.service import Service

IMAGES = ROOT / "docs" / "images"
SECONDS = 30
USERS = {"SLUICE_ADMIN_USERS_ANN_PASSWORD": "{noop}open sesame", "SLUICE_ADMIN_USERS_ANN_ROLES": "look, replay",
         "SLUICE_ADMIN_USERS_BOB_PASSWORD": "{noop}replay",
         "SLUICE_ADMIN_USERS_BOB_ROLES": "replay"}
HOSTILE = '{"message": <img src=x onerror="window.wasRun=1"><script>window.wasRun=1</script>\u202e\x1b[31m'
CONTRAST = """
    const rgb = (text) => text.match(/[0-9.]+/g).slice(0, 3).map((each) => {
        const part = each / 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; });
    const light = (text) => { const [r, g, b] = rgb(text); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const ground = (at) => { for (let e = at; e; e = e.parentElement) {
        const back = getComputedStyle(e).backgroundColor; if (!/, 0\\)$|transparent/.test(back)) return back; } };
    const poor = [];
    for (const each of document.querySelectorAll('h1, h2, h3, p, dt, dd, th, td, li, a, button, label, code')) {
        if (!each.offsetParent || !each.textContent.trim()) continue;
        const [a, b] = [light(getComputedStyle(each).color), light(ground(each))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(each.textContent.trim().slice(0, 40)); }
    return poor;"""


class Events(threading.Thread):
    """A shipper that sends some lines each moment."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.running = port, True

    def run(self):
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            while self.running:
                connection.sendall(b"<14>1 - web-1 shop - - - an order was placed\n" * 40)
                time.sleep(0.05)


class Page:
    """A browser that shows the page."""

    def __init__(self, address):
        options = webdriver.ChromeOptions()
        for option in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                       "--window-size=1200,1500"):
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options)
        self.driver.get(address)

    def text(self, name):
        return self.driver.find_element(By.ID, name).text

    def is_shown(self, name):
        return self.driver.find_element(By.ID, name).is_displayed()

    def run(self, script):
        return self.driver.execute_script(script)

    def colours(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def width(self, pixels, height=800):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 600})

    def log_in(self, name, password):
        fields = [self.driver.find_element(By.NAME, each) for each in ("username", "password")]
        for field, text in zip(fields, (name, password)):
            field.clear()
            field.send_keys(text)
        fields[-1].send_keys(Keys.ENTER)

    def screenshot(self, name):
        self.driver.save_screenshot(str(IMAGES / name))

    def tab(self):
        """What has the focus after the tabulator, and whether that is seen."""
        self.driver.switch_to.active_element.send_keys(Keys.TAB)
        return self.run("""const at = document.activeElement; const style = getComputedStyle(at);
            if (at === document.body) return ['', true];
            const labels = ['id', 'name', 'aria-labelledby', 'href'].map((each) => at.getAttribute(each));
            return [labels.find((each) => each) || at.textContent, style.outlineStyle !== 'none'];""")


def look(page, service, events):
    wait_for("the first picture", lambda: page.text("state") == "ready", SECONDS)
    require("a newcomer is told what to send", page.is_shown("first") and str(service.port) in page.text("send"))
    events.start()
    wait_for("figures that move", lambda: page.text("in-events") not in ("–", "0/s"), SECONDS)
    before = page.text("out-total")
    wait_for("more is stored", lambda: page.text("out-total") != before, SECONDS)
    wait_for("its connection", lambda: "127.0.0.1 main syslog 1 may send" in page.text("connections"), SECONDS)
    wait_for("its bytes", lambda: "127.0.0.1" in page.text("sources"), SECONDS)
    require("figures move while events come", not page.is_shown("first"))


def check_keyboard(page):
    page.run("document.activeElement.blur()")
    order, unseen = [], []
    for _ in range(30):
        name, is_seen = page.tab()
        if not name or name in order:
            break  # past the last one, or around
        order.append(name)
        unseen += [] if is_seen else [name]
    wanted = ["#main", "ports", "who", "top", "slow", "username", "password", "Log in"]
    require("the keyboard reaches everything in the order of the page",
            [each for each in order if each in wanted] == wanted, order)
    require("and shows where it is", not unseen, unseen)


def check_login(page):
    require("a stranger sees a login and no dead letter", page.is_shown("login") and not page.is_shown("letters"))
    page.log_in("ann", "a guess")
    wait_for("no", lambda: "has this password" in page.text("contents-say"), SECONDS)
    page.log_in("ann", "open sesame")
    wait_for("the letters", lambda: page.is_shown("letters") and "malformed_json" in page.text("letters"), SECONDS)
    require("who is logged in is said", "ann" in page.text("user") and not page.is_shown("login"))
    require("the focus is where it goes on",
            page.run("return document.activeElement.id") == "letters-again")


def check_hostile_letter(page):
    shown = page.text("letters")
    parts = ("<img src=x", "<script>", "\\u{202e}", "\\u{1b}[31m")
    require("a dead letter is text", all(part in shown for part in parts), shown)
    made = page.run("return document.querySelectorAll('#letters img, #letters script').length")
    require("and nothing of it is run", made == 0 and page.run("return window.wasRun === undefined"), made)


def check_tail(page, service):
    field = page.driver.find_element(By.CSS_SELECTOR, "#tail [name=app]")
    field.send_keys("sh*", Keys.ENTER)
    wait_for("events as they come", lambda: "info web-1 shop an order was placed" in page.text("tail-lines"), SECONDS)
    field.clear()
    page.driver.find_element(By.ID, "tail-go").click()
    wait_for("its end", lambda: page.text("tail-go") == "Show events", SECONDS)
    page.driver.find_element(By.CSS_SELECTOR, "#tail [name=text]").send_keys("wasRun", Keys.ENTER)
    wait_for("it waits", lambda: page.text("tail-say") == "Waiting for events.", SECONDS)
    deadline = time.monotonic() + SECONDS
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        while "wasRun" not in page.text("tail-lines") and time.monotonic() < deadline:
            connection.sendall(f"<14>1 - web-1 shop - - - {HOSTILE[12:]}\n".encode())
            time.sleep(0.2)
    shown = page.text("tail-lines")
    require("an event is text", "<img src=x" in shown and "\\u{202e}\\u{1b}[31m" in shown, shown)
    made = page.run("return document.querySelectorAll('#tail-lines *').length")
    require("and nothing of it is run", made == 0 and page.run("return window.wasRun === undefined"), made)
    page.driver.find_element(By.ID, "tail-go").click()
    wait_for("its end", lambda: page.text("tail-go") == "Show events", SECONDS)
    page.driver.find_element(By.CSS_SELECTOR, "#tail [name=text]").clear()


def check_replay(page, postgres):
    """The hostile letter cannot be stored now either; the one that was mended comes back when it is applied."""
    postgres.execute("INSERT INTO dead_letter (received_at, source, listener, protocol, reason, payload)"
                     " VALUES (now(), 'a', 'main', 'json', 'malformed_json', '{\"message\":\"mended <b>\"}')")
    require("applying is not offered before it was looked at", not page.is_shown("replay-apply"))
    page.driver.find_element(By.ID, "replay-look").click()
    wait_for("what would happen", lambda: "1 dead letters as 1 events; 1 stay" in page.text("replay-say"), SECONDS)
    require("nothing is changed by that", "Nothing was changed" in page.text("replay-say"))
    require("an example is text", "mended <b>" in page.text("replay-outcomes"), page.text("replay-outcomes"))
    page.driver.find_element(By.ID, "replay-apply").click()
    wait_for("it is done", lambda: "Replayed 1 dead letters" in page.text("replay-say"), SECONDS)
    wait_for("it is stored", lambda: postgres.connect().number(
        "SELECT count(*) FROM log_event WHERE message = 'mended <b>'") == 1, SECONDS)


def check_looks(page, shots):
    grounds = []
    for scheme in ("light", "dark"):
        page.colours(scheme)
        grounds.append(page.run("return getComputedStyle(document.body).backgroundColor"))
        poor = page.run(CONTRAST)
        require(f"all text can be read in {scheme}", not poor, poor)
        if shots:
            time.sleep(3)
            page.screenshot(f"page-{scheme}.png")
    require("light and dark differ", grounds[0] != grounds[1], grounds)
    page.colours("light")
    for width in (320, 390, 768):
        page.width(width)
        wide = page.run("return document.documentElement.scrollWidth")
        require(f"no sideways scrolling at {width} pixels", wide <= width, wide)
        if shots and width == 390:
            page.screenshot("page-phone.png")
    page.width(1200, 1500)


def check_logout(page):
    page.driver.find_element(By.ID, "logout").click()
    wait_for("the login again", lambda: page.is_shown("login"), SECONDS)
    left = page.run("return document.querySelector('#letters tbody').textContent"
                    " + document.getElementById('tail-lines').textContent")
    require("after the logout nothing of letters and events is left", left == "", left)


def check_log(page):
    said = [entry["message"] for entry in page.driver.get_log("browser")
            if entry["level"] == "SEVERE" and "status of 401" not in entry["message"]]
    require("the browser complains about nothing", not said, said)


def work():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--screenshots", action="store_true", help="write docs/images")
    shots = parser.parse_args().screenshots
    with work_folder("page") as folder, Postgres(folder) as postgres, Service(folder, postgres, USERS) as service:
        begin = time.monotonic()
        events, page = Events(service.port), Page(f"http://127.0.0.1:{service.http_port}/")
        try:
            look(page, service, events)
            with socket.create_connection(("127.0.0.1", service.port)) as connection:
                connection.sendall(b'{"message":"fine"}\n' + HOSTILE.encode() + b"\n")
            wait_for("a dead letter", lambda: page.text("dead") == "1", SECONDS)
            check_keyboard(page)
            check_login(page)
            check_tail(page, service)
            check_hostile_letter(page)
            check_replay(page, postgres)
            check_looks(page, shots)
            check_logout(page)
            check_log(page)
        finally:
            events.running = False
            page.driver.quit()
        if events.is_alive():
            events.join(5)
        print(f"passed in {time.monotonic() - begin:.0f} s")
    return 0


if __name__ == "__main__":
    main(work)
