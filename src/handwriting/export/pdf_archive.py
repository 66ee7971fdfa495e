"""What makes a PDF a PDF/A-2b: metadata, a colour profile, and a language beside them."""

from typing import TYPE_CHECKING

from PIL import ImageCms

from handwriting.document import Document
from handwriting.export.values import language_code, legal

if TYPE_CHECKING:
    from pikepdf import Pdf

PART, CONFORMANCE = "2", "B"
SRGB = "sRGB IEC61966-2.1"


def archive(pdf: "Pdf", document: Document) -> None:
    """Write the metadata twice, as PDF/A wants it, and say which colours are meant."""
    from pikepdf import Array, Dictionary, Name, String

    _metadata(pdf, document)
    language = language_code(document.language)
    if language:
        pdf.Root.Lang = String(language)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String(SRGB),
        Info=String(SRGB),
        DestOutputProfile=pdf.make_stream(srgb_profile(), N=3),
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def srgb_profile() -> bytes:
    """An ICC profile of sRGB, the same bytes every time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The time of its making (bytes 24 to 35 of the header) would differ.
    profile[24:36] = bytes.fromhex("07d0 0001 0001 0000 0000 0000")
    return bytes(profile)


def _metadata(pdf: "Pdf", document: Document) -> None:
    software = f"{document.software} {document.software_version}".strip()
    created = document.created.replace(microsecond=0).isoformat()
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = legal(document.name)
        metadata["xmp:CreatorTool"] = software
        metadata["xmp:CreateDate"] = created
        metadata["xmp:ModifyDate"] = created
        metadata["pdf:Producer"] = software
        metadata["pdfaid:part"] = PART
        metadata["pdfaid:conformance"] = CONFORMANCE
        if document.model:
            model = f"read by {document.model} {document.model_version}".strip()
            metadata["dc:description"] = legal(model)
        language = language_code(document.language)
        if language:
            metadata["dc:language"] = {language}
