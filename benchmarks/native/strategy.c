/* A strategy in C that trades through the gateway and times each order, from the send on the orders socket until its
 * ack is in hand on the events socket.
 *
 * strategy DIR NAME INSTID LIBZMQ TIMEOUT_MS
 *
 * Driven as bursts.h says. Each burst ends, outside the clock, when every order of it has had its terminal event, so
 * that nothing is left to do in the gateway and no event was lost. Any order that is not accepted, and any event that
 * takes longer than TIMEOUT_MS, ends the program.
 */
#define _GNU_SOURCE /* memmem */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bursts.h"
#include "zmq_calls.h"

#define MESSAGE_MAX (64 * 1024)
#define MAX_WAIT_MS 5000 /* the first orders wait for the cold rate-limit window to pass */

/* The time stamps of one order, Unix time in ns. */
enum stamp { STAMP_RECV, STAMP_SENT, STAMP_VENUE, STAMP_PUB, STAMPS };
static const char *const STAMP_KEYS[STAMPS] = {"\"recvNs\":\"", "\"sentNs\":\"", "\"venueNs\":\"", "\"pubNs\":\""};

enum column { ROUND_TRIP, TO_GATEWAY, ORDER_PATH, VENUE, EVENT_PATH, TO_STRATEGY, COLUMNS };
static const char COLUMN_NAMES[] = "round_trip,to_gateway,order_path,venue,event_path,to_strategy";

struct message {
    size_t len;
    char text[MESSAGE_MAX];
};

static void *orders, *events;
static int timeout_ms;
static const char *strategy_name, *inst_id;
static char session_word[24]; /* makes the request ids of this process its own */
static long order_number;
static long terminal_count;
static struct message topic, event, answer;

static bool contains(const struct message *message, const char *word)
{
    return memmem(message->text, message->len, word, strlen(word)) != NULL;
}

static bool receive(void *socket, struct message *message, int flags)
{
    int len = zmq.recv(socket, message->text, sizeof message->text - 1, flags);
    if (len < 0)
        return false;
    message->len = (size_t)len < sizeof message->text ? (size_t)len : sizeof message->text - 1;
    message->text[message->len] = '\0';
    return true;
}

static int64_t deadline_after(int64_t now_ns)
{
    return now_ns + (int64_t)timeout_ms * 1000000;
}

/* The next event; past the deadline (heartbeats always come) it ends the program with what the gateway answered on the
 * orders socket. */
static void receive_event(int64_t deadline_ns)
{
    bool received = receive(events, &topic, 0) && receive(events, &event, 0);
    if (!received || monotonic_ns() > deadline_ns)
        fail("no event in time", receive(orders, &answer, ZMQ_DONTWAIT) ? answer.text : "and no refusal either");
    terminal_count += contains(&event, "\"event\":\"order\"") && contains(&event, "\"terminal\":true");
}

static bool topic_is(const char *kind)
{
    size_t len = strlen(strategy_name);
    return topic.len > len && memcmp(topic.text, strategy_name, len) == 0 && strcmp(topic.text + len, kind) == 0;
}

static void send_request(const char *request, size_t len)
{
    if (zmq.send(orders, request, len, 0) < 0)
        fail("send", zmq_reason());
}

static void say_hello(void)
{
    char hello[256], nonce[32];
    bool subscribed = false, ready = false;
    int len = snprintf(hello, sizeof hello, "{\"id\":\"hello\",\"op\":\"hello\",\"args\":[{\"strategy\":\"%s\",\"nonce\":\"%s\"}]}",
                       strategy_name, session_word);
    snprintf(nonce, sizeof nonce, "\"%s\"", session_word);
    send_request(hello, (size_t)len);
    if (!receive(orders, &answer, 0) || !contains(&answer, "\"code\":\"0\""))
        fail("hello", answer.len ? answer.text : "no answer");
    for (int64_t deadline_ns = deadline_after(monotonic_ns()); !subscribed || !ready;) {
        receive_event(deadline_ns);
        if (topic_is(".heartbeat")) {
            subscribed |= contains(&event, nonce);
            ready = contains(&event, "\"ready\":true");
        }
    }
}

