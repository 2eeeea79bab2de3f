"""In the child: a document timestamp (ETSI EN 319 142-1 §5.4.3), which covers the whole file with its evidence.

The same two steps as a signature: room for the token and the digest to stamp, then the token itself.
"""
# mypy: allow-untyped-calls

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

from signing.finish import token, token_signer, write_contents
from signing.tasks import FinishStamp, Prepared, PrepareStamp, Stamped
from signing.update import CHUNK, RESERVED_TOKEN, Update, damage_told, new_name
from sohoa.errors import SohoaError

_DIGEST = "sha256"


def prepare_stamp(request: PrepareStamp) -> Prepared:
    """Append an invisible timestamp field to `request.path`. Raises SohoaError pdf_not_signable, pdf_encrypted_for_signing, disk_full."""
    with damage_told(), open(request.path, "r+b") as file:  # noqa: PTH123 - one handle is read, appended to and hashed
        reader = PdfFileReader(file, strict=False)
        if reader.encrypted:
            raise SohoaError("pdf_encrypted_for_signing")
        field = new_name(reader)
        embedder = PdfCMSEmbedder(SigFieldSpec(field, on_page=0)).write_cms(field, Update(file, prev=reader))
        next(embedder)
        embedder.send(SigObjSetup(sig_placeholder=DocumentTimestamp(bytes_reserved=2 * RESERVED_TOKEN)))
        ready, _ = embedder.send(SigIOSetup(md_algorithm=_DIGEST, in_place=True, chunk_size=CHUNK))
        return Prepared(ready.document_digest, b"", ready.reserved_region_start, ready.reserved_region_end, field, None, None)


def finish_stamp(request: FinishStamp) -> Stamped:
    """Write the token into `request.path`. Raises SohoaError tsa_failed, signature_too_large, document_changed."""
    found = token(*request.timestamp)
    sha256 = write_contents(request.path, request.prepared, _DIGEST, found.dump())
    stated = found["content"]["encap_content_info"]["content"].parsed
    return Stamped(request.prepared.field, sha256, stated["gen_time"].native, token_signer(found["content"]).not_valid_after)
