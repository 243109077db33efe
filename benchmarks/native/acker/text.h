/* Pure. The text of one outgoing message. What does not fit is left out and `overflow` set: such a message is not sent. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_cursor.h"
#include "websocket.h"

#define TEXT_BYTES (128 * 1024) /* a batch's ack is 20 rows of about 200 bytes; a subscription is echoed whole */

struct text {
    char bytes[WS_HEADER_MAX + TEXT_BYTES]; /* the frame's header is written just before the text */
    size_t len;
    bool overflow;
};

void text_clear(struct text *text);
void text_put(struct text *text, const char *at, size_t len);
void text_put_word(struct text *text, const char *word);
void text_put_slice(struct text *text, struct slice slice);
void text_put_u64(struct text *text, uint64_t value);

#endif
