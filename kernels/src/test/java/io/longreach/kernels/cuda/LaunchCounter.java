package io.longreach.kernels.cuda;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** What is launched by a driver and read from it. */
final class LaunchCounter implements InvocationHandler {
  private final CudaDriver counted;
  private final List<String> launches = new ArrayList<>();
  private int reads;
  private int writes;

  LaunchCounter(CudaDriver counted) {
    this.counted = counted;
  }

  /** The driver, counted. */
  CudaDriver driver() {
    return (CudaDriver)
        Proxy.newProxyInstance(
            CudaDriver.class.getClassLoader(), new Class<?>[] {CudaDriver.class}, this);
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "launch" -> launches.add((String) arguments[0]);
      case "read" -> reads++;
      case "write" -> writes++;
      default -> {}
    }
    try {
      return method.invoke(counted, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Kernels in the order of their launches, since the last call. */
  List<String> launches() {
    List<String> since = List.copyOf(launches);
    launches.clear();
    return since;
  }

  /** Copies from the host, since the last call. */
  int writes() {
    int since = writes;
    writes = 0;
    return since;
  }

  /** Copies to the host, since the last call. */
  int reads() {
    int since = reads;
    reads = 0;
    return since;
  }
}
