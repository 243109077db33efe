/* How a measuring program is driven: it prints its columns once, then answers each line "COUNT GAP_MIN_US GAP_MAX_US"
 * on its input with COUNT rows of 64-bit samples (nanoseconds, the machine's byte order) on its output. */
#ifndef BURSTS_H
#define BURSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BURST_MAX 1000000

struct burst {
    long count;
    long gap_min_us; /* pause before each request; 0 to 0 = none */
    long gap_max_us;
};

void columns_print(const char *comma_separated);

/* Waits for the next line; false at the end of the input. Ends the program on a line that is not a burst. */
bool burst_next(struct burst *burst);

/* Sleeps a time between the two bounds: a fixed pseudo-random series, the same for every program. */
void burst_pause(const struct burst *burst);

void samples_write(const int64_t *samples, size_t count);

int64_t monotonic_ns(void);
int64_t unix_ns(void);

/* Prints to standard error and ends the program. */
void fail(const char *what, const char *why) __attribute__((noreturn));

#endif
