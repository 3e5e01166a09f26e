package io.longreach.udfs.sql;

/**
 * A parameter of a SQL function, for calls by position or by name and for the documentation.
 *
 * @param type as people read it: {@code STRING}, {@code ARRAY<FLOAT>}
 */
record SqlParameter(String name, String type, String doc, Presence presence) {

  enum Presence {
    REQUIRED,
    OPTIONAL
  }

  static SqlParameter required(String name, String type, String doc) {
    return new SqlParameter(name, type, doc, Presence.REQUIRED);
  }

  static SqlParameter optional(String name, String type, String doc) {
    return new SqlParameter(name, type, doc, Presence.OPTIONAL);
  }

  boolean isOptional() {
    return presence == Presence.OPTIONAL;
  }
}
