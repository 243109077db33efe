/* Pure. A checked cursor over one JSON text: walks members and elements, copies and converts nothing. */
#ifndef JSON_CURSOR_H
#define JSON_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
    const char *at;
    size_t len;
};

/* Whether the slice holds exactly this word. */
bool slice_is(struct slice text, const char *word);

/* Steps into an object or array: true if the first character is `open`, and then `rest` starts behind it. */
bool json_enter(struct slice *rest, char open);

/* The next member of the object that `rest` stands in; false at its end and where the text is broken. */
bool json_next_member(struct slice *rest, struct slice *key, struct slice *value);

/* The next element of the array that `rest` stands in; false at its end and where the text is broken. */
bool json_next_element(struct slice *rest, struct slice *value);

/* A string value without its quotes, escapes left as they are; any other value as it stands. */
struct slice json_text(struct slice value);

#endif
