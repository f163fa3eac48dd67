import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from footfall_alerting.errors import SecretError
from footfall_alerting.signing import DEVELOPMENT_SECRET, Signer, key_of, private_key_of, sign, verify
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from .examples import headers_of

NOW = datetime.now(UTC).timestamp()  # when tests are collected, maybe minutes before they run
KEY = key_of(DEVELOPMENT_SECRET)
BODY = '{"type":"inventory.low","data":{"product_name":"Müsli"}}'.encode()


def test_the_specifications_vector() -> None:
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    signature = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_reference_library_verifies_our_headers() -> None:
    headers = headers_of(KEY, "msg_1", BODY, datetime.now(UTC).timestamp())

    assert Webhook(DEVELOPMENT_SECRET).verify(BODY, headers) == json.loads(BODY)


def test_the_reference_library_refuses_a_changed_body() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(DEVELOPMENT_SECRET).verify(BODY + b" ", headers_of(KEY, "msg_1", BODY, datetime.now(UTC).timestamp()))


def test_we_verify_the_reference_librarys_signature() -> None:
    moment = datetime.fromtimestamp(int(NOW), UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW)),
        "webhook-signature": "v1a,abc " + Webhook(DEVELOPMENT_SECRET).sign("msg_1", moment, BODY.decode()),
    }

    assert verify(KEY, headers, BODY, NOW) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"webhook-id": ""}, "headers missing"),
        ({"webhook-id": "msg_2"}, "no signature matches"),
        ({"webhook-timestamp": "soon"}, "timestamp is not a number"),
        ({"webhook-timestamp": str(int(NOW) - 301)}, "timestamp too far from now"),
        ({"webhook-signature": "v1,bm9uc2Vuc2U= ü"}, "no signature matches"),
    ],
)
def test_a_forged_webhook_is_told_from_a_genuine_one(change: dict[str, str], fault: str) -> None:
    headers = headers_of(KEY, "msg_1", BODY, NOW)

    assert verify(KEY, headers, BODY, NOW) is None
    assert verify(KEY, headers | change, BODY, NOW) == fault


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_not base64!",
        base64.b64encode(bytes(32)).decode(),
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
    ],
)
def test_an_unusable_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SecretError) as caught:
        key_of(secret)

    assert len(secret) < 7 or secret not in str(caught.value)


OTHER_KEY = bytes(range(32))


def test_while_a_secret_is_rotated_either_verifies() -> None:
    moment = int(datetime.now(UTC).timestamp())
    header = Signer((KEY, OTHER_KEY)).header("msg_1", moment, BODY)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(moment), "webhook-signature": header}

    for key in (KEY, OTHER_KEY):
        assert Webhook(base64.b64encode(key).decode()).verify(BODY, headers) == json.loads(BODY)
        assert verify(key, headers, BODY, moment) is None
    assert verify(bytes(32), headers, BODY, moment) == "no signature matches"


def test_a_private_key_signs_besides() -> None:
    private = Ed25519PrivateKey.generate()
    seed, public = private.private_bytes_raw(), private.public_key()

    for encoded in (seed, seed + public.public_bytes_raw()):
        signer = Signer((KEY,), private_key_of("whsk_" + base64.b64encode(encoded).decode()))
        shared, own = signer.header("msg_1", 1, BODY).split(" ")

        assert shared == sign(KEY, "msg_1", 1, BODY)
        assert own.startswith("v1a,")
        public.verify(base64.b64decode(own.removeprefix("v1a,")), b"msg_1.1." + BODY)
        with pytest.raises(InvalidSignature):
            public.verify(base64.b64decode(own.removeprefix("v1a,")), b"msg_2.1." + BODY)


@pytest.mark.parametrize(
    "text",
    [
        "whsk_",
        "whsk_?",
        "whsec_" + base64.b64encode(bytes(32)).decode(),
        "whsk_" + base64.b64encode(bytes(31)).decode(),
        "whsk_" + base64.b64encode(bytes(64)).decode(),
    ],
)
def test_an_unusable_private_key_is_refused(text: str) -> None:
    with pytest.raises(SecretError, match="a signing key must be 'whsk_'"):
        private_key_of(text)
