# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person does with a mouse, in headless Chromium."""
import shutil

import pytest

from entities import item
from real_wiki import needs_standins
from runner_process import wait_until

selenium = pytest.importorskip("selenium", reason="SKIPPED, NOT PROVEN: python3-selenium is missing")
# pylint: disable=wrong-import-position
from selenium.webdriver import Chrome, ChromeOptions  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402


@pytest.fixture(scope="module")
def browser(house, tmp_path_factory):
    """One that is logged in."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("SKIPPED, NOT PROVEN: chromium and chromium-driver are missing")
    options = ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--no-proxy-server", f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(argument)
    chrome = Chrome(service=Service(driver), options=options)
    try:
        chrome.set_page_load_timeout(60)
        chrome.get(house.wiki.url + "/index.php/Special:Version")
        for cookie in house.wiki.cookies:
            chrome.add_cookie({"name": cookie.name, "value": cookie.value, "path": cookie.path})
        yield chrome
    finally:
        chrome.quit()


def button(browser):
    return browser.find_element(By.CSS_SELECTOR, ".constraintrunner-recheck input[type=submit]")


def test_a_click_on_check_again_checks_again(house, browser):
    revision = house.wiki.save(item("Q520", values=("a", "b")))
    before = house.wait_for("Q520", revision)
    browser.get(house.wiki.url + "/index.php/Special:ConstraintReport/Q520")
    shown = browser.find_element(By.CSS_SELECTOR, ".constraintrunner-checked").text
    assert f"{revision}" in shown
    button(browser).click()
    after = house.until(lambda: house.row("Q520")[3] > before[3] and house.row("Q520"))
    assert after[0] == revision and after[1] == "native"
    wait_until(lambda: browser.find_elements(By.CSS_SELECTOR, ".constraintrunner-checked"))
    assert browser.current_url.endswith("Special:ConstraintReport/Q520")


@needs_standins
def test_a_click_in_the_work_list_leads_back_to_the_list(house, browser):
    revision = house.wiki.save(item("Q521", values=("a", "b")))
    before = house.wait_for("Q521", revision)
    browser.get(house.wiki.url + "/index.php?title=Special:ConstraintViolations&entity=Q521")
    button(browser).click()
    house.until(lambda: house.row("Q521")[3] > before[3])
    wait_until(lambda: "ConstraintViolations" in browser.current_url)
    assert "entity=Q521" in browser.current_url
    assert "label of Q521" in browser.find_element(By.TAG_NAME, "body").text
