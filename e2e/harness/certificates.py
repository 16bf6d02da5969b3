"""Certificates as docs/tls.md makes them."""

from e2e.harness.processes import run

NEW = ("req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Authority:
    """Signs; its own certificate is `ca.crt` in the folder."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        if not (folder / "ca.key").exists():
            run("openssl", *NEW, "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", folder / "ca.key",
                "-out", folder / "ca.crt")

    def sign(self, name, alternative):
        """NAME.key and NAME.crt, for a subject's alternative name such as DNS:localhost."""
        folder = self.folder
        request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative}\n")
        run("openssl", *NEW, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", request)
        run("openssl", "x509", "-req", "-days", "2", "-in", request, "-CA", folder / "ca.crt", "-CAkey",
            folder / "ca.key", "-CAcreateserial", "-extfile", extensions, "-out", folder / f"{name}.crt")


def shippers_bundle(folder, name, **listener):
    """The settings of a listener that shows tls.crt of the folder."""
    bundle = "SPRING_SSL_BUNDLE_PEM_SHIPPERS_KEYSTORE"
    settings = {"TLS_BUNDLE": "shippers", **listener}
    return {f"{bundle}_CERTIFICATE": f"file:{folder / 'tls.crt'}", f"{bundle}_PRIVATEKEY": f"file:{folder / 'tls.key'}",
            **{f"SLUICE_LISTENERS_{name}_{key}": str(value) for key, value in settings.items()}}
