#include "session.h"

#include <errno.h>
#include <sys/socket.h>

bool session_send_bytes(struct session *session, const void *bytes, size_t len)
{
    while (len) {
        ssize_t sent = send(session->fd, bytes, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            bytes = (const char *)bytes + sent;
            len -= (size_t)sent;
        }
    }
    return true;
}

bool session_send(struct session *session, struct text *text, enum ws_opcode opcode)
{
    if (text->overflow)
        return false;
    uint8_t *payload = (uint8_t *)text->bytes + WS_HEADER_MAX;
    uint8_t *start = ws_prepend_header(payload, text->len, opcode);
    return session_send_bytes(session, start, (size_t)(payload - start) + text->len);
}
