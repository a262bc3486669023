#include "CSimdJSON.h"

#include <cstring>
#include <new>
#include <simdjson.h>

struct hl_json_parser {
    simdjson::dom::parser parser;
    size_t depth_max;
};

const size_t hl_json_padding = simdjson::SIMDJSON_PADDING;

hl_json_parser *hl_json_parser_create(size_t depth_max) {
    auto *created = new (std::nothrow) hl_json_parser;
    if (created != nullptr) created->depth_max = depth_max;
    return created;
}

void hl_json_parser_destroy(hl_json_parser *parser) { delete parser; }

int32_t hl_json_parse(hl_json_parser *parser, const uint8_t *bytes, size_t length, bool padded) {
    // Growing by hand keeps the depth limit: parse() would allocate with the default one.
    if (parser->parser.capacity() < length || parser->parser.max_depth() != parser->depth_max) {
        size_t capacity = parser->parser.capacity() < length ? length : parser->parser.capacity();
        if (auto error = parser->parser.allocate(capacity, parser->depth_max)) return error;
    }
    simdjson::dom::element root;
    return parser->parser.parse(bytes, length, !padded).get(root);
}

const uint64_t *hl_json_tape(const hl_json_parser *parser) { return parser->parser.doc.tape.get(); }

const uint8_t *hl_json_strings(const hl_json_parser *parser) {
    return parser->parser.doc.string_buf.get();
}

void hl_json_set_double(hl_json_parser *parser, size_t index, double value) {
    uint64_t *words = parser->parser.doc.tape.get() + index;
    words[0] = static_cast<uint64_t>('d') << 56;
    std::memcpy(&words[1], &value, sizeof value);
}

const char *hl_json_error_message(int32_t code) {
    return simdjson::error_message(static_cast<simdjson::error_code>(code));
}

bool hl_json_is_number_error(int32_t code) { return code == simdjson::NUMBER_ERROR; }
bool hl_json_is_string_error(int32_t code) { return code == simdjson::STRING_ERROR; }
bool hl_json_is_depth_error(int32_t code) { return code == simdjson::DEPTH_ERROR; }
bool hl_json_is_memory_error(int32_t code) { return code == simdjson::MEMALLOC; }
