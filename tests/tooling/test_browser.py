def test_a_browser_reads_the_site_without_an_error(site, browser) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))

    response = page.goto(site.url)

    assert response.status == 200
    assert page.locator("html").get_attribute("lang") == "fr"
    assert errors == []
    assert sorted(site.people) == ["animatrice", "membre", "proprietaire"]
    page.close()
