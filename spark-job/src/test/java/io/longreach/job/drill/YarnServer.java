package io.longreach.job.drill;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.service.Service;

/**
 * Hadoop's own small YARN, a resource manager and node managers in one process, on loopback. It
 * measures its containers' memory and kills what goes beyond, as a real one does.
 */
public final class YarnServer {
  static final String READY = "YARN is ready";
  private static final String LOOPBACK = "127.0.0.1:0";
  private static final String QUEUE = "yarn.scheduler.capacity.root.default.";

  private YarnServer() {}

  /**
   * Starts it, writes {@code yarn-site.xml} for its clients and says that it is ready.
   *
   * @param arguments the folder for the file, and how many node managers
   */
  public static void main(String[] arguments) throws Exception {
    int nodes = Integer.parseInt(arguments[1]);
    // Not on the class path of the build: Hadoop's classes for tests hold second copies of much.
    Service cluster =
        (Service)
            Class.forName("org.apache.hadoop.yarn.server.MiniYARNCluster")
                .getConstructor(String.class, int.class, int.class, int.class)
                .newInstance("yarn", nodes, 1, 1);
    cluster.init(configuration());
    cluster.start();
    write(cluster.getConfig(), Path.of(arguments[0]));
    System.out.println(READY);
    Thread.sleep(Long.MAX_VALUE);
  }

  private static Configuration configuration() {
    Configuration conf = new Configuration();
    conf.setBoolean("yarn.minicluster.fixed.ports", true);
    for (String address :
        new String[] {
          "resourcemanager.address",
          "resourcemanager.admin.address",
          "resourcemanager.scheduler.address",
          "resourcemanager.resource-tracker.address",
          "resourcemanager.webapp.address",
          "nodemanager.address",
          "nodemanager.localizer.address",
          "nodemanager.webapp.address",
          "nodemanager.collector-service.address"
        }) {
      conf.set("yarn." + address, LOOPBACK);
    }
    conf.set("yarn.resourcemanager.hostname", "127.0.0.1");
    conf.setInt("yarn.minicluster.yarn.nodemanager.resource.memory-mb", 8192);
    conf.setBoolean("yarn.minicluster.control-resource-monitoring", true);
    conf.setBoolean("yarn.nodemanager.vmem-check-enabled", false);
    conf.setInt("yarn.nodemanager.container-monitor.interval-ms", 500);
    // A disk that is nearly full is no reason to fail here.
    conf.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100.0");
    conf.set("yarn.scheduler.capacity.root.queues", "default");
    conf.set(QUEUE + "capacity", "100");
    conf.set(QUEUE + "maximum-am-resource-percent", "1");
    return conf;
  }

  private static void write(Configuration conf, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (OutputStream out = Files.newOutputStream(folder.resolve("yarn-site.xml"))) {
      conf.writeXml(out);
    }
  }
}
