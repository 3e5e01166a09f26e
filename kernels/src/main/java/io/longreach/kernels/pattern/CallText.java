package io.longreach.kernels.pattern;

import java.util.StringJoiner;

/** Prints {@code name(value, key=value)}. */
final class CallText {
  private final String name;
  private final StringJoiner arguments = new StringJoiner(", ", "(", ")").setEmptyValue("");

  CallText(String name) {
    this.name = name;
  }

  CallText with(Object value) {
    arguments.add(String.valueOf(value));
    return this;
  }

  CallText with(String key, Object value) {
    arguments.add(key + "=" + value);
    return this;
  }

  /** Left out where it is what a reader gets anyway. */
  CallText unless(Object standard, String key, Object value) {
    return value.equals(standard) ? this : with(key, value);
  }

  @Override
  public String toString() {
    return name + arguments;
  }
}
