import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;

/**
 * Executes a Java notebook from start to end by the JDK's own JShell: no Jupyter is needed. Started
 * by {@code notebooks/run}.
 *
 * <p>With {@code --write} the outputs go into the notebook; without, they are compared with those
 * that are there, numbers up to {@link #TOLERANCE}. The exit status is 1 if a cell fails or an
 * output differs.
 */
public final class RunNotebook {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Scores are printed with three digits, and another CPU may round the last one differently. */
  private static final double TOLERANCE = 0.01;

  /**
   * The one call of the Jupyter kernel that notebooks use: what it shows goes to the cell. Snippets
   * know no class of this file, but the JDK's.
   */
  private static final String DISPLAY =
      """
      @SuppressWarnings("unchecked")
      void display(String mimeType, Object data) {
        ((java.util.function.BiConsumer<String, Object>) System.getProperties().get("display"))
            .accept(mimeType, data);
      }
      """;

  /** What the running cell prints: one stream for all of them, because Scala keeps the first. */
  private static final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private static ArrayNode displayed;

  public static void main(String[] arguments) throws Exception {
    boolean write = arguments.length == 2 && arguments[1].equals("--write");
    if (arguments.length < 1 || arguments.length > 2 || (arguments.length == 2 && !write)) {
      System.err.println("usage: notebooks/run [NOTEBOOK] [--write]");
      System.exit(2);
    }
    System.exit(run(Path.of(arguments[0]), write) ? 0 : 1);
  }

  /** What a cell shows by itself, apart from what it prints. */
  private static void display(String mimeType, Object data) {
    ObjectNode output = displayed.addObject().put("output_type", "display_data");
    // Viewers that strip pictures from HTML show them under their own name.
    boolean svg = data.toString().startsWith("<svg");
    output.putObject("data").set(svg ? "image/svg+xml" : mimeType, lines(data.toString()));
    output.putObject("metadata");
  }

  private static boolean run(Path file, boolean write) throws Exception {
    ObjectNode notebook = (ObjectNode) MAPPER.readTree(Files.readString(file));
    boolean good = true;
    int count = 0;
    PrintStream console = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    // In this JVM: Spark's session and what cells show are here.
    try (JShell shell = JShell.builder().executionEngine("local").build()) {
      shell.addToClasspath(System.getProperty("java.class.path"));
      System.getProperties().put("display", (BiConsumer<String, Object>) RunNotebook::display);
      evaluate(shell, DISPLAY);
      for (JsonNode cell : notebook.get("cells")) {
        if (!cell.get("cell_type").asText().equals("code")) {
          continue;
        }
        long start = System.nanoTime();
        ArrayNode outputs = MAPPER.createArrayNode();
        String failure = execute(shell, source(cell), outputs);
        console.printf("cell %d: %.1f s%n", ++count, (System.nanoTime() - start) / 1e9);
        if (failure == null && !write) {
          failure = difference(cell.get("outputs"), outputs);
        }
        if (failure != null) {
          console.printf("cell %d failed: %s%n%s%n", count, failure, text(outputs));
          good = false;
          break;
        }
        ((ObjectNode) cell).put("execution_count", count).set("outputs", outputs);
      }
    }
    if (good && write) {
      DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
      printer.indentArraysWith(new DefaultIndenter(" ", "\n"));
      printer.indentObjectsWith(new DefaultIndenter(" ", "\n"));
      Files.writeString(file, MAPPER.writer(printer).writeValueAsString(notebook) + "\n");
    }
    console.println(good ? count + " cells done" : "the notebook failed");
    return good;
  }

  /** Returns why the cell failed, or null. */
  private static String execute(JShell shell, String source, ArrayNode outputs) {
    displayed = outputs;
    printed.reset();
    String failure = evaluate(shell, source);
    if (printed.size() > 0) {
      ObjectNode stream = MAPPER.createObjectNode().put("output_type", "stream");
      stream.put("name", "stdout").set("text", lines(printed.toString(StandardCharsets.UTF_8)));
      outputs.insert(0, stream);
    }
    return failure;
  }

  /** Returns why one of the snippets failed, or null. */
  private static String evaluate(JShell shell, String source) {
    String rest = source;
    while (!rest.isBlank()) {
      SourceCodeAnalysis.CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
      String snippet = next.source() == null ? rest : next.source();
      rest = next.source() == null ? "" : next.remaining();
      for (SnippetEvent event : shell.eval(snippet)) {
        if (event.exception() != null) {
          event.exception().printStackTrace();
          return event.exception() + " in: " + snippet;
        }
        if (event.status() == Snippet.Status.REJECTED) {
          List<String> reasons = new ArrayList<>();
          shell.diagnostics(event.snippet()).forEach(d -> reasons.add(d.getMessage(null)));
          return reasons + " in: " + snippet;
        }
      }
    }
    return null;
  }

  private static String difference(JsonNode expected, JsonNode found) {
    String[] before = text(expected).trim().split("\\s+");
    String[] after = text(found).trim().split("\\s+");
    if (expected.size() != found.size() || before.length != after.length) {
      return "its outputs are not those in the notebook: run it with --write if they are right";
    }
    for (int i = 0; i < before.length; i++) {
      if (!before[i].equals(after[i]) && !near(before[i], after[i])) {
        return "it says '" + after[i] + "' where the notebook has '" + before[i] + "'";
      }
    }
    return null;
  }

  private static boolean near(String before, String after) {
    try {
      return Math.abs(Double.parseDouble(before) - Double.parseDouble(after)) <= TOLERANCE;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** What outputs print; pictures are not compared. */
  private static String text(JsonNode outputs) {
    StringBuilder text = new StringBuilder();
    outputs.forEach(output -> output.path("text").forEach(line -> text.append(line.asText())));
    return text.toString();
  }

  private static String source(JsonNode cell) {
    StringBuilder source = new StringBuilder();
    cell.get("source").forEach(line -> source.append(line.asText()));
    return source.toString();
  }

  /** As notebooks hold text: one string a line, each with its end. */
  private static ArrayNode lines(String text) {
    ArrayNode lines = MAPPER.createArrayNode();
    text.lines().forEach(line -> lines.add(line + "\n"));
    return lines;
  }
}
