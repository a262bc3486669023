// The part of libcrypto that Hookline uses.
#ifndef HOOKLINE_COPENSSL_H
#define HOOKLINE_COPENSSL_H

// OpenSSL 3 deprecates the SHA256_* calls in favour of EVP, which looks the algorithm up and
// allocates for each hash; for the short strings of identifiers that costs more than the hash.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

static inline int hl_sha256_init(SHA256_CTX *context) { return SHA256_Init(context); }
static inline int hl_sha256_update(SHA256_CTX *context, const void *bytes, size_t count) {
    return SHA256_Update(context, bytes, count);
}
static inline int hl_sha256_final(void *output, SHA256_CTX *context) {
    return SHA256_Final((unsigned char *)output, context);
}

#endif
