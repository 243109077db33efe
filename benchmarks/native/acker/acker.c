/* A bare OKX private WebSocket over plain TCP that accepts every request at once: the far end of the benchmarks.
 *
 * acker [--port N] [--push live] [--push filled] [--settle-ms N] [--spin] [--instrument CODE:INSTID:INSTTYPE]...
 *
 * Prints "listening PORT" when it is ready. No limits, no checks, no TLS. Orders of an instrument that was named get
 * the asked-for rows on the `orders` channel; cancels and amends are acked and push nothing.
 */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "state.h"
#include "okx_answers.h"
#include "order_pushes.h"

#define EVENTS_MAX 16
#define INPUT_BYTES (256 * 1024) /* OKX takes frames up to 64 KiB; four of them may lie in one read */

static void fail(const char *what)
{
    fprintf(stderr, "acker: %s: %s\n", what, strerror(errno));
    exit(1);
}

static bool answer_frame(struct acker *acker, struct session *session, const struct ws_frame *frame)
{
    static struct text echo;
    struct slice message = {(const char *)frame->payload, frame->payload_len};
    switch (frame->opcode) {
    case WS_TEXT:
        return okx_answer(acker, session, message);
    case WS_PING:
    case WS_CLOSE:
        text_clear(&echo);
        text_put_slice(&echo, message);
        return session_send(session, &echo, frame->opcode == WS_PING ? WS_PONG : WS_CLOSE) && frame->opcode == WS_PING;
    case WS_PONG:
        return true;
    default:
        return false;
    }
}

/* Answers all that is complete in the input and moves the rest to its front; false where the session is over. */
static bool answer_input(struct acker *acker, struct session *session)
{
    size_t used = 0;
    if (!session->upgraded) {
        char answer[WS_ANSWER_MAX];
        enum ws_result result = ws_upgrade((const char *)session->input, session->input_len, &used, answer);
        if (result != WS_COMPLETE)
            return result == WS_INCOMPLETE;
        session->upgraded = true;
        if (!session_send_bytes(session, answer, strlen(answer)))
            return false;
    }
    for (;;) {
        struct ws_frame frame;
        enum ws_result result = ws_decode(session->input + used, session->input_len - used, &frame);
        if (result == WS_BROKEN)
            return false;
        if (result == WS_INCOMPLETE)
            break;
        if (!answer_frame(acker, session, &frame))
            return false;
        used += frame.frame_len;
    }
    session->input_len -= used;
    memmove(session->input, session->input + used, session->input_len);
    return session->input_len < INPUT_BYTES;
}

static void session_close(struct session *session)
{
    close(session->fd);
    free(session->input);
    *session = (struct session){.fd = -1};
}

static void session_read(struct acker *acker, struct session *session)
{
    ssize_t count = recv(session->fd, session->input + session->input_len, INPUT_BYTES - session->input_len, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0) {
        session->input_len += (size_t)count;
        if (answer_input(acker, session))
            return;
    }
    session_close(session);
}

static void session_open(struct acker *acker, int epoll_fd, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct session *session = acker->sessions;
    while (session < acker->sessions + SESSIONS_MAX && session->fd >= 0)
        session++;
    if (session == acker->sessions + SESSIONS_MAX) {
        close(fd);
        return;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
    *session = (struct session){.fd = fd, .input = malloc(INPUT_BYTES)};
    if (!session->input || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        fail("session");
}

static int listen_on(uint16_t port)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(listener, (struct sockaddr *)&address, len) < 0 || listen(listener, SESSIONS_MAX) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) < 0)
        fail("listen");
    printf("listening %u\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void parse_instrument(struct options *options, const char *word)
{
    struct instrument *instrument = &options->instruments[options->instrument_count++];
    if (options->instrument_count > INSTRUMENTS_MAX ||
        sscanf(word, "%23[^:]:%39[^:]:%11s", instrument->inst_id_code, instrument->inst_id, instrument->inst_type) != 3) {
        fprintf(stderr, "acker: --instrument %s: should be CODE:INSTID:INSTTYPE, at most %d times\n", word, INSTRUMENTS_MAX);
        exit(2);
    }
}

static void parse_push(struct options *options, const char *word)
{
    int state = strcmp(word, "live") == 0 ? PUSH_LIVE : strcmp(word, "filled") == 0 ? PUSH_FILLED : PUSH_NOTHING;
    if (state == PUSH_NOTHING) {
        fprintf(stderr, "acker: --push %s: should be live or filled\n", word);
        exit(2);
    }
    options->push |= state;
}

static void parse_options(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {
        {"port", required_argument, NULL, 'p'}, {"push", required_argument, NULL, 'u'},
        {"settle-ms", required_argument, NULL, 'm'}, {"spin", no_argument, NULL, 's'},
        {"instrument", required_argument, NULL, 'i'}, {0},
    };
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (option == 'p')
            options->port = (uint16_t)atoi(optarg);
        else if (option == 'u')
            parse_push(options, optarg);
        else if (option == 'm')
            options->settle_ms = atoi(optarg);
        else if (option == 's')
            options->spin = true;
        else if (option == 'i')
            parse_instrument(options, optarg);
        else
            exit(2); /* getopt has said why */
    }
}

static int wait_ms(const struct acker *acker)
{
    if (acker->options.spin)
        return 0;
    return acker->orders_due_count ? acker->options.settle_ms : -1;
}

static void serve(struct acker *acker, int epoll_fd, int listener)
{
    struct epoll_event events[EVENTS_MAX];
    uint64_t quiet_since_us = now_us();
    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS_MAX, wait_ms(acker));
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                session_read(acker, events[i].data.ptr);
            else
                session_open(acker, epoll_fd, listener);
        }
        if (count > 0)
            quiet_since_us = now_us();
        else if (acker->orders_due_count && now_us() - quiet_since_us >= (uint64_t)acker->options.settle_ms * 1000)
            orders_push_due(acker);
    }
}

int main(int argc, char **argv)
{
    static struct acker acker = {.last_ord_id = 1234567890123456788};
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* it must not outlive the benchmark that started it */
    parse_options(&acker.options, argc, argv);
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        acker.sessions[i].fd = -1;
    acker.orders_due = calloc(ORDERS_DUE_MAX, sizeof *acker.orders_due);
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on(acker.options.port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (!acker.orders_due || epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event) < 0)
        fail("start");
    serve(&acker, epoll_fd, listener);
    return 0;
}
