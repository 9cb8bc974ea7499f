"""The page in a real browser against the fake server: what a trainee and an instructor see and do."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import SIZE, Site, log_in


def by(name: str) -> str:
    return f"[data-testid='{name}']"


def poll(page: Page, true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until something outside the page is true."""
    for _ in range(int(seconds * 20)):
        if true():
            return
        page.wait_for_timeout(50)
    raise AssertionError("did not become true")


def picture(page: Page) -> bytes:
    return page.locator(by("line-view")).locator("canvas").screenshot()


def test_wrong_token_is_told_beside_the_field(page: Page) -> None:
    page.fill("#token", "nonsense")
    page.press("#token", "Enter")
    expect(page.locator(by("login-error"))).to_contain_text("令牌不对")
    assert "/login" in page.url


def test_page_asks_for_a_log_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/bench")
    page.wait_for_url("**/login")


def test_line_moves_and_says_so_in_words(page: Page) -> None:
    log_in(page)
    expect(page.locator(by("station-sorting"))).to_contain_text("分拣")
    expect(page.locator(by("station-sorting"))).to_contain_text("运行")
    before = picture(page)
    page.wait_for_timeout(700)
    assert picture(page) != before
    poll(page, lambda: int(page.get_attribute(by("line-view"), "data-fps") or 0) > 0)
    assert int(page.get_attribute(by("line-view"), "data-fps") or 99) <= 32


def test_frozen_line_stands_still(page: Page) -> None:
    log_in(page, "instructor")
    page.click(by("freeze"))
    expect(page.locator(by("run"))).to_contain_text("冻结")
    page.wait_for_timeout(400)
    before = picture(page)
    page.wait_for_timeout(400)
    assert picture(page) == before
    then = page.inner_text(by("sim-time"))
    page.click(by("step-time"))
    expect(page.locator(by("sim-time"))).not_to_have_text(then)


def test_a_tag_changes_in_the_table(page: Page) -> None:
    log_in(page)
    page.fill(by("tag-filter"), "belt_current")
    expect(page.locator(by("tag-count"))).to_contain_text("5 /")
    row = page.locator(by("tag-sorting.belt_current"))
    expect(row).to_contain_text("A")
    before = row.inner_text()
    expect(row).not_to_have_text(before, use_inner_text=True)


def test_addresses_of_a_tag(page: Page) -> None:
    log_in(page)
    page.select_option(by("tag-station"), "sorting")
    page.fill(by("tag-filter"), "ejector_2_extend")
    page.click(by("tag-sorting.ejector_2_extend"))
    detail = page.locator(by("tag-detail"))
    expect(detail).to_contain_text("线圈")
    expect(detail).to_contain_text("linelab/smart-factory/sorting/ejector_2_extend/set")


def test_filter_without_match_says_what_to_do(page: Page) -> None:
    log_in(page)
    page.fill(by("tag-filter"), "zzz")
    page.click("text=清除筛选")
    expect(page.locator(by("tag-count"))).not_to_contain_text("0 /")


def test_part_is_taken_out_by_hand(page: Page) -> None:
    log_in(page)
    parts = page.locator(by("parts"))
    poll(page, lambda: parts.count() == 1 and parts.locator("option").count() > 1)
    parts.select_option("1")
    expect(page.locator(by("part-info"))).to_contain_text("输送带")
    page.click(by("remove-part"))
    expect(page.locator(by("toast"))).to_contain_text("已取出 1 号工件")
    expect(parts.locator("option[value='1']")).to_have_count(0)


def test_part_is_chosen_in_the_picture(page: Page) -> None:
    log_in(page)
    parts = page.locator(by("parts"))
    poll(page, lambda: parts.count() == 1 and parts.locator("option").count() > 1)
    canvas = page.locator(by("line-view")).locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    # somewhere along the belts there is a part: walk over the picture until one is hit
    for step in range(200):
        canvas.click(position={"x": 60 + (step % 100) * 12, "y": box["height"] * (0.5 if step < 100 else 0.47)})
        if parts.input_value():
            break
    assert parts.input_value()


