package dev.sluice;

/** A listener's TLS cannot be made of what is configured; the message names the property. */
final class TlsUnusableException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    TlsUnusableException(String message, Throwable cause) {
        super(message, cause);
    }
}
