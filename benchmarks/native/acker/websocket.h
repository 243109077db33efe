/* Pure. The server's side of RFC 6455, as far as a client of OKX uses it: upgrade, unfragmented frames, no extension. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_opcode { WS_TEXT = 1, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

#define WS_HEADER_MAX 10 /* a server's frame has no mask */
#define WS_ANSWER_MAX 192

enum ws_result { WS_INCOMPLETE, WS_COMPLETE, WS_BROKEN };

struct ws_frame {
    uint8_t opcode;
    uint8_t *payload;
    size_t payload_len;
    size_t frame_len;
};

/* Reads an HTTP upgrade request; on WS_COMPLETE `used` is its length and `answer` the terminated answer. */
enum ws_result ws_upgrade(const char *request, size_t len, size_t *used, char answer[WS_ANSWER_MAX]);

/* Reads one client's frame at the front of `bytes` and takes the mask off in place. */
enum ws_result ws_decode(uint8_t *bytes, size_t len, struct ws_frame *frame);

/* Writes a final frame's header so that it ends just before `payload`; returns where it starts. */
uint8_t *ws_prepend_header(uint8_t *payload, size_t payload_len, enum ws_opcode opcode);

#endif
