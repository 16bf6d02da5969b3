package dev.sluice.rule.settings;

import java.time.ZoneId;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What rules need to know besides their own settings, so that they read text as the decoders do.
 *
 * @param zone where times without an offset were written
 * @param jsonDepthMax how deeply JSON may be nested, the outermost object included
 * @param variables looks up a variable of the process's environment
 */
public record RuleEnvironment(ZoneId zone, int jsonDepthMax, UnaryOperator<@Nullable String> variables) {}
