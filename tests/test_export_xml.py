"""ALTO, PAGE and hOCR: what their schemas ask for, and what readers find in them."""

import io
import re
from xml.etree import ElementTree

import pytest
from documents import make_block, make_document, make_line, make_page, odd_document

from handwriting.export import export
from handwriting.lines.readers.alto import parse_alto
from handwriting.lines.readers.layout import parse_xml
from handwriting.lines.readers.page_xml import parse_page

# Of the schemas, as far as the writers use them: the children of each element in order, its
# attributes, those it must have marked by "!".
PLACE = "HEIGHT WIDTH HPOS VPOS"
ALTO = {
    "alto": ("Description Tags Layout", "SCHEMAVERSION schemaLocation"),
    "Description": ("MeasurementUnit sourceImageInformation Processing", ""),
    "sourceImageInformation": ("fileName", ""),
    "Processing": (
        "processingCategory processingDateTime processingStepDescription"
        " processingStepSettings processingSoftware",
        "ID!",
    ),
    "processingSoftware": ("softwareName softwareVersion", ""),
    "Tags": ("OtherTag", ""),
    "OtherTag": ("", "ID! LABEL! TYPE"),
    "Layout": ("Page", ""),
    "Page": ("PrintSpace", "ID! PHYSICAL_IMG_NR! PROCESSINGREFS HEIGHT WIDTH PC LANG"),
    "PrintSpace": ("TextBlock", PLACE),
    "TextBlock": ("TextLine", f"ID! TAGREFS {PLACE}"),
    "TextLine": ("Shape String|SP", f"ID BASELINE {PLACE}"),
    "Shape": ("Polygon", ""),
    "Polygon": ("", "POINTS!"),
    "String": ("ALTERNATIVE Glyph", f"ID CONTENT! WC {PLACE}"),
    "ALTERNATIVE": ("", "PURPOSE"),
    "Glyph": ("", f"CONTENT! GC {PLACE}"),
    "SP": ("", PLACE),
}
PAGE = {
    "PcGts": ("Metadata Page", "schemaLocation"),
    "Metadata": ("Creator Created LastChange Comments MetadataItem", ""),
    "MetadataItem": ("", "type name value!"),
    "Page": (
        "ReadingOrder TextRegion",
        "imageFilename! imageWidth! imageHeight! imageXResolution imageYResolution"
        " imageResolutionUnit primaryLanguage conf",
    ),
    "ReadingOrder": ("OrderedGroup", ""),
    "OrderedGroup": ("RegionRefIndexed", "id!"),
    "RegionRefIndexed": ("", "index! regionRef!"),
    "TextRegion": ("Coords TextLine TextEquiv", "id! custom type production"),
    "TextLine": ("Coords Baseline Word TextEquiv", "id! custom"),
    "Word": ("Coords Glyph TextEquiv", "id!"),
    "Glyph": ("Coords TextEquiv", "id!"),
    "Coords": ("", "points!"),
    "Baseline": ("", "points!"),
    "TextEquiv": ("Unicode", "index conf"),
}
POINTS = re.compile(r"(\d+,\d+ )+\d+,\d+")


def written(document, format, **options) -> bytes:
    stream = io.BytesIO()
    export(document, format, stream, **options)
    return stream.getvalue()


def tree(document, format, **options) -> ElementTree.Element:
    """The root, tags and attributes without their namespaces."""
    root = ElementTree.fromstring(written(document, format, **options))
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
        element.attrib = {name.split("}")[-1]: v for name, v in element.attrib.items()}
    return root


def check(root: ElementTree.Element, rules: dict) -> None:
    """Order of children, attributes, unique ids that references name, values in range."""
    names = [value for e in root.iter() if (value := e.get("ID") or e.get("id"))]
    assert len(names) == len(set(names))
    for element in root.iter():
        children, attributes = rules.get(element.tag, ("", ""))
        places = [
            next(i for i, group in enumerate(children.split()) if child.tag in group.split("|"))
            for child in element
        ]
        assert places == sorted(places), element.tag
        allowed = {name.rstrip("!") for name in attributes.split()}
        needed = {name.rstrip("!") for name in attributes.split() if name.endswith("!")}
        assert needed <= set(element.attrib) <= allowed, element.tag
        for reference in ("TAGREFS", "PROCESSINGREFS", "regionRef"):
            assert element.get(reference) in (None, *names)
        for share in ("WC", "PC", "GC", "conf"):
            assert 0 <= float(element.get(share, 0)) <= 1
        for side in PLACE.split():
            assert int(element.get(side, 0)) >= 0
        for points in ("BASELINE", "POINTS", "points"):
            assert POINTS.fullmatch(element.get(points, "1,1 1,1"))


@pytest.mark.parametrize("document", [make_document(), odd_document(), make_document(make_page())])
@pytest.mark.parametrize("characters", [False, True])
def test_alto_is_built_as_its_schema_asks(document, characters):
    root = tree(document, "alto", characters=characters)
    check(root, ALTO)
    for line in root.iter("TextLine"):
        # The schema wants strings, each followed by at most one space.
        tags = "".join(child.tag[1] for child in line if child.tag != "Shape")
        assert re.fullmatch("t(Pt)*", tags)


