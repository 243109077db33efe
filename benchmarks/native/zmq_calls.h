/* The few libzmq calls that the benchmarks need, taken from the shared object that ships in the pyzmq wheel (which has
 * no headers). Prototypes and numbers: libzmq 4.3, include/zmq.h. */
#ifndef ZMQ_CALLS_H
#define ZMQ_CALLS_H

#include <stddef.h>

enum { ZMQ_PAIR = 0, ZMQ_PUB = 1, ZMQ_SUB = 2, ZMQ_DEALER = 5, ZMQ_ROUTER = 6, ZMQ_XPUB = 9 };
enum { ZMQ_SUBSCRIBE = 6, ZMQ_RCVMORE = 13, ZMQ_RCVHWM = 24, ZMQ_RCVTIMEO = 27 };
enum { ZMQ_DONTWAIT = 1, ZMQ_SNDMORE = 2 };

struct zmq_calls {
    void *(*ctx_new)(void);
    void *(*socket)(void *context, int type);
    int (*bind)(void *socket, const char *endpoint);
    int (*connect)(void *socket, const char *endpoint);
    int (*setsockopt)(void *socket, int option, const void *value, size_t len);
    int (*send)(void *socket, const void *bytes, size_t len, int flags);
    int (*recv)(void *socket, void *bytes, size_t len, int flags);
    int (*errno_of)(void);
    const char *(*strerror)(int errnum);
};

extern struct zmq_calls zmq;

/* Loads the library; ends the program with a message where it cannot. */
void zmq_load(const char *shared_object);

/* A socket of `type`, bound or connected; ends the program with a message where it cannot. */
void *zmq_bound(void *context, int type, const char *endpoint);
void *zmq_connected(void *context, int type, const char *endpoint);

/* The last libzmq error in words. */
const char *zmq_reason(void);

#endif
