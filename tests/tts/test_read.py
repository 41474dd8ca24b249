"""The reading rules: right on the bulletins, measured on the collection, safe on anything."""

import gc
import time
import timeit
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sea_g2p import Normalizer

from tests.support.readings import canonical, cases
from tts.text.bulletin import read_bulletin
from tts.text.read import read
from tts.text.reading import AS_WRITTEN
from tts.text.short_forms import SHORT_FORMS

DATA = Path(__file__).parents[1] / "data"
BULLETINS = sorted(path for path in (DATA / "bulletins").glob("0*.txt") if ".spoken" not in path.name)
CASES = list(cases(DATA / "readings.jsonl"))
BLIND = {
    name: list(cases(DATA / name)) for name in ("readings-2.jsonl", "readings-3.jsonl", "readings-4.jsonl")
}
"""Written from memory by people who had not seen the rules. At first sight the rules read 85.3 % of the second right;
mended, 87.2 % of the third, which hunts for what rules get wrong; mended again, 99.0 % of the fourth, whose phrases are
of the ordinary kinds."""
MEASURED = 0.99
"""All collections are read right to the last phrase; a change may cost a phrase or two, never a kind of them."""

ODD = st.text(
    st.sampled_from("0123456789./-,:;%‰°()[] \n\tđdabhkmtTPUBNĐQXIVgG²½№–…“”é\u0301\u200bខ១😀"), max_size=60
)


@pytest.mark.parametrize("bulletin", BULLETINS, ids=lambda path: path.stem)
def test_a_bulletin_is_read_as_a_newsreader_would(bulletin: Path) -> None:
    expected = bulletin.with_suffix(".spoken.txt").read_text(encoding="utf-8")
    reading = read_bulletin(bulletin.read_text(encoding="utf-8"))
    assert canonical(reading.spoken) == canonical(expected)
    assert reading.warnings == ()


def test_the_rules_are_better_than_the_base_alone(record_property: Callable[[str, object], None]) -> None:
    base = Normalizer()
    right = Counter(case.category for case in CASES if case.accepts(read(case.text).spoken))
    base_right = sum(case.accepts(base.normalize(case.text)) for case in CASES)
    total = Counter(case.category for case in CASES)
    for name in sorted(total):
        record_property(name, f"{right[name]}/{total[name]}")
    record_property("rules, base alone", (right.total(), base_right))
    assert right.total() / len(CASES) >= MEASURED > base_right / len(CASES)


@pytest.mark.parametrize("name", BLIND)
def test_a_collection_that_was_written_without_the_rules_in_sight_is_read_right(name: str) -> None:
    wrong = [case.id for case in BLIND[name] if not case.accepts(read(case.text).spoken)]
    assert len(wrong) <= (1 - MEASURED) * len(BLIND[name]), wrong


