"""Authorities and serving certificates, made and read with `cryptography`: P-256, and no more than a webhook needs."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kubeapprove.certificates import Life, life_from


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def life(self) -> Life:
        """From when to when it is valid."""
        return life_of(self.certificate)

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return pem(self.certificate)

    @property
    def key_pem(self) -> bytes:
        """The key as PEM (PKCS 8)."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def life_of(certificate: x509.Certificate) -> Life:
    """Return from when to when a certificate is valid."""
    return Life(certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def read_pair(certificate: bytes, key: bytes) -> Pair | None:
    """Read PEM as it was written; None where it is not a pair of ours."""
    try:
        read, secret = x509.load_pem_x509_certificate(certificate), serialization.load_pem_private_key(key, None)
        if not isinstance(secret, ec.EllipticCurvePrivateKey) or secret.public_key() != read.public_key():
            return None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return Pair(read, secret)


def read_certificate(certificate: bytes) -> x509.Certificate | None:
    """Read PEM; None where it holds no certificate."""
    try:
        return x509.load_pem_x509_certificate(certificate)
    except ValueError:
        return None


def chain_of(ca: bytes, serving: bytes) -> dict[str, x509.Certificate]:
    """Read somebody else's PEM: the CA that is good for the longest among those that signed what is served, and that.

    What cannot be read is left out.
    """
    served = read_certificate(serving)
    try:
        authorities = x509.load_pem_x509_certificates(ca)
    except ValueError:
        authorities = []
    signers = [one for one in authorities if served is not None and _signed(served, one)] or authorities
    authority = max(signers, key=lambda one: one.not_valid_after_utc, default=None)
    both = {"authority": authority, "serving": served}
    return {name: one for name, one in both.items() if one is not None}


def _signed(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def new_authority(now: datetime, whole: timedelta) -> Pair:
    """Make an authority that signs itself, for leaves only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"kubeapprove {now:%Y-%m-%dT%H:%M:%SZ}")])
    builder = _begin(name, name, key, life_from(now, whole))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return Pair(builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256()), key)


def new_serving(authority: Pair, names: tuple[str, ...], now: datetime, whole: timedelta) -> Pair:
    """Issue a serving certificate for host names and IP addresses; never longer than its authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    life = life_from(now, whole)
    life = Life(max(life.begins, authority.life.begins), min(life.ends, authority.life.ends))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubeapprove-webhook")])
    builder = _begin(name, authority.certificate.subject, key, life)
    builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    return Pair(builder.add_extension(issuer, critical=False).sign(authority.key, hashes.SHA256()), key)


def fits(serving: x509.Certificate, authority: x509.Certificate, names: tuple[str, ...]) -> bool:
    """Whether a serving certificate is of this authority and for exactly these names."""
    try:
        extension = serving.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, x509.ExtensionNotFound):
        return False
    return _signed(serving, authority) and set(extension.value) == {_general(name) for name in names}


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: Life
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(life.begins)
        .not_valid_after(life.ends)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
