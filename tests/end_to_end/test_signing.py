"""`sohoa sign`, `sohoa certify` and `sohoa verify` as commands, with the trial keys and a real timestamp service."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from signing.trial import TrialPki, trial_pki
from signing.trial_authority import trial_authority
from signing.trial_tsa import trial_tsa


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrialPki:
    return trial_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def office(sohoa, pki: TrialPki):
    """The settings of an office with a trial officer and a trial agency, its secrets in the environment."""
    sohoa.home.mkdir(parents=True)
    with trial_tsa(pki) as url:
        names = {"can_bo": "officer", "co_quan": "agency", "het_han": "officer-expired"}
        text = "".join(f'[identities.{name}]\npath = "{pki.folder / file}.p12"\ntrial = true\n' for name, file in names.items())
        text += f'[timestamp]\nurl = "{url}"\nallow_loopback = true\nseconds = 5\n'
        (sohoa.home / "config.toml").write_text(text)
        yield {f"SOHOA_PASSPHRASE_{name.upper()}": pki.passphrase.decode() for name in names}


def with_secrets(sohoa, secrets: dict[str, str], *args: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = sohoa(*args, code=code, **secrets)
    return done


def verdict_of(sohoa, file: Path, *args: object, code: int = 0) -> dict[str, Any]:
    verdict: dict[str, Any] = json.loads(sohoa("verify", file, "--json", "--offline", *args, code=code).stdout)
    return verdict


@pytest.mark.parametrize(
    ("level", "named", "look"), [("b", "B-B", "cv7197"), ("t", "B-T", "person --box 300,600,480,660 --page 3"), ("b", "B-B", "invisible")]
)
def test_a_signed_file_is_valid_under_its_trust_and_only_there(sohoa, office, pki, drawn, tmp_path, level, named, look) -> None:
    out = tmp_path / "signed.pdf"
    with_secrets(
        sohoa, office, "sign", drawn / "decision.clean.pdf", "--as", "can_bo", "-o", out, "--level", level, "--profile", *look.split()
    )
    assert out.read_bytes().startswith((drawn / "decision.clean.pdf").read_bytes())  # added to, never rewritten
    verdict = verdict_of(sohoa, out, "--trust", pki.trust)
    assert (verdict["verdict"], verdict["integrity"], verdict["signatures"][0]["level"]) == ("valid", "intact", named)
    assert verdict_of(sohoa, out, code=3)["verdict"] == "indeterminate"


def test_a_key_in_a_file_is_said_to_be_for_trials(sohoa, office, pki, drawn, tmp_path) -> None:
    line = ["sign", drawn / "ct01.clean.pdf", "--as", "can_bo", "-o", tmp_path / "s.pdf"]
    known = with_secrets(sohoa, office, *line)
    assert "không có giá trị pháp lý" in known.stdout and "nằm trong một tệp" not in known.stderr
    config = sohoa.home / "config.toml"
    config.write_text(config.read_text().replace("trial = true\n", ""))
    assert "chỉ dùng để thử nghiệm" in with_secrets(sohoa, office, *line).stderr


def test_a_copy_under_decree_30_is_signed_with_its_form(sohoa, office, pki, drawn, tmp_path) -> None:
    line = ["sign", drawn / "decision.clean.pdf", "--as", "co_quan", "-o", tmp_path / "s.pdf", "--profile", "sao_y", "--agency", "UBND xã"]
    assert "profile_fact_missing" in with_secrets(sohoa, office, *line, code=2).stderr
    report = json.loads(with_secrets(sohoa, office, *line, "--copy-form", "SAO LỤC", "--json").stdout)
    assert (report["profile"], report["page"], report["verdict"]) == ("sao_y", 1, "indeterminate")


def test_a_report_is_read_in_vietnamese_and_masks_personal_numbers(sohoa, office, pki, drawn, tmp_path) -> None:
    out = tmp_path / "signed.pdf"
    with_secrets(sohoa, office, "sign", drawn / "decision.clean.pdf", "--as", "can_bo", "-o", out)
    text = sohoa("verify", out, "--trust", pki.trust).stdout
    assert "HỢP LỆ" in text
    page = tmp_path / "report.html"
    sohoa("verify", out, "--trust", pki.trust, "--html", page)
    html = page.read_text(encoding="utf8")
    assert "HỢP LỆ" in html and 'lang="vi"' in html
    assert "000000000001" not in text + html


def test_a_changed_byte_is_invalid(sohoa, office, pki, drawn, tmp_path) -> None:
    out = tmp_path / "signed.pdf"
    with_secrets(sohoa, office, "sign", drawn / "decision.clean.pdf", "--as", "can_bo", "-o", out)
    content = bytearray(out.read_bytes())
    content[len(content) // 2] ^= 1
    out.write_bytes(content)
    assert verdict_of(sohoa, out, "--trust", pki.trust, code=1)["verdict"] == "invalid"


def test_an_unsigned_and_an_unreadable_file_get_an_answer_in_order(sohoa, drawn) -> None:
    files = [drawn / "decision.clean.pdf", drawn / "bad.not-an-image.pdf", drawn / "nothing.pdf"]
    lines = [json.loads(line) for line in sohoa("verify", *files, "--json", code=3).stdout.splitlines()]
    assert [line["file"] for line in lines] == [str(file) for file in files]
    assert [line["verdict"] for line in lines] == ["unsigned", "indeterminate", "indeterminate"]


def test_secrets_come_from_a_descriptor_too_and_never_appear(sohoa, office, pki, drawn, tmp_path) -> None:
    read, write = os.pipe()
    os.write(write, pki.passphrase + b"\n")
    os.close(write)
    line = [*sohoa.line, "sign", drawn / "decision.clean.pdf", "--as", "can_bo", "-o", tmp_path / "s.pdf", "--passphrase-fd", str(read)]
    done = subprocess.run(line, env=sohoa.env, pass_fds=[read], capture_output=True, text=True)
    os.close(read)
    assert done.returncode == 0, done.stderr
    assert pki.passphrase.decode() not in done.stdout + done.stderr


def test_what_prevents_signing_has_a_code_and_leaves_nothing(sohoa, office, drawn, tmp_path) -> None:
    out = tmp_path / "s.pdf"
    sign = ("sign", drawn / "decision.clean.pdf", "-o", out)
    wrong = {**office, "SOHOA_PASSPHRASE_CAN_BO": "sai mật khẩu"}
    assert "pin_wrong" in with_secrets(sohoa, wrong, *sign, "--as", "can_bo", code=1).stderr
    assert "certificate_expired" in with_secrets(sohoa, office, *sign, "--as", "het_han", code=1).stderr
    assert "identity_unknown" in with_secrets(sohoa, office, *sign, "--as", "ai_do", code=2).stderr
    assert "certificate_status_unknown" in with_secrets(sohoa, office, *sign, "--as", "can_bo", "--level", "lta", code=1).stderr
    (sohoa.home / "config.toml").write_text(
        (sohoa.home / "config.toml").read_text().replace('url = "http://127.0.0.1', 'url = "http://127.0.0.2')
    )
    assert "tsa_failed" in with_secrets(sohoa, office, *sign, "--as", "can_bo", "--level", "t", code=1).stderr
    assert list(tmp_path.glob("*.pdf")) == []
    assert [p.name for p in tmp_path.iterdir() if p.name != "home"] == []


def test_long_term_evidence_is_written_and_renewed(sohoa, drawn, tmp_path) -> None:
    """Evidence is fetched over HTTP from the authority the certificates name; offline verification then needs nothing more."""
    with trial_authority(tmp_path / "authority") as address:
        pki = trial_pki(tmp_path / "authority", address)
        with trial_tsa(pki) as url:
            sohoa.home.mkdir(parents=True)
            text = (
                f'[identities.can_bo]\npath = "{pki.folder}/officer.p12"\ntrial = true\n[timestamp]\nurl = "{url}"\nallow_loopback = true\n'
            )
            (sohoa.home / "config.toml").write_text(text + f'[trust]\nfolder = "{pki.trust}"\n')
            secret = {"SOHOA_PASSPHRASE_CAN_BO": pki.passphrase.decode()}
            for level, named in (("lt", "B-LT"), ("lta", "B-LTA")):
                out = tmp_path / f"{level}.pdf"
                with_secrets(sohoa, secret, "sign", drawn / "decision.clean.pdf", "--as", "can_bo", "-o", out, "--level", level)
                verdict = verdict_of(sohoa, out, "--trust", pki.trust)
                assert (verdict["verdict"], verdict["signatures"][0]["level"]) == ("valid", named)
            old = out.read_bytes()
            report = json.loads(sohoa("renew", out, "--json").stdout)
            assert Path(report["kept"]).read_bytes() == old
            assert out.read_bytes().startswith(old) and len(out.read_bytes()) > len(old)
    assert verdict_of(sohoa, out, "--trust", pki.trust)["verdict"] == "valid"


FACTS = """
title: Giấy chứng nhận (mẫu vẽ)
pages: {pages}
place: Ủy ban nhân dân xã Thử Nghiệm
officer: Nguyễn Thị Ví Dụ
position: Chủ tịch
agency: Ủy ban nhân dân xã Thử Nghiệm
"""


@pytest.fixture
def desk(tmp_path: Path):
    """The officer's two files: the facts of the original, and the list with every item ticked."""
    from pipeline.certify import checklist

    def files(pages: int, open_item: str = "") -> tuple[Path, Path]:
        facts, ticks = tmp_path / "facts.yaml", tmp_path / "ticks.yaml"
        facts.write_text(FACTS.format(pages=pages), encoding="utf8")
        ticks.write_text("".join(f"{key}: {'false' if key == open_item else 'true'}\n" for key, _, _ in checklist()), encoding="utf8")
        return facts, ticks

    return files