def test_push_button_is_pressed_and_released(page: Page, site: Site) -> None:
    log_in(page)
    page.click(by("station-sorting") + " button")
    button = page.locator(by("panel-stop"))
    button.hover()
    page.mouse.down()
    poll(page, lambda: len(site.requests("panel")) == 1)
    assert site.requests("panel")[0] == {"station": "sorting", "element": "stop", "pressed": True}
    page.mouse.up()
    poll(page, lambda: len(site.requests("panel")) == 2)
    assert site.requests("panel")[1]["pressed"] is False
    expect(page.locator(by("station-sorting"))).to_contain_text("停止")


def test_bench_panel_by_keyboard_alone(page: Page, site: Site) -> None:
    log_in(page)
    reached: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.testid ?? ''"))
        if reached[-1] == "parts":
            break
    assert {"panel-start", "panel-stop", "panel-reset", "panel-estop", "key-modbus", "jog-output", "parts"} <= set(
        reached
    )
    page.focus(by("panel-stop"))
    page.keyboard.down("Space")
    page.keyboard.up("Space")
    poll(page, lambda: [b["pressed"] for b in site.requests("panel")] == [True, False])
    page.focus(by("panel-estop"))
    page.keyboard.press("Enter")
    expect(page.locator(by("panel-estop"))).to_have_attribute("aria-pressed", "true")
    expect(page.locator(by("station-infeed"))).to_contain_text("中止")


def test_tag_table_by_keyboard(page: Page) -> None:
    log_in(page)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.dataset.testid") == "tag-filter"
    page.focus(by("tags") + " [tabindex='0']")
    page.keyboard.press("End")
    last = page.evaluate("document.activeElement.dataset.testid")
    assert last.startswith("tag-storage.")
    page.keyboard.press("Enter")
    expect(page.locator(by("tag-detail"))).to_contain_text(last.removeprefix("tag-"))


def test_key_switch_says_what_happens_first(page: Page, site: Site) -> None:
    log_in(page)
    page.click(by("key-modbus"))
    expect(page.locator(by("confirm"))).to_contain_text("第一个经 Modbus 写入的客户端")
    page.keyboard.press("Escape")
    page.click(by("key-modbus"))
    page.click(by("confirm-yes"))
    expect(page.locator(by("key-modbus"))).to_have_attribute("aria-pressed", "true")
    assert site.requests("key") == [{"station": "infeed", "control": "modbus"}]
    expect(page.locator(by("jog-why"))).to_contain_text("内置程序")


def test_jog_one_output(page: Page, site: Site) -> None:
    log_in(page)
    expect(page.locator(by("jog-on"))).to_be_disabled()
    page.click(by("panel-stop"))
    page.select_option(by("jog-output"), "infeed.belt_run")
    expect(page.locator(by("jog-off"))).to_be_enabled()
    page.click(by("jog-off"))
    expect(page.locator(by("jog-now"))).to_have_text("0 ", use_inner_text=True)
    assert site.requests("jog") == [{"tag": "infeed.belt_run", "value": False}]


def test_refused_write_of_a_wire_is_told_in_words(page: Page, site: Site) -> None:
    log_in(page)
    wire = page.locator(by("wire-modbus"))
    expect(wire).to_contain_text("modbus://127.0.0.1:5020")
    expect(wire).to_contain_text("还没有客户端写入")
    site.happen("refused_write")
    expect(wire.locator(by("last-write"))).to_contain_text("该工作站由别人控制")
    expect(page.locator(by("wire-opcua"))).to_contain_text("trainee")


def test_password_is_shown_only_when_asked(page: Page) -> None:
    log_in(page)
    wire = page.locator(by("wire-opcua"))
    expect(wire).not_to_contain_text("trainee-token")
    wire.get_by_role("button", name="显示密码").click()
    expect(wire).to_contain_text("trainee-token")


