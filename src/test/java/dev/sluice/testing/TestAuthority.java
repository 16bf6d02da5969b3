package dev.sluice.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** An authority that lives as long as a test, and what it signed. */
public final class TestAuthority {

    private final X509Bundle root;

    /** An authority of this name. */
    public TestAuthority(String name) {
        root = built(() -> builder("CN=" + name).setIsCertificateAuthority(true).buildSelfSigned());
    }

    /** A certificate and its key. */
    public record Certificate(X509Bundle bundle) {

        /** For a server, or a client that shows it. */
        public KeyManagerFactory keys() {
            return built(bundle::toKeyManagerFactory);
        }

        /** Writes {@code tls.crt} and {@code tls.key}. */
        public void write(Path folder) {
            TestAuthority.write(folder.resolve("tls.key"), bundle.getPrivateKeyPEM());
            TestAuthority.write(folder.resolve("tls.crt"), bundle.getCertificatePathPEM());
        }
    }

    /** A certificate for the loopback address. */
    public Certificate server() {
        return signed("CN=sluice", name -> name.addSanDnsName("localhost").addSanIpAddress("127.0.0.1"));
    }

    /** A certificate with a DNS name. */
    public Certificate client(String name) {
        return signed("CN=a shipper", certificate -> certificate.addSanDnsName(name));
    }

    /** A certificate that ended yesterday. */
    public Certificate expired(String name) {
        Instant yesterday = Instant.now().minus(Duration.ofDays(1));
        return signed(
                "CN=" + name,
                certificate -> certificate
                        .notBefore(yesterday.minus(Duration.ofDays(1)))
                        .notAfter(yesterday));
    }

    /** Any certificate. */
    public Certificate signed(String subject, UnaryOperator<CertificateBuilder> more) {
        return new Certificate(built(() -> more.apply(builder(subject)).buildIssuedBy(root)));
    }

    /** Trusts this authority alone. */
    public TrustManagerFactory trust() {
        return built(root::toTrustManagerFactory);
    }

    /** Writes the authority's certificate. */
    public void write(Path file) {
        write(file, root.getRootCertificatePEM());
    }

    /** A client's side of TLS: trusts this authority, and shows {@code shown} when it is asked. */
    public SSLContext clientContext(@Nullable Certificate shown) {
        return built(() -> {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = shown == null ? null : shown.keys().getKeyManagers();
            context.init(keys, trust().getTrustManagers(), null);
            return context;
        });
    }

    /** A connection to a port of the loopback address that has shaken hands. */
    public SSLSocket connect(int port, @Nullable Certificate shown, String... versions) throws IOException {
        return secure(new Socket("127.0.0.1", port), shown, versions);
    }

    /** Shakes hands on a connection that is open. */
    public SSLSocket secure(Socket plain, @Nullable Certificate shown, String... versions) throws IOException {
        var socket = (SSLSocket)
                clientContext(shown).getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
        if (versions.length > 0) {
            socket.setEnabledProtocols(versions);
        }
        socket.startHandshake();
        return socket;
    }

    private static CertificateBuilder builder(String subject) {
        return new CertificateBuilder().ecp256().subject(subject);
    }

    private static void write(Path file, String text) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, text);
            Files.move(fresh, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Building<T> {
        T build() throws Exception;
    }

    private static <T> T built(Building<T> building) {
        try {
            return building.build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
