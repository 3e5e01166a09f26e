package io.longreach.udfs;

import java.util.Objects;
import scala.Product;

/** What Catalyst asks of a node of its trees and Java does not write by itself. */
public interface CatalystNode extends Product {

  /** The constructor's arguments in their order: Catalyst copies nodes by reflection. */
  Object[] elements();

  @Override
  default int productArity() {
    return elements().length;
  }

  @Override
  default Object productElement(int index) {
    return elements()[index];
  }

  @Override
  default boolean canEqual(Object other) {
    return getClass().isInstance(other);
  }

  /** For {@code equals}, which no interface may give; Catalyst's own nodes hash by the elements. */
  default boolean isEqual(Object other) {
    return other != null
        && other.getClass() == getClass()
        && Objects.deepEquals(elements(), ((CatalystNode) other).elements());
  }
}