def certify(
    sohoa, office, pki, capture: Path, desk: tuple[Path, Path], out: Path, *more: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    return with_secrets(
        sohoa, office, "certify", capture, "--original", desk[0], "--checklist", desk[1], "--certifier", "can_bo", "--agency", "co_quan",
        "-o", out, "--trust", pki.trust, "--json", *more, code=code,
    )  # fmt: skip


def test_a_certified_copy_has_its_statement_number_and_two_signatures_in_order(sohoa, office, pki, drawn, tmp_path, desk) -> None:
    import pikepdf

    done = certify(sohoa, office, pki, drawn / "decision.clean.pdf", desk(3), tmp_path / "out")
    report = json.loads(done.stdout)
    assert (report["number"], report["verdict"], report["trial"]) == (1, "valid", True)
    copy = Path(report["path"])
    with pikepdf.open(copy) as pdf:
        assert len(pdf.pages) == 4
    verdict = verdict_of(sohoa, copy, "--trust", pki.trust, "--policy", "certified-copy")
    assert verdict["verdict"] == "valid"
    assert verdict["document_class"] == "certified_copy"
    stated = verdict["certified_copy"]
    assert (stated["number"], stated["pages_stated"]) == ("1", 3)
    assert [signature["kind"] for signature in verdict["signatures"]] == ["signature", "signature"]
    assert "THỬ NGHIỆM" in verdict["signatures"][0]["signer"]


def test_numbers_run_on_and_asking_again_gives_the_same_copy(sohoa, office, pki, drawn, tmp_path, desk) -> None:
    first = json.loads(certify(sohoa, office, pki, drawn / "decision.clean.pdf", desk(3), tmp_path / "out").stdout)
    again = json.loads(certify(sohoa, office, pki, drawn / "decision.clean.pdf", desk(3), tmp_path / "out").stdout)
    other = json.loads(certify(sohoa, office, pki, drawn / "ct01.clean.pdf", desk(1), tmp_path / "out").stdout)
    assert (first["number"], again["number"], other["number"]) == (1, 1, 2)
    assert first["sha256"] == again["sha256"]


def test_a_wording_nobody_compared_is_said_once_in_a_run(sohoa, office, pki, drawn, tmp_path, desk) -> None:
    import pikepdf

    other = tmp_path / "other.pdf"
    with pikepdf.open(drawn / "ct01.clean.pdf") as pdf:
        pdf.docinfo["/Subject"] = "2"
        pdf.save(other)
    facts, ticks = desk(1)
    line = ["certify", drawn / "ct01.clean.pdf", other, "--original", facts, "--checklist", ticks, "--certifier", "can_bo"]
    done = with_secrets(sohoa, office, *line, "--agency", "co_quan", "-o", tmp_path / "out", "--trust", pki.trust, "--json")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(report["number"], report["wording_confirmed"]) for report in reports] == [(1, False), (2, False)]
    assert done.stderr.count("Mẫu lời chứng đang dùng chưa được đối chiếu") == 1


