package dev.sluice;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.MessageSourceResolvable;
import org.springframework.context.NoSuchMessageException;

/**
 * Sluice has no texts in several languages. Spring's own stand-in for that reads the thousand locales of the JVM ten
 * times over when it is loaded, which is a tenth of what the main thread does until the start is over.
 */
final class NoMessages implements MessageSource {

    @Override
    public @Nullable String getMessage(
            String code, Object @Nullable [] arguments, @Nullable String otherwise, @Nullable Locale locale) {
        return otherwise;
    }

    @Override
    public String getMessage(String code, Object @Nullable [] arguments, @Nullable Locale locale) {
        throw new NoSuchMessageException(code);
    }

    @Override
    public String getMessage(MessageSourceResolvable resolvable, @Nullable Locale locale) {
        String otherwise = resolvable.getDefaultMessage();
        if (otherwise == null) {
            throw new NoSuchMessageException(String.join(", ", codes(resolvable)));
        }
        return otherwise;
    }

    private static String[] codes(MessageSourceResolvable resolvable) {
        String[] codes = resolvable.getCodes();
        return codes == null ? new String[0] : codes;
    }
}
