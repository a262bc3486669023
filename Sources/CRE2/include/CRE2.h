// RE2 behind a C interface: linear-time regular expressions.
#ifndef HOOKLINE_CRE2_H
#define HOOKLINE_CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hl_re2 hl_re2;

// Compiles a UTF-8 pattern with RE2's default syntax, `.` not matching a line break.
// `memory_max` bounds program and DFA cache, in bytes. Returns NULL for an invalid or too large
// pattern, and then writes a NUL-terminated reason into `reason`. Thread-safe to match with.
hl_re2 *hl_re2_create(const uint8_t *pattern, size_t length, int64_t memory_max, char *reason,
                      size_t reason_capacity);
void hl_re2_destroy(hl_re2 *pattern);
// The instructions of the compiled program. For each byte of a text, what runs them all (when the
// cache of the faster way is full) takes time in proportion.
int32_t hl_re2_program_size(const hl_re2 *pattern);

// Whether the pattern occurs anywhere in the text.
bool hl_re2_partial_match(const hl_re2 *pattern, const uint8_t *text, size_t length);
// Whether the pattern matches the whole text.
bool hl_re2_full_match(const hl_re2 *pattern, const uint8_t *text, size_t length);

#ifdef __cplusplus
}
#endif

#endif
