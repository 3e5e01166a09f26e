package io.longreach.job.drill;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Queue;

/**
 * Answers of an API server, with what Spark needs and fabric8's lacks: server-side apply, and the
 * status of pods that are new.
 */
final class ApiDispatcher extends KubernetesMixedDispatcher {
  private static final String CONTENT_TYPE = "Content-Type";

  ApiDispatcher(Map<ServerRequest, Queue<ServerResponse>> fixed) {
    super(fixed);
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    String type = request.getHeader(CONTENT_TYPE);
    if (type != null && type.startsWith(PatchType.SERVER_SIDE_APPLY.getContentType())) {
      return apply(request);
    }
    boolean newPod = request.method() == HttpMethod.POST && request.getPath().endsWith("/pods");
    return super.dispatch(newPod ? pending(request) : request);
  }

  /** Merges into what is there, or creates it. */
  private MockResponse apply(RecordedRequest request) {
    String path = request.getPath().replaceFirst("[?].*", "");
    String json = Serialization.asJson(Serialization.<HasMetadata>unmarshal(request.getUtf8Body()));
    String merge = PatchType.JSON_MERGE.getContentType();
    MockResponse merged = super.dispatch(request(HttpMethod.PATCH, path, merge, json));
    if (merged.code() != HttpURLConnection.HTTP_NOT_FOUND) {
      return merged;
    }
    String parent = path.replaceFirst("/[^/]*$", "");
    return super.dispatch(request(HttpMethod.POST, parent, "application/json", json));
  }

  private static RecordedRequest pending(RecordedRequest request) {
    Pod pod = Serialization.unmarshal(request.getUtf8Body(), Pod.class);
    Pod pending = new PodBuilder(pod).withNewStatus().withPhase("Pending").endStatus().build();
    return request(
        HttpMethod.POST, request.getPath(), "application/json", Serialization.asJson(pending));
  }

  private static RecordedRequest request(HttpMethod method, String path, String type, String body) {
    Headers headers = Headers.builder().add(CONTENT_TYPE, type).build();
    return new RecordedRequest("HTTP/1.1", method, path, headers, new Buffer().writeUtf8(body));
  }
}