def test_a_newspaper_article_leaves_nothing_unread() -> None:
    reading = read((DATA / "bulletins" / "bao-phap-luat-ca-mau.txt").read_text(encoding="utf-8"))
    assert not any(c.isdigit() for c in reading.spoken)
    assert "giai đoạn hai nghìn không trăm hai mươi lăm đến hai nghìn không trăm ba mươi" in reading.spoken
    assert "phổ biến, giáo dục pháp luật" in reading.spoken
    assert {warning.source for warning in reading.warnings} <= {"NT"}


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("số 10/2024/NĐ-CP", "số mười năm hai nghìn không trăm hai mươi tư nghị định chính phủ"),
        ("tháng năm năm 2025", "tháng năm năm hai nghìn không trăm hai mươi lăm"),
        ("điểm d khoản 1", "điểm dê khoản một"),
        ("điểm a, b và đ khoản 2 Điều 5", "điểm a, bê và đê khoản hai điều năm"),
        ("độ mặn 4‰ [đo lúc 5h05]", "độ mặn bốn phần nghìn, đo lúc năm giờ năm phút"),
        ("№ 5", "số năm"),
        ("từ 6 - 8 triệu đồng", "từ sáu đến tám triệu đồng"),
        ("Quyết định 12/QĐ-UBND của UBND xã", "quyết định mười hai của ủy ban nhân dân xã"),
        ("Hiến pháp 2013.", "hiến pháp năm hai nghìn không trăm mười ba."),
        ("BCH Đảng bộ xã", "ban chấp hành đảng bộ xã"),
        ("nhiệt độ -5°C", "nhiệt độ âm năm độ xê"),
        ("xã phường... trên địa bàn", "xã phường, trên địa bàn"),
        ("PHÒNG CHỐNG MA TÚY", "phòng chống ma túy"),
        ("2.000 đồng/kg", "hai nghìn đồng một ki lô gam"),
        ("tháng 1-3/2026", "tháng một đến tháng ba năm hai nghìn không trăm hai mươi sáu"),
        ("T2-T6 hằng tuần", "thứ hai đến thứ sáu hằng tuần"),
        ("ngày 30/4 và 1/5", "ngày ba mươi tháng tư và ngày một tháng năm"),
        ("trực 24/7", "trực hai mươi tư trên bảy"),
        ("P.5, TP.HCM", "phường năm, thành phố hồ chí minh"),
        ("TB số 12/TB-BCH", "thông báo số mười hai của ban chỉ huy"),
        ("2 ảnh 3x4", "hai ảnh ba nhân bốn"),
        ("kênh YouTube của xã", "kênh you tube của xã"),
        (
            "xe 69-F1 234.56 và 69A 1234",
            "xe sáu chín ép một hai ba bốn năm sáu và sáu mươi chín a một nghìn hai trăm ba mươi tư",
        ),
        ("BKS: 69A-1234", "biển kiểm soát: sáu chín a một hai ba bốn"),
        ("tàu CM-91234-TS", "tàu xê mờ chín một hai ba bốn tê ét"),
        (
            "sạt lở tại Km12+350, ĐT 983",
            "sạt lở tại ki lô mét mười hai cộng ba trăm năm mươi, đường tỉnh chín trăm tám mươi ba",
        ),
        ("ĐT 0290 3831 234", "điện thoại không hai chín không ba tám ba một hai ba bốn"),
        ("Bản án 15/2024/HS-ST", "bản án mười lăm năm hai nghìn không trăm hai mươi tư hình sự sơ thẩm"),
        ("8/9 ấp, 2/3 số hộ", "tám trên chín ấp, hai phần ba số hộ"),
        ("dịp 30/4 và 1/5", "dịp ngày ba mươi tháng tư và ngày một tháng năm"),
        ("từ ngày 5-10 có mưa; ngày 20-11", "từ ngày năm đến mười có mưa; ngày hai mươi tháng mười một"),
        ("CT UBND xã ký CT số 5", "chủ tịch ủy ban nhân dân xã ký chỉ thị số năm"),
        (
            "P. Kinh tế, P. 5, Q. Ninh Kiều, Q. Chủ tịch",
            "phòng kinh tế, phường năm, quận ninh kiều, quyền chủ tịch",
        ),
        (
            "bón 120 kg phân/ha; ngày/tháng/năm sinh",
            "bón một trăm hai mươi ki lô gam phân một héc ta; ngày tháng năm sinh",
        ),
        ("bà con biết./.", "bà con biết."),
        (
            "ảnh 3x4 cm, 10⁻³ mg, dưới 10⁰C",
            "ảnh ba nhân bốn xăng ti mét, mười mũ âm ba mi li gam, dưới mười độ xê",
        ),
        (
            "giá 350,000 đồng, 1-1,5 triệu đồng/buổi",
            "giá ba trăm năm mươi nghìn đồng, một đến một phẩy năm triệu đồng một buổi",
        ),
        (
            "0912.345.678/0976.543.210",
            "không chín một hai ba bốn năm sáu bảy tám hoặc không chín bảy sáu năm bốn ba hai một không",
        ),
        ("xã thắng 3-2; mưa 3-2 ngày", "xã thắng ba hai; mưa ba đến hai ngày"),
        ("vào BCH; BCH PCTT xã", "vào ban chấp hành; ban chỉ huy phòng, chống thiên tai xã"),
        (
            "TCVN ISO 9001:2015",
            "tiêu chuẩn việt nam i sô chín nghìn không trăm linh một năm hai nghìn không trăm mười lăm",
        ),
        ("các ngày thứ 2, 4, 6", "các ngày thứ hai, tư, sáu"),
        ("Đ.15 Luật Hộ tịch", "điều mười lăm luật hộ tịch"),
    ],
)
def test_what_the_base_or_a_naive_rule_gets_wrong(written: str, spoken: str) -> None:
    assert read(written).spoken == spoken


