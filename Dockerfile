# The service as an image: a JVM, its libraries and the service, with no shell, no package manager and no embedded
# database; nothing is written to the root file system.
#   docker build -t sluice --build-arg REVISION="$(git rev-parse HEAD)" .
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg REVISION="$(git rev-parse HEAD)" .

FROM --platform=$BUILDPLATFORM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY pom.xml .
COPY config config
COPY src src
ARG REVISION=unknown
# Tests and style are the business of `mvn verify`; the image is made from what passed it.
RUN --mount=type=cache,target=/build/repository \
    mvn -B -q -Dmaven.repo.local=/build/repository -Dmaven.test.skip=true -Dspotless.check.skip=true -Dcheckstyle.skip=true \
    -Derror-prone.argument=-Xlint -Drevision="$REVISION" package
RUN java -Djarmode=tools -jar target/sluice.jar extract --layers --destination layers
# Netty unpacks its transport to a temporary folder, which a read-only file system does not have.
RUN mkdir -p layers/native/amd64 layers/native/arm64 && cd layers/native \
    && for jar in ../dependencies/lib/netty-transport-native-epoll-*.jar; do jar --extract --file "$jar"; done \
    && mv META-INF/native/*_x86_64.so amd64 && mv META-INF/native/*_aarch_64.so arm64 && rm -r META-INF

# This one and the next run on the platform of the image, as jlink takes the modules from the JVM that runs it.
FROM eclipse-temurin:25-jdk AS root
# By jdeps: java.desktop and those before it, jdk.jfr to jdk.unsupported; the others are found at run time: secrets and
# signatures, name servers, sockets, archives. jdk.jcmd is for operators, who have no other program in here.
ARG MODULES=java.base,java.desktop,java.instrument,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,jdk.crypto.ec,jdk.jcmd,jdk.jfr,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs
COPY deploy/image/make-root.sh /
RUN /make-root.sh /root-of-the-image "$MODULES"

FROM eclipse-temurin:25-jdk AS ready
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends gcc libc6-dev > /dev/null
COPY deploy/image/ready.c /
RUN gcc -Os -s -Wall -Wextra -Werror -o /ready /ready.c

FROM scratch AS service
ARG TARGETARCH
WORKDIR /app
COPY --from=root /root-of-the-image/ /
COPY --from=ready /ready ./
COPY --from=build /build/layers/native/$TARGETARCH/ native/
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
COPY deploy/image/java.options ./

# The same JVM and the same files as at run time, or the JVM refuses the cache; and a PostgreSQL, so that a whole start
# and some events go into it.
FROM --platform=$BUILDPLATFORM postgres:18 AS training
ARG BUILDPLATFORM
ARG TARGETPLATFORM
COPY --from=service /opt/java/openjdk /opt/java/openjdk
COPY --from=service /app /app
COPY deploy/train-aot-cache.sh /
USER postgres
RUN /train-aot-cache.sh /tmp/trained

FROM service
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Takes log events over TCP and stores them in PostgreSQL" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=training /tmp/trained/ ./

# Half of the container's memory is heap; the direct memory's limit is, as in every JVM, that of the heap, and Sluice
# takes a few MB of it. Another value of this variable replaces these, for example "-Xmx512m".
# One arena of the C heap: several keep what the compilers leave in each of them.
ENV JDK_JAVA_OPTIONS="-XX:MaxRAMPercentage=50" \
    MALLOC_ARENA_MAX=1 \
    JAVA_HOME=/opt/java/openjdk \
    LANG=C.UTF-8 \
    PATH=/opt/java/openjdk/bin

EXPOSE 5140 8080
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=6 CMD ["/app/ready"]

# Without a shell in between the JVM is process 1, and gets SIGTERM itself.
ENTRYPOINT ["java", "@/app/java.options", "-jar", "/app/sluice.jar"]
