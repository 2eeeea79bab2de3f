"""PDF/A-2b clause by clause (ISO 19005-2:2011), on a file that holds every kind of page we write."""

import re
from io import BytesIO

import numpy as np
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from lxml import etree
from PIL import Image, ImageCms

from ocr.pdf import fax
from ocr.pdf.archive import About, Sheet, write_archive
from ocr.pdf.images import Source, store, store_jpeg
from ocr.pdf.small import Layers

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PROVENANCE = {
    "Engine": "sohoa 0.1.0",
    "Reader": "default",
    "Settings": "a=1 & b<2",
    "SourceSHA256": "0" * 64,
    "UnreadPages": "6",
    "Size": "small",
    "ReducedPages": "7",
}


def scan(mode="RGB", **how):
    noise = np.random.default_rng(5).integers(90, 255, (300, 200, 3), np.uint8)
    out = BytesIO()
    Image.fromarray(noise).convert(mode).save(out, "JPEG", quality=60, **how)
    return out.getvalue()


def layered(letter, folder):
    body = folder / "000007.paper.jpg", folder / "000007.tint.jpg", folder / "000007.ink.tif"
    for path, content in zip(body, (scan(), scan(), fax.encode(letter.pixels[:, :, 1] < 128)), strict=True):
        path.write_bytes(content)
    return Layers(*body)


