#define _GNU_SOURCE /* memmem, strcasestr */
#include "websocket.h"

#include <stdio.h>
#include <string.h>

#include "accept_key.h"

enum ws_result ws_upgrade(const char *request, size_t len, size_t *used, char answer[WS_ANSWER_MAX])
{
    static const char name[] = "\nsec-websocket-key:";
    const char *end = memmem(request, len, "\r\n\r\n", 4);
    if (!end)
        return WS_INCOMPLETE;
    char head[4096];
    size_t head_len = (size_t)(end - request) + 2;
    if (head_len >= sizeof head)
        return WS_BROKEN;
    memcpy(head, request, head_len);
    head[head_len] = '\0';
    const char *key = strcasestr(head, name);
    if (strncmp(head, "GET ", 4) != 0 || !key)
        return WS_BROKEN;
    key += sizeof name - 1;
    key += strspn(key, " \t");
    char accept[ACCEPT_KEY_BYTES];
    accept_key(key, strcspn(key, " \t\r\n"), accept);
    snprintf(answer, WS_ANSWER_MAX,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\n\r\n",
             accept);
    *used = head_len + 2;
    return WS_COMPLETE;
}

enum ws_result ws_decode(uint8_t *bytes, size_t len, struct ws_frame *frame)
{
    if (len < 2)
        return WS_INCOMPLETE;
    /* FIN set, no RSV bit; a client always masks. */
    if ((bytes[0] & 0xF0) != 0x80 || !(bytes[1] & 0x80))
        return WS_BROKEN;
    size_t header = 2;
    uint64_t payload_len = bytes[1] & 0x7F;
    size_t extended = payload_len == 126 ? 2 : payload_len == 127 ? 8 : 0;
    if (len < header + extended + 4)
        return WS_INCOMPLETE;
    if (extended) {
        payload_len = 0;
        for (size_t i = 0; i < extended; i++)
            payload_len = payload_len << 8 | bytes[header + i];
        header += extended;
    }
    const uint8_t *mask = bytes + header;
    header += 4;
    if (payload_len > len - header)
        return WS_INCOMPLETE;
    frame->opcode = bytes[0] & 0x0F;
    frame->payload = bytes + header;
    frame->payload_len = (size_t)payload_len;
    frame->frame_len = header + frame->payload_len;
    for (size_t i = 0; i < frame->payload_len; i++)
        frame->payload[i] ^= mask[i & 3];
    return WS_COMPLETE;
}

uint8_t *ws_prepend_header(uint8_t *payload, size_t payload_len, enum ws_opcode opcode)
{
    size_t extended = payload_len < 126 ? 0 : payload_len <= UINT16_MAX ? 2 : 8;
    uint8_t *start = payload - 2 - extended;
    start[0] = (uint8_t)(0x80 | opcode);
    start[1] = (uint8_t)(extended == 0 ? payload_len : extended == 2 ? 126 : 127);
    for (size_t i = 0; i < extended; i++)
        start[2 + i] = (uint8_t)(payload_len >> (8 * (extended - 1 - i)));
    return start;
}
