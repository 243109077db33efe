/* The floors under any gateway on this machine: round trips between two bare C processes that only send and receive.
 *
 * ipc_floor pair    DIR LIBZMQ     libzmq over IPC, PAIR to PAIR
 * ipc_floor gateway DIR LIBZMQ     libzmq over IPC as the gateway uses it: DEALER to ROUTER there, XPUB to SUB back
 * ipc_floor unix    DIR            a stream socket, no libzmq
 *
 * Driven as bursts.h says. The messages are as long as the benchmark's request and the gateway's event for its ack.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bursts.h"
#include "zmq_calls.h"

#define REQUEST_BYTES 180
#define EVENT_BYTES 560
#define TOPIC "bench.ack"
#define MESSAGE_MAX 1024
#define TIMEOUT_MS 5000 /* a lost message ends the run instead of hanging it */

static char request[REQUEST_BYTES];
static char event[EVENT_BYTES];
static char buffer[MESSAGE_MAX];
static char orders_endpoint[160], events_endpoint[160];

/* One way to make a round trip. The responder never returns. */
struct way {
    const char *name;
    void (*respond)(void);
    void (*connect)(void);
    void (*round_trip)(void);
};

static void *orders_socket, *events_socket;
static int unix_socket;

static void expect(int len, int wanted)
{
    if (len != wanted)
        fail("round trip", len < 0 ? zmq_reason() : "a message of the wrong length");
}

static void pair_respond(void)
{
    void *socket = zmq_bound(zmq.ctx_new(), ZMQ_PAIR, orders_endpoint);
    for (;;) {
        expect(zmq.recv(socket, buffer, sizeof buffer, 0), sizeof request);
        expect(zmq.send(socket, event, sizeof event, 0), sizeof event);
    }
}

static void pair_connect(void)
{
    int timeout_ms = TIMEOUT_MS;
    orders_socket = zmq_connected(zmq.ctx_new(), ZMQ_PAIR, orders_endpoint);
    zmq.setsockopt(orders_socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
}

static void pair_round_trip(void)
{
    expect(zmq.send(orders_socket, request, sizeof request, 0), sizeof request);
    expect(zmq.recv(orders_socket, buffer, sizeof buffer, 0), sizeof event);
}

static void gateway_respond(void)
{
    void *context = zmq.ctx_new();
    void *events = zmq_bound(context, ZMQ_XPUB, events_endpoint);
    void *orders = zmq_bound(context, ZMQ_ROUTER, orders_endpoint);
    expect(zmq.recv(events, buffer, sizeof buffer, 0), sizeof TOPIC); /* a subscription: one byte and the topic */
    for (;;) {
        expect(zmq.recv(orders, buffer, sizeof buffer, 0), 5); /* the routing id that libzmq makes */
        expect(zmq.recv(orders, buffer, sizeof buffer, 0), sizeof request);
        expect(zmq.send(events, TOPIC, sizeof TOPIC - 1, ZMQ_SNDMORE), sizeof TOPIC - 1);
        expect(zmq.send(events, event, sizeof event, 0), sizeof event);
    }
}

static void gateway_connect(void)
{
    void *context = zmq.ctx_new();
    int timeout_ms = TIMEOUT_MS;
    events_socket = zmq_connected(context, ZMQ_SUB, events_endpoint);
    zmq.setsockopt(events_socket, ZMQ_SUBSCRIBE, TOPIC, sizeof TOPIC - 1);
    zmq.setsockopt(events_socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
    orders_socket = zmq_connected(context, ZMQ_DEALER, orders_endpoint);
}

static void gateway_round_trip(void)
{
    expect(zmq.send(orders_socket, request, sizeof request, 0), sizeof request);
    expect(zmq.recv(events_socket, buffer, sizeof buffer, 0), sizeof TOPIC - 1);
    expect(zmq.recv(events_socket, buffer, sizeof buffer, 0), sizeof event);
}

static struct sockaddr_un unix_address(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = orders_endpoint + strlen("ipc://");
    if (strlen(path) >= sizeof address.sun_path)
        fail(path, "too long for a unix socket");
    strcpy(address.sun_path, path);
    return address;
}

static void unix_receive(int fd, size_t wanted)
{
    ssize_t len = recv(fd, buffer, wanted, MSG_WAITALL);
    if (len == 0)
        exit(0); /* the other process has ended */
    if (len != (ssize_t)wanted)
        fail("recv", strerror(errno));
}

static void unix_send(int fd, const char *bytes, size_t len)
{
    if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
        fail("send", strerror(errno));
}

static void unix_respond(void)
{
    struct sockaddr_un address = unix_address();
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0)
        fail("bind", strerror(errno));
    int fd = accept(listener, NULL, NULL);
    for (;;) {
        unix_receive(fd, sizeof request);
        unix_send(fd, event, sizeof event);
    }
}

static void unix_connect(void)
{
    struct sockaddr_un address = unix_address();
    unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int waited_ms = 0; connect(unix_socket, (struct sockaddr *)&address, sizeof address) < 0; waited_ms++) {
        if (waited_ms == TIMEOUT_MS)
            fail("connect", strerror(errno));
        usleep(1000);
    }
}

static void unix_round_trip(void)
{
    unix_send(unix_socket, request, sizeof request);
    unix_receive(unix_socket, sizeof event);
}

static const struct way WAYS[] = {
    {"pair", pair_respond, pair_connect, pair_round_trip},
    {"gateway", gateway_respond, gateway_connect, gateway_round_trip},
    {"unix", unix_respond, unix_connect, unix_round_trip},
};

static const struct way *find_way(const char *name)
{
    for (const struct way *way = WAYS; way < WAYS + sizeof WAYS / sizeof *WAYS; way++)
        if (strcmp(way->name, name) == 0)
            return way;
    fail(name, "should be pair, gateway or unix");
}

static void measure(const struct way *way)
{
    struct burst burst;
    columns_print("round_trip");
    while (burst_next(&burst)) {
        int64_t *samples = calloc((size_t)burst.count, sizeof *samples);
        if (!samples)
            fail("samples", strerror(errno));
        for (long i = 0; i < burst.count; i++) {
            burst_pause(&burst);
            int64_t sent_ns = monotonic_ns();
            way->round_trip();
            samples[i] = monotonic_ns() - sent_ns;
        }
        samples_write(samples, (size_t)burst.count);
        free(samples);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3)
        fail("usage", "ipc_floor pair|gateway|unix DIR [LIBZMQ]");
    const struct way *way = find_way(argv[1]);
    snprintf(orders_endpoint, sizeof orders_endpoint, "ipc://%s/orders", argv[2]);
    snprintf(events_endpoint, sizeof events_endpoint, "ipc://%s/events", argv[2]);
    memset(request, 'r', sizeof request);
    memset(event, 'e', sizeof event);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (way->respond != unix_respond) {
        if (argc < 4)
            fail(argv[1], "needs the path of libzmq");
        zmq_load(argv[3]);
    }
    pid_t parent = getpid();
    pid_t responder = fork();
    if (responder < 0)
        fail("fork", strerror(errno));
    if (responder == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            return 1; /* it has ended already */
        way->respond();
    }
    way->connect();
    way->round_trip(); /* the connection stands before anything is measured */
    measure(way);
    kill(responder, SIGTERM);
    waitpid(responder, NULL, 0);
    return 0;
}
