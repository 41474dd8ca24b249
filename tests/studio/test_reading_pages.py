"""The pages where people decide how text is read, and the same steps over the API."""

import html
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.models.users import Role, User
from studio.readings import BulletinReading
from studio.services import Services
from studio.speaker import Speaker
from studio.web.reading_lines import TextLine, lines_of
from tests.studio.conftest import PASSWORD
from tts.text.bulletin import Guide, read_bulletin
from tts.text.furniture import furniture

TEXT = "CA xã mời XQZT họp lúc 7h30.\nXin mời."
NOTICE = """ỦY BAN NHÂN DÂN XÃ KHÁNH AN
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Mời bà con họp.
Họp ở nhà văn hóa.

TM. ỦY BAN NHÂN DÂN
PHÓ CHỦ TỊCH
Nguyễn Văn Bé Hai"""


@pytest.fixture
def lan(logged_in: Any) -> Any:
    return logged_in("lan", Role.OFFICER)


@pytest.fixture
def client_of(open_client: Any, person: Callable[..., User]) -> Any:
    def enter(name: str, role: Role) -> httpx.Client:
        person(name, role)
        client: httpx.Client = open_client()
        token = client.post("/api/v1/sessions", json={"user": name, "password": PASSWORD}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    return enter


def marks(page: str) -> dict[str, str]:
    """What is marked on a page, and how it is said."""
    found = re.findall(r'as-written">(.*?)</span>.*?as-said(?: none)?">(.*?)</span>', page)
    return {html.unescape(written): html.unescape(said) for written, said in found}


def test_the_text_shows_how_it_is_said_and_a_correction_is_seen_at_once(lan: Any) -> None:
    page = lan.post("/ban-tin/moi", title="Mời họp", text=TEXT)
    assert marks(page) == {"CA": "công an", "XQZT": "ích quy dét tê", "7h30": "bảy giờ ba mươi"}
    form = lan.get("/ban-tin/1/cach-doc/sua?chu=CA")
    assert 'value="công an"' in form
    assert re.search(r"Hiện đọc theo quy tắc [\w ]+\.", form)
    assert "Từ điển của xã" in form
    assert "Từ điển của tỉnh" not in form
    page = lan.post("/ban-tin/1/cach-doc/sua", written="CA", spoken="Công an viên", scope="commune")
    assert "Đã lưu: «CA» đọc là «công an viên»." in page
    assert marks(page)["CA"] == "công an viên"
    assert "1 cách đọc do người quyết định" in page
    form = lan.get("/ban-tin/1/cach-doc/sua?chu=CA")
    assert "Hiện đọc theo từ điển của xã" in form
    assert "Lan · 12:00 hôm nay" in re.sub(r"\s+", " ", form)
    entry = re.search(r'name="entry" value="(\d+)"', form)
    assert entry
    page = lan.post("/ban-tin/1/cach-doc/hoan-tac", entry=entry[1])
    assert marks(page)["CA"] == "công an"


def test_what_will_not_do_is_said_beside_the_field_and_nothing_typed_is_lost(lan: Any) -> None:
    lan.post("/ban-tin/moi", title="Mời họp", text=TEXT)
    form = lan.post("/ban-tin/1/cach-doc/sua", status=422, written="XQZT", spoken="xóm 3", scope="commune")
    assert "hãy sửa «3»" in form
    assert 'value="xóm 3"' in form
    assert re.search(r'value="commune" checked', form)
    lan.client.headers["HX-Request"] = "true"
    fragment = lan.post(
        "/ban-tin/1/cach-doc/sua", status=422, written="YYY", spoken="xóm ba", scope="commune"
    )
    assert "<html" not in fragment
    assert "«YYY» đứng riêng" in fragment


def test_each_doubt_is_answered_by_name_before_the_way_to_the_leader_opens(
    lan: Any, services: Services
) -> None:
    lan.post("/ban-tin/moi", title="Mời họp", text=TEXT)
    lan.post("/ban-tin/1/doc", voice="")
    assert Speaker(services.engine, services.sounds, "trạm/1", services.now).work_once()
    page = lan.get("/ban-tin/1")
    assert "Còn 1 chỗ máy không chắc cách đọc" in page
    assert "Gửi duyệt</button>" not in page
    assert "«XQZT»" in lan.post("/ban-tin/1/gui-duyet", status=409)
    found = re.search(r'name="source" value="(.*?)"><input type="hidden" name="message" value="(.*?)"', page)
    assert found
    question = {"source": html.unescape(found[1]), "message": html.unescape(found[2])}
    page = lan.post("/ban-tin/1/cach-doc/dung-roi", **question)
    assert "không chắc cách đọc</h3>" not in page
    assert "1 chỗ máy không chắc, đã có người xem" in page
    assert "Gửi duyệt</button>" in page
    page = lan.post("/ban-tin/1/cach-doc/xem-lai", **question)
    assert "Còn 1 chỗ" in page
    page = lan.post("/ban-tin/1/cach-doc/sua", written="XQZT", spoken="xóm quýt", scope="bulletin")
    assert "Cách đọc đã đổi từ lúc ghi âm" in page
    assert "Gửi duyệt</button>" not in page


def test_the_frame_is_struck_through_and_kept_with_one_click(lan: Any) -> None:
    page = lan.post("/ban-tin/moi", title="Mời họp", text=NOTICE)
    assert page.count("<del>") == 5
    page = lan.post("/ban-tin/1/cach-doc/giu-dong", line="PHÓ CHỦ TỊCH")
    assert page.count("<del>") == 4
    assert "Giữ lại để đọc" in page
    page = lan.post("/ban-tin/1/cach-doc/bo-dong", line="PHÓ CHỦ TỊCH")
    assert page.count("<del>") == 5
    assert "không phải là phần trình bày" in lan.post(
        "/ban-tin/1/cach-doc/giu-dong", status=422, line="Mời bà con họp."
    )


def test_who_only_looks_gets_no_way_to_change(lan: Any, logged_in: Any) -> None:
    lan.post("/ban-tin/moi", title="Mời họp", text=NOTICE + "\n")
    lan.post("/ban-tin/moi", title="Mời họp", text=TEXT)
    tuan = logged_in("tuan", Role.TECHNICIAN)
    assert "Giữ lại<" not in tuan.get("/ban-tin/1")
    page = tuan.get("/ban-tin/2")
    assert marks(page)["CA"] == "công an"
    assert "cach-doc/sua" not in page
    assert "Đúng rồi" not in re.sub(r"bấm «Đúng rồi»", "", page)
    assert "chỉ xem được" in tuan.get("/ban-tin/2/cach-doc/sua?chu=CA")
    tuan.post("/ban-tin/2/cach-doc/sua", status=403, written="CA", spoken="công an", scope="commune")
    assert "Thêm cách đọc" not in tuan.get("/tu-dien")


def test_the_dictionary_is_filled_searched_corrected_undone_and_emptied(lan: Any, logged_in: Any) -> None:
    assert "Từ điển còn trống" in lan.get("/tu-dien")
    page = lan.post("/tu-dien", written="BQLDA", spoken="ban quản lý dự án hai", scope="commune")
    assert "Đã lưu: «BQLDA»" in page
    assert "hãy sửa «2»" in lan.post("/tu-dien", status=422, written="TTĐ", spoken="số 2", scope="commune")
    assert "BQLDA" in lan.get("/tu-dien?tim=du+an")
    assert "Không có mục nào phù hợp" in lan.get("/tu-dien?tim=xyz")
    assert "Không có mục nào phù hợp" in lan.get("/tu-dien?cua=province")
    page = lan.post("/tu-dien/1", spoken="ban quản lý dự án")
    assert "Đọc là «ban quản lý dự án»" in page
    assert page.count("Lan · 12:00 hôm nay") == 2
    assert "vừa được sửa tiếp" in lan.post("/tu-dien/1/hoan-tac", status=409)
    assert "Đọc là «ban quản lý dự án hai»" in lan.post("/tu-dien/2/hoan-tac")
    assert "Đã thôi dùng «BQLDA»" in lan.post("/tu-dien/3/thoi-dung")
    assert "Không có mục nào phù hợp" in lan.get("/tu-dien?tim=BQLDA")
    assert "BQLDA" in lan.get("/tu-dien?thoi-dung=1")
    lan.post("/tu-dien", status=403, written="BQLDA", spoken="ban", scope="province")
    lan.post("/tu-dien", status=422, written="BQLDA", spoken="ban", scope="bulletin")
    quang = logged_in("quang", Role.ADMINISTRATOR)
    assert "Tỉnh" in quang.post("/tu-dien", written="BQLDA", spoken="ban quản lý", scope="province")
    assert "không sửa được mục này" in lan.get("/tu-dien/5")
    lan.get("/tu-dien/99", status=404)


def test_the_list_of_the_dictionary_is_turned_page_by_page(lan: Any, client_of: Any) -> None:
    api = client_of("hung", Role.LEADER)
    for number in range(53):
        letters = f"Q{chr(65 + number // 26)}{chr(65 + number % 26)}"
        api.post("/api/v1/pronunciations", json={"written": letters, "spoken": "nhóm", "scope": "commune"})
    first = lan.get("/tu-dien?tim=nhom")
    assert first.count('class="lead"') == 50
    following = re.search(r'href="(/tu-dien\?[^"]*trang=2[^"]*)"', first)
    assert following
    second = lan.get(html.unescape(following[1]))
    assert second.count('class="lead"') == 3


def test_the_same_steps_over_the_api(client_of: Any) -> None:
    lan, quang = client_of("lan", Role.OFFICER), client_of("quang", Role.ADMINISTRATOR)
    written = lan.post("/api/v1/bulletins", json={"title": "Mời họp", "text": TEXT})
    text = written.json()["text"]
    here = f"/api/v1/bulletins/{written.json()['id']}"
    told = lan.get(f"{here}/reading").json()
    assert "".join(span["source"] for span in told["spans"]) == text
    (question,) = told["questions"]
    assert (question["source"], question["accepted_by"]) == ("XQZT", None)
    answer = {"source": "XQZT", "message": question["message"], "accepted": True}
    told = lan.put(f"{here}/answers", json=answer).json()
    assert told["questions"][0]["accepted_by"] == "Lan"
    assert lan.put(f"{here}/answers", json=answer | {"source": "Lê"}).status_code == 409
    told = lan.post(
        f"{here}/corrections", json={"written": "XQZT", "spoken": "xóm quýt", "scope": "bulletin"}
    ).json()
    assert "mời xóm quýt họp" in told["spoken"]
    assert told["questions"] == []
    (only,) = lan.get("/api/v1/pronunciations?scope=bulletin").json()
    assert lan.get("/api/v1/pronunciations").json() == []
    assert lan.post(f"/api/v1/pronunciations/{only['id']}/undo").json()["withdrawn"]
    assert lan.post(f"/api/v1/pronunciations/{only['id']}/undo").status_code == 409
    entry = {"written": "XQZT", "spoken": "xóm", "scope": "province"}
    assert lan.post("/api/v1/pronunciations", json=entry).status_code == 403
    made = quang.post("/api/v1/pronunciations", json=entry)
    assert (made.status_code, made.json()["who"]) == (201, "Quang")
    gone = quang.delete(f"/api/v1/pronunciations/{made.json()['id']}").json()
    assert [row["withdrawn"] for row in quang.get(f"/api/v1/pronunciations/{gone['id']}/history").json()] == [
        True,
        False,
    ]
    refused = lan.post("/api/v1/pronunciations", json=entry | {"scope": "commune", "spoken": "xóm 3"})
    assert (refused.status_code, refused.json()["field"]) == (422, "spoken")
    assert lan.post("/api/v1/pronunciations", json=entry | {"scope": "bulletin"}).status_code == 422


def test_what_was_heard_is_told_over_the_api(client_of: Any, services: Services) -> None:
    lan = client_of("lan", Role.OFFICER)
    lan.post("/api/v1/bulletins", json={"title": "Mời họp", "text": "Mời bà con họp. Xin mời."})
    ordered = lan.post("/api/v1/bulletins/1/recordings", json={"engine": "tone"}).json()
    there = f"/api/v1/recordings/{ordered['id']}/hearing"
    assert lan.get(there).status_code == 404
    assert Speaker(services.engine, services.sounds, "trạm/1", services.now).work_once()
    told = lan.get(there).json()
    assert [timing["sentence"] for timing in told["timings"]] == ["mời bà con họp.", "xin mời."]
    assert told["quality"]["faults"] == []


def test_a_line_of_the_frame_over_the_api(client_of: Any) -> None:
    lan = client_of("lan", Role.OFFICER)
    lan.post("/api/v1/bulletins", json={"title": "Mời họp", "text": NOTICE})
    there = "/api/v1/bulletins/1/frame"
    told = lan.put(there, json={"line": "PHÓ CHỦ TỊCH", "kept": True}).json()
    assert told["kept"] == ["PHÓ CHỦ TỊCH"]
    assert len(told["frame"]) == 5
    assert told["spoken"].endswith("phó chủ tịch")
    assert lan.put(there, json={"line": "PHÓ CHỦ TỊCH", "kept": False}).json()["kept"] == []
    assert lan.put(there, json={"line": "Xin mời.", "kept": True}).status_code == 422


def read_of(text: str, *kept: str) -> BulletinReading:
    guide = Guide(kept=kept)
    return BulletinReading(text, guide, read_bulletin(text, guide), furniture(text), ())


@given(st.text(st.sampled_from("Nơi hậ:\n-;TM. CHỦỊaă1/\t\r%"), max_size=200))
def test_the_lines_of_a_page_are_the_text_and_nothing_else(text: str) -> None:
    assert "\n".join(line.text for line in lines_of(read_of(text))) == text


def test_the_frame_is_a_line_by_itself_left_out_or_kept() -> None:
    lines = lines_of(read_of("  " + NOTICE.replace("\nPHÓ", "\n  PHÓ"), "PHÓ CHỦ TỊCH"))
    assert [line.frame for line in lines] == [
        "left_out", "left_out", "", "", "", "left_out", "kept", "left_out",
    ]  # fmt: skip


def test_what_is_said_as_it_is_written_is_not_marked() -> None:
    (line,) = lines_of(read_of("a) Bà con – ấp 3 (mới)"))
    assert isinstance(line, TextLine)
    assert [(piece.text, piece.said) for piece in line.pieces if piece.marked] == [("3", "ba")]