def test_nothing_is_certified_while_an_item_is_open_or_a_page_is_missing(sohoa, office, pki, drawn, tmp_path, desk) -> None:
    capture = drawn / "decision.clean.pdf"
    assert "checklist_open" in certify(sohoa, office, pki, capture, desk(3, "khong_tay_xoa"), tmp_path / "out", code=1).stderr
    assert "page_count_differs" in certify(sohoa, office, pki, capture, desk(4), tmp_path / "out", code=1).stderr
    assert (
        "capture_not_pdf" in certify(sohoa, office, pki, drawn / "birth-registration.scan200.jpg", desk(1), tmp_path / "out", code=1).stderr
    )
    assert not list((tmp_path / "out").glob("*.pdf")) if (tmp_path / "out").exists() else True
    report = json.loads(certify(sohoa, office, pki, capture, desk(3), tmp_path / "out").stdout)
    assert report["number"] == 1  # refusals took no number


def test_a_copy_that_failed_to_sign_goes_on_with_its_own_number(sohoa, office, pki, drawn, tmp_path, desk) -> None:
    config = sohoa.home / "config.toml"
    sound = config.read_text()
    config.write_text(sound.replace('url = "http://127.0.0.1', 'url = "http://127.0.0.2'))
    stamped = ("--level", "t")
    failed = certify(sohoa, office, pki, drawn / "decision.clean.pdf", desk(3), tmp_path / "out", *stamped, code=1)
    assert "tsa_failed" in failed.stderr
    config.write_text(sound)
    other = json.loads(certify(sohoa, office, pki, drawn / "ct01.clean.pdf", desk(1), tmp_path / "out").stdout)
    first = json.loads(certify(sohoa, office, pki, drawn / "decision.clean.pdf", desk(3), tmp_path / "out", *stamped).stdout)
    assert (first["number"], other["number"]) == (1, 2)


