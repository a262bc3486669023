// The part of libcurl that Hookline uses.
#ifndef HOOKLINE_CCURL_H
#define HOOKLINE_CCURL_H

#include <curl/curl.h>
#include <sys/socket.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift cannot call;
// each of these has the one type that its options take.
static inline CURLcode hl_easy_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

// libcurl copies the string of every option that this is used for.
static inline CURLcode hl_easy_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

// The list is not copied: it must outlive the transfer.
static inline CURLcode hl_easy_set_fields(CURL *easy, const struct curl_slist *list) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

// The size has to be set before the bytes: COPYPOSTFIELDS copies that many at once.
static inline CURLcode hl_easy_set_content(CURL *easy, const void *bytes, curl_off_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

// Frees the copy. The options above make the request a POST, whatever it was, and so does this.
static inline void hl_easy_clear_content(CURL *easy) {
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, NULL);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
}

// Swift closures become C function pointers only where the parameter has that exact type. The four
// callbacks of a transfer get the same context. The one that closes sockets has its own: it is a
// connection's, which can outlive the transfer that opened it.
static inline CURLcode hl_easy_set_callbacks(CURL *easy, void *context,
                                             curl_write_callback field_line,
                                             curl_write_callback content,
                                             curl_opensocket_callback open_socket,
                                             curl_prereq_callback about_to_send,
                                             void *close_context,
                                             curl_closesocket_callback close_socket) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, field_line);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, content);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, about_to_send);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, close_context);
    return code;
}

static inline CURLcode hl_easy_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode hl_easy_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode hl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode hl_multi_set_callbacks(CURLM *multi, void *context,
                                               curl_socket_callback socket,
                                               curl_multi_timer_callback timer) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
    if (!code) code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    if (!code) code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
    if (!code) code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    return code;
}

// CURLMsg holds its result in a union. The next transfer that is done, or null.
static inline CURL *hl_multi_next_done(CURLM *multi, CURLcode *result) {
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}

// The address of an IPv6 peer runs past the end of the struct's last member, where Swift's copy of
// that member would cut it off; its length is in addrlen.
static inline const void *hl_sockaddr_bytes(const struct curl_sockaddr *address) {
    return &address->addr;
}

// libcurl before 8 does not ask for SOCK_CLOEXEC, and the flag is an enum constant in C.
static inline curl_socket_t hl_open_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

#endif