def test_every_abbreviation_of_the_tables_is_read_as_it_stands_there() -> None:
    assert len(SHORT_FORMS) >= 250
    wrong = [
        form
        for form, said in SHORT_FORMS.items()
        if canonical(read(f"của {form}").spoken) != canonical(f"của {said}")
    ]
    assert wrong == []


def test_a_form_that_may_mean_several_things_is_guessed_and_told() -> None:
    reading = read("Ban TC huyện và hợp đồng HĐ số 5")
    assert reading.spoken == "ban tổ chức huyện và hợp đồng hợp đồng số năm"
    assert [warning.source for warning in reading.warnings] == ["TC"]


def test_what_is_not_known_is_said_letter_by_letter_and_told() -> None:
    reading = read("Báo cáo XQZT gửi 😀 xã")
    assert reading.spoken == "báo cáo ích quy dét tê gửi xã"
    assert [warning.source for warning in reading.warnings] == ["XQZT", "😀"]


def test_spans_point_into_the_source_as_it_was_given() -> None:
    source = unicodedata.normalize("NFD", "Đề nghị UBND xã nộp 5% trước 01/7/2025.")
    reading = read(source)
    assert [(span.source, span.rule) for span in reading.spans if span.rule != AS_WRITTEN] == [
        ("UBND", "viết tắt"), ("5%", "số đo, tiền"), ("01/7/2025", "ngày tháng năm"),
    ]  # fmt: skip
    assert all(source[span.start : span.end] == span.source for span in reading.spans)


@pytest.mark.parametrize("nothing", ["", " \n\t", "---\n***", "\x00\x01\x02", "...", "“”"])
def test_what_says_nothing_reads_as_nothing(nothing: str) -> None:
    assert read(nothing).spoken == ""


@pytest.mark.parametrize("bulletin", BULLETINS, ids=lambda path: path.stem)
def test_decomposed_text_is_read_the_same(bulletin: Path) -> None:
    text = bulletin.read_text(encoding="utf-8")
    assert read(unicodedata.normalize("NFD", text)).spoken == read(text).spoken


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=80), ODD, st.sampled_from(CASES).map(lambda case: case.text)))
def test_any_text_can_be_read_and_read_again(text: str) -> None:
    reading = read(text)
    spoken = reading.spoken
    assert "".join(span.source for span in reading.spans) == text
    assert unicodedata.is_normalized("NFC", spoken)
    assert not any(c.isdigit() for c in spoken)
    assert read(spoken).spoken == spoken


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**18), st.sampled_from(["", " đồng", "%", "h", "/2025", "-7", ",5 km", "a", "/x"]))
def test_no_figure_is_lost(number: int, unit: str) -> None:
    assert len(read(f"gồm {number}{unit} nữa").spoken.split()) >= 3


HOSTILE = [
    "1" * 40,
    "1.",
    "1/",
    "aA.",
    " ",
    "(",
    "-",
    "a@",
    "www.",
    "điểm a, ",
    "Luật an ",
    "\u0301",
    "12/NĐ-",
    "0 1",
    "I",
    "ខ ",
    "69A-",
    "CM 9123",
    "Km5+",
    "Ngày Nhà ",
    "tổng đài xã ",
    "10/2 và ",
    "kg phân/",
]


@pytest.mark.parametrize("unit", [*HOSTILE, "Theo khoản 2 Điều 9 số 36/2024/QH15 phạt 6 - 8 triệu đồng. "])
def test_the_time_to_read_grows_with_the_text_not_with_its_square(unit: str) -> None:
    def seconds(size: int) -> float:
        """The least of three runs, without the collector: it walks the whole test run's heap."""
        text = (unit * (size // len(unit) + 1))[:size]
        gc.disable()
        try:
            return min(timeit.repeat(lambda: read(text), number=1, repeat=3, timer=time.process_time))
        finally:
            gc.enable()

    small, large = seconds(20_000), seconds(80_000)
    assert large < 9 * small + 0.3  # four times the text: the square would be sixteen
