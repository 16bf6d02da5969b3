package dev.sluice.listen.tls;

import dev.sluice.listen.report.ListenObserver.Refusal;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/** Tells why a handshake failed. */
final class TlsFailure {

    /** What the JDK says when a shipper must show a certificate and has none: an exception like any other. */
    private static final String NO_CERTIFICATE = "Empty client certificate chain";

    private TlsFailure() {}

    static Refusal of(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException
                    || cause instanceof CertPathValidatorException
                    || saysNoCertificate(cause.getMessage())) {
                return Refusal.TLS_CERTIFICATE;
            }
        }
        return Refusal.TLS_HANDSHAKE;
    }

    private static boolean saysNoCertificate(@Nullable String message) {
        return message != null && message.contains(NO_CERTIFICATE);
    }
}
