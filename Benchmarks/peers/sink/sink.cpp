// A SageMaker that takes every start: reads HTTP/1.1 requests over kept-alive connections and answers
// each with one and the same execution ARN. With an argument it writes for each request the moment
// (CLOCK_MONOTONIC, ns) and the GitCommit parameter to that file, so that latency can be measured.
// Prints its port.
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>

static const char answer[] =
    "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 0\r\nContent-Type: application/x-amz-json-1.1\r\n"
    "Content-Length: 114\r\n\r\n"
    "{\"PipelineExecutionArn\":\"arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-training"
    "/execution/abcdefghijkl\"}";

static long length_of(const std::string &head) {
    static const char name[] = "\r\ncontent-length:";
    for (size_t at = 0; at + sizeof name < head.size(); at++)
        if (!strncasecmp(head.c_str() + at, name, sizeof name - 1))
            return atol(head.c_str() + at + sizeof name - 1);
    return 0;
}

static void note(FILE *log, const std::string &body) {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    static const std::string key = "\"GitCommit\",\"Value\":\"";
    size_t at = body.find(key);
    std::string commit = at == std::string::npos ? "-" : body.substr(at + key.size(), 40);
    fprintf(log, "%lld %s\n", now.tv_sec * 1000000000LL + now.tv_nsec, commit.c_str());
    fflush(log);
}

// Answers every whole request at the front of the buffer; false when the peer is gone.
static bool serve(int socket, std::string &buffer, FILE *log) {
    std::string out;
    size_t end;
    while ((end = buffer.find("\r\n\r\n")) != std::string::npos) {
        size_t whole = end + 4 + length_of(buffer.substr(0, end));
        if (buffer.size() < whole) break;
        if (log) note(log, buffer.substr(end + 4, whole - end - 4));
        out.append(answer, sizeof answer - 1);
        buffer.erase(0, whole);
    }
    return out.empty() || write(socket, out.data(), out.size()) == (ssize_t)out.size();
}

int main(int count, char **arguments) {
    static_assert(sizeof answer > 114, "the length is that of the JSON");
    FILE *log = count > 1 ? fopen(arguments[1], "w") : nullptr;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, (sockaddr *)&address, size) || listen(listener, 1024)) return 1;
    getsockname(listener, (sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    int poll = epoll_create1(0);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    std::unordered_map<int, std::string> buffers;
    epoll_event events[256];
    static char chunk[65536];
    for (;;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            int socket = events[i].data.fd;
            if (socket == listener) {
                event.data.fd = accept(listener, nullptr, nullptr);
                epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
                continue;
            }
            ssize_t got = read(socket, chunk, sizeof chunk);
            bool alive = got > 0;
            if (alive) {
                buffers[socket].append(chunk, got);
                alive = serve(socket, buffers[socket], log);
            }
            if (!alive) {
                close(socket);
                buffers.erase(socket);
            }
        }
    }
}
