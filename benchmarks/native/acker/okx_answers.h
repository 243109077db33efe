/* What the acker answers to a client's messages. */
#ifndef OKX_ANSWERS_H
#define OKX_ANSWERS_H

#include "state.h"

/* Answers one text message of a client; false where the session is lost. */
bool okx_answer(struct acker *acker, struct session *session, struct slice message);

#endif
