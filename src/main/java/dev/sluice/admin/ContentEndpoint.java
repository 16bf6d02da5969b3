package dev.sluice.admin;

import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * An endpoint that shows contents of logs, or changes them. A bean of this type is all that it takes: it is served
 * where the page is, and to those alone whom {@link ContentAccess} lets in.
 *
 * @param path one path, without patterns
 * @param role what its user has to have
 */
public record ContentEndpoint(HttpMethod method, String path, Role role, HandlerFunction<ServerResponse> handler) {}
