#include "CRE2.h"

#include <cstdio>
#include <new>
#include <re2/re2.h>

struct hl_re2 {
    RE2 expression;
    hl_re2(const re2::StringPiece &pattern, const RE2::Options &options)
        : expression(pattern, options) {}
};

static re2::StringPiece piece(const uint8_t *bytes, size_t length) {
    return re2::StringPiece(reinterpret_cast<const char *>(bytes), length);
}

hl_re2 *hl_re2_create(const uint8_t *pattern, size_t length, int64_t memory_max, char *reason,
                      size_t reason_capacity) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(memory_max);
    auto *created = new (std::nothrow) hl_re2(piece(pattern, length), options);
    if (created != nullptr && created->expression.ok()) return created;
    const char *why = created != nullptr ? created->expression.error().c_str() : "out of memory";
    std::snprintf(reason, reason_capacity, "%s", why);
    delete created;
    return nullptr;
}

void hl_re2_destroy(hl_re2 *pattern) { delete pattern; }

int32_t hl_re2_program_size(const hl_re2 *pattern) { return pattern->expression.ProgramSize(); }

bool hl_re2_partial_match(const hl_re2 *pattern, const uint8_t *text, size_t length) {
    return RE2::PartialMatch(piece(text, length), pattern->expression);
}

bool hl_re2_full_match(const hl_re2 *pattern, const uint8_t *text, size_t length) {
    return RE2::FullMatch(piece(text, length), pattern->expression);
}