def test_a_copy_without_room_on_the_disk_goes_on_with_its_own_number(sohoa, office, pki, drawn, small, tmp_path, desk) -> None:
    out = small / "out"
    out.mkdir()
    for left in (0, 96 * 1024):  # no room at all, and room for the statement but not for its signatures
        free = os.statvfs(small)
        with (small / "filler").open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, free.f_bavail * free.f_frsize - left or 1)
        assert "disk_full" in certify(sohoa, office, pki, drawn / "ct01.clean.pdf", desk(1), out, code=1).stderr
        assert list(out.iterdir()) == []
        (small / "filler").unlink()
    report = json.loads(certify(sohoa, office, pki, drawn / "ct01.clean.pdf", desk(1), out).stdout)
    assert (report["number"], report["verdict"]) == (1, "valid")


def test_a_batch_signs_what_needs_no_review(sohoa, office, pki, drawn, tmp_path) -> None:
    (sohoa.home / "config.toml").write_text((sohoa.home / "config.toml").read_text() + f'[trust]\nfolder = "{pki.trust}"\n')
    with_secrets(
        sohoa,
        office,
        "run",
        drawn / "decision.clean.pdf",
        drawn / "bad.truncated.pdf",
        "-o",
        tmp_path / "out",
        "--sign",
        "can_bo",
        "--level",
        "t",
        code=1,
    )
    verdict = json.loads((tmp_path / "out" / "decision.clean" / "verification.json").read_text())
    assert (verdict["verdict"], verdict["signatures"][0]["level"]) == ("valid", "B-T")


