"""A portal in plain Python: hand in files over HTTP, watch the pages, fetch the results. Needs httpx and nothing of ours.

python portal_http.py https://sohoa.example TOKEN OUT file.pdf photo.jpg
"""

import json
import sys
import uuid
from pathlib import Path

import httpx


def main(server: str, token: str, out: Path, files: list[Path]) -> int:
    with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {token}"}, timeout=60) as portal:
        # The key makes a repeated request harmless: send the same key again until an answer arrives.
        key = str(uuid.uuid4())
        sent = [("file", (file.name, file.read_bytes())) for file in files]
        answer = portal.post("/v1/documents", files=sent, headers={"Idempotency-Key": key})
        if answer.is_error:
            problem = answer.json()  # application/problem+json
            print(problem["code"], problem["detail"])
            return 1
        batch = answer.json()["documents"][0]["batch"]
        follow(portal, f"/v1/batches/{batch}/events")
        done = portal.get(f"/v1/batches/{batch}/documents").raise_for_status().json()["documents"]
        for document in done:
            print(document["name"], document["status"], document["error_code"] or "")
            for result in document["results"]:
                target = out / document["name"] / result["name"]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(portal.get(result["url"]).raise_for_status().content)
        return int(any(document["status"] == "failed" for document in done))


def follow(portal: httpx.Client, url: str) -> None:
    """Read server-sent events until the end; after a break go on where it was."""
    last = ""
    while True:
        try:
            with portal.stream("GET", url, headers={"Last-Event-ID": last}) as events:
                kind = ""
                for line in events.iter_lines():
                    name, _, value = line.partition(": ")
                    if name == "id":
                        last = value
                    elif name == "event":
                        kind = value
                    elif name == "data" and kind == "progress":
                        counts = json.loads(value)
                        print(f"{counts['documents_over']}/{counts['documents']} documents, {counts['pages_over']}/{counts['pages']} pages")
                    if kind == "end":
                        return
        except httpx.TransportError:
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), [Path(name) for name in sys.argv[4:]]))
