/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.spark.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A gateway in front of a REST catalog, which asks for a token and treats commits as it is told.
 * Thread-safe, except for starting and closing.
 */
final class RestProxy implements AutoCloseable {
    /** What becomes of the next commit to a table. */
    enum Fault {
        /** It is done, then the connection breaks. */
        REPLY_LOST,
        /** It is done, and the answer is 500. */
        DONE_BUT_500,
        /** It is done, and the answer is 503, so that clients send it once more. */
        DONE_BUT_503,
        /** It is done, the connection breaks, and the next request for the table is refused. */
        REPLY_LOST_AND_REFUSED,
        /** It is not done, and the answer is 500. */
        NOT_DONE
    }

    private static final Pattern TABLE = Pattern.compile("/v1/namespaces/([^/]+)/tables/([^/]+)");
    private static final String JSON = "application/json";

    private final URI target;
    private final String authorization;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Fault> faults = new ConcurrentHashMap<>();
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
    private final Set<String> refusedOnce = ConcurrentHashMap.newKeySet();
    private final Set<String> headers = ConcurrentHashMap.newKeySet();
    private final Set<String> queries = ConcurrentHashMap.newKeySet();
    private HttpServer http;

    private RestProxy(URI target, String token) throws IOException {
        this.target = target;
        this.authorization = "Bearer " + token;
        this.http = listen(0);
        this.port = http.getAddress().getPort();
    }

    static RestProxy start(URI target, String token) throws IOException {
        return new RestProxy(target, token);
    }

    private HttpServer listen(int at) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        return server;
    }

    String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** From now on connections are refused. */
    void leave() {
        http.stop(0);
    }

    void comeBack() throws IOException {
        http = listen(port);
    }

    /**
     * @param table as {@code namespace.table}
     */
    void spoilNextCommit(String table, Fault fault) {
        faults.put(table, fault);
    }

    /** Whether every fault has happened. */
    boolean isFaultless() {
        return faults.isEmpty() && refusedOnce.isEmpty();
    }

    void forbid(String table) {
        forbidden.add(table);
    }

    void allow(String table) {
        forbidden.remove(table);
    }

    /** Headers of all requests with a token that is right, as {@code name: value}. */
    Set<String> headers() {
        return Set.copyOf(headers);
    }

    /** What came behind question marks. */
    Set<String> queries() {
        return Set.copyOf(queries);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            answer(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(HttpExchange exchange) throws IOException, InterruptedException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (!authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            refuse(exchange, 401, "NotAuthorizedException", "this is not a token of ours");
            return;
        }
        exchange.getRequestHeaders()
                .forEach((name, values) -> values.forEach(v -> headers.add(name + ": " + v)));
        String query = exchange.getRequestURI().getRawQuery();
        if (query != null) {
            queries.add(query);
        }
        Matcher m = TABLE.matcher(exchange.getRequestURI().getPath());
        String table = m.matches() ? m.group(1) + "." + m.group(2) : "";
        if (forbidden.contains(table) || refusedOnce.remove(table)) {
            refuse(exchange, 403, "ForbiddenException", "nobody may touch " + table);
            return;
        }
        Fault fault = exchange.getRequestMethod().equals("POST") ? faults.remove(table) : null;
        if (fault == null) {
            HttpResponse<byte[]> answer = forward(exchange, body);
            send(exchange, answer.statusCode(), answer.body());
            return;
        }
        if (fault != Fault.NOT_DONE) {
            int status = forward(exchange, body).statusCode();
            if (status != 200) {
                throw new IllegalStateException(table + ": the commit was answered by " + status);
            }
        }
        switch (fault) {
            case REPLY_LOST -> {}
            case REPLY_LOST_AND_REFUSED -> refusedOnce.add(table);
            case DONE_BUT_500, NOT_DONE ->
                    refuse(exchange, 500, "ServiceFailureException", "something broke");
            case DONE_BUT_503 ->
                    refuse(exchange, 503, "ServiceUnavailableException", "too much to do");
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target.resolve(exchange.getRequestURI().toString()))
                        .method(
                                exchange.getRequestMethod(),
                                body.length == 0
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(body));
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type != null) {
            request.header("Content-Type", type);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static void refuse(HttpExchange exchange, int status, String type, String message)
            throws IOException {
        String error =
                "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"code\":%d}}"
                        .formatted(message, type, status);
        send(exchange, status, error.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", JSON);
        boolean isEmpty = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, isEmpty ? -1 : body.length);
        if (!isEmpty) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
