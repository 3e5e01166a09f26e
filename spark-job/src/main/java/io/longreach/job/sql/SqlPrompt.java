package io.longreach.job.sql;

import java.io.IOException;
import java.nio.file.Path;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * The prompt: statements of any number of lines, ended by a semicolon, with a history that stays.
 * Ctrl-C drops a statement or cancels the query that runs, Ctrl-D leaves.
 */
public final class SqlPrompt {
  private static final Path HISTORY =
      Path.of(System.getProperty("user.home"), ".longreach_sql_history");

  private final SqlSession session;

  public SqlPrompt(SqlSession session) {
    this.session = session;
  }

  /** Reads and runs until the end of the input, {@code exit;} or {@code quit;}. */
  public void run() throws IOException {
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      terminal.handle(Terminal.Signal.INT, signal -> session.cancel());
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .parser(new StatementParser())
              .variable(LineReader.HISTORY_FILE, HISTORY)
              .variable(LineReader.SECONDARY_PROMPT_PATTERN, "        -> ")
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      while (true) {
        try {
          String text = reader.readLine("longreach> ");
          if (leaves(text)) {
            return;
          }
          session.run(text);
        } catch (UserInterruptException e) {
          // The statement is dropped; the prompt comes again.
        } catch (EndOfFileException e) {
          return;
        }
      }
    }
  }

  private static boolean leaves(String text) {
    return text.strip().matches("(?i)(exit|quit)\\s*;?");
  }

  /** Asks for another line until the statement is complete. */
  private static final class StatementParser extends DefaultParser {
    @Override
    public ParsedLine parse(String line, int cursor, Parser.ParseContext context) {
      boolean asks =
          context == Parser.ParseContext.ACCEPT_LINE
              && !line.isBlank()
              && !leaves(line)
              && !Statements.isComplete(line);
      if (asks) {
        throw new EOFError(-1, -1, "a statement ends with a semicolon");
      }
      // Quotes and backslashes are SQL's here, not a shell's.
      return super.parse(line, cursor, Parser.ParseContext.COMPLETE);
    }
  }
}
