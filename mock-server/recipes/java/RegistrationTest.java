import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Registrations at a sandbox, with Java 17 and nothing else:
 *
 * <pre>java mock-server/recipes/java/RegistrationTest.java</pre>
 *
 * Uses the sandbox at SANDBOX_URL, or starts LINGMINBAN_SANDBOX_BIN (a lingminban-sandbox on the
 * PATH when not set). Every test has a space of its own, so all of them run at once.
 */
public final class RegistrationTest {
    // ------------------------------------------------------------------------------- the tests

    /** Filed, one minute of the sandbox's clock later completed, with a plate of this city. */
    static void aRegistrationIsCompleted(Space space) throws Exception {
        Answer filed = space.fileRegistration("registration-1");
        filed.mustHaveStatus(201);
        mustEqual("received", filed.at("status"));

        space.advance("PT1M");

        Answer done = space.application(filed.at("application_id"));
        mustEqual("completed", done.at("status"));
        String plate = done.at("result", "plate_number");
        must(plate.startsWith("\u9c81C"), "the plate is one of Zibo's, not " + plate);
    }

    /** The authority acts, its answer is lost, and a retry under the same key files nothing twice. */
    static void aLostAnswerIsRepeatedSafely(Space space) throws Exception {
        space.faults("[{\"operation\": \"submit_registration\", \"nth\": 1, \"effect\": \"lost_ack\"}]");
        try {
            space.fileRegistration("registration-1");
            throw new AssertionError("the connection must close without an answer");
        } catch (IOException lost) {
            // Whether anything was filed is unknown from here: only the same key makes a retry safe.
        }

        Answer retried = space.fileRegistration("registration-1");
        retried.mustHaveStatus(201);
        mustEqual("true", retried.header("Idempotency-Replayed"));

        Answer all = space.get("/v1/applications");
        mustEqual(1, Json.list(all.json(), "items").size());
        mustEqual(retried.at("application_id"), all.at("items", 0, "application_id"));
    }

    /** A stolen car is filed, and refused with the reason. */
    static void aStolenCarIsRefused(Space space) throws Exception {
        space.flags("LZZTEST10N1000001", "{\"set\": [\"stolen\"]}");
        Answer filed = space.fileRegistration("registration-1");
        filed.mustHaveStatus(201);

        space.advance("PT1M");

        Answer refused = space.application(filed.at("application_id"));
        mustEqual("refused", refused.at("status"));
        mustEqual("stolen_or_defrauded", refused.at("findings", 0, "code"));
    }

    interface Scenario {
        void play(Space space) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Scenario> scenarios = new LinkedHashMap<>();
        scenarios.put("a registration is completed", RegistrationTest::aRegistrationIsCompleted);
        scenarios.put("a lost answer is repeated safely", RegistrationTest::aLostAnswerIsRepeatedSafely);
        scenarios.put("a stolen car is refused", RegistrationTest::aStolenCarIsRefused);

        boolean passed;
        try (Sandbox sandbox = Sandbox.joinOrStart()) {
            passed = runAll(sandbox, scenarios);
        }
        System.exit(passed ? 0 : 1);
    }

    static boolean runAll(Sandbox sandbox, Map<String, Scenario> scenarios) throws Exception {
        var threads = Executors.newFixedThreadPool(scenarios.size());
        Map<String, Future<String>> reports = new LinkedHashMap<>();
        scenarios.forEach((name, scenario) -> {
            Callable<String> run = () -> runOne(sandbox, scenario);
            reports.put(name, threads.submit(run));
        });
        boolean passed = true;
        for (var report : reports.entrySet()) {
            String failure = report.getValue().get();
            System.out.println(failure == null ? "ok      " + report.getKey()
                    : "FAILED  " + report.getKey() + ": " + failure);
            passed &= failure == null;
        }
        threads.shutdown();
        return passed;
    }

