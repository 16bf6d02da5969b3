package dev.sluice.admin;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The files of the page: named here one by one, so that no path leads to another file. */
final class PageFiles {

    private PageFiles() {}

    static void addTo(RouterFunctions.Builder routes) {
        add(routes, "/", "page.html", new MediaType("text", "html", StandardCharsets.UTF_8));
        add(routes, "/page.css", "page.css", new MediaType("text", "css", StandardCharsets.UTF_8));
        add(routes, "/page.js", "page.js", new MediaType("text", "javascript", StandardCharsets.UTF_8));
        add(routes, "/page.svg", "page.svg", new MediaType("image", "svg+xml"));
    }

    private static void add(RouterFunctions.Builder routes, String path, String file, MediaType type) {
        byte[] bytes = read(file);
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        String tag = '"' + HexFormat.of().toHexDigits((int) sum.getValue()) + '"';
        routes.GET(path, request -> answer(request, type, tag, bytes));
    }

    private static Mono<ServerResponse> answer(ServerRequest request, MediaType type, String tag, byte[] bytes) {
        return request.checkNotModified(tag)
                .switchIfEmpty(Mono.defer(() -> ServerResponse.ok()
                        .contentType(type)
                        .eTag(tag)
                        .cacheControl(CacheControl.noCache()) // asked again each time, so a new release is seen at once
                        .bodyValue(bytes)));
    }

    private static byte[] read(String file) {
        try (InputStream input = PageFiles.class.getResourceAsStream(file)) {
            return requireNonNull(input, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
