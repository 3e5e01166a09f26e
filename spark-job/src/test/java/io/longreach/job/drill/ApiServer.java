package io.longreach.job.drill;

import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * fabric8's Kubernetes API server for tests, over HTTP on loopback: it keeps, lists and watches
 * what it is given, and neither checks nor starts anything, see {@link Kubelet}.
 */
final class ApiServer implements AutoCloseable {
  /** It tells each request. */
  private static final Logger LOG = Logger.getLogger(MockWebServer.class.getName());

  private final KubernetesMockServer server;
  private final NamespacedKubernetesClient client;

  ApiServer() {
    LOG.setLevel(Level.WARNING);
    Map<ServerRequest, Queue<ServerResponse>> fixed = new HashMap<>();
    server =
        new KubernetesMockServer(
            new Context(Serialization.jsonMapper()),
            new MockWebServer(),
            fixed,
            new ApiDispatcher(fixed),
            false);
    server.init(InetAddress.getLoopbackAddress(), 0);
    client = server.createClient().inNamespace("default");
  }

  String url() {
    return "http://127.0.0.1:" + server.getPort();
  }

  /** In the namespace that Spark uses unless told otherwise. */
  NamespacedKubernetesClient client() {
    return client;
  }

  @Override
  public void close() {
    client.close();
    server.destroy();
  }
}
