/* What the acker's parts share: sessions, the text of one outgoing message, and the orders whose pushes are due. */
#ifndef ACKER_H
#define ACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_cursor.h"
#include "websocket.h"

#define SESSIONS_MAX 64           /* a benchmark opens fewer than ten */
#define INPUT_BYTES (256 * 1024)  /* OKX takes frames up to 64 KiB; four of them may lie in one read */
#define TEXT_BYTES (128 * 1024)   /* a batch's ack is 20 rows of about 200 bytes; a subscription is echoed whole */
#define INSTRUMENTS_MAX 16
#define ORDERS_DUE_MAX 65536      /* more than one burst; at the limit the pushes go out at once */
#define CHANNEL_ARG_BYTES 256     /* {"channel":"orders","instType":"ANY"} and its longer forms */

#define CONN_ID "a1b2c3d4"

enum push_states { PUSH_NOTHING = 0, PUSH_LIVE = 1, PUSH_FILLED = 2 };

struct instrument {
    char inst_id_code[24];
    char inst_id[40];
    char inst_type[12];
};

struct options {
    uint16_t port; /* 0: any free one */
    int push;      /* of push_states */
    int settle_ms; /* push only after so long without a request; 0 = at once */
    bool spin;     /* poll without sleeping */
    struct instrument instruments[INSTRUMENTS_MAX];
    size_t instrument_count;
};

struct session {
    int fd; /* -1: free */
    bool upgraded;
    char orders_arg[CHANNEL_ARG_BYTES]; /* the subscribed arg as sent, without its closing brace; "" if none */
    size_t input_len;
    uint8_t *input;
};

struct placed_order {
    uint64_t ord_id;
    uint64_t ts_ms;
    char *row; /* the request's row, owned */
    size_t row_len;
};

struct acker {
    struct options options;
    struct session sessions[SESSIONS_MAX];
    uint64_t last_ord_id;
    uint64_t last_trade_id;
    struct placed_order *orders_due;
    size_t orders_due_count;
};

/* One outgoing message. What does not fit is left out and `overflow` set: such a message is not sent. */
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

/* Unix time in microseconds. */
uint64_t now_us(void);

/* Frames and sends; returns false where the session is lost (the caller's loop closes it). */
bool session_send(struct session *session, struct text *text, enum ws_opcode opcode);

/* Answers one text message of a client; false where the session is lost. */
bool okx_answer(struct acker *acker, struct session *session, struct slice message);

/* Notes a placed order for its pushes, which go out at once or when `orders_push_due` is called. */
void orders_push_note(struct acker *acker, struct slice row, uint64_t ord_id, uint64_t ts_ms);
void orders_push_due(struct acker *acker);

#endif
