package io.longreach.udfs.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The reference in {@code docs} says what the code says; {@code -Dlongreach.docs=write} writes it.
 */
class ReferencePagesTest {
  private static final Path DOCS = Path.of("..", "docs");

  @ParameterizedTest
  @ValueSource(strings = {"sql.md", "configuration.md"})
  void thePageIsThatOfTheCode(String name) throws IOException {
    Path file = DOCS.resolve(name);
    String page = ReferencePages.all().get(name);
    if ("write".equals(System.getProperty("longreach.docs"))) {
      Files.writeString(file, page);
    }
    assertEquals(
        page,
        Files.readString(file),
        () -> name + " has drifted: run the command in its first line");
  }

  @ParameterizedTest
  @EnumSource(SqlFunction.class)
  void everyFunctionIsDescribed(SqlFunction function) {
    assertTrue(function.usage().startsWith("Returns "), function.usage());
    assertTrue(!function.examples().isEmpty(), function.sqlName());
    assertTrue(function.since().matches("\\d+\\.\\d+\\.\\d+"), function.since());
    for (SqlParameter parameter : function.parameters()) {
      assertTrue(!parameter.doc().isBlank(), parameter.name());
    }
  }

  @Test
  void everySettingsDefaultIsAllowed() {
    for (Setting setting : Setting.all()) {
      setting.check().accept(setting.initial());
      assertTrue(setting.key().matches("spark\\.longreach\\.[a-zA-Z.]+"), setting.key());
    }
  }
}
