"""Reading SVG back."""

from xml.etree import ElementTree

NS = "{http://www.w3.org/2000/svg}"


def parsed(picture):
    return ElementTree.fromstring(picture)


def texts(picture):
    return [t.text for t in parsed(picture).iter(f"{NS}text")]
