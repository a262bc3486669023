// The limit: how fast one core can do this job when nothing else is asked of the program.
//
//   limit PORT               verify, parse, compare `ref`, answer 200
//   limit PORT --commit DB   the same, then commit delivery and start to SQLite and answer 202
//
// The secret is in GITHUB_WEBHOOK_SECRET. One thread, epoll, OpenSSL's HMAC with the key scheduled
// once, simdjson's tape: the libraries Hookline uses, without Hookline. The committing form puts
// all requests of one epoll turn into one transaction (WAL, synchronous=FULL, SQLite's defaults
// otherwise) with a deliveries row that holds the payload and a starts row each, and answers only
// after the commit. It is a limit and not a server: HTTP is read only as far as the benchmark's
// client needs (one Content-Length request at a time, no limits in time), there are no rule files,
// logs or metrics, and a client that does not read its answers is dropped.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <simdjson.h>
#include <sqlite3.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using std::string_view;

namespace {

constexpr size_t requestBytesMax = 8 << 20;
constexpr size_t eventsPerTurn = 256;

[[noreturn]] void fail(const char *what) {
    perror(what);
    exit(1);
}

// HMAC-SHA256 whose key schedule is computed once and reused for every request.
class Signature {
  public:
    explicit Signature(const char *secret) {
        EVP_MAC *mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        context = EVP_MAC_CTX_new(mac);
        EVP_MAC_free(mac);
        char digest[] = "SHA256";
        OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_end()};
        auto key = reinterpret_cast<const unsigned char *>(secret);
        if (!EVP_MAC_init(context, key, strlen(secret), parameters)) fail("HMAC");
    }

    bool verifies(string_view body, string_view given) {
        unsigned char code[32];
        size_t length = 0;
        EVP_MAC_init(context, nullptr, 0, nullptr);
        EVP_MAC_update(context, reinterpret_cast<const unsigned char *>(body.data()), body.size());
        EVP_MAC_final(context, code, &length, sizeof code);
        char expected[71] = "sha256=";
        for (size_t i = 0; i < sizeof code; i++) {
            expected[7 + 2 * i] = "0123456789abcdef"[code[i] >> 4];
            expected[8 + 2 * i] = "0123456789abcdef"[code[i] & 15];
        }
        return given.size() == sizeof expected &&
               CRYPTO_memcmp(given.data(), expected, sizeof expected) == 0;
    }

  private:
    EVP_MAC_CTX *context;
};

// The two tables that a gateway needs at the least, and one transaction for each epoll turn.
class Store {
  public:
    explicit Store(const char *path) {
        if (sqlite3_open(path, &database) != SQLITE_OK) refuse();
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("CREATE TABLE deliveries (id INTEGER PRIMARY KEY, source TEXT, delivery_id TEXT,"
            " received_at INTEGER, payload BLOB, UNIQUE (source, delivery_id))");
        run("CREATE TABLE starts (id INTEGER PRIMARY KEY, delivery INTEGER, rule TEXT,"
            " token TEXT UNIQUE, state TEXT, request TEXT)");
        delivery = prepare("INSERT INTO deliveries (source, delivery_id, received_at, payload)"
                           " VALUES ('github', ?, ?, ?)");
        start = prepare("INSERT INTO starts (delivery, rule, token, state, request)"
                        " VALUES (?, 'retrain', ?, 'queued', ?)");
    }

    void begin() { run("BEGIN IMMEDIATE"); }
    void commit() { run("COMMIT"); }

    void append(string_view id, string_view payload, string_view commit) {
        bind(delivery, 1, id);
        sqlite3_bind_int64(delivery, 2, time(nullptr));
        sqlite3_bind_blob(delivery, 3, payload.data(), int(payload.size()), SQLITE_STATIC);
        step(delivery);

        request.assign(R"({"PipelineName":"churn-training","PipelineParameters":)"
                       R"([{"Name":"GitCommit","Value":")");
        request.append(commit).append(R"("}]})");
        token.assign("retrain ").append(id);
        sqlite3_bind_int64(start, 1, sqlite3_last_insert_rowid(database));
        bind(start, 2, token);
        bind(start, 3, request);
        step(start);
    }

  private:
    sqlite3 *database = nullptr;
    sqlite3_stmt *delivery, *start;
    std::string request, token;

    [[noreturn]] void refuse() {
        fprintf(stderr, "limit: SQLite: %s\n", sqlite3_errmsg(database));
        exit(1);
    }
    void run(const char *sql) {
        if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) refuse();
    }
    sqlite3_stmt *prepare(const char *sql) {
        sqlite3_stmt *statement = nullptr;
        if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) refuse();
        return statement;
    }
    void bind(sqlite3_stmt *statement, int index, string_view text) {
        sqlite3_bind_text(statement, index, text.data(), int(text.size()), SQLITE_STATIC);
    }
    void step(sqlite3_stmt *statement) {
        if (sqlite3_step(statement) != SQLITE_DONE) refuse();
        sqlite3_reset(statement);
    }
};

struct Request {
    string_view target, signature, deliveryID, body;
    size_t bytes = 0;  // Head and body together.
};

enum class Parse { complete, incomplete, malformed };

bool isField(string_view line, string_view name) {
    return line.size() > name.size() && line[name.size()] == ':' &&
           strncasecmp(line.data(), name.data(), name.size()) == 0;
}

string_view value(string_view line) {
    line.remove_prefix(line.find(':') + 1);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    return line;
}