def test_what_a_batch_signs_is_still_pdf_a(sohoa, office, pki, tmp_path, verapdf) -> None:
    """ISO 19005-2: the claim stays, the update adds nothing that is not allowed, and the signature covers it (§6.4.3)."""
    import pikepdf
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(Path(__file__).parents[2] / "sohoa" / "fonts" / "LiberationSerif-Regular.ttf"), 44)
    letter = Image.new("RGB", (1654, 2339), "white")
    for number in range(6):
        ImageDraw.Draw(letter).text((230, 500 + 90 * number), "Kính gửi các thôn, tổ dân phố trên địa bàn xã", fill="black", font=font)
    letter.save(tmp_path / "thu.png", dpi=(200, 200))
    (sohoa.home / "config.toml").write_text((sohoa.home / "config.toml").read_text() + f'[trust]\nfolder = "{pki.trust}"\n')
    with_secrets(sohoa, office, "run", tmp_path / "thu.png", "-o", tmp_path / "out", "--sign", "can_bo", "--level", "t")
    archive, signed = tmp_path / "out" / "thu" / "document.pdf", tmp_path / "out" / "thu" / "signed.pdf"
    assert signed.read_bytes().startswith(archive.read_bytes())
    assert verapdf(archive) == []
    assert verapdf(signed) == []
    with pikepdf.open(signed) as pdf:
        claimed = pdf.open_metadata()
        assert (claimed["pdfaid:part"], claimed["pdfaid:conformance"]) == ("2", "B")
        (field,) = pdf.Root.AcroForm.Fields
        start, left, right, rest = map(int, field.V.ByteRange)
        assert (start, right + rest) == (0, signed.stat().st_size)
        assert left + 2 * len(bytes(field.V.Contents)) + 2 == right


def test_a_certified_copy_carries_long_term_evidence(sohoa, drawn, tmp_path, desk) -> None:
    with trial_authority(tmp_path / "authority") as address:
        pki = trial_pki(tmp_path / "authority", address)
        with trial_tsa(pki) as url:
            sohoa.home.mkdir(parents=True)
            names = {"can_bo": "officer", "co_quan": "agency"}
            text = "".join(f'[identities.{name}]\npath = "{pki.folder}/{file}.p12"\n' for name, file in names.items())
            text += f'[timestamp]\nurl = "{url}"\nallow_loopback = true\n[trust]\nfolder = "{pki.trust}"\n'
            (sohoa.home / "config.toml").write_text(text)
            secret = {f"SOHOA_PASSPHRASE_{name.upper()}": pki.passphrase.decode() for name in names}
            done = certify(sohoa, secret, pki, drawn / "ct01.clean.pdf", desk(1), tmp_path / "out", "--level", "lta")
    verdict = verdict_of(sohoa, Path(json.loads(done.stdout)["path"]), "--trust", pki.trust, "--policy", "certified-copy")
    assert verdict["verdict"] == "valid"
    assert {one["level"] for one in verdict["signatures"] if one["kind"] == "signature"} == {"B-LTA"}
    assert [one["kind"] for one in verdict["signatures"]].count("timestamp") == 1


def test_the_trust_folder_is_shown_filled_and_emptied(sohoa, pki, tmp_path) -> None:
    folder = tmp_path / "trust"
    assert "trust_not_pinned" in sohoa("trust", "add", pki.trust / "root.crt", "--trust", folder, code=1).stderr
    sohoa("trust", "add", pki.trust / "root.crt", "--trust", folder, "--unpinned")
    (entry,) = [json.loads(line) for line in sohoa("trust", "list", "--trust", folder, "--json").stdout.splitlines()]
    assert entry["role"] == "root" and "THỬ NGHIỆM" in entry["name"]
    sohoa("trust", "remove", entry["sha256"], "--trust", folder)
    assert sohoa("trust", "list", "--trust", folder).stdout == ""


def test_an_unknown_policy_is_a_usage_error(sohoa, drawn) -> None:
    assert "policy" in sohoa("verify", drawn / "decision.clean.pdf", "--policy", "no-such", code=2).stderr
