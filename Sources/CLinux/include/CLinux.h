// Linux calls that the Glibc overlay does not import.
#ifndef HOOKLINE_CLINUX_H
#define HOOKLINE_CLINUX_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// EPOLL* are enum constants and unsigned macros with casts, which Swift imports with differing
// types or not at all; these give them one type.
static const uint32_t hl_epollin = EPOLLIN;
static const uint32_t hl_epollout = EPOLLOUT;
static const uint32_t hl_epollerr = EPOLLERR;
static const uint32_t hl_epollhup = EPOLLHUP;
static const uint32_t hl_epollrdhup = EPOLLRDHUP;
static const uint32_t hl_epollexclusive = EPOLLEXCLUSIVE;

// epoll_data_t is a union, which Swift reads poorly: the key goes in and out as one integer.
static inline int hl_epoll_ctl(int epoll, int operation, int descriptor, uint32_t events,
                               uint64_t key) {
    struct epoll_event event = {.events = events, .data = {.u64 = key}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

static inline uint64_t hl_epoll_key(const struct epoll_event *event) { return event->data.u64; }

// The glibc prototype hides accept4 without _GNU_SOURCE, which Swift's importer does not set.
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

static inline int hl_accept(int descriptor, struct sockaddr_storage *address, socklen_t *length) {
    return accept4(descriptor, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// As accept4, hidden without _GNU_SOURCE.
int pthread_setname_np(pthread_t thread, const char *name);

// SOCK_STREAM and its flags are an enum in C and need casts at every use in Swift.
static inline int hl_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int hl_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

// <unistd.h> declares it with _GNU_SOURCE alone. Without it a child that another thread makes could
// inherit the ends.
extern int pipe2(int ends[2], int flags);
static inline int hl_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

// sigset_t's functions are imported, but SFD_* are an enum; one call says what is meant.
static inline int hl_signalfd(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

// Hidden without _GNU_SOURCE, like its CPU_COUNT. The mask has 1,024 processors, the kernel's usual
// most (sched_setaffinity(2)). Returns 0 when the call fails.
int sched_getaffinity(pid_t process, size_t size, cpu_set_t *mask);

static inline int hl_allowed_processors(void) {
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) != 0) return 0;
    int count = 0;
    const unsigned char *bytes = (const unsigned char *)&mask;
    for (size_t i = 0; i < sizeof mask; i++) count += __builtin_popcount(bytes[i]);
    return count;
}

// Unmaps the code that has been read so far, of the program and its libraries; what is used from now
// on is mapped again from the page cache. What only the start needs, much of it mapped along with
// something else, then counts as nobody's memory.
void hl_forget_code(void);

// Writes what standard output still holds. `stdout` is a variable, which Swift does not let threads
// share. Returns 0, or the error number of this or an earlier write that failed.
static inline int hl_finish_output(void) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return 0;
    return errno != 0 ? errno : EIO;
}

// Has free(3) give blocks of a mebibyte and more back to the kernel. By itself the C library raises
// that bound up to 32 MiB with each larger block that is freed (mallopt(3), M_MMAP_THRESHOLD), and a
// few large requests would leave their size with the process for ever.
void hl_return_large_blocks(void);

#endif
