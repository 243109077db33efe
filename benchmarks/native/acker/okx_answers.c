/* What a bare OKX private WebSocket answers: every login, subscription and order is good. Shapes as of 2026. */
#include "okx_answers.h"

#include <string.h>

#include "order_pushes.h"

#define CONN_ID "a1b2c3d4"

#define EMPTY ((struct slice){"", 0})

enum row_kind { ROW_PLACE, ROW_CANCEL, ROW_AMEND, ROW_MASS_CANCEL };

static const struct trade_op {
    const char *op;
    enum row_kind kind;
} TRADE_OPS[] = {
    {"order", ROW_PLACE},
    {"batch-orders", ROW_PLACE},
    {"cancel-order", ROW_CANCEL},
    {"batch-cancel-orders", ROW_CANCEL},
    {"amend-order", ROW_AMEND},
    {"batch-amend-orders", ROW_AMEND},
    {"mass-cancel", ROW_MASS_CANCEL},
};

struct request {
    struct slice id; /* quoted as sent; empty if none */
    struct slice op;
    struct slice args; /* behind the opening bracket */
};

/* The fields of one row of `args` that come back in its ack. */
struct row_ids {
    struct slice cl_ord_id;
    struct slice ord_id;
    struct slice tag;
    struct slice req_id;
};

static struct text out;

static bool send_words(struct session *session, const char *words)
{
    text_clear(&out);
    text_put_word(&out, words);
    return session_send(session, &out, WS_TEXT);
}

static bool parse_request(struct slice message, struct request *request)
{
    struct slice key, value;
    *request = (struct request){EMPTY, EMPTY, EMPTY};
    bool has_args = false;
    if (!json_enter(&message, '{'))
        return false;
    while (json_next_member(&message, &key, &value)) {
        if (slice_is(key, "id")) {
            request->id = value;
        } else if (slice_is(key, "op")) {
            request->op = json_text(value);
        } else if (slice_is(key, "args")) {
            request->args = value;
            has_args = json_enter(&request->args, '[');
        }
    }
    return has_args && request->op.len;
}

static struct row_ids parse_row(struct slice row)
{
    struct row_ids ids = {EMPTY, EMPTY, EMPTY, EMPTY};
    struct slice key, value;
    if (!json_enter(&row, '{'))
        return ids;
    while (json_next_member(&row, &key, &value)) {
        if (slice_is(key, "clOrdId"))
            ids.cl_ord_id = json_text(value);
        else if (slice_is(key, "ordId"))
            ids.ord_id = json_text(value);
        else if (slice_is(key, "tag"))
            ids.tag = json_text(value);
        else if (slice_is(key, "reqId"))
            ids.req_id = json_text(value);
    }
    return ids;
}

static void put_member(const char *name_and_quote, struct slice value)
{
    text_put_word(&out, name_and_quote);
    text_put_slice(&out, value);
    text_put_word(&out, "\"");
}

static void put_number(const char *name_and_quote, uint64_t value)
{
    text_put_word(&out, name_and_quote);
    text_put_u64(&out, value);
    text_put_word(&out, "\"");
}

static void put_row(enum row_kind kind, const struct row_ids *ids, uint64_t new_ord_id, uint64_t ts_ms)
{
    switch (kind) {
    case ROW_PLACE:
        put_member("{\"tag\":\"", ids->tag);
        put_number(",\"ts\":\"", ts_ms);
        put_number(",\"ordId\":\"", new_ord_id);
        put_member(",\"clOrdId\":\"", ids->cl_ord_id);
        text_put_word(&out, ",\"sCode\":\"0\",\"sMsg\":\"Order successfully placed.\",\"subCode\":\"\"}");
        break;
    case ROW_CANCEL:
        put_number("{\"ts\":\"", ts_ms);
        put_member(",\"ordId\":\"", ids->ord_id);
        put_member(",\"clOrdId\":\"", ids->cl_ord_id);
        text_put_word(&out, ",\"sCode\":\"0\",\"sMsg\":\"\"}");
        break;
    case ROW_AMEND:
        put_member("{\"ordId\":\"", ids->ord_id);
        put_member(",\"clOrdId\":\"", ids->cl_ord_id);
        put_member(",\"sCode\":\"0\",\"sMsg\":\"\",\"reqId\":\"", ids->req_id);
        put_number(",\"ts\":\"", ts_ms);
        text_put_word(&out, ",\"subCode\":\"\"}");
        break;
    case ROW_MASS_CANCEL:
        text_put_word(&out, "{\"result\":true}");
        break;
    }
}

