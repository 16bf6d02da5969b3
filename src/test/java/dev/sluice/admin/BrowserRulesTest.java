package dev.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;

class BrowserRulesTest {

    @Test
    void programsSayNothingAndMay() {
        assertThat(isForAnother(HttpMethod.POST)).isFalse();
        assertThat(isForAnother(HttpMethod.GET)).isFalse();
    }

    @Test
    void thePageItselfMay() {
        assertThat(isForAnother(HttpMethod.POST, "Sec-Fetch-Site", "same-origin"))
                .isFalse();
        assertThat(isForAnother(HttpMethod.POST, "Origin", "http://sluice:8080"))
                .isFalse();
        assertThat(isForAnother(HttpMethod.POST, "Origin", "http://SLUICE:8080"))
                .isFalse();
    }

    @Test
    void anotherSiteMayNotPost() {
        for (String site : new String[] {"cross-site", "same-site"}) {
            assertThat(isForAnother(HttpMethod.POST, "Sec-Fetch-Site", site)).isTrue();
            assertThat(isForAnother(HttpMethod.POST, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "navigate"))
                    .isTrue();
        }
        for (String origin : new String[] {"http://evil", "null", "http://sluice:8081", "http://sluice", "%", ""}) {
            assertThat(isForAnother(HttpMethod.POST, "Origin", origin))
                    .as(origin)
                    .isTrue();
            assertThat(isForAnother(HttpMethod.DELETE, "Origin", origin))
                    .as(origin)
                    .isTrue();
        }
    }

    @Test
    void anotherSiteMayLinkToThePageAndNotLoadIt() {
        assertThat(isForAnother(HttpMethod.GET, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"))
                .isFalse();
        assertThat(isForAnother(HttpMethod.GET, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"))
                .isTrue();
        assertThat(isForAnother(HttpMethod.GET, "Sec-Fetch-Site", "cross-site")).isTrue();
    }

    private static boolean isForAnother(HttpMethod method, String... headers) {
        MockServerHttpRequest.BodyBuilder request =
                MockServerHttpRequest.method(method, "http://sluice:8080/login").header("Host", "sluice:8080");
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return BrowserRules.isForAnother(request.build());
    }
}