def test_english_and_back(page: Page) -> None:
    log_in(page)
    page.click(by("lang"))
    expect(page.locator(by("station-sorting"))).to_contain_text("Execute")
    assert page.get_attribute("html", "lang") == "en"
    page.reload()
    expect(page.locator(by("connection"))).to_contain_text("Live")
    page.click(by("lang"))
    expect(page.locator(by("station-sorting"))).to_contain_text("运行")


def test_light_theme_is_kept(page: Page) -> None:
    log_in(page)
    page.click(by("theme"))
    page.reload()
    page.wait_for_selector(by("line-view"))
    assert page.get_attribute("html", "data-theme") == "light"


def test_gap_and_lost_connection_heal(page: Page, site: Site) -> None:
    log_in(page)
    site.happen("gap")
    page.click(by("panel-stop"))
    expect(page.locator(by("station-infeed"))).to_have_attribute("data-state", "2")
    site.happen("drop")
    page.wait_for_selector("[data-testid=connection][data-state=lost]")
    expect(page.locator(by("panel-start"))).to_be_disabled()
    page.wait_for_selector("[data-testid=connection][data-state=live]")
    expect(page.locator(by("panel-start"))).to_be_enabled()


def test_instructor_fires_and_ends_a_fault(page: Page, site: Site) -> None:
    log_in(page, "instructor")
    page.select_option(by("fault"), "photo_eye_stuck")
    page.select_option(by("figure-value"), "false")
    page.click(by("fire"))
    active = page.locator(by("active-faults"))
    expect(active).to_contain_text("光电传感器卡滞")
    assert site.requests("faults") == [{"fault": "photo_eye_stuck", "target": "sorting.eye_in", "value": False}]
    active.get_by_role("button", name="结束").click()
    expect(active).to_contain_text("没有进行中的故障")


def test_instructor_resets_to_the_start(page: Page) -> None:
    log_in(page, "instructor")
    page.wait_for_timeout(1500)
    page.click(by("reset"))
    page.click(by("confirm-yes"))
    expect(page.locator(by("sim-time"))).to_have_text("0:00:00")


def test_trainee_sees_nothing_of_an_instructor(page: Page) -> None:
    log_in(page)
    assert page.locator(by("instructor")).count() == 0
    assert page.locator(by("freeze")).count() == 0
    assert "故障" not in page.inner_text("body")


def test_tags_have_a_page_of_their_own(page: Page) -> None:
    log_in(page)
    page.click("nav a[href='/bench/tags']")
    expect(page.locator(by("tag-infeed.button_start"))).to_contain_text("linelab/smart-factory/infeed/button_start")
    page.go_back()
    page.wait_for_selector(by("line-view"))


def test_log_out(page: Page) -> None:
    log_in(page)
    page.click(by("logout"))
    page.wait_for_url("**/login")
    page.go_back()
    page.wait_for_url("**/login")


def test_language_is_the_browsers_until_one_is_chosen(browser: Browser, site: Site) -> None:
    for locale, lang in (("zh-TW", "zh-CN"), ("de-DE", "en")):
        context = browser.new_context(viewport=SIZE, locale=locale)
        page = context.new_page()
        page.goto(f"{site.url}/login")
        assert page.get_attribute("html", "lang") == lang
        assert page.evaluate("localStorage.getItem('linelab.lang')") is None
        context.close()


def test_addresses_stay_in_one_line_and_no_tab_is_clipped(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=SIZE, locale="en-GB")
    page = context.new_page()
    page.goto(f"{site.url}/login")
    log_in(page)
    for wire in ("modbus", "opcua", "mqtt"):
        code = page.locator(by(f"wire-{wire}")).locator("code").first
        assert code.evaluate("e => e.getClientRects().length && e.offsetHeight < 24"), wire
    # the longest state that a station stays in
    show = "e => { e.lastChild.textContent = 'Suspended'; return e.getBoundingClientRect().width }"
    for chip in page.locator(by("stations")).locator(".chip").all():
        assert chip.evaluate(show) <= chip.evaluate("e => e.parentElement.clientWidth")
    context.close()
