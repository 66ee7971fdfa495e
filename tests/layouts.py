"""ALTO and PAGE files for a page of `drawn_lines.draw_page`."""

ALTO = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v{version}#">
<Description><MeasurementUnit>{unit}</MeasurementUnit><sourceImageInformation>
<fileName>{picture}</fileName></sourceImageInformation></Description>
<Layout><Page WIDTH="{width}" HEIGHT="{height}"><PrintSpace><TextBlock>{lines}</TextBlock>
</PrintSpace></Page></Layout></alto>"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/{version}">
<Metadata/><Page imageFilename="{picture}" imageWidth="{width}" imageHeight="{height}">
<TextRegion id="r"><Coords points="0,0 9,0 9,9"/>{lines}</TextRegion></Page></PcGts>"""
PAGE_TEXTS = ("low tide by eight", "bring a folded map", "the ferry is late")


def joined(points, between=",", pairs=" ") -> str:
    return pairs.join(between.join(f"{v:g}" for v in point) for point in points)


def alto(page, picture="page.jpg", scale=1.0, unit="pixel", version=4, between=" ", **extra):
    lines = ""
    for text, polygon, baseline in zip(PAGE_TEXTS, page[1], page[2], strict=True):
        words = "<SP/>".join(f'<String CONTENT="{word}"/>' for word in text.split())
        lines += (
            f'<TextLine BASELINE="{joined(baseline * scale, between)}"><Shape>'
            f'<Polygon POINTS="{joined(polygon * scale, between)}"/></Shape>{words}</TextLine>'
        )
    height, width = (round(side * scale) for side in page[0].shape)
    values = {"width": width, "height": height, "lines": lines, **extra}
    return ALTO.format(picture=picture, unit=unit, version=version, **values)


def page_xml(page, picture="page.jpg", version="2019-07-15", **extra):
    lines = ""
    for text, polygon, baseline in zip(PAGE_TEXTS, page[1], page[2], strict=True):
        lines += (
            f'<TextLine id="l"><Coords points="{joined(polygon)}"/>'
            f'<Baseline points="{joined(baseline)}"/>'
            f'<TextEquiv index="1"><Unicode>other</Unicode></TextEquiv>'
            f'<TextEquiv index="0"><Unicode>{text}</Unicode></TextEquiv></TextLine>'
        )
    height, width = page[0].shape
    values = {"width": width, "height": height, "lines": lines, **extra}
    return PAGE.format(picture=picture, version=version, **values)
