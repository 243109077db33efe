/* The `orders` channel: a `live` and a `filled` row for each placed order, as the options ask for. */
#define _POSIX_C_SOURCE 200809L /* strndup */
#include "order_pushes.h"

#include <stdlib.h>
#include <string.h>

#define UID "1000000000000001"

/* The fields of a placing row that its pushes show. */
struct order_fields {
    const struct instrument *instrument;
    struct slice cl_ord_id, side, pos_side, td_mode, ord_type, px, sz;
};

static struct text out;

static const struct instrument *find_instrument(const struct options *options, struct slice inst_id_code)
{
    for (size_t i = 0; i < options->instrument_count; i++)
        if (slice_is(inst_id_code, options->instruments[i].inst_id_code))
            return &options->instruments[i];
    return NULL;
}

static struct order_fields parse_order(const struct options *options, const struct placed_order *order)
{
    struct order_fields fields = {0};
    struct {
        const char *key;
        struct slice *field;
    } wanted[] = {
        {"clOrdId", &fields.cl_ord_id}, {"side", &fields.side}, {"posSide", &fields.pos_side}, {"tdMode", &fields.td_mode},
        {"ordType", &fields.ord_type},  {"px", &fields.px},     {"sz", &fields.sz},
    };
    struct slice rest = {order->row, order->row_len}, key, value;
    json_enter(&rest, '{');
    while (json_next_member(&rest, &key, &value)) {
        if (slice_is(key, "instIdCode"))
            fields.instrument = find_instrument(options, value);
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (slice_is(key, wanted[i].key))
                *wanted[i].field = json_text(value);
    }
    return fields;
}

static void put(const char *words, struct slice value)
{
    text_put_word(&out, words);
    text_put_slice(&out, value);
}

static void put_number(const char *words, uint64_t value)
{
    text_put_word(&out, words);
    text_put_u64(&out, value);
}

static void put_identity(const struct order_fields *fields, const struct placed_order *order)
{
    text_put_word(&out, "\"instType\":\"");
    text_put_word(&out, fields->instrument->inst_type);
    text_put_word(&out, "\",\"instId\":\"");
    text_put_word(&out, fields->instrument->inst_id);
    put_number("\",\"tgtCcy\":\"\",\"ccy\":\"\",\"tradeQuoteCcy\":\"\",\"ordId\":\"", order->ord_id);
    put("\",\"clOrdId\":\"", fields->cl_ord_id);
    put("\",\"algoClOrdId\":\"\",\"algoId\":\"\",\"tag\":\"\",\"px\":\"", fields->px);
    put("\",\"sz\":\"", fields->sz);
    put("\",\"notionalUsd\":\"20.01\",\"ordType\":\"", fields->ord_type);
    put("\",\"side\":\"", fields->side);
    put("\",\"posSide\":\"", fields->pos_side);
    put("\",\"tdMode\":\"", fields->td_mode);
}

