// The parts of libcrypto and libssl that Hookline uses.
#ifndef HOOKLINE_COPENSSL_H
#define HOOKLINE_COPENSSL_H

// OpenSSL 3 deprecates the SHA256_* calls in favour of EVP, which looks the algorithm up and
// allocates for each hash; for the short strings of identifiers that costs more than the hash.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int hl_sha256_init(SHA256_CTX *context) { return SHA256_Init(context); }
static inline int hl_sha256_update(SHA256_CTX *context, const void *bytes, size_t count) {
    return SHA256_Update(context, bytes, count);
}
static inline int hl_sha256_final(void *output, SHA256_CTX *context) {
    return SHA256_Final((unsigned char *)output, context);
}

// TLS. What follows is macros in OpenSSL, of calls or of computed constants, which Swift does not
// import.

static inline int hl_context_set_versions(SSL_CTX *context, int least, int most) {
    return SSL_CTX_set_min_proto_version(context, least) &&
           SSL_CTX_set_max_proto_version(context, most);
}

static inline int hl_context_set_groups(SSL_CTX *context, const char *names) {
    return SSL_CTX_set1_groups_list(context, names) == 1;
}

// The context takes its own reference to the certificate.
static inline int hl_context_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate) == 1;
}

static inline void hl_context_set_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_mode(context, mode);
}

static inline void hl_context_disable_session_cache(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void hl_context_set_peer_chain_bytes(SSL_CTX *context, long limit) {
    SSL_CTX_set_max_cert_list(context, limit);
}

// The bytes of a memory BIO stay its own and are valid until it is written or freed.
static inline long hl_bio_bytes(BIO *bio, const char **bytes) {
    return BIO_get_mem_data(bio, bytes);
}

// An OSSL_PARAM keeps the pointers it is made of. Swift imports the name of this one as a String,
// whose C copy is gone when the parameter is read.
static inline int hl_mac_begin_sha256(EVP_MAC_CTX *mac, const unsigned char *key, size_t count) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(mac, key, count, parameters);
}

static const uint64_t hl_op_no_compression = SSL_OP_NO_COMPRESSION;
static const uint64_t hl_op_no_renegotiation = SSL_OP_NO_RENEGOTIATION;
static const uint64_t hl_op_server_preference = SSL_OP_CIPHER_SERVER_PREFERENCE;
static const uint64_t hl_op_prioritize_chacha = SSL_OP_PRIORITIZE_CHACHA;

// RFC 2253, but UTF-8 as it is: the RFC allows it, and a rule compares with the text people see.
static const unsigned long hl_name_rfc2253 = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

#endif
