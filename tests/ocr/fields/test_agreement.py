"""What a paper says twice, once badly."""

from msgspec.structs import replace


def doubtful(page, text, *unsure, confidence=0.5):
    """The page where the words of `text`, one row, that are in `unsure` were read so."""
    line = next(word.line for word in page.words if word.text == text.split()[0] and text.split()[-1] in _row(page, word.line))
    page.words = [
        replace(word, confidence=confidence) if word.line == line and word.text.strip(",") in unsure else word for word in page.words
    ]
    return page


def _row(page, line):
    return [word.text for word in page.words if word.line == line]


def test_a_place_read_badly_is_shown_as_the_paper_says_it_elsewhere(birth_form, by_name, answers):
    page = birth_form(answers | {"kinh_gui": "Ủy ban nhân dân phường Hoa Lu, tỉnh Ninh Bình"})
    field = by_name(doubtful(page, "Kính gửi(1): Bình", "Lu").read())["kinh_gui"]
    assert field.value == "Ủy ban nhân dân phường Hoa Lư, tỉnh Ninh Bình"
    assert field.raw == "Ủy ban nhân dân phường Hoa Lu, tỉnh Ninh Bình"
    assert field.status == "review"


def test_a_name_read_badly_is_shown_as_the_paper_says_it_elsewhere(birth_form, by_name, answers):
    page = birth_form(answers | {"nguoi_yeu_cau": "Phạm Thn Hà"})
    field = by_name(doubtful(page, "Họ, Hà", "Thn").read())["ho_ten_nguoi_yeu_cau"]
    assert (field.value, field.raw, field.status) == ("Phạm Thu Hà", "Phạm Thn Hà", "review")


def test_a_name_that_was_read_well_stays_though_another_is_near(birth_form, by_name, answers):
    found = by_name(birth_form(answers | {"me": "Phạm Thu Hạ"}).read())
    assert (found["ho_ten_nguoi_yeu_cau"].value, found["ho_ten_me"].value) == ("Phạm Thu Hà", "Phạm Thu Hạ")


def test_a_name_with_two_other_words_is_another_person(birth_form, by_name, answers):
    page = birth_form(answers | {"nguoi_yeu_cau": "Phạm Thi Hà", "me": "Phan Thu Hà", "cha": "Trần Văn Bách"})
    field = by_name(doubtful(page, "Họ, Hà", "Thi", "Phạm").read())["ho_ten_nguoi_yeu_cau"]
    assert field.status == "review"
    assert field.value != "Phan Thu Hà"


def by_language(page, *texts):
    """The page where these words were settled by language alone."""
    line = next(word.line for word in page.words if word.text == texts[0])
    page.words = [replace(word, confidence=0.9, raw="?") if word.line == line and word.text in texts else word for word in page.words]
    return page


def test_what_language_settled_is_believed_where_the_paper_says_it_again(birth_form, by_name, answers):
    settled = by_language(birth_form(), "Hoa", "Lư,")  # in the office's name, and again in where people live
    assert by_name(settled.read())["kinh_gui"].status == "accepted"
    alone = {name: value.replace("Hoa Lư", "Gia Viễn") if name != "kinh_gui" else value for name, value in answers.items()}
    field = by_name(by_language(birth_form(alone), "Hoa", "Lư,").read())["kinh_gui"]
    assert (field.status, field.reason_code) == ("review", "reader_disagrees")
