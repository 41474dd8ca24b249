"""The pages as staff meet them, and the shell around them."""

import re
from typing import Any

import pytest

from studio.models.users import Role
from studio.services import Services
from studio.speaker import Speaker

TEXT = "Mời bà con đến nhà văn hóa ấp 3 lúc 7h30 ngày 24/11/2026."


@pytest.fixture
def lan(logged_in: Any) -> Any:
    return logged_in("lan", Role.OFFICER)


@pytest.fixture
def hung(logged_in: Any) -> Any:
    return logged_in("hung", Role.LEADER)


@pytest.fixture
def speaker(services: Services) -> Speaker:
    return Speaker(services.engine, services.sounds, "trạm/1", services.now)


def test_a_newcomer_is_led_on(lan: Any) -> None:
    page = lan.get("/")
    assert "Thứ Ba 24/11/2026" in page
    assert "Soạn bản tin đầu tiên" in page
    assert "Chờ bạn duyệt" not in page
    assert "Người dùng" not in page


def test_from_text_to_approval_with_two_people(lan: Any, hung: Any, speaker: Speaker) -> None:
    page = lan.post("/ban-tin/moi", title="Mời họp", text=TEXT)
    assert "bảy giờ ba mươi" in page
    assert "chưa được đọc thành tiếng" in page
    assert "Gửi duyệt" not in page

    assert "Đang chờ tới lượt đọc" in lan.post("/ban-tin/1/doc", voice="")
    assert "<progress" in lan.get("/ban-tin/1/ban-ghi")
    assert speaker.work_once()
    assert lan.client.get("/ban-tin/1/ban-ghi").headers["HX-Refresh"] == "true"

    page = lan.post("/ban-tin/1/gui-duyet")
    assert "lãnh đạo sẽ nghe và quyết định" in page
    assert "Duyệt cho phát" not in page

    assert "Chờ bạn duyệt" in hung.get("/")
    page = hung.get("/ban-tin/1")
    found = re.search(r'src="/sounds/([0-9a-f]{64})\.ogg"', page)
    assert found
    assert hung.client.get(f"/sounds/{found[1]}.ogg").content[:4] == b"OggS"
    page = hung.post("/ban-tin/1/duyet", sha256=found[1])
    assert "Đã duyệt" in page
    assert "/lich-phat/moi?ban-tin=1" in page
    assert "/phat-ngay?ban-tin=1" in lan.get("/ban-tin/1")


def test_the_author_is_told_why_they_cannot_approve(hung: Any, lan: Any, speaker: Speaker) -> None:
    hung.post("/ban-tin/moi", title="Của lãnh đạo", text=TEXT)
    hung.post("/ban-tin/1/doc", voice="")
    speaker.work_once()
    page = lan.post("/ban-tin/1/gui-duyet")
    sha256 = re.search(r"/sounds/([0-9a-f]{64})", page)
    assert sha256
    why = "Bạn đã viết nội dung chưa được duyệt của bản tin này (lần sửa 1) nên không thể tự duyệt"
    assert why in hung.get("/ban-tin/1")
    assert why in hung.post("/ban-tin/1/duyet", status=403, sha256=sha256[1])
    assert "Lãnh đạo duyệt" in lan.post("/ban-tin/1/duyet", status=403, sha256=sha256[1])


def test_what_is_sent_back_shows_its_reason_to_the_author(lan: Any, hung: Any, speaker: Speaker) -> None:
    lan.post("/ban-tin/moi", title="Mời họp", text=TEXT)
    lan.post("/ban-tin/1/doc", voice="")
    speaker.work_once()
    lan.post("/ban-tin/1/gui-duyet")
    hung.post("/ban-tin/1/tra-lai", reason="Sai giờ <họp>.")
    assert "Sai giờ &lt;họp&gt;." in lan.get("/ban-tin/1")
    assert "Bị trả lại" in lan.get("/")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "chưa có nội dung"),
        ("%PDF-1.7 \x00\x01\x02", "không phải là chữ"),
        ("?!?", "không có chữ nào đọc được"),
        ("luật " * 210_000, "Nội dung dài 1.050.000 ký tự"),
    ],
    ids=["empty", "binary", "unreadable", "1 MB"],
)
def test_bad_text_is_refused_beside_the_field_and_the_title_is_kept(lan: Any, text: str, why: str) -> None:
    page = lan.post("/ban-tin/moi", status=422, title="Tiêu đề giữ lại", text=text)
    assert why in page
    assert 'id="text-error"' in page
    assert 'value="Tiêu đề giữ lại"' in page
    assert page.count("luật ") >= text.count("luật ")
    assert "Chưa có bản tin nào" in lan.get("/ban-tin")


