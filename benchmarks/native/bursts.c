#define _POSIX_C_SOURCE 200809L
#include "bursts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t unix_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

void columns_print(const char *comma_separated)
{
    printf("%s\n", comma_separated);
    fflush(stdout);
}

bool burst_next(struct burst *burst)
{
    char line[128];
    if (!fgets(line, sizeof line, stdin))
        return false;
    if (sscanf(line, "%ld %ld %ld", &burst->count, &burst->gap_min_us, &burst->gap_max_us) != 3 || burst->count < 1 ||
        burst->count > BURST_MAX || burst->gap_min_us < 0 || burst->gap_max_us < burst->gap_min_us)
        fail("not a burst", line);
    return true;
}

void burst_pause(const struct burst *burst)
{
    static uint32_t state = 1;
    if (burst->gap_max_us == 0)
        return;
    state = state * 1664525 + 1013904223; /* Numerical Recipes' linear congruential generator */
    long gap_us = burst->gap_min_us + (long)(state >> 8) % (burst->gap_max_us - burst->gap_min_us + 1);
    struct timespec gap = {gap_us / 1000000, gap_us % 1000000 * 1000};
    while (nanosleep(&gap, &gap) < 0 && errno == EINTR)
        ;
}

void samples_write(const int64_t *samples, size_t count)
{
    const char *at = (const char *)samples;
    size_t left = count * sizeof *samples;
    while (left) {
        ssize_t written = write(STDOUT_FILENO, at, left);
        if (written < 0 && errno != EINTR)
            exit(1); /* nobody reads any more */
        if (written > 0) {
            at += written;
            left -= (size_t)written;
        }
    }
}