    /** Null, or why it failed. The space of a failed test stays, and its journal with it. */
    static String runOne(Sandbox sandbox, Scenario scenario) {
        Space space = null;
        try {
            space = sandbox.newSpace();
            scenario.play(space);
            space.delete();
            return null;
        } catch (Throwable failure) {
            String where = space == null ? "" : " (in " + space.id + ")";
            return failure + where;
        }
    }

    static void must(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    static void mustEqual(Object expected, Object actual) {
        must(expected.equals(actual), "expected " + expected + ", got " + actual);
    }

    // ----------------------------------------------------------------------------- the sandbox

    static final HttpClient HTTP = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .proxy(HttpClient.Builder.NO_PROXY) // a sandbox is next door
            .build();

    /** A sandbox somebody started, or one that ends with this program. */
    record Sandbox(String url, Process process) implements AutoCloseable {
        static Sandbox joinOrStart() throws IOException {
            String url = System.getenv("SANDBOX_URL");
            return url != null ? new Sandbox(url, null) : start();
        }

        static Sandbox start() throws IOException {
            String program = System.getenv().getOrDefault("LINGMINBAN_SANDBOX_BIN", "lingminban-sandbox");
            Process process = new ProcessBuilder(program, "serve", "--port", "0")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            var output = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8);
            String ready = new BufferedReader(output).readLine();
            if (ready == null) {
                throw new IOException(program + " ended before it was ready");
            }
            return new Sandbox(Json.text(Json.parse(ready), "base_url"), process);
        }

        Space newSpace() throws Exception {
            Answer created = send(command("POST", "/sandbox/v1/spaces",
                    "{\"outlet_kind\": \"dealer\", \"frozen\": true}"));
            created.mustHaveStatus(201);
            String token = token(created.at("credentials", 0, "client_id"),
                    created.at("credentials", 0, "client_secret"));
            return new Space(this, created.at("space_id"), token);
        }

        String token(String id, String secret) throws Exception {
            byte[] pair = (id + ":" + secret).getBytes(StandardCharsets.UTF_8);
            String basic = Base64.getEncoder().encodeToString(pair);
            Answer granted = send(request("/oauth2/token")
                    .header("Authorization", "Basic " + basic)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString("grant_type=client_credentials"))
                    .build());
            granted.mustHaveStatus(200);
            return granted.at("access_token");
        }

        HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
        }

        /** A request of the control interface. */
        HttpRequest command(String method, String path, String json) {
            var request = request(path).method(method, BodyPublishers.ofString(json));
            if (!json.isEmpty()) {
                request.header("Content-Type", "application/json");
            }
            String adminToken = System.getenv("LINGMINBAN_SANDBOX_ADMIN_TOKEN");
            if (adminToken != null) {
                request.header("Authorization", "Bearer " + adminToken);
            }
            return request.build();
        }

        Answer send(HttpRequest request) throws IOException, InterruptedException {
            return new Answer(request, HTTP.send(request, BodyHandlers.ofString()));
        }

        @Override
        public void close() {
            if (process != null) {
                process.destroy();
                process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
            }
        }
    }

    /** An authority nobody else sees, whose clock stands still until it is moved. */
    record Space(Sandbox sandbox, String id, String token) {
        private static final Path BODY = Path.of(System.getProperty("registration",
                "sdk/src/api/examples/registration.standard.json"));

        Answer fileRegistration(String key) throws IOException, InterruptedException {
            return sandbox.send(asPartner("/v1/registrations")
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", key)
                    .POST(BodyPublishers.ofString(Files.readString(BODY)))
                    .build());
        }

        Answer application(String applicationId) throws IOException, InterruptedException {
            return get("/v1/applications/" + applicationId);
        }

        Answer get(String path) throws IOException, InterruptedException {
            Answer answer = sandbox.send(asPartner(path).GET().build());
            answer.mustHaveStatus(200);
            return answer;
        }

        void advance(String period) throws Exception {
            command("POST", "/clock", "{\"advance\": \"" + period + "\"}", 200);
        }

        void faults(String script) throws Exception {
            command("PUT", "/faults", script, 200);
        }

        void flags(String vin, String change) throws Exception {
            command("POST", "/vehicles/" + vin + "/flags", change, 200);
        }

        void delete() throws Exception {
            command("DELETE", "", "", 204);
        }

        private void command(String method, String path, String json, int status) throws Exception {
            String whole = "/sandbox/v1/spaces/" + id + path;
            sandbox.send(sandbox.command(method, whole, json)).mustHaveStatus(status);
        }

        private HttpRequest.Builder asPartner(String path) {
            return sandbox.request(path).header("Authorization", "Bearer " + token);
        }
    }

    record Answer(HttpRequest request, HttpResponse<String> response) {
        void mustHaveStatus(int expected) {
            must(response.statusCode() == expected, request.method() + " " + request.uri().getPath()
                    + " answered " + response.statusCode() + ", not " + expected + ": " + response.body());
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("no " + name);
        }

        Object json() {
            return Json.parse(response.body());
        }

        String at(Object... way) {
            return Json.text(json(), way);
        }
    }

    // --------------------------------------- JSON, so that this file needs none of the libraries

    /** Reads JSON into Map, List, String, Double, Boolean and null. */
    static final class Json {
        private static final Pattern TOKEN = Pattern.compile("\\G\\s*(?:"
                + "\"((?:[^\"\\\\]|\\\\.)*+)\"" // 1: a string
                + "|(-?[0-9][-+.0-9eE]*)" // 2: a number
                + "|(true|false|null)" // 3: a word
                + "|([\\[\\]{}:,])" // 4: what stands between
                + ")\\s*");
        private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");

        private final Matcher token;

        private Json(String text) {
            token = TOKEN.matcher(text);
        }

        static Object parse(String text) {
            Json json = new Json(text);
            json.next();
            return json.value();
        }

        /** The text at the end of a way of member names and positions. */
        static String text(Object value, Object... way) {
            Object found = walk(value, way);
            must(found instanceof String, "no text at " + List.of(way) + " of " + value);
            return (String) found;
        }

        static List<?> list(Object value, Object... way) {
            Object found = walk(value, way);
            must(found instanceof List, "no list at " + List.of(way) + " of " + value);
            return (List<?>) found;
        }

        private static Object walk(Object value, Object... way) {
            for (Object step : way) {
                if (value instanceof List<?> list && step instanceof Integer position) {
                    value = position < list.size() ? list.get(position) : null;
                } else {
                    value = value instanceof Map<?, ?> map ? map.get(step) : null;
                }
            }
            return value;
        }

        private void next() {
            must(token.find(), "this is no JSON");
        }

        private boolean is(String between) {
            return between.equals(token.group(4));
        }

        /** What begins at the token; ends at its last one. */
        private Object value() {
            if (token.group(1) != null) {
                return unescape(token.group(1));
            } else if (token.group(2) != null) {
                return Double.valueOf(token.group(2));
            } else if (token.group(3) != null) {
                return token.group(3).equals("null") ? null : Boolean.valueOf(token.group(3));
            }
            must(is("{") || is("["), "this is no JSON");
            return is("{") ? object() : list();
        }

        private Map<String, Object> object() {
            Map<String, Object> members = new LinkedHashMap<>();
            next();
            while (!is("}")) {
                String name = unescape(token.group(1));
                next(); // the colon
                next();
                members.put(name, value());
                next();
                if (is(",")) {
                    next();
                }
            }
            return members;
        }

        private List<Object> list() {
            List<Object> items = new ArrayList<>();
            next();
            while (!is("]")) {
                items.add(value());
                next();
                if (is(",")) {
                    next();
                }
            }
            return items;
        }

        private static String unescape(String text) {
            return ESCAPE.matcher(text).replaceAll(escape -> Matcher.quoteReplacement(escape.group(1) != null
                    ? Character.toString(Integer.parseInt(escape.group(1), 16))
                    : switch (escape.group(2)) {
                        case "n" -> "\n";
                        case "t" -> "\t";
                        case "r" -> "\r";
                        case "b" -> "\b";
                        case "f" -> "\f";
                        default -> escape.group(2);
                    }));
        }
    }
}
