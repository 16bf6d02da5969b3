"""The service as in the chart's default pod, without a container engine: options of image and chart, an AOT cache made
as the image's build makes it, and a control group with the pod's limit."""

import re
import shlex
import socket

from e2e.harness.control_group import leave_page_cache
from e2e.harness.processes import end, run
from e2e.harness.program import ROOT
from e2e.harness.service import Service, find_jar, find_jdk25

CHART = ROOT / "helm" / "golden" / "expected"  # what the chart makes of its defaults, and with TLS
OPTIONS = ROOT / "deploy" / "image" / "java.options"
TRAINING_EVENTS = 200


def pod_options(pod):
    """What the chart tells the JVM."""
    return shlex.split(re.search(r'JDK_JAVA_OPTIONS\n +value: "([^"]+)"', (CHART / pod).read_text())[1])


def pod_mib(pod):
    """The pod's limit."""
    return int(re.search(r"limits:\n +memory: (\d+)Mi", (CHART / pod).read_text())[1])


class Image:
    """The jar's parts in a folder, as in the image, and an AOT cache of them."""

    def __init__(self, work):
        self.folder, self.jdk = work / "app", find_jdk25()
        self.cache = work / "sluice.aot"
        java, native = self.jdk / "bin" / "java", self.folder / "native"
        run(java, "-Djarmode=tools", "-jar", find_jar(self.jdk), "extract", "--destination", self.folder)
        for jar in self.folder.glob("lib/netty-transport-native-epoll-*.jar"):
            run("unzip", "-qoj", jar, "META-INF/native/*.so", "-d", native)

    def options(self):
        lines = OPTIONS.read_text().splitlines()
        image = [line for line in lines if line.startswith("-") and "/app/" not in line]
        return [*image, f"-Djava.library.path={self.folder / 'native'}"]

    def train(self, work, postgres):
        """As deploy/train-aot-cache.sh does."""
        service = Training(self, work, postgres)
        with service:
            with socket.create_connection(("127.0.0.1", service.port)) as shipper:
                for number in range(TRAINING_EVENTS):
                    shipper.sendall(b"<14>1 2026-01-01T00:00:00Z host app %d - [meta@1 key=\"value\"] m\n" % number)
            end(service.process, 120)  # it writes the cache then
        service.log.unlink()

    def forget(self):
        """Its files are read anew, and count in the group of their reader."""
        for file in [self.cache, *(path for path in self.folder.rglob("*") if path.is_file())]:
            leave_page_cache(file)


class Training(Service):
    def __init__(self, image, work, postgres):
        super().__init__(work, postgres)
        self.image = image

    def command(self):
        return [self.jdk / "bin" / "java", f"-XX:AOTCacheOutput={self.image.cache}", *self.image.options(),
                *pod_options("default.yaml"), "-XX:TieredStopAtLevel=2", "-jar", self.image.folder / "sluice.jar"]


class Pod(Service):
    """In the group, where there is one."""

    def __init__(self, image, group, pod, work, postgres, environment):
        super().__init__(work, postgres, {"MALLOC_ARENA_MAX": "1", **environment})
        self.image, self.group, self.pod = image, group, pod

    def command(self):
        java = [self.jdk / "bin" / "java", *self.image.options(), f"-XX:AOTCache={self.image.cache}",
                *pod_options(self.pod), "-jar", self.image.folder / "sluice.jar"]
        return self.group.command(*java) if self.group else java
