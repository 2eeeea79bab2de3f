"""The metadata of a PDF/A: what it is, what it is called, and how it was made.

ISO 19005-2, 6.6.2 (metadata and extension schemas), 6.6.4 (identification). There is no date in it on purpose: the same upload
read with the same settings gives the same bytes; run times live in the job record.
"""

from collections.abc import Mapping
from html import escape

NAMESPACE = "urn:sohoa:provenance/1.0/"
PRODUCER = "sohoa"

_PROPERTIES = {
    "Engine": "Name and version of the program that made the text layer",
    "Reader": "Name and version of the recogniser and its models",
    "Settings": "Settings that decide the result",
    "SourceSHA256": "SHA-256 of the upload this file was made from",
    "UnreadPages": "Numbers of the pages that could not be read and have no text",
    "Size": "The word small when pictures were reduced for a small file; absent in a file of the archive profile",
    "ReducedPages": "Numbers of the pages whose picture was reduced; print stays at 200 dots per inch or more unless the upload had fewer",
    "KeptTextPages": "Numbers of the pages whose text was taken from the upload and not recognised",
}

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
{title}
<dc:language><rdf:Bag><rdf:li>vi</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:sohoa="{namespace}">
{values}
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Provenance of a digitised document</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{namespace}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>sohoa</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{properties}
</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""

_PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>\
<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"""


def packet(title: str, provenance: Mapping[str, str]) -> bytes:
    """The XMP packet, without a title when that is empty.

    `provenance` gives values for the properties of our own schema; empty ones are left out. Raises KeyError for a
    property that the schema does not describe (ISO 19005-2, 6.6.2.3.1).
    """
    given = {name: (value, _PROPERTIES[name]) for name, value in provenance.items() if value}
    return _PACKET.format(
        title=f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{text_for_xml(title)}</rdf:li></rdf:Alt></dc:title>' if title else "",
        producer=PRODUCER,
        namespace=NAMESPACE,
        values="\n".join(f"<sohoa:{name}>{text_for_xml(value)}</sohoa:{name}>" for name, (value, _) in given.items()),
        properties="\n".join(_PROPERTY.format(name=name, description=escape(what, quote=False)) for name, (_, what) in given.items()),
    ).encode()


def text_for_xml(text: str) -> str:
    """`text` with markup escaped and without what XML 1.0 cannot hold."""
    return escape(
        "".join(c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")), quote=False
    )
