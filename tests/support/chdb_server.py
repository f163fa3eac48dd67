"""Runs within chdb's own environment: statements in, answers out, a line of JSON each, as HTTP would carry them."""

import base64
import json
import re
import sys
import tempfile

from chdb import session

CODE = re.compile(r"Code: (\d+)")


def main(folder: str) -> None:
    """Answer until there is nothing more to answer."""
    clickhouse = session.Session(folder)
    for line in sys.stdin:
        asked = json.loads(line)
        query = asked["query"]
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            if asked["body"]:
                file.write(base64.b64decode(asked["body"]))
                file.flush()
                query = query.replace(" SETTINGS ", f" FROM INFILE '{file.name}' SETTINGS ", 1)
            try:
                answer = {"body": base64.b64encode(clickhouse.query(query).bytes()).decode()}
            except Exception as error:
                code = CODE.search(str(error))
                answer = {"error": str(error), "code": code[1] if code else ""}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
