"""Is a file signed? The quick look for those who must not touch a signed file."""

from io import BytesIO

import pikepdf

from verification.signed import is_signed


def rebuilt(data: bytes, **how: object) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        pdf.save(out, **how)
    return out.getvalue()


def test_signed_files_are_seen_and_others_are_not(signed, twice, paper) -> None:
    assert is_signed(signed) and is_signed(twice)
    assert not is_signed(paper) and not is_signed(b"") and not is_signed(b"\xff\xd8\xff jpeg")


def test_the_signature_flag_plays_no_part(signed) -> None:
    with pikepdf.open(BytesIO(signed)) as pdf:
        del pdf.Root.AcroForm["/SigFlags"]
        out = BytesIO()
        pdf.save(out)
    assert is_signed(out.getvalue())


def test_a_signature_packed_into_an_object_stream_is_seen(signed) -> None:
    packed = rebuilt(signed, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)
    assert is_signed(packed)


def test_a_signature_that_only_perms_leads_to_is_seen(signed) -> None:
    with pikepdf.open(BytesIO(signed)) as pdf:
        value = pdf.Root.AcroForm.Fields[0].V
        pdf.Root.Perms = pikepdf.Dictionary(DocMDP=value)
        del pdf.Root.AcroForm
        out = BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert is_signed(out.getvalue())


def test_a_damaged_signed_file_counts_as_signed(signed) -> None:
    assert is_signed(signed[: len(signed) - 300])