Parse parse(string_view bytes, Request &request) {
    size_t headBytes = bytes.find("\r\n\r\n");
    if (headBytes == string_view::npos) {
        return bytes.size() < requestBytesMax ? Parse::incomplete : Parse::malformed;
    }
    string_view head = bytes.substr(0, headBytes);
    size_t lineEnd = head.find("\r\n");
    string_view line = head.substr(0, lineEnd);
    if (line.substr(0, 5) != "POST ") return Parse::malformed;
    request.target = line.substr(5, line.find(' ', 5) - 5);

    size_t bodyBytes = 0;
    while (lineEnd != string_view::npos) {
        head.remove_prefix(lineEnd + 2);
        lineEnd = head.find("\r\n");
        line = head.substr(0, lineEnd);
        if (isField(line, "content-length")) {
            bodyBytes = strtoul(value(line).data(), nullptr, 10);
        } else if (isField(line, "x-hub-signature-256")) {
            request.signature = value(line);
        } else if (isField(line, "x-github-delivery")) {
            request.deliveryID = value(line);
        }
    }
    if (bodyBytes > requestBytesMax) return Parse::malformed;
    request.bytes = headBytes + 4 + bodyBytes;
    if (bytes.size() < request.bytes) return Parse::incomplete;
    request.body = bytes.substr(headBytes + 4, bodyBytes);
    return Parse::complete;
}

struct Connection {
    int descriptor;
    std::vector<char> buffer = std::vector<char>(32 << 10);
    size_t received = 0;
};

std::string response(const char *status, const char *body) {
    char text[256];
    snprintf(text, sizeof text,
             "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             status, strlen(body), body);
    return text;
}

class Server {
  public:
    Server(const char *secret, Store *store) : signature(secret), store(store) {}

    [[noreturn]] void run(int port) {
        listener = listening(port);
        poll = epoll_create1(EPOLL_CLOEXEC);
        watch(listener, nullptr);
        epoll_event events[eventsPerTurn];
        for (;;) {
            int count = epoll_wait(poll, events, eventsPerTurn, -1);
            for (int i = 0; i < count; i++) {
                if (events[i].data.ptr == nullptr) {
                    acceptOne();
                } else {
                    receive(static_cast<Connection *>(events[i].data.ptr));
                }
            }
            if (!committing.empty()) answerCommitted();
        }
    }

  private:
    Signature signature;
    Store *store;
    int listener = -1, poll = -1;
    simdjson::dom::parser parser;
    std::vector<Connection *> committing;
    const std::string unmatched = response("200 OK", R"({"matched":false})");
    const std::string accepted = response("202 Accepted", R"({"matched":true})");
    const std::string refused = response("401 Unauthorized", R"({"error":"bad signature"})");
    const std::string unreadable = response("400 Bad Request", R"({"error":"not JSON"})");
    const std::string unknown = response("404 Not Found", R"({"error":"not found"})");

    static int listening(int port) {
        int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int on = 1;
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(uint16_t(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
            fail("bind");
        }
        if (listen(descriptor, 1024) != 0) fail("listen");
        return descriptor;
    }

    void watch(int descriptor, void *pointer) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = pointer;
        if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
    }

    void acceptOne() {
        int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(descriptor, new Connection{descriptor});
    }

    void drop(Connection *connection) {
        close(connection->descriptor);
        delete connection;
    }

    void receive(Connection *connection) {
        auto &buffer = connection->buffer;
        // simdjson may read past the body's end, up to its padding.
        if (buffer.size() - connection->received < 4096 + simdjson::SIMDJSON_PADDING) {
            buffer.resize(2 * buffer.size());
        }
        ssize_t count = recv(connection->descriptor, buffer.data() + connection->received,
                             buffer.size() - connection->received - simdjson::SIMDJSON_PADDING, 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) return drop(connection);
        connection->received += size_t(count);

        Request request;
        switch (parse({buffer.data(), connection->received}, request)) {
        case Parse::incomplete: return;
        case Parse::malformed: return drop(connection);
        case Parse::complete: break;
        }
        // A client that pipelines is not served: bytes after the request are a fault here.
        if (request.bytes != connection->received) return drop(connection);
        connection->received = 0;
        handle(connection, request);
    }

    void handle(Connection *connection, const Request &request) {
        if (request.target != "/hooks/github") return send(connection, unknown);
        if (!signature.verifies(request.body, request.signature)) return send(connection, refused);
        simdjson::dom::element push;
        string_view ref, after;
        if (parser.parse(request.body.data(), request.body.size(), false).get(push) ||
            push["ref"].get(ref) || push["after"].get(after)) {
            return send(connection, unreadable);
        }
        if (store == nullptr || ref != "refs/heads/main") return send(connection, unmatched);
        if (committing.empty()) store->begin();
        store->append(request.deliveryID, request.body, after);
        committing.push_back(connection);
    }

    void answerCommitted() {
        store->commit();
        for (Connection *connection : committing) send(connection, accepted);
        committing.clear();
    }

    void send(Connection *connection, const std::string &text) {
        ssize_t count = ::send(connection->descriptor, text.data(), text.size(), MSG_NOSIGNAL);
        if (count != ssize_t(text.size())) drop(connection);
    }
};

}  // namespace

int main(int count, char **arguments) {
    const char *secret = getenv("GITHUB_WEBHOOK_SECRET");
    bool commits = count == 4 && string_view(arguments[2]) == "--commit";
    if (secret == nullptr || (count != 2 && !commits)) {
        fprintf(stderr, "usage: GITHUB_WEBHOOK_SECRET=… limit PORT [--commit DB]\n");
        return 2;
    }
    std::unique_ptr<Store> store;
    if (commits) store = std::make_unique<Store>(arguments[3]);
    Server(secret, store.get()).run(atoi(arguments[1]));
}
