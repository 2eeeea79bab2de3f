"""`sohoa certify seal-key`: the office's entry for `seal-issuers.yaml`, to be put into the trust folder of whoever checks seals."""

import argparse
import base64

from sohoa.cli.keys import declare_secret, open_key
from sohoa.errors import ExitCode, UsageError


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa certify seal-key`."""
    parser.add_argument("--name", default="", help="tên cơ quan như ghi trong hồ sơ chứng thực · the office's name as in its facts")
    declare_secret(parser)


def execute(args: argparse.Namespace) -> int:
    """Print the entry: public key, name, and the certificate's own dates."""
    import yaml

    from signing.certificate import common_name, load_certificate
    from signing.certify import seal_key
    from sohoa.settings import load

    settings = load()
    with open_key(settings.seal.identity, settings, "b", args.passphrase_fd) as key:
        if key is None:
            raise UsageError("seal_not_configured")
        certificate = load_certificate(key.holder.certificate)
        entry = {
            "name": args.name or common_name(key.holder.certificate),
            "key": base64.b64encode(seal_key(key.holder)).decode(),
            "from": certificate.not_valid_before_utc.date(),
            "to": certificate.not_valid_after_utc.date(),
        }
    print(yaml.safe_dump({"issuers": [entry]}, allow_unicode=True, sort_keys=False), end="")
    return int(ExitCode.DONE)
