/* The `orders` channel of the acker. */
#ifndef ORDER_PUSHES_H
#define ORDER_PUSHES_H

#include "state.h"

/* Notes a placed order for its pushes, which go out at once or when `orders_push_due` is called. */
void orders_push_note(struct acker *acker, struct slice row, uint64_t ord_id, uint64_t ts_ms);
void orders_push_due(struct acker *acker);

#endif
