# The service as an image: no embedded database, no shell needed, nothing written to the root file system.
#   docker build -t sluice --build-arg REVISION="$(git rev-parse HEAD)" .

FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY pom.xml .
COPY config config
COPY src src
ARG REVISION=unknown
# Tests and style are the business of `mvn verify`; the image is made from what passed it.
RUN --mount=type=cache,target=/build/repository \
    mvn -B -q -Dmaven.repo.local=/build/repository -Dmaven.test.skip=true -Dspotless.check.skip=true -Dcheckstyle.skip=true \
    -Drevision="$REVISION" package
RUN java -Djarmode=tools -jar target/sluice.jar extract --layers --destination layers
# Netty unpacks its transport to a temporary folder, which a read-only file system does not have.
RUN mkdir layers/native && cd layers/native \
    && for jar in ../dependencies/lib/netty-transport-native-epoll-*.jar; do jar --extract --file "$jar"; done \
    && mv META-INF/native/*.so . && rm -r META-INF

FROM eclipse-temurin:25-jre AS service
WORKDIR /app
COPY --from=build /build/layers/native/ native/
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./

# The same JVM and the same files as at run time, or the JVM refuses the cache; and a PostgreSQL, so that a whole start
# and some events go into it.
FROM postgres:18 AS training
COPY --from=service /opt/java/openjdk /opt/java/openjdk
COPY --from=service /app /app
COPY deploy/train-aot-cache.sh /
ENV PATH="/opt/java/openjdk/bin:$PATH"
USER postgres
RUN /train-aot-cache.sh /tmp/sluice.aot --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Djava.library.path=/app/native -jar /app/sluice.jar

FROM service
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Takes log events over TCP and stores them in PostgreSQL" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="eclipse-temurin:25-jre" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=training /tmp/sluice.aot ./

# Half of the container's memory is heap; the direct memory's limit is, as in every JVM, that of the heap, and Sluice
# takes a few MB of it. Another value of this variable replaces these, for example "-Xmx512m".
ENV JDK_JAVA_OPTIONS="-XX:MaxRAMPercentage=50"

EXPOSE 5140 8080
USER 10001:10001
# The options of the service are not the probe's: two collectors, or an agent that listens twice, end a JVM.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["env", "--unset=JDK_JAVA_OPTIONS", "--unset=JAVA_TOOL_OPTIONS", \
         "java", "-Xmx16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", \
         "-cp", "/app/sluice.jar", "dev.sluice.admin.ReadinessProbe"]

# Without a shell in between the JVM is process 1, and gets SIGTERM itself. C2 begins four times later than by default:
# on two cores it would compile what only a start runs, beside the start.
ENTRYPOINT ["java", "-XX:AOTCache=/app/sluice.aot", \
            "-XX:Tier4InvocationThreshold=20000", "-XX:Tier4CompileThreshold=60000", \
            "-XX:Tier4BackEdgeThreshold=160000", \
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
            "-Djava.library.path=/app/native", "-XX:-UsePerfData", \
            "-XX:+ExitOnOutOfMemoryError", "-XX:+ErrorFileToStderr", \
            "-jar", "/app/sluice.jar"]
