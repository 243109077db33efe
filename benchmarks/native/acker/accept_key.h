/* Pure. The Sec-WebSocket-Accept value of a Sec-WebSocket-Key (RFC 6455, section 4.2.2): base64 of a SHA-1. */
#ifndef ACCEPT_KEY_H
#define ACCEPT_KEY_H

#include <stddef.h>

#define ACCEPT_KEY_BYTES 29 /* 28 characters and the terminator */
#define CLIENT_KEY_MAX 64   /* a real key has 24 characters */

void accept_key(const char *client_key, size_t len, char out[ACCEPT_KEY_BYTES]);

#endif