@pytest.fixture(scope="module")
def path(letter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("conformance")
    grey = np.repeat(letter.pixels[:, :, :1], 3, axis=2)
    bilevel = ((grey > 128) * 255).astype(np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    images = [
        store_jpeg(scan(), folder, "000001"),
        store_jpeg(scan("L"), folder, "000002"),
        store_jpeg(scan(icc_profile=profile), folder, "000003"),
        store(bilevel, bilevel, Source(), folder, "000004", 200),
        store(letter.pixels, letter.pixels, Source(), folder, "000005", 200),
        None,
        layered(letter, folder),
    ]
    sheets = [Sheet(letter.size, image, letter.words if image else (), 90 * (number % 3)) for number, image in enumerate(images)]
    write_archive(sheets, About("Tờ khai <1> & 2", bytes(range(16)), PROVENANCE), folder / "a.pdf")
    return folder / "a.pdf"


@pytest.fixture
def pdf(path):
    with pikepdf.open(path) as opened:
        yield opened


@pytest.fixture
def font(pdf):
    return pdf.pages[0].Resources.Font.F0


@pytest.fixture
def packet(pdf):
    return etree.fromstring(pdf.Root.Metadata.read_bytes())


def test_the_reference_validator_finds_nothing(path, verapdf):
    assert verapdf(path) == []


def test_the_reference_validator_finds_what_is_wrong(path, verapdf, tmp_path):
    with pikepdf.open(path) as opened:
        del opened.Root.OutputIntents
        opened.save(tmp_path / "wrong.pdf")
    assert [rule.split(":")[0] for rule in verapdf(tmp_path / "wrong.pdf")] == ["6.2.4.3 2", "6.2.4.3 4"]


def streams(pdf):
    return [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]


def dictionaries(pdf):
    """Every dictionary of the file, stream dictionaries and nested ones included."""
    waiting = list(pdf.objects)
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Array):
            waiting += [value for value in item if isinstance(value, pikepdf.Object) and not value.is_indirect]
        elif isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            yield item
            waiting += [
                value for value in (item[key] for key in set(item.keys())) if isinstance(value, pikepdf.Object) and not value.is_indirect
            ]


def test_6_1_2_header_names_the_version_and_is_followed_by_a_binary_comment(path):
    assert re.match(rb"%PDF-1\.[0-7]\n%[\x80-\xff]{4}", path.read_bytes())


def test_6_1_3_trailer_has_an_identifier_and_no_encryption_and_nothing_follows_it(path, pdf):
    assert len(pdf.trailer.ID) == 2
    assert "/Encrypt" not in pdf.trailer
    assert path.read_bytes().rstrip(b"\r\n").endswith(b"%%EOF")


def test_6_1_7_1_stream_lengths_and_line_ends_are_exact(path):
    body = path.read_bytes()
    heads = list(re.finditer(rb"/Length (\d+)[^\0]{0,400}?>>\r?\nstream\r?\n", body))
    assert len(heads) == len(re.findall(rb"\nendstream", body))
    for head in heads:
        assert body[head.end() + int(head[1]) :].startswith((b"\nendstream", b"\r\nendstream"))


def test_6_1_7_2_filters_are_standard_and_no_stream_lies_outside(pdf):
    allowed = {"/FlateDecode", "/DCTDecode", "/CCITTFaxDecode"}
    for stream in streams(pdf):
        assert {str(name) for name in ([stream.Filter] if "/Filter" in stream else [])} <= allowed
        assert not {"/F", "/FFilter", "/FDecodeParms"} & set(stream.keys())


def test_6_1_13_sizes_stay_within_the_limits(pdf):
    for page in pdf.pages:
        assert all(3 <= float(side) <= 14400 for side in page.MediaBox[2:])
    assert all(len(key) <= 128 for item in dictionaries(pdf) for key in set(item.keys()))
    assert len(pdf.objects) < 8_388_607


def test_6_2_2_pages_use_known_operators_and_name_their_own_resources(pdf):
    for page in pdf.pages:
        used = {str(operator) for _, operator in pikepdf.parse_content_stream(page)}
        assert used <= {"q", "Q", "cm", "Do", "BT", "ET", "Tr", "Tf", "Tz", "Td", "Tj"}
        assert "/Resources" in page.obj
        assert not used & {"Do"} or "/Im0" in page.Resources.XObject
        assert not used & {"Tf"} or "/F0" in page.Resources.Font


def test_6_2_3_there_is_one_output_intent_with_a_sound_profile(pdf):
    (intent,) = pdf.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    assert str(intent.OutputConditionIdentifier)
    profile = intent.DestOutputProfile.read_bytes()
    assert profile[12:20] == b"mntrRGB "
    assert profile[8] in (2, 4)
    assert intent.DestOutputProfile.N == 3
    ImageCms.getProfileName(ImageCms.ImageCmsProfile(BytesIO(profile)))


def test_6_2_4_3_colours_are_covered_by_the_output_intent_or_a_profile_of_their_own(pdf):
    spaces = [stream.ColorSpace for stream in streams(pdf) if stream.get("/Subtype") == "/Image" and "/ImageMask" not in stream]
    assert len(spaces) == 7
    for space in spaces:
        if isinstance(space, pikepdf.Array):
            assert space[0] == "/ICCBased"
            assert space[1].read_bytes()[16:20] == {1: b"GRAY", 3: b"RGB "}[int(space[1].N)]
        else:
            assert space in ("/DeviceRGB", "/DeviceGray")


def test_6_2_8_images_are_plain(pdf):
    for stream in streams(pdf):
        if stream.get("/Subtype") == "/Image":
            assert int(stream.BitsPerComponent) in (1, 8)
            assert not {"/Alternates", "/OPI", "/Interpolate", "/SMask", "/Intent"} & set(stream.keys())
            if "/ImageMask" in stream:
                assert (int(stream.BitsPerComponent), "/ColorSpace" in stream, "/Mask" in stream) == (1, False, False)
            if "/Mask" in stream:
                assert stream.Mask.ImageMask, "explicit masking; a colour key would look different in every viewer"


def test_6_2_9_and_6_2_10_there_are_no_forms_postscript_or_transparency(pdf):
    for item in dictionaries(pdf):
        assert item.get("/Subtype") not in ("/Form", "/PS")
        assert not {"/SMask", "/Group", "/ExtGState", "/BM", "/CA", "/ca", "/Ref", "/PS"} & set(item.keys())


def test_6_2_11_2_and_3_the_font_is_a_well_formed_composite_font(font):
    (descendant,) = font.DescendantFonts
    assert (font.Type, font.Subtype, font.Encoding) == ("/Font", "/Type0", "/Identity-H")
    assert (descendant.Subtype, descendant.CIDToGIDMap) == ("/CIDFontType2", "/Identity")
    assert font.BaseFont == descendant.BaseFont == descendant.FontDescriptor.FontName
    assert (str(descendant.CIDSystemInfo.Registry), str(descendant.CIDSystemInfo.Ordering)) == ("Adobe", "Identity")


def test_6_2_11_4_and_5_the_font_is_embedded_and_its_widths_agree(font):
    (descendant,) = font.DescendantFonts
    assert "/CIDSet" not in descendant.FontDescriptor
    assert re.fullmatch(r"/[A-Z]{6}\+\w+", str(font.BaseFont))
    face = TTFont(BytesIO(descendant.FontDescriptor.FontFile2.read_bytes()))
    first, widths = int(descendant.W[0]), [int(width) for width in descendant.W[1]]
    scale = 1000 / face["head"].unitsPerEm
    assert widths == [face["hmtx"][face.getGlyphName(first + i)][0] * scale for i in range(len(widths))]
    assert face["maxp"].numGlyphs == first + len(widths)


def test_6_2_11_7_and_8_every_code_shown_has_a_glyph_and_a_lawful_unicode_value(pdf, font):
    (descendant,) = font.DescendantFonts
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", font.ToUnicode.read_bytes().split(b"endcodespacerange")[1])
    meaning = {int(code, 16): bytes.fromhex(value.decode()).decode("utf-16-be") for code, value in pairs}
    assert not {"\0", "\ufeff", "\ufffe"} & set(meaning.values())
    shown = set()
    for page in pdf.pages:
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "Tj":
                codes = bytes(operands[0])
                shown |= {int.from_bytes(codes[i : i + 2], "big") for i in range(0, len(codes), 2)}
    assert shown
    assert shown <= meaning.keys()
    assert 0 not in shown
    assert max(shown) <= len(descendant.W[1])


def test_6_2_11_the_text_is_invisible(pdf):
    for page in pdf.pages:
        modes = [int(operands[0]) for operands, operator in pikepdf.parse_content_stream(page) if str(operator) == "Tr"]
        assert modes in ([3], [])


def test_6_3_to_6_11_nothing_interactive_attached_or_optional(pdf):
    forbidden = {"/AA", "/OpenAction", "/Annots", "/AcroForm", "/A", "/JS", "/JavaScript", "/EmbeddedFiles", "/AF", "/OCProperties"}
    forbidden |= {"/AlternatePresentations", "/PresSteps", "/Requirements", "/NeedsRendering", "/Collection", "/XFA"}
    for item in dictionaries(pdf):
        assert not forbidden & set(item.keys())


def test_6_6_2_1_metadata_is_a_plain_xmp_stream(pdf):
    metadata = pdf.Root.Metadata
    assert (metadata.Type, metadata.Subtype) == ("/Metadata", "/XML")
    body = metadata.read_bytes().decode("utf8")
    head = re.match(r'<\?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"\?>', body)
    assert head, "the packet header has neither a bytes nor an encoding attribute"
    assert body.endswith('<?xpacket end="r"?>')


def test_6_6_2_3_every_property_is_predefined_or_described(packet):
    predefined = {
        "http://www.aiim.org/pdfa/ns/id/": {"part", "conformance"},
        "http://purl.org/dc/elements/1.1/": {"title", "language", "format"},
        "http://ns.adobe.com/pdf/1.3/": {"Producer"},
        "http://www.aiim.org/pdfa/ns/extension/": {"schemas"},
    }
    schema = "{http://www.aiim.org/pdfa/ns/schema#}"
    fields = "{http://www.aiim.org/pdfa/ns/property#}"
    for item in packet.iterfind(f".//{schema}namespaceURI"):
        entries = item.getparent()
        assert entries.findtext(f"{schema}schema")
        assert entries.findtext(f"{schema}prefix")
        for entry in entries.iterfind(f"{schema}property/{RDF}Seq/{RDF}li"):
            assert entry.findtext(f"{fields}valueType") == "Text"
            assert entry.findtext(f"{fields}category") in ("internal", "external")
            assert entry.findtext(f"{fields}description")
            predefined.setdefault(item.text, set()).add(entry.findtext(f"{fields}name"))
    used = [etree.QName(entry) for entry in packet.iterfind(f".//{RDF}RDF/{RDF}Description/*")]
    assert {name.localname for name in used} >= set(PROVENANCE)
    for name in used:
        assert name.localname in predefined[name.namespace]


def test_6_6_4_the_file_says_that_it_is_pdf_a_2b(packet):
    values = {etree.QName(item).localname: item.text for item in packet.iter("{http://www.aiim.org/pdfa/ns/id/}*")}
    assert values == {"part": "2", "conformance": "B"}


def test_the_title_is_the_same_in_info_and_metadata(pdf, packet):
    assert packet.findtext(f".//{RDF}Alt/{RDF}li") == str(pdf.docinfo.Title) == "Tờ khai <1> & 2"


def test_the_language_is_vietnamese(pdf):
    assert str(pdf.Root.Lang) == "vi"
