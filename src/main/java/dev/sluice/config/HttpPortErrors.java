package dev.sluice.config;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServerException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says which property has the HTTP port, which Spring's own analyzer does not. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class HttpPortErrors extends AbstractFailureAnalyzer<WebServerException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, WebServerException failure) {
        if (failure instanceof PortInUseException taken) {
            return new FailureAnalysis(
                    "The HTTP port " + taken.getPort() + " is taken.",
                    "Set server.port (SERVER_PORT) to a free one, or end what listens there.",
                    failure);
        }
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new FailureAnalysis(
                "HTTP cannot listen: " + cause.getMessage() + ".",
                "Correct server.port (SERVER_PORT) and server.address.",
                failure);
    }
}
