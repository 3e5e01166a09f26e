package io.longreach.udfs.sql;

import java.util.EnumMap;
import java.util.Map;
import org.apache.spark.sql.internal.SQLConf;

/** Reads the constant arguments of a call, or their settings where it does not give them. */
final class ConstantArguments {
  private final CallArguments call;
  private final Map<SqlArgument, String> values = new EnumMap<>(SqlArgument.class);
  private final StringBuilder given = new StringBuilder();

  private ConstantArguments(CallArguments call) {
    this.call = call;
  }

  /** What a call and its session say, and the call's own part of it as people wrote it. */
  record Constants(EmbedSettings settings, String given) {}

  /** Reads and checks them all. */
  static Constants read(CallArguments call) {
    ConstantArguments constants = new ConstantArguments(call);
    for (SqlArgument argument : SqlArgument.values()) {
      constants.read(argument);
    }
    try {
      EmbedSettings settings = EmbedSettings.of(constants.values);
      if (OwnGlobalTokens.areIn(call)) {
        settings.requireGlobalTokens();
      }
      return new Constants(settings, constants.given.toString());
    } catch (IllegalArgumentException e) {
      throw constants.invalid(blamed(e.getMessage()), e.getMessage());
    }
  }

  private void read(SqlArgument argument) {
    String name = argument.argument();
    boolean own = argument == SqlArgument.GLOBAL_TOKENS && OwnGlobalTokens.areIn(call);
    String value =
        own ? null : argument.isNumber() ? call.constantNumber(name) : call.constantText(name);
    if (value == null) {
      try {
        values.put(argument, argument.setting().read(SQLConf.get()));
      } catch (IllegalArgumentException e) {
        throw SqlErrors.invalid(call.function(), e.getMessage(), null);
      }
      return;
    }
    try {
      argument.check(value);
    } catch (IllegalArgumentException e) {
      throw call.invalid(name, e.getMessage());
    }
    values.put(argument, value);
    given.append(", ").append(name).append(" => ").append(call.get(name).sql());
  }

  /** What only the model can tell: the argument is at fault, or the setting it comes from. */
  private RuntimeException invalid(SqlArgument argument, String reason) {
    return call.isGiven(argument.argument())
        ? call.invalid(argument.argument(), reason)
        : SqlErrors.invalid(call.function(), argument.setting().invalid(reason).getMessage(), null);
  }

  /** The argument that a message names first, as all our messages do; else the model. */
  private static SqlArgument blamed(String message) {
    String first = message.split("\\W", 2)[0];
    for (SqlArgument argument : SqlArgument.values()) {
      if (first.equalsIgnoreCase(argument.argument().replace("_", ""))) {
        return argument;
      }
    }
    return SqlArgument.MODEL;
  }
}
