package dev.sluice;

/** The process may not open as many files as it needs; the message names the numbers. */
final class DescriptorsTooFewException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    DescriptorsTooFewException(String message) {
        super(message);
    }
}