/* The members that say how much is filled; all filled at the order's own price, or nothing yet. */
static void put_fill(const struct order_fields *fields, const struct placed_order *order, uint64_t trade_id)
{
    bool filled = trade_id != 0;
    struct slice zero = {"0", 1};
    put("\",\"accFillSz\":\"", filled ? fields->sz : zero);
    put("\",\"fillNotionalUsd\":\"\",\"avgPx\":\"", filled ? fields->px : zero);
    text_put_word(&out, "\",\"state\":\"");
    text_put_word(&out, filled ? "filled" : "live");
    text_put_word(&out, "\",\"lever\":\"0\",\"pnl\":\"0\",\"feeCcy\":\"USDT\",\"fee\":\"0\",\"rebateCcy\":\"USDT\","
                        "\"rebate\":\"0\",\"category\":\"normal\",\"uTime\":\"");
    text_put_u64(&out, order->ts_ms);
    put_number("\",\"cTime\":\"", order->ts_ms);
    text_put_word(&out, "\",\"source\":\"\",\"reduceOnly\":\"false\",\"cancelSource\":\"\",\"quickMgnType\":\"\",\"stpId\":\"\","
                        "\"stpMode\":\"cancel_maker\",\"attachAlgoClOrdId\":\"\",\"lastPx\":\"20010.1\",\"outcome\":\"\","
                        "\"isTpLimit\":\"false\",\"slTriggerPx\":\"\",\"slTriggerPxType\":\"\",\"tpOrdPx\":\"\","
                        "\"tpTriggerPx\":\"\",\"tpTriggerPxType\":\"\",\"slOrdPx\":\"\",\"fillPx\":\"");
    if (filled) {
        text_put_slice(&out, fields->px);
        put_number("\",\"tradeId\":\"", trade_id);
        put("\",\"fillSz\":\"", fields->sz);
        put_number("\",\"fillTime\":\"", order->ts_ms);
        text_put_word(&out, "\",\"fillPnl\":\"0\",\"fillFee\":\"-0.00001\",\"fillFeeCcy\":\"USDT\",\"execType\":\"M");
    } else {
        text_put_word(&out, "\",\"tradeId\":\"\",\"fillSz\":\"0\",\"fillTime\":\"\",\"fillPnl\":\"0\",\"fillFee\":\"0\","
                            "\"fillFeeCcy\":\"\",\"execType\":\"");
    }
}

/* One push to every session that subscribed. `trade_id` 0: the `live` row. */
static void push_row(struct acker *acker, const struct order_fields *fields, const struct placed_order *order,
                     uint64_t trade_id)
{
    for (struct session *session = acker->sessions; session < acker->sessions + SESSIONS_MAX; session++) {
        if (session->fd < 0 || !session->orders_arg[0])
            continue;
        text_clear(&out);
        text_put_word(&out, "{\"arg\":");
        text_put_word(&out, session->orders_arg);
        text_put_word(&out, ",\"uid\":\"" UID "\"},\"data\":[{");
        put_identity(fields, order);
        put_fill(fields, order, trade_id);
        text_put_word(&out, "\",\"fillPxVol\":\"\",\"fillPxUsd\":\"\",\"fillMarkVol\":\"\",\"fillFwdPx\":\"\","
                            "\"fillMarkPx\":\"\",\"fillIdxPx\":\"\",\"amendSource\":\"\",\"reqId\":\"\",\"amendResult\":\"\","
                            "\"code\":\"0\",\"msg\":\"\",\"pxType\":\"\",\"pxUsd\":\"\",\"pxVol\":\"\","
                            "\"linkedAlgoOrd\":{\"algoId\":\"\"},\"attachAlgoOrds\":[]}]}");
        session_send(session, &out, WS_TEXT); /* a lost session is closed when the loop next reads it */
    }
}

void orders_push_due(struct acker *acker)
{
    for (size_t i = 0; i < acker->orders_due_count; i++) {
        struct placed_order *order = &acker->orders_due[i];
        struct order_fields fields = parse_order(&acker->options, order);
        if (fields.instrument) {
            if (acker->options.push & PUSH_LIVE)
                push_row(acker, &fields, order, 0);
            if (acker->options.push & PUSH_FILLED)
                push_row(acker, &fields, order, ++acker->last_trade_id);
        }
        free(order->row);
    }
    acker->orders_due_count = 0;
}

void orders_push_note(struct acker *acker, struct slice row, uint64_t ord_id, uint64_t ts_ms)
{
    if (acker->options.push == PUSH_NOTHING)
        return;
    char *copy = strndup(row.at, row.len);
    if (!copy)
        abort();
    acker->orders_due[acker->orders_due_count++] = (struct placed_order){ord_id, ts_ms, copy, row.len};
    if (acker->options.settle_ms == 0 || acker->orders_due_count == ORDERS_DUE_MAX)
        orders_push_due(acker);
}