def test_more_than_any_honest_page_is_refused_before_it_is_read(lan: Any) -> None:
    answer = lan.client.post("/ban-tin/moi", content=b"x" * (8 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "lớn hơn 8 MB" in answer.text


def test_two_editors_see_both_texts(lan: Any, hung: Any) -> None:
    lan.post("/ban-tin/moi", title="Mời họp", text=TEXT)
    hung.post("/ban-tin/1/sua", title="Mời họp", text="Bản của Hùng.", base="1")
    page = lan.post("/ban-tin/1/sua", status=409, title="Mời họp", text="Bản của Lan.", base="1")
    assert "Bản của Hùng." in page
    assert "Bản của Lan." in page
    assert 'name="base" value="2"' in page
    lan.post("/ban-tin/1/sua", title="Mời họp", text="Bản gộp.", base="2")
    assert "Bản gộp." in hung.get("/ban-tin/1")


def test_a_list_is_filtered_and_searched(lan: Any) -> None:
    for number in range(3):
        lan.post("/ban-tin/moi", title=f"Tin thứ {number}", text=TEXT)
    assert lan.get("/ban-tin").count('href="/ban-tin/') >= 3
    assert "Tin thứ 1" not in lan.get("/ban-tin?tim=thứ 2")
    assert "Không có bản tin nào phù hợp" in lan.get("/ban-tin?trang-thai=approved")
    assert "không có trong các lựa chọn" in lan.get("/ban-tin?trang-thai=bay", status=422)


def test_the_administrator_adds_people_and_shows_their_password_once(logged_in: Any, browser: Any) -> None:
    admin = logged_in("quantri", Role.ADMINISTRATOR)
    page = admin.post("/nguoi-dung", name="ut", full_name="Phạm Văn Út", role="officer")
    found = re.search(r'class="code">([a-z0-9-]{14})<', page)
    assert found
    assert found[1] not in admin.get("/nguoi-dung")
    assert "Đổi mật khẩu</h1>" in browser().log_in("ut", found[1])
    assert "đã có người dùng" in admin.post(
        "/nguoi-dung", status=409, name="ut", full_name="Út khác", role="officer"
    )
    page = admin.post("/nguoi-dung/2/cap-lai")
    assert 'class="code"' in page
    assert "không đúng" in browser().log_in("ut", found[1], status=401)
    assert "Đã khóa tài khoản của Phạm Văn Út" in admin.post("/nguoi-dung/2/khoa")
    assert "Đã mở lại" in admin.post("/nguoi-dung/2/mo")


@pytest.mark.parametrize("address", ["/nguoi-dung"])
def test_only_the_administrator_sees_people(lan: Any, address: str) -> None:
    assert "Việc này dành cho: Quản trị" in lan.get(address, status=403)


@pytest.mark.parametrize("address", ["/khong-co", "/ban-tin/999"])
def test_what_is_not_there_is_a_page_in_vietnamese(lan: Any, address: str) -> None:
    assert "Không tìm thấy" in lan.get(address, status=404)


def test_no_script_but_ours_runs_and_nothing_comes_from_elsewhere(lan: Any) -> None:
    answer = lan.client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["cache-control"] == "no-store"
    for kind in re.findall(r"<script[^>]*>", answer.text):
        assert re.search(r'src="/static/', kind)
    assert not re.search(r'\son\w+="|style="|(?:src|href)="(?:https?:)?//', answer.text)
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text):
        assert lan.client.get(address).status_code == 200, address


def test_htmx_gets_a_word_and_not_a_page_when_something_is_wrong(lan: Any) -> None:
    answer = lan.client.post(
        "/ban-tin/9/gui-duyet", headers={"HX-Request": "true", "X-CSRF-Token": lan.csrf()}
    )
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#flash"
    assert "<html" not in answer.text
