#include "accept_key.h"

#include <stdint.h>
#include <string.h>

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define BLOCK_BYTES 64
#define DIGEST_BYTES 20

static uint32_t rotate(uint32_t value, int bits)
{
    return value << bits | value >> (32 - bits);
}

/* FIPS 180-4, section 6.1.2: one block into the state. */
static void sha1_block(uint32_t state[5], const uint8_t block[BLOCK_BYTES])
{
    uint32_t w[80];
    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
               block[4 * t + 3];
    for (int t = 16; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int t = 0; t < 80; t++) {
        uint32_t f, k;
        if (t < 20)
            f = (b & c) | (~b & d), k = 0x5A827999;
        else if (t < 40)
            f = b ^ c ^ d, k = 0x6ED9EBA1;
        else if (t < 60)
            f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
        else
            f = b ^ c ^ d, k = 0xCA62C1D6;
        uint32_t next = rotate(a, 5) + f + e + k + w[t];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* `text` is at most CLIENT_KEY_MAX + the GUID, so that two blocks always hold it with its padding. */
static void sha1(const uint8_t *text, size_t len, uint8_t digest[DIGEST_BYTES])
{
    uint8_t padded[2 * BLOCK_BYTES] = {0};
    memcpy(padded, text, len);
    padded[len] = 0x80;
    size_t blocks = len + 9 <= BLOCK_BYTES ? 1 : 2;
    uint64_t bits = (uint64_t)len * 8;
    for (int i = 0; i < 8; i++)
        padded[blocks * BLOCK_BYTES - 1 - i] = (uint8_t)(bits >> (8 * i));
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    for (size_t i = 0; i < blocks; i++)
        sha1_block(state, padded + i * BLOCK_BYTES);
    for (int i = 0; i < DIGEST_BYTES; i++)
        digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

/* RFC 4648, section 4, for the 20 bytes of a digest: 27 characters and one '='. */
static void base64_digest(const uint8_t digest[DIGEST_BYTES], char out[ACCEPT_KEY_BYTES])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[DIGEST_BYTES + 1] = {0};
    memcpy(bytes, digest, DIGEST_BYTES);
    for (int group = 0; group < 7; group++) {
        uint32_t bits = (uint32_t)bytes[3 * group] << 16 | (uint32_t)bytes[3 * group + 1] << 8 | bytes[3 * group + 2];
        for (int i = 0; i < 4; i++)
            out[4 * group + i] = letters[bits >> (18 - 6 * i) & 63];
    }
    out[27] = '=';
    out[28] = '\0';
}

void accept_key(const char *client_key, size_t len, char out[ACCEPT_KEY_BYTES])
{
    uint8_t text[CLIENT_KEY_MAX + sizeof GUID - 1];
    if (len > CLIENT_KEY_MAX)
        len = CLIENT_KEY_MAX;
    memcpy(text, client_key, len);
    memcpy(text + len, GUID, sizeof GUID - 1);
    uint8_t digest[DIGEST_BYTES];
    sha1(text, len + sizeof GUID - 1, digest);
    base64_digest(digest, out);
}
