"""An image of the Docker engine as an OCI archive: `docker save` of an older engine writes a form of its own."""

import gzip
import hashlib
import io
import json
import tarfile

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Archive:
    """Blobs by their digests, each once; the same image gives the same bytes."""

    def __init__(self, tar):
        self.tar = tar
        self.written = set()

    def add(self, name, content):
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        self.tar.addfile(entry, io.BytesIO(content))

    def blob(self, content, media_type):
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self.written:
            self.written.add(digest)
            self.add(f"blobs/sha256/{digest}", content)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}


def convert(saved, path, tag):
    """From the file that `docker save` wrote for one image; returns the digest of its manifest."""
    with tarfile.open(saved) as source, tarfile.open(path, "w") as target:
        archive = Archive(target)
        image = json.load(source.extractfile("manifest.json"))[0]
        config = source.extractfile(image["Config"]).read()
        settings = json.loads(config)
        layers = [archive.blob(compressed(source.extractfile(layer).read()), LAYER) for layer in image["Layers"]]
        manifest = encoded({"schemaVersion": 2, "mediaType": MANIFEST, "config": archive.blob(config, CONFIG),
                            "layers": layers})
        described = {**archive.blob(manifest, MANIFEST), "annotations": {"org.opencontainers.image.ref.name": tag},
                     "platform": {"architecture": settings["architecture"], "os": settings["os"]}}
        archive.add("index.json", encoded({"schemaVersion": 2, "mediaType": INDEX, "manifests": [described]}))
        archive.add("oci-layout", encoded({"imageLayoutVersion": "1.0.0"}))
    return described["digest"]


def compressed(layer):
    return layer if layer[:2] == b"\x1f\x8b" else gzip.compress(layer, compresslevel=6, mtime=0)


def encoded(document):
    return json.dumps(document, sort_keys=True).encode()
