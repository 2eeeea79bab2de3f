"""A portal in plain Python: call the tasks by name through the broker. Needs celery and nothing of ours.

python portal_celery.py redis://127.0.0.1:6379/0 OUT file.pdf [IDENTITY]
"""

import json
import sys

from celery import Celery


def main(broker: str, out: str, path: str, identity: str = "") -> int:
    app = Celery(broker=broker, backend="rpc://" if broker.startswith("amqp") else broker)
    app.conf.task_default_queue_type = "quorum" if broker.startswith("amqp") else "classic"

    def call(task: str, queue: str, **kwargs: str) -> dict[str, object]:
        answer: dict[str, object] = app.send_task(task, kwargs=kwargs, queue=queue).get(timeout=300)
        return answer

    row = call("sohoa.digitise", "sohoa.reading", path=path, out=out)
    print(json.dumps(row, ensure_ascii=False))
    if row["status"] == "failed":
        return 1
    pdf = f"{out}/{row['name']}/document.pdf"
    fields = call("sohoa.extract", "sohoa.reading", path=path)
    print(json.dumps({"template": fields["template"], "fields": len(fields["fields"])}))  # type: ignore[arg-type]
    if identity:
        # The queue is pinned to the machine that holds the key.
        signed = call("sohoa.sign", f"sohoa.signing.{identity}", path=pdf, out=f"{out}/{row['name']}/signed.pdf", identity=identity)
        print(json.dumps(signed, ensure_ascii=False))
        pdf = str(signed.get("path", pdf))
    verdict = call("sohoa.verify", "sohoa.reading", path=pdf)
    print(json.dumps({"verdict": verdict["verdict"], "integrity": verdict["integrity"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
