package dev.sluice.config;

import java.time.Duration;
import org.springframework.util.unit.DataSize;

/** Sizes and times as people write them in a configuration: in the largest unit that leaves no rest. */
final class Written {

    private static final String[] SIZES = {"B", "KB", "MB", "GB", "TB"};

    private Written() {}

    static String of(DataSize size) {
        long number = size.toBytes();
        int unit = 0;
        while (number != 0 && number % 1024 == 0 && unit < SIZES.length - 1) {
            number /= 1024;
            unit++;
        }
        return number + SIZES[unit];
    }

    static String of(Duration time) {
        long millis = time.toMillis();
        if (millis == 0) {
            return "0s";
        }
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds % 60 != 0) {
            return seconds + "s";
        }
        return seconds % 86_400 == 0
                ? seconds / 86_400 + "d"
                : seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds / 60 + "m";
    }
}
