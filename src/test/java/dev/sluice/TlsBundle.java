package dev.sluice;

import dev.sluice.testing.TestAuthority;
import dev.sluice.testing.TestAuthority.Certificate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;

/** The files of an SSL bundle, a listener that takes nobody without a certificate, and a shipper who has one. */
final class TlsBundle {

    static final String PEM = "--spring.ssl.bundle.pem.shippers.";
    static final String SHIPPER = "web-1.example";

    private final TestAuthority authority = new TestAuthority("authority");
    private final Certificate shipper = authority.client(SHIPPER);
    private final Path folder;

    /** Writes its files. */
    TlsBundle(Path folder) {
        this.folder = folder;
        renew();
        authority.write(folder.resolve("ca.crt"));
    }

    /** Replaces the service's certificate. */
    Certificate renew() {
        Certificate server = authority.server();
        server.write(folder);
        return server;
    }

    /** What the application is told of it, and {@code more}. */
    String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                PEM + "keystore.certificate=" + folder.resolve("tls.crt"),
                PEM + "keystore.private-key=" + folder.resolve("tls.key"),
                PEM + "truststore.certificate=" + folder.resolve("ca.crt"),
                PEM + "reload-on-update=true",
                "--spring.ssl.bundle.watch.file.quiet-period=200ms",
                "--sluice.listeners.main.tls.bundle=shippers",
                "--sluice.listeners.main.tls.client-auth=need"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    SSLSocket connect(int port) throws IOException {
        return authority.connect(port, shipper);
    }

    /** Shippers that show their certificate. */
    Shippers.Wire wire(String... versions) {
        return plain -> authority.secure(plain, shipper, versions);
    }
}
