"""Node and the packages that tests need of it, and the reference library of webhooks in it."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Sequence

from footfall_analytics.settings import REPOSITORY

from support.receivers import Request

PACKAGES = REPOSITORY / ".footfall" / "node" / "node_modules"
"""Where `npm install --prefix .footfall/node …` puts them."""

# The library compares timestamps with now; each is looked at as of when it came.
_VERIFY = """
const { Webhook } = require("standardwebhooks");
const { secret, requests } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const webhook = new Webhook(secret);
const faults = requests.map(({ at, headers, body }) => {
  Date.now = () => at * 1000;
  try {
    webhook.verify(Buffer.from(body, "base64"), headers);
    return "";
  } catch (error) {
    return String(error);
  }
});
console.log(JSON.stringify(faults));
"""


def environment(*packages: str) -> dict[str, str]:
    """Return the environment in which Node finds these packages.

    Raises:
        LookupError: There is no Node, or they are not installed; the message says what to do.
    """
    node = shutil.which("node")
    if node is None:
        raise LookupError("node is not installed")
    env = os.environ | {"NODE_PATH": os.pathsep.join(filter(None, [str(PACKAGES), os.environ.get("NODE_PATH", "")]))}
    asked = f"for (const name of {json.dumps(packages)}) require.resolve(name)"
    if subprocess.run([node, "-e", asked], env=env, capture_output=True, check=False).returncode:
        raise LookupError(f"npm install --prefix .footfall/node {' '.join(packages)}")
    return env


def faults(requests: Sequence[Request], secret: str) -> list[str]:
    """Return what Node's standardwebhooks finds wrong with each request as of when it came; empty: nothing.

    Raises:
        LookupError: It is not installed; the message says what to do.
    """
    env = environment("standardwebhooks")
    told = [{"at": each.at, "headers": each.headers, "body": base64.b64encode(each.body).decode()} for each in requests]
    ran = subprocess.run(
        ["node", "-e", _VERIFY],
        env=env,
        input=json.dumps({"secret": secret, "requests": told}),
        text=True,
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    found: list[str] = json.loads(ran.stdout)
    return found
