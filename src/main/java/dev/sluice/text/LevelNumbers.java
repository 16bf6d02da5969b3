package dev.sluice.text;

import static dev.sluice.text.Levels.UNKNOWN;

import dev.sluice.text.Levels.Scale;

/** What the numbers of each scale mean. */
final class LevelNumbers {

    static final int PRI_MAX = 191;

    private LevelNumbers() {}

    /** The severity that a number on that scale means, or {@code UNKNOWN}. */
    static int severity(int number, Scale scale) {
        return switch (scale) {
            case COMMON -> common(number);
            case NAMES -> UNKNOWN;
            case DOUBTFUL -> number < Levels.FINER ? number : UNKNOWN;
            case MONOLOG -> monolog(number);
            case PYTHON -> python(number);
            case OPEN_TELEMETRY -> openTelemetry(number);
            case APPLICATION_INSIGHTS -> number > 4 ? UNKNOWN : number == 0 ? 7 : number == 1 ? 6 : 6 - number;
            case PRI -> number > PRI_MAX ? UNKNOWN : number & 7;
        };
    }

    private static int common(int number) {
        return switch (number) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> number;
            case 10, 20, 5000, 10_000, 100 -> 7;
            case 30, 20_000, 200 -> 6;
            case 250, 300 -> 5;
            case 40, 30_000, 400 -> 4;
            case 50, 40_000, 500 -> 3;
            case 60, 600 -> 2;
            case 550, 700 -> 1;
            case 800 -> 0;
            default -> UNKNOWN;
        };
    }

    private static int monolog(int number) {
        return switch (number) {
            case 100 -> 7;
            case 200 -> 6;
            case 250 -> 5;
            case 300 -> 4;
            case 400 -> 3;
            case 500 -> 2;
            case 550 -> 1;
            case 600 -> 0;
            default -> common(number);
        };
    }

    private static int python(int number) {
        return switch (number) {
            case 10 -> 7;
            case 20 -> 6;
            case 30 -> 4;
            case 40 -> 3;
            case 50 -> 2;
            default -> UNKNOWN;
        };
    }

    private static int openTelemetry(int number) {
        if (number < 1 || number > 24) {
            return UNKNOWN;
        }
        return number <= 8 ? 7 : number <= 12 ? 6 : number <= 16 ? 4 : number <= 20 ? 3 : 2;
    }
}
