package dev.sluice.rule.search;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The patterns that have a name. */
public final class Finders {

    private static final Map<String, Supplier<Finder>> NAMED = new LinkedHashMap<>();

    static {
        NAMED.put("email", EmailFinder::new);
        NAMED.put("ipv6", Ipv6Finder::new);
        NAMED.put("ipv4", Ipv4Finder::new);
        NAMED.put("card", CardFinder::new);
        NAMED.put("bearer", BearerFinder::new);
        NAMED.put("aws", AwsKeyFinder::new);
    }

    private Finders() {}

    public static Map<String, Supplier<Finder>> named() {
        return NAMED;
    }
}
