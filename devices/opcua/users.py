"""Who logs in: names and passwords, certificates, nobody. Knows no session and no line.

asyncua's own door lets `admin` do anything, takes a password that was recorded on the wire, and decrypts with RSA 1.5.
"""

import struct
from collections.abc import Callable, Mapping

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto import uacrypto
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaprotocol_auto import AnonymousIdentityToken, UserNameIdentityToken, X509IdentityToken
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa

from devices.endpoint import Credentials, Link, Role
from devices.opcua.security import Own, Security

OAEP = "http://www.w3.org/2001/04/xmlenc#rsa-oaep"
OAEP_SHA256 = "http://opcfoundation.org/UA/security/rsa-oaep-sha2-256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
PSS_SHA256 = "http://opcfoundation.org/UA/security/rsa-pss-sha2-256"
DECRYPT: Mapping[str, Callable[[rsa.RSAPrivateKey, bytes], bytes]] = {
    OAEP: uacrypto.decrypt_rsa_oaep,
    OAEP_SHA256: uacrypto.decrypt_rsa_oaep_sha256,
}
VERIFY: Mapping[str, Callable[[x509.Certificate, bytes, bytes], None]] = {
    RSA_SHA256: uacrypto.verify_sha256,
    PSS_SHA256: uacrypto.verify_pss_sha256,
}


class Login(User):
    """Who a session's user is here. To asyncua he is never more than a plain user."""

    def __init__(self, lab_role: Role, name: str) -> None:
        super().__init__(UserRole.User, name)
        self.lab_role = lab_role


class Users:
    """The door of one bench. `login` raises `ServiceError` with the code that the client is told."""

    def __init__(self, credentials: Credentials, security: Security, own: Own, link: Link) -> None:
        self._credentials, self._security, self._own, self._link = credentials, security, own, link

    def login(self, token: object, signature: ua.SignatureData, nonce: bytes, *, encrypted: bool) -> Login:
        """`nonce` is the one that the server gave last; `encrypted` says that the channel hides what it carries."""
        if token is None or isinstance(token, AnonymousIdentityToken) or _is_null(token):
            return self._anonymous()
        if isinstance(token, UserNameIdentityToken):
            return self._by_name(token, nonce, encrypted=encrypted)
        if isinstance(token, X509IdentityToken):
            return self._by_certificate(token, signature, nonce)
        raise ServiceError(StatusCodes.BadIdentityTokenInvalid)

    def _anonymous(self) -> Login:
        if self._link.state.anonymous:  # a door that was left open
            return Login(Role.TRAINEE, "")
        if not self._security.anonymous:
            raise ServiceError(StatusCodes.BadIdentityTokenRejected)
        return Login(Role.OBSERVER, "")

    def _by_name(self, token: UserNameIdentityToken, nonce: bytes, *, encrypted: bool) -> Login:
        name = str(token.UserName or "")
        sent = bytes(token.Password or b"")
        if token.EncryptionAlgorithm:
            password = self._decrypted(str(token.EncryptionAlgorithm), sent, nonce)
        elif encrypted or self._own.key is None:
            password = sent
        else:  # it was offered encryption and did not use it
            raise ServiceError(StatusCodes.BadIdentityTokenInvalid)
        role = self._credentials.role(name, password.decode("utf-8", "replace"))
        if role is None:
            raise ServiceError(StatusCodes.BadIdentityTokenRejected)
        return Login(role, name)

    def _decrypted(self, algorithm: str, sent: bytes, nonce: bytes) -> bytes:
        """The password of a token: length, password, the server's nonce (Part 4, 7.41.2.2)."""
        decrypt = DECRYPT.get(algorithm)
        if decrypt is None or self._own.key is None:
            raise ServiceError(StatusCodes.BadIdentityTokenInvalid)
        size = self._own.key.key_size // 8
        if not sent or len(sent) % size or len(sent) > 8 * size:
            raise ServiceError(StatusCodes.BadIdentityTokenInvalid)
        try:
            plain = b"".join(decrypt(self._own.key, sent[at : at + size]) for at in range(0, len(sent), size))
            (length,) = struct.unpack_from("<I", plain)
        except (ValueError, struct.error) as error:
            raise ServiceError(StatusCodes.BadIdentityTokenInvalid) from error
        secret = plain[4 : 4 + length]
        if len(secret) != length or not secret.endswith(nonce):  # one that was recorded has an older nonce
            raise ServiceError(StatusCodes.BadIdentityTokenInvalid)
        return secret[: length - len(nonce)]

    def _by_certificate(self, token: X509IdentityToken, signature: ua.SignatureData, nonce: bytes) -> Login:
        store = self._security.certificates
        if store is None or self._own.der is None:
            raise ServiceError(StatusCodes.BadIdentityTokenInvalid)
        try:
            certificate = x509.load_der_x509_certificate(bytes(token.CertificateData or b""))
        except ValueError as error:
            raise ServiceError(StatusCodes.BadIdentityTokenInvalid) from error
        verify = VERIFY.get(str(signature.Algorithm or ""))
        try:
            if verify is None or not isinstance(certificate.public_key(), rsa.RSAPublicKey):
                raise InvalidSignature
            verify(certificate, self._own.der + nonce, bytes(signature.Signature or b""))
        except InvalidSignature as error:
            raise ServiceError(StatusCodes.BadUserSignatureInvalid) from error
        role = store.user(certificate)
        if role is None:
            raise ServiceError(StatusCodes.BadIdentityTokenRejected)
        return Login(role, certificate.subject.rfc4514_string())


def _is_null(token: object) -> bool:
    return isinstance(token, ua.ExtensionObject) and token.TypeId.is_null()
