#include "json_cursor.h"

#include <string.h>

bool slice_is(struct slice text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

static void advance(struct slice *rest, size_t count)
{
    rest->at += count;
    rest->len -= count;
}

static void skip_blank(struct slice *rest)
{
    while (rest->len && strchr(" \t\r\n,", *rest->at))
        advance(rest, 1);
}

/* Length of the string at the front with both quotes; 0 if none ends inside the text. */
static size_t string_length(struct slice text)
{
    if (!text.len || text.at[0] != '"')
        return 0;
    for (size_t i = 1; i < text.len; i++) {
        if (text.at[i] == '\\')
            i++;
        else if (text.at[i] == '"')
            return i + 1;
    }
    return 0;
}

/* Length of the object or array at the front; 0 if it does not end inside the text. */
static size_t nested_length(struct slice text)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '"') {
            size_t len = string_length((struct slice){text.at + i, text.len - i});
            if (!len)
                return 0;
            i += len - 1;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

static size_t value_length(struct slice text)
{
    if (!text.len)
        return 0;
    if (text.at[0] == '"')
        return string_length(text);
    if (text.at[0] == '{' || text.at[0] == '[')
        return nested_length(text);
    size_t len = 0;
    while (len < text.len && !strchr(" \t\r\n,:{}[]\"", text.at[len]))
        len++;
    return len;
}

bool json_enter(struct slice *rest, char open)
{
    skip_blank(rest);
    if (!rest->len || rest->at[0] != open)
        return false;
    advance(rest, 1);
    return true;
}

bool json_next_element(struct slice *rest, struct slice *value)
{
    skip_blank(rest);
    size_t len = value_length(*rest);
    if (!len)
        return false;
    *value = (struct slice){rest->at, len};
    advance(rest, len);
    return true;
}

bool json_next_member(struct slice *rest, struct slice *key, struct slice *value)
{
    skip_blank(rest);
    size_t len = string_length(*rest);
    if (!len)
        return false;
    *key = (struct slice){rest->at + 1, len - 2};
    advance(rest, len);
    skip_blank(rest);
    if (!rest->len || rest->at[0] != ':')
        return false;
    advance(rest, 1);
    return json_next_element(rest, value);
}

struct slice json_text(struct slice value)
{
    if (value.len >= 2 && value.at[0] == '"')
        return (struct slice){value.at + 1, value.len - 2};
    return value;
}
