"""What an operator may set: one TOML file, and the folder that holds all state.

The file is `$SOHOA_CONFIG`, else `$SOHOA_HOME/config.toml`; everything has a default and a missing file is fine.
A key that is not known is an error, for a typing mistake must not silently mean "default". Secrets never stand here:
they come from a prompt, from `SOHOA_PASSPHRASE_<NAME>`, or from a file descriptor.

    [identities.can_bo]            # a name for `sohoa sign --as can_bo`
    kind = "pkcs12"
    path = "/etc/sohoa/can_bo.p12"

    [timestamp]
    url = "http://tsa.ca.gov.vn/"

    [trust]
    folder = "/etc/sohoa/trust"

    [storage]                      # many machines; without it all state lies in $SOHOA_HOME
    records = "postgresql://sohoa@db/sohoa"
    objects = "s3://sohoa?endpoint=https://s3.example"

    [verify]
    hosts = ["ca.gov.vn", "ocsp.ca.gov.vn"]   # who may be asked for evidence; nobody by default

    [certify]
    folder = "/etc/sohoa/certify"  # the office's own wordings/ and profiles/

    [seal]
    identity = "con_dau_qr"        # an identity with an ECDSA P-256 key
"""

import os
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from sohoa.errors import UsageError


class IdentitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a signing key lives. `trial` marks a made-up one, which every report then says.

    pkcs12: `path` (for trials). pkcs11: `module` is the token's library, `token` its label or serial, `key` the key's label
    or id, both only needed to choose. csc, csc2: `url` of the remote service up to `/csc/v1`, `/csc/v2`, `key` the
    credential's id, `client` when the service's OAuth 2.0 server gives the bearer token. smartca, mysign: `url` of the
    service, `client` the office's id there, `user` the signer's, `space` MySign's profile. agent: `url` is the address
    (`https://host:port`) where the officer's own computer finds this one, `listen` the address it is opened on.
    `padding` "compat" signs RSA with PKCS#1 v1.5 for old verifiers; `digest` is the hash.
    """

    kind: Literal["pkcs12", "pkcs11", "csc", "csc2", "smartca", "mysign", "agent"] = "pkcs12"
    path: str = ""
    module: str = ""
    token: str = ""
    key: str = ""
    url: str = ""
    listen: str = "0.0.0.0"  # noqa: S104 - officers' computers must reach it; nothing is answered before pairing
    client: str = ""
    user: str = ""
    space: str = ""
    padding: Literal["standard", "compat"] = "standard"
    digest: Literal["sha256", "sha384", "sha512"] = "sha256"
    profile: str = ""
    trial: bool = False


class TimestampSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The timestamp service; `seconds` per try (a Vietnamese service was measured at up to 131 s)."""

    url: str = ""
    seconds: float = 180.0
    tries: int = 3
    allow_loopback: bool = False


class TrustSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The folder with trusted certificates and revocation lists."""

    folder: str = ""


class VerifySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may be asked for revocation lists, OCSP answers and issuers' certificates: host names, or "*" for every public host.

    Nobody by default. `instead` maps names that only an authority's own network knows to addresses that answer outside.
    `cancellations` are addresses of signed lists of cancelled certified copies, or of a service that answers with one; `{number}`,
    `{book}` and `{sha256}` of the copy in question are filled in. Their hosts may be asked without being named again.
    """

    hosts: tuple[str, ...] = ()
    cancellations: tuple[str, ...] = ()
    instead: dict[str, str] = {}
    seconds: float = 10.0
    allow_loopback: bool = False


class CertifySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Certified copies: a folder whose `wordings/` and `profiles/` replace ours of the same name, and the PAdES level of those that a
    portal asks for."""

    folder: str = ""
    level: Literal["b", "t", "lt", "lta"] = "b"


class SealSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The QR seal on certified copies; none without an `identity`. `pages`: on the statement alone, or on every page with room."""

    identity: str = ""
    pages: Literal["statement", "every"] = "statement"


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one upload may cost: bytes, pages, seconds and memory for one page."""

    file_megabytes: int = 300
    pages: int = 5000
    page_seconds: float = 120.0
    memory_megabytes: int = 4096


class StorageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the truth lies. Empty: SQLite and a folder in the state folder, for one machine.

    `records` is `postgresql://user@host/database` (password in PGPASSWORD or ~/.pgpass), `objects` a folder that all machines
    see or `s3://bucket?endpoint=https://host:port` (keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).
    """

    records: str = ""
    objects: str = ""


class OfficeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One office: its `share` of the workers beside other offices', and how many of its documents may wait at once."""

    share: float = 1.0
    most_waiting: int | None = None


class ApiOfficeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One office at the portal's door.

    `tokens` are the SHA-256 (hex) of its tokens, several while one is replaced; `identities` are those it may have documents
    signed with. `webhook` is where it hears what happened, its secret in `SOHOA_WEBHOOK_SECRET_<OFFICE>`; `webhook_pin` is the
    SHA-256 (hex) of that server's certificate, which then may stand at a private address.
    """

    tokens: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    webhook: str = ""
    webhook_pin: str = ""


class ApiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The portal's door. `fetch_hosts` are the servers that uploads may be fetched from by address; nobody by default.

    `public_url` is how portals reach this server, for the addresses it gives out; empty: as they asked. `keep_keys_days` is how
    long an idempotency key is remembered.
    """

    offices: dict[str, ApiOfficeSettings] = {}
    fetch_hosts: tuple[str, ...] = ()
    public_url: str = ""
    keep_keys_days: int = 7
    allow_loopback: bool = False


class RetentionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many days a document is kept after it is over, by what became of it; None keeps it. `sohoa purge` obeys it."""

    done: int | None = None
    review: int | None = None
    partial: int | None = None
    failed: int | None = None


class NamingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How exported files and codes are called; the patterns' words are explained in `docs/fields.md`.

    `mcq` is the office's identifier (QĐ 20/2020/QĐ-TTg), `lv` the field of work; `first` the first running number.
    """

    mcq: str = ""
    lv: str = ""
    pb: str = "V1"
    first: int = 1
    doc_code: str = "{mcq}_{lv}_{stt:06}_{pb}"
    file: str = "{doc_code}_{date}_{desc}"
    result_code: str = ""


class MetadataSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What no paper says of itself in exported metadata (NĐ 30/2020/NĐ-CP Phụ lục VI); empty elements are left out.

    `type_codes` gives the code of a kind of paper in the national catalogue by the form's slug; `send_to` the addressees of
    packages for the national document axis, name by identifier.
    """

    organ_id: str = ""
    file_catalog: str = ""
    file_notation: str = ""
    language: str = ""
    type_codes: dict[str, str] = {}
    send_to: dict[str, str] = {}


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of one installation.

    `codes` are patterns of codes printed on papers, by name; `skip_rules` is a file of rules for what is not digitised.
    `lease_seconds`: how long a worker may be silent before its work goes to another; workers renew it three times meanwhile.
    `redeliver_seconds`: a message that no worker has answered for so long rings again, for its worker may be dead.
    """

    identities: dict[str, IdentitySettings] = {}
    timestamp: TimestampSettings = TimestampSettings()
    trust: TrustSettings = TrustSettings()
    storage: StorageSettings = StorageSettings()
    offices: dict[str, OfficeSettings] = {}
    api: ApiSettings = ApiSettings()
    retention: RetentionSettings = RetentionSettings()
    verify: VerifySettings = VerifySettings()
    limits: LimitSettings = LimitSettings()
    certify: CertifySettings = CertifySettings()
    seal: SealSettings = SealSettings()
    templates: str = ""
    broker: str = "redis://127.0.0.1:6379/0"
    redeliver_seconds: int = 600
    lease_seconds: float = 60.0
    naming: NamingSettings = NamingSettings()
    metadata: MetadataSettings = MetadataSettings()
    codes: dict[str, str] = {}
    skip_rules: str = ""

    def identity(self, name: str) -> IdentitySettings:
        """The identity called `name`; raises UsageError identity_unknown."""
        try:
            return self.identities[name]
        except KeyError:
            raise UsageError("identity_unknown", name=name, known=", ".join(sorted(self.identities)) or "–") from None


def home() -> Path:
    """`$SOHOA_HOME`, by default `~/.local/state/sohoa`; created for its owner alone."""
    folder = Path(os.environ.get("SOHOA_HOME") or Path.home() / ".local/state/sohoa")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        raise UsageError("home_unwritable", path=str(folder)) from None
    return folder


def load() -> Settings:
    """The settings of this installation; raises UsageError config_invalid with the place of the mistake."""
    file = Path(os.environ.get("SOHOA_CONFIG") or home() / "config.toml")
    if not file.is_file():
        if os.environ.get("SOHOA_CONFIG"):
            raise UsageError("config_missing", path=str(file))
        return Settings()
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf8")), Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError, OSError) as error:
        raise UsageError("config_invalid", path=str(file), mistake=str(error)) from None
