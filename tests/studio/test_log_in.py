"""Getting in, staying in, being kept out."""

from typing import Any

from studio.models.users import Role


def test_a_stranger_is_led_to_the_log_in_and_then_where_they_wanted(browser: Any, person: Any) -> None:
    person("lan", Role.OFFICER)
    one = browser()
    assert "tiep=/doi-mat-khau" in str(one.client.get("/doi-mat-khau").url)
    answer = one.client.post(
        "/dang-nhap",
        data={"csrf": one.csrf(), "name": "Lan ", "password": "chim hót đầu xuân", "tiep": "/doi-mat-khau"},
    )
    assert answer.status_code == 200
    assert answer.url.path == "/doi-mat-khau"