@pytest.mark.parametrize("document", [make_document(), odd_document(), make_document(make_page())])
@pytest.mark.parametrize("characters", [False, True])
def test_page_is_built_as_its_schema_asks(document, characters):
    root = tree(document, "page", characters=characters)
    check(root, PAGE)
    assert root.find("Metadata/Created").text == "2024-05-06T07:08:09+00:00"


def test_alto_has_places_confidences_and_alternatives():
    root = tree(make_document(), "alto")
    assert root.find("Description/MeasurementUnit").text == "pixel"
    assert root.find("Description/sourceImageInformation/fileName").text == "ebb.png"
    assert root.find(".//softwareName").text == "handwriting"
    assert root.find(".//processingStepSettings").text == "model lines ab12"
    line = root.find(".//TextLine")
    assert line.get("BASELINE") == "20,40 188,40"
    assert line.find("Shape/Polygon").get("POINTS") == "20,22 188,22 188,46 20,46"
    word = line.findall("String")[1]
    found = {name: word.get(name) for name in ("CONTENT", "WC", "HPOS", "VPOS", "WIDTH", "HEIGHT")}
    assert list(found.values()) == ["tide", "0.9", "68", "22", "48", "24"]
    assert [e.text for e in word.findall("ALTERNATIVE")] == ["tides"]
    space = line.find("SP")
    assert (space.get("HPOS"), space.get("WIDTH")) == ("56", "12")
    blocks = root.findall(".//TextBlock")
    assert [block.get("TAGREFS") for block in blocks] == [None, "kind_1"]
    assert root.find("Tags/OtherTag").get("LABEL") == "margin"


def test_page_has_reading_order_types_and_readings():
    margin, text = make_block(make_line("aside"), kind="margin"), make_block(make_line("main"))
    root = tree(make_document(make_page(margin, text, language="de-AT", dpi=300)), "page")
    page = root.find("Page")
    assert (page.get("primaryLanguage"), page.get("imageXResolution")) == ("German", "300")
    order = [e.get("regionRef") for e in root.iter("RegionRefIndexed")]
    regions = root.findall("Page/TextRegion")
    assert order == [region.get("id") for region in regions]
    assert [region.get("type") for region in regions] == ["marginalia", "paragraph"]
    assert regions[0].find("TextEquiv/Unicode").text == "aside"
    readings = root.find(".//Word").findall("TextEquiv")
    found = [(e.get("index"), e.get("conf"), e.find("Unicode").text) for e in readings]
    assert found == [("0", "0.9", "aside"), ("1", "0.06", "asides")]


@pytest.mark.parametrize("format, parse", [("alto", parse_alto), ("page", parse_page)])
def test_the_readers_of_ground_truth_get_the_same_lines(tmp_path, format, parse):
    document = make_document()
    export(document, format, tmp_path / "ebb.xml")
    layout = parse(parse_xml(tmp_path / "ebb.xml"))
    assert (layout.picture, layout.size) == ("ebb.png", (400, 200))
    assert [line.text for line in layout.lines] == [line.text for line in document.pages[0].lines]
    for found, line in zip(layout.lines, document.pages[0].lines, strict=True):
        assert found.outline.baseline.tolist() == [list(point) for point in line.baseline]
        assert found.outline.polygon.tolist() == [list(point) for point in line.polygon]


def parts(root, kind) -> list[ElementTree.Element]:
    return [element for element in root.iter() if element.get("class") == kind]


def facts(element) -> dict[str, str]:
    return dict(fact.split(" ", 1) for fact in element.get("title").split("; "))


def test_hocr_nests_pages_blocks_lines_and_words():
    root = tree(make_document(), "hocr")
    assert root.tag == "html" and root.get("lang") == "fr"
    (page,) = parts(root, "ocr_page")
    assert facts(page) == {
        "image": '"ebb.png"', "bbox": "0 0 400 200", "ppageno": "0", "scan_res": "100 100"
    }  # fmt: skip
    counts = [len(parts(root, f"ocr{kind}")) for kind in ("_carea", "_par", "_line", "x_word")]
    assert counts == [2, 2, 3, 12]
    word = parts(root, "ocrx_word")[1]
    assert word.text == "tide" and facts(word) == {"bbox": "68 22 116 46", "x_wconf": "90"}
    assert " ".join("".join(parts(root, "ocr_line")[1].itertext()).split()) == "at five & a bit"
    names = {meta.get("name"): meta.get("content") for meta in root.iter("meta")}
    assert names["ocr-system"] == "handwriting 0.1.0 lines ab12"


def test_hocr_baselines_have_slope_and_offset_from_the_lower_left_corner():
    level, falling, upward = (
        make_line("low tide by eight", degrees=degrees, y=150) for degrees in (0, 3, -90)
    )
    root = tree(make_document(make_page(make_block(level, falling, upward))), "hocr")
    found = [facts(line) for line in parts(root, "ocr_line")]
    assert found[0]["baseline"] == "0.000 -6"
    slope, offset = found[1]["baseline"].split()
    assert float(slope) == pytest.approx(0.052, abs=0.001)
    bottom = int(found[1]["bbox"].split()[3])
    assert bottom + int(offset) == pytest.approx(150, abs=1)
    assert found[2]["textangle"] == "90" and "baseline" not in found[2]


def test_hocr_of_odd_documents_is_xml():
    root = tree(odd_document(), "hocr")
    assert root.find("head/title").text == "a  <title>"
    assert "x_wconf 100" in parts(root, "ocrx_word")[1].get("title")
