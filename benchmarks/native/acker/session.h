/* One client's connection, and what is sent on it. */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"
#include "websocket.h"

#define CHANNEL_ARG_BYTES 256 /* {"channel":"orders","instType":"ANY"} and its longer forms */

struct session {
    int fd; /* -1: free */
    bool upgraded;
    char orders_arg[CHANNEL_ARG_BYTES]; /* the subscribed arg as sent, without its closing brace; "" if none */
    size_t input_len;
    uint8_t *input;
};

/* Sends all of it; returns false where the session is lost (the caller's loop closes it). */
bool session_send_bytes(struct session *session, const void *bytes, size_t len);

/* Frames and sends; false as above, and where the text did not fit. */
bool session_send(struct session *session, struct text *text, enum ws_opcode opcode);

#endif
