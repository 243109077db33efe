/* The state that the acker's parts share: its options, the sessions, and the orders whose pushes are due. */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "session.h"

#define SESSIONS_MAX 64      /* a benchmark opens fewer than ten */
#define INSTRUMENTS_MAX 16
#define ORDERS_DUE_MAX 65536 /* more than one burst; at the limit the pushes go out at once */

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

/* Unix time in microseconds. */
static inline uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

#endif
