package dev.sluice.store.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SchemaVersionTest {

    private static final Path FOLDER = Path.of("src/main/resources/db/migration");

    @Test
    void everyFileIsKnownInItsOrder() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(SchemaVersion.FILES);
        }
        for (int i = 0; i < SchemaVersion.FILES.size(); i++) {
            assertThat(SchemaVersion.FILES.get(i)).startsWith("V" + (i + 1) + "__");
        }
    }

    /** Else a start with migrate=false would ask for it for ever. */
    @Test
    void everyFileNotesItself() throws IOException {
        List<String> files = SchemaVersion.FILES;
        for (int version = SchemaVersion.NOTES_ITSELF; version <= files.size(); version++) {
            String name = files.get(version - 1);
            String sql = Files.readString(FOLDER.resolve(name)).strip();
            assertThat(sql.substring(sql.lastIndexOf("insert into")).replace(" on conflict do nothing", ""))
                    .as(name)
                    .startsWith("insert into applied_migration (version, file) values")
                    .endsWith("(" + version + ", '" + name + "');");
        }
    }
}
