#include "text.h"

#include <string.h>

void text_clear(struct text *text)
{
    text->len = 0;
    text->overflow = false;
}

void text_put(struct text *text, const char *at, size_t len)
{
    if (len == 0) /* an absent field has no address */
        return;
    if (len > TEXT_BYTES - text->len) {
        text->overflow = true;
        return;
    }
    memcpy(text->bytes + WS_HEADER_MAX + text->len, at, len);
    text->len += len;
}

void text_put_word(struct text *text, const char *word)
{
    text_put(text, word, strlen(word));
}

void text_put_slice(struct text *text, struct slice slice)
{
    text_put(text, slice.at, slice.len);
}

void text_put_u64(struct text *text, uint64_t value)
{
    char digits[20];
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    text_put(text, digits + start, sizeof digits - start);
}
