// simdjson's DOM parser behind a C interface: parse, then read its tape.
// The tape's format is documented by simdjson (doc/tape.md) and stable within version 3.
#ifndef HOOKLINE_CSIMDJSON_H
#define HOOKLINE_CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hl_json_parser hl_json_parser;

// Bytes that must be readable, with any value, behind a document that is parsed in place.
extern const size_t hl_json_padding;

// Returns NULL when memory is out.
hl_json_parser *hl_json_parser_create(size_t depth_max);
void hl_json_parser_destroy(hl_json_parser *parser);

// Returns 0 or simdjson's error code. With `padded` false the bytes are copied first.
int32_t hl_json_parse(hl_json_parser *parser, const uint8_t *bytes, size_t length, bool padded);

// Valid until the next parse by the same parser.
const uint64_t *hl_json_tape(const hl_json_parser *parser);
const uint8_t *hl_json_strings(const hl_json_parser *parser);

// Makes a double of the number whose words on the tape begin at an index.
void hl_json_set_double(hl_json_parser *parser, size_t index, double value);

// What an error code means, in simdjson's words; a static string.
const char *hl_json_error_message(int32_t code);
bool hl_json_is_number_error(int32_t code);
bool hl_json_is_string_error(int32_t code);
bool hl_json_is_depth_error(int32_t code);
bool hl_json_is_memory_error(int32_t code);

#ifdef __cplusplus
}
#endif

#endif