static bool answer_trade_op(struct acker *acker, struct session *session, const struct request *request,
                            enum row_kind kind)
{
    uint64_t in_time_us = now_us();
    struct slice args = request->args, row;
    uint64_t first_ord_id = acker->last_ord_id + 1;
    const char *separator = "";
    text_clear(&out);
    text_put_word(&out, "{\"id\":");
    text_put_slice(&out, request->id.len ? request->id : (struct slice){"\"\"", 2});
    put_member(",\"op\":\"", request->op);
    text_put_word(&out, ",\"code\":\"0\",\"msg\":\"\",\"data\":[");
    while (json_next_element(&args, &row)) {
        struct row_ids ids = parse_row(row);
        if (kind == ROW_PLACE)
            acker->last_ord_id++;
        text_put_word(&out, separator);
        put_row(kind, &ids, acker->last_ord_id, in_time_us / 1000);
        separator = ",";
    }
    text_put_word(&out, "]");
    if (kind != ROW_MASS_CANCEL) {
        put_number(",\"inTime\":\"", in_time_us);
        put_number(",\"outTime\":\"", now_us());
    }
    text_put_word(&out, "}");
    if (!session_send(session, &out, WS_TEXT))
        return false;
    args = request->args;
    for (uint64_t ord_id = first_ord_id; kind == ROW_PLACE && json_next_element(&args, &row); ord_id++)
        orders_push_note(acker, row, ord_id, in_time_us / 1000);
    return true;
}

/* Keeps the arg of an `orders` subscription: pushes carry it with `uid` added. */
static void note_channel(struct session *session, struct slice arg, bool subscribed)
{
    struct slice rest = arg, key, value;
    if (!json_enter(&rest, '{') || arg.len >= CHANNEL_ARG_BYTES)
        return;
    while (json_next_member(&rest, &key, &value)) {
        if (!slice_is(key, "channel") || !slice_is(json_text(value), "orders"))
            continue;
        size_t len = subscribed ? arg.len - 1 : 0;
        memcpy(session->orders_arg, arg.at, len);
        session->orders_arg[len] = '\0';
    }
}

static bool answer_subscription(struct session *session, struct request *request)
{
    struct slice arg;
    while (json_next_element(&request->args, &arg)) {
        text_clear(&out);
        text_put_word(&out, "{");
        if (request->id.len) {
            text_put_word(&out, "\"id\":");
            text_put_slice(&out, request->id);
            text_put_word(&out, ",");
        }
        put_member("\"event\":\"", request->op);
        text_put_word(&out, ",\"arg\":");
        text_put_slice(&out, arg);
        text_put_word(&out, ",\"connId\":\"" CONN_ID "\"}");
        if (!session_send(session, &out, WS_TEXT))
            return false;
        note_channel(session, arg, slice_is(request->op, "subscribe"));
    }
    return true;
}

bool okx_answer(struct acker *acker, struct session *session, struct slice message)
{
    struct request request;
    if (slice_is(message, "ping"))
        return send_words(session, "pong");
    if (!parse_request(message, &request))
        return send_words(session, "{\"event\":\"error\",\"msg\":\"Illegal request\",\"code\":\"60012\",\"connId\":\"" CONN_ID
                                   "\"}");
    for (size_t i = 0; i < sizeof TRADE_OPS / sizeof *TRADE_OPS; i++)
        if (slice_is(request.op, TRADE_OPS[i].op))
            return answer_trade_op(acker, session, &request, TRADE_OPS[i].kind);
    if (slice_is(request.op, "login"))
        return send_words(session, "{\"event\":\"login\",\"code\":\"0\",\"msg\":\"\",\"connId\":\"" CONN_ID "\"}");
    if (slice_is(request.op, "subscribe") || slice_is(request.op, "unsubscribe"))
        return answer_subscription(session, &request);
    return send_words(session, "{\"event\":\"error\",\"msg\":\"Invalid op\",\"code\":\"60019\",\"connId\":\"" CONN_ID "\"}");
}
