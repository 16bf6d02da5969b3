package dev.sluice.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.listen.admission.Gate;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.admission.ProxyGate;
import dev.sluice.listen.report.StrayClients;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsGate;
import dev.sluice.listen.tls.TlsMaterial;
import dev.sluice.listen.tls.TlsSettings;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;

/** What a shipper has to pass before it is listened to. */
enum Entrance {
    OPEN(false, false, false),
    TLS(false, true, false),
    /** Some come without it. */
    TLS_OR_NOT(false, true, true),
    PROXY(true, false, false),
    PROXY_AND_TLS(true, true, false);

    private static final Duration HANDSHAKE = Duration.ofSeconds(10);
    private static final KeyManagerFactory KEYS = keys();

    private final boolean isProxied;
    private final boolean isSecure;
    private final boolean isTlsOptional;

    Entrance(boolean isProxied, boolean isSecure, boolean isTlsOptional) {
        this.isProxied = isProxied;
        this.isSecure = isSecure;
        this.isTlsOptional = isTlsOptional;
    }

    /** A shipper's way to the listener. */
    record Way(Wire.FarEnd end, Consumer<Wire> start) {}

    boolean isSecure() {
        return isSecure;
    }

    List<Gate> gates(Limits.Times times, StrayClients strays) {
        List<Gate> gates = new ArrayList<>();
        if (isProxied) {
            gates.add(new ProxyGate(List.of()));
        }
        if (isSecure) {
            TlsSettings settings = new TlsSettings(isTlsOptional, TlsSettings.ClientAuth.NONE, HANDSHAKE);
            gates.add(new TlsGate(
                    new TlsCredentials(settings, new TlsMaterial(KEYS, null, List.of(), List.of())), times, strays));
        }
        return gates;
    }

    /** The way of one that comes from {@code host}. */
    Way way(SimulatedShipper shipper, String host, SplittableRandom random) {
        if (!isSecure || (isTlsOptional && random.nextBoolean())) {
            return new Way(shipper, wire -> {
                introduce(wire, host);
                shipper.start(wire);
            });
        }
        // TLS 1.2 knows no half-close: who is not answered could not finish what it has begun to send.
        boolean isOld = shipper.conversation().isAnswered() && random.nextBoolean();
        TlsUplink secure = new TlsUplink(client(isOld ? "TLSv1.2" : "TLSv1.3"), random, shipper);
        return new Way(secure, wire -> {
            introduce(wire, host);
            shipper.start(secure);
            secure.start(wire);
        });
    }

    /** What a proxy says of where the connection comes from. */
    private void introduce(Wire wire, String host) {
        if (isProxied) {
            String header = "PROXY TCP4 " + host + " 127.0.0.1 40000 5140\r\n";
            wire.send(Unpooled.copiedBuffer(header.substring(0, 9), US_ASCII));
            wire.send(Unpooled.copiedBuffer(header.substring(9), US_ASCII));
        }
    }

    private static SSLEngine client(String version) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    null,
                    new TrustManager[] {InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0]},
                    null);
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(true);
            engine.setEnabledProtocols(new String[] {version});
            return engine;
        } catch (java.security.GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** Nothing of it may differ in length from one run to the next: a seed is one history. */
    private static KeyManagerFactory keys() {
        try {
            return new CertificateBuilder()
                    .algorithm(CertificateBuilder.Algorithm.ed25519)
                    .subject("CN=sluice")
                    .serial(BigInteger.ONE)
                    .notBefore(Instant.EPOCH)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned()
                    .toKeyManagerFactory();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }
}