static int64_t read_stamp(enum stamp stamp)
{
    const char *key = STAMP_KEYS[stamp];
    const char *at = memmem(event.text, event.len, key, strlen(key));
    if (!at)
        fail("an ack without its stamp", key);
    return strtoll(at + strlen(key), NULL, 10);
}

static void note_times(int64_t times[COLUMNS], int64_t round_trip_ns, int64_t sent_ns, int64_t received_ns)
{
    int64_t stamps[STAMPS];
    for (enum stamp stamp = 0; stamp < STAMPS; stamp++)
        stamps[stamp] = read_stamp(stamp);
    times[ROUND_TRIP] = round_trip_ns;
    times[TO_GATEWAY] = stamps[STAMP_RECV] - sent_ns;
    times[ORDER_PATH] = stamps[STAMP_SENT] - stamps[STAMP_RECV];
    times[VENUE] = stamps[STAMP_VENUE] - stamps[STAMP_SENT];
    times[EVENT_PATH] = stamps[STAMP_PUB] - stamps[STAMP_VENUE];
    times[TO_STRATEGY] = received_ns - stamps[STAMP_PUB];
}

static void place_order(int64_t times[COLUMNS])
{
    char request[512], id_member[64];
    snprintf(id_member, sizeof id_member, "\"id\":\"%s-%ld\"", session_word, ++order_number);
    int len = snprintf(request, sizeof request,
                       "{%s,\"op\":\"order\",\"args\":[{\"instId\":\"%s\",\"tdMode\":\"cross\",\"side\":\"buy\","
                       "\"ordType\":\"limit\",\"px\":\"20000.1\",\"sz\":\"1\"}],\"gw\":{\"maxWaitMs\":%d}}",
                       id_member, inst_id, MAX_WAIT_MS);
    int64_t sent_unix_ns = unix_ns();
    int64_t sent_ns = monotonic_ns();
    send_request(request, (size_t)len);
    do
        receive_event(deadline_after(sent_ns));
    while (!topic_is(".ack"));
    int64_t round_trip_ns = monotonic_ns() - sent_ns;
    int64_t received_unix_ns = unix_ns();
    if (!contains(&event, id_member) || !contains(&event, "\"result\":\"accepted\""))
        fail("not the ack of an accepted order", event.text);
    note_times(times, round_trip_ns, sent_unix_ns, received_unix_ns);
}

static void run_burst(const struct burst *burst)
{
    int64_t(*samples)[COLUMNS] = calloc((size_t)burst->count, sizeof *samples);
    if (!samples)
        fail("samples", strerror(errno));
    terminal_count = 0;
    for (long i = 0; i < burst->count; i++) {
        burst_pause(burst);
        place_order(samples[i]);
    }
    for (int64_t deadline_ns = deadline_after(monotonic_ns()); terminal_count < burst->count;)
        receive_event(deadline_ns);
    samples_write(samples[0], (size_t)burst->count * COLUMNS);
    free(samples);
}

static void connect_sockets(const char *dir)
{
    char endpoint[160], subscription[64];
    int unlimited = 0;
    void *context = zmq.ctx_new();
    snprintf(endpoint, sizeof endpoint, "ipc://%s/events", dir);
    events = zmq_connected(context, ZMQ_SUB, endpoint);
    snprintf(subscription, sizeof subscription, "%s.", strategy_name);
    zmq.setsockopt(events, ZMQ_SUBSCRIBE, subscription, strlen(subscription));
    zmq.setsockopt(events, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    zmq.setsockopt(events, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/orders", dir);
    orders = zmq_connected(context, ZMQ_DEALER, endpoint);
    zmq.setsockopt(orders, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
}

int main(int argc, char **argv)
{
    if (argc != 6 || (timeout_ms = atoi(argv[5])) < 1)
        fail("usage", "strategy DIR NAME INSTID LIBZMQ TIMEOUT_MS");
    strategy_name = argv[2];
    inst_id = argv[3];
    snprintf(session_word, sizeof session_word, "%llx", (unsigned long long)unix_ns());
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    zmq_load(argv[4]);
    connect_sockets(argv[1]);
    say_hello();
    columns_print(COLUMN_NAMES);
    struct burst burst;
    while (burst_next(&burst))
        run_burst(&burst);
    return 0;
}
