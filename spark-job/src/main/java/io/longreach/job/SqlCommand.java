package io.longreach.job;

import io.longreach.job.sql.SqlPrompt;
import io.longreach.job.sql.SqlSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longreach sql}: Spark SQL with the functions in place. */
@Command(
    name = "sql",
    description = {
      "Opens a Spark SQL prompt with the functions and the sample corpus, a view named sample.",
      "For example: bin/longreach sql -e \"SELECT doc_id, size(embed(text)) FROM sample LIMIT 3\"",
      "Without -e or -f, statements are read from the terminal, or from the standard input.",
      "Exit status: 2 if a statement is wrong, 1 if it fails as it runs."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SqlCommand implements Callable<Integer> {

  /** One of them. */
  static final class Source {
    @Option(
        names = {"-e", "--execute"},
        paramLabel = "SQL",
        description = "Run these statements, print their rows and leave.")
    private String text;

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "The same with the statements of a file.")
    private Path file;
  }

  @ArgGroup(exclusive = true)
  private Source source;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = {
        "A setting of Spark or of the functions, for example spark.longreach.model=bge-small;",
        "may be repeated."
      })
  private Map<String, String> settings = Map.of();

  @Override
  public Integer call() throws IOException {
    boolean prompts = source == null && Boolean.getBoolean("longreach.interactive");
    String text = prompts ? null : text();
    settings.forEach(System::setProperty);
    // Queries may bring any class into a shuffle.
    System.setProperty("spark.kryo.registrationRequired", "false");
    try (SparkSession spark = Sessions.open("longreach sql")) {
      registerSample(spark);
      SqlSession.Layout layout = prompts ? SqlSession.Layout.TABLE : SqlSession.Layout.LINES;
      SqlSession session = new SqlSession(spark, layout, System.out, System.err);
      if (!prompts) {
        return session.run(text);
      }
      System.out.println(
          "Spark " + spark.version() + ", the functions of docs/sql.md, and sample.");
      System.out.println("Statements end with a semicolon; 'exit;' leaves.");
      new SqlPrompt(session).run();
      return ExitStatus.DONE;
    }
  }

  private String text() throws IOException {
    if (source == null) {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }
    if (source.file == null) {
      return source.text;
    }
    try {
      return Files.readString(source.file);
    } catch (NoSuchFileException e) {
      throw new UsageException("there is no file '" + source.file + "': name one of statements");
    }
  }

  private static void registerSample(SparkSession spark) {
    spark
        .read()
        .schema("doc_id STRING, year INT, president STRING, party STRING, text STRING")
        .json(SampleCorpus.path())
        .createOrReplaceTempView(InputOptions.SAMPLE);
  }
}
